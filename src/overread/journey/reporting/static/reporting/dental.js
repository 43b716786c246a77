// The dental parts of the editor: a chart of teeth that writes a line per tooth, and the statement of the whole volume.
// The text is the truth: chart and answers are read from it and write into it, and the editor saves it as any other.

const teethField = () => document.getElementById('section-teeth');
const panel = () => document.querySelector('[data-tooth-panel]');
const QUADRANTS = { 1: 'upper right', 2: 'upper left', 3: 'lower left', 4: 'lower right' };
const ROW = 16;
let open = null;

/** What is written of each tooth, by its two digits. */
function said() {
  const found = new Map();
  for (const line of (teethField()?.value ?? '').split('\n')) {
    const match = /^([0-9]{2}):\s*(.*)$/.exec(line.trim());
    if (match) {
      found.set(match[1], match[2].trim());
    }
  }
  return found;
}

function tell(field) {
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** The text with one tooth's line changed: in the order of the chart, other lines after it as they were. */
function written(tooth, words) {
  const lines = said();
  words ? lines.set(tooth, words) : lines.delete(tooth);
  const order = buttons().map(each => each.dataset.tooth);
  const sorted = [...lines].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const other = teethField()
    .value.split('\n')
    .filter(line => line.trim() && !/^[0-9]{2}:/.test(line.trim()));
  return [...sorted.map(([each, text]) => `${each}: ${text}`), ...other].join('\n');
}

const buttons = () => [...document.querySelectorAll('[data-tooth]')];

function draw() {
  const lines = said();
  for (const each of buttons()) {
    const words = lines.get(each.dataset.tooth) ?? '';
    const asked = each.classList.contains('is-asked');
    each.classList.toggle('has', Boolean(words));
    each.classList.toggle('miss', /\bmissing\b/.test(words));
    each.setAttribute(
      'aria-label',
      `Tooth ${each.dataset.tooth}${asked ? ', asked about' : ''}, ${words || 'nothing written'}`,
    );
    const mark = each.querySelector('.mk');
    mark.hidden = !words && !asked;
    mark.textContent = words ? '!' : '?';
  }
}

function show(button) {
  open = button.dataset.tooth;
  buttons().forEach(each => each.classList.toggle('is-sel', each === button));
  rove(button);
  panel().hidden = false;
  panel().querySelector('[data-tooth-name]').textContent = `Tooth ${open}, ${QUADRANTS[open[0]]} ${open[1]}`;
  const words = panel().querySelector('[data-tooth-words]');
  words.value = (said().get(open) ?? '').replace(/\.$/, '');
  panel().querySelector('[data-tooth-finding]').value = '';
  panel().scrollIntoView({ block: 'center' });
  panel().querySelector('[data-tooth-finding]').focus({ preventScroll: true });
}

function close() {
  const button = buttons().find(each => each.dataset.tooth === open);
  panel().hidden = true;
  open = null;
  buttons().forEach(each => each.classList.remove('is-sel'));
  button?.focus();
}

function write() {
  const words = panel().querySelector('[data-tooth-words]').value.trim().replace(/\.$/, '');
  teethField().value = written(open, words ? `${words}.` : '');
  tell(teethField());
  draw();
  close();
}

function rove(button) {
  buttons().forEach(each => (each.tabIndex = each === button ? 0 : -1));
}

function move(button, key) {
  const all = buttons();
  const at = all.indexOf(button);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - ROW, ArrowDown: at + ROW, Home: at - (at % ROW) }[key];
  const next = key === 'End' ? all[at - (at % ROW) + ROW - 1] : all[to];
  if (next) {
    rove(next);
    next.focus();
  }
}

/** The statement of the whole volume, as its answers say; the closing lines only when every region has one. */
function volume() {
  const lines = [];
  const outside = [];
  let left = 0;
  for (const each of document.querySelectorAll('[data-region-words]')) {
    const name = each.dataset.regionWords;
    const how = each.querySelector('input[type="radio"]:checked')?.value;
    const finding = each.querySelector('[data-region-finding]');
    finding.hidden = how !== 'finding';
    const words = finding.value.trim().replace(/\.+$/, '').replace(/\s+/g, ' ');
    const answer = { seen: 'nothing abnormal', finding: `finding: ${words}`, outside: 'not in the field of view' }[how];
    left += answer ? 0 : 1;
    if (answer) {
      lines.push(`${name}: ${answer.trim()}.`);
    }
    if (how === 'outside') {
      outside.push(name.toLowerCase());
    }
  }
  if (!left) {
    lines.unshift('The entire volume was reviewed.');
    if (outside.length) {
      lines.push(`Not covered by the field of view: ${outside.join(', ')}.`);
    }
  }
  const field = document.getElementById('section-volume');
  field.value = lines.join('\n');
  tell(field);
}

document.addEventListener('click', event => {
  const tooth = event.target.closest?.('[data-tooth]');
  if (tooth) {
    show(tooth);
  } else if (event.target.closest?.('[data-tooth-write]')) {
    write();
  } else if (event.target.closest?.('[data-tooth-close]')) {
    close();
  }
});
document.addEventListener('keydown', event => {
  const tooth = event.target.closest?.('[data-tooth]');
  if (tooth && /^(Arrow|Home$|End$)/.test(event.key)) {
    event.preventDefault();
    move(tooth, event.key);
  } else if (event.target.closest?.('[data-tooth-panel]')) {
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    } else if (event.key === 'Enter' && event.target.matches('[data-tooth-words]') && !event.ctrlKey) {
      event.preventDefault();
      write();
    }
  } else if (event.key === 'Enter' && event.target.matches?.('[data-region-finding]') && !event.ctrlKey) {
    event.preventDefault();
  }
});
document.addEventListener('change', event => {
  if (event.target.matches?.('[data-tooth-finding]') && event.target.value) {
    const words = panel().querySelector('[data-tooth-words]');
    words.value = words.value.trim() ? `${words.value.trim()}, ${event.target.value}` : event.target.value;
    words.focus();
  } else if (event.target.matches?.('[data-volume] input[type="radio"]')) {
    volume();
    if (event.target.value === 'finding') {
      event.target.closest('[data-region-words]').querySelector('[data-region-finding]').focus();
    }
  }
});
document.addEventListener('input', event => {
  if (event.target.matches?.('[data-region-finding]')) {
    volume();
  } else if (event.target === teethField()) {
    draw();
  }
});
document.addEventListener('or:read-changed', () => (open = null));
