// The thin bar over the images: plain DOM beside the application, which knows nothing of it.

import { presetsOf } from './presets.js';
import { priorsOf } from './hanging.js';

const TOOLS = [
  ['WindowLevel', 'Window', 'sun', ''],
  ['Zoom', 'Zoom', 'zoom-in', ''],
  ['Pan', 'Pan', 'arrows-move', ''],
  ['Length', 'Length', 'rulers', 'L'],
  ['EllipticalROI', 'Ellipse', 'circle', 'E'],
  ['Probe', 'Value', 'record-circle', 'H'],
];
const SHOWN_PRESETS = 4;
// Known by their picture; the words stay for screen readers and as a tip.
const ICON_ONLY = new Set(['Zoom', 'Pan', 'Ellipse', 'Value', 'Cine']);

export class Bar {
  constructor({ hands, viewports }) {
    this.hands = hands;
    this.viewports = viewports;
    this.element = document.createElement('div');
    this.element.id = 'overread-bar';
    this.element.setAttribute('role', 'toolbar');
    this.element.setAttribute('aria-label', 'Viewer tools');
    this.said = document.createElement('div');
    this.said.id = 'overread-said';
    this.said.setAttribute('role', 'alert');
    document.body.prepend(this.element, this.said);
    this.element.addEventListener('click', event => this.clicked(event.target.closest('button')));
  }

  /** Say why something was not done, until the next thing is. */
  say(words) {
    this.said.textContent = words;
  }

  clicked(button) {
    if (button) {
      const { does, value } = button.dataset;
      this.hands.run(does, does === 'window' ? Number(value) : value === '' ? undefined : value);
      button.blur(); // keys go on to act on the images
    }
  }

  draw() {
    const presets = presetsOf(this.viewports.modality());
    const hung = this.hands.hanging;
    const rows = [
      ...TOOLS.map(([tool, words, icon, key]) => ['use', tool, words, icon, key, this.hands.tool === tool]),
      null,
      ...presets.slice(0, SHOWN_PRESETS).map(([words], index) => ['window', index, words, '', String(index + 1), null]),
      null,
      ['mpr', '', 'MPR', 'grid', 'X', hung.startsWith('overread.mpr')],
      ...(priorsOf().length > 0
        ? [
            ['prior', '', 'Prior', 'layout-split', 'P', /prior|pair/.test(hung)],
            ['linked', '', 'Link', 'link-45deg', '', this.hands.link.on],
          ]
        : []),
      ['cine', '', 'Cine', 'play-fill', 'Space', null],
      'end',
      ['keyImage', '', 'Key image', 'star', 'I', null],
    ];
    this.element.replaceChildren(...rows.map(row => this.part(row)));
  }

  part(row) {
    if (row === null || row === 'end') {
      const gap = document.createElement('span');
      gap.className = row === 'end' ? 'overread-end' : 'overread-gap';
      return gap;
    }
    const [does, value, words, icon, key, pressed] = row;
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.does = does;
    button.dataset.value = value;
    button.title = key ? `${words} (${key})` : words;
    button.classList.toggle('is-icon', ICON_ONLY.has(words));
    if (pressed !== null) {
      button.setAttribute('aria-pressed', String(pressed));
    }
    if (icon) {
      button.append(iconOf(icon));
    }
    const label = document.createElement('span');
    label.textContent = words;
    button.append(label);
    if (key.length === 1 && !ICON_ONLY.has(words)) {
      const hint = document.createElement('kbd');
      hint.textContent = key;
      button.append(hint);
    }
    return button;
  }
}

function iconOf(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `/static/ui/icons.svg#${name}`);
  svg.append(use);
  return svg;
}
