// Reads that are open in other tabs of this browser: each tab keeps to its own patient, and says so.

import { numberNow, readNow } from './server.js';

const SAME = ['This read is open in another tab as well', 'Go on in one of the two. A save from the older text is refused, so nothing is overwritten.'];

export class Tabs {
  constructor() {
    this.id = crypto.randomUUID();
    this.others = new Map();
    this.note = document.getElementById('or-other-tab');
    if (!('BroadcastChannel' in window)) {
      return;
    }
    this.channel = new BroadcastChannel('overread-reads');
    this.channel.addEventListener('message', ({ data }) => this.heard(data ?? {}));
    window.addEventListener('pagehide', () => this.tell('left'));
    this.note.querySelector('[data-other-close]').addEventListener('click', () => (this.note.hidden = true));
    this.tell('open');
  }

  /** This tab shows a read, or another than before. */
  tell(kind) {
    this.channel?.postMessage({ kind, from: this.id, read: readNow(), number: numberNow() });
    if (kind !== 'left') {
      this.draw();
    }
  }

  heard({ kind, from, read, number }) {
    if (kind === 'left') {
      this.others.delete(from);
    } else if (from && from !== this.id) {
      this.others.set(from, { read, number });
      if (kind === 'open') {
        this.channel.postMessage({ kind: 'here', from: this.id, read: readNow(), number: numberNow() });
      }
    }
    this.draw();
  }

  draw() {
    const others = [...this.others.values()];
    const same = others.some(each => each.read === readNow());
    const numbers = [...new Set(others.map(each => each.number))].join(', ');
    const [title, text] = same
      ? SAME
      : [
          `Another read is open in another tab: ${numbers}`,
          `This tab is ${numberNow()}. Look at the name above before you write; nothing passes from one tab to the other.`,
        ];
    this.note.hidden = others.length === 0;
    this.note.querySelector('[data-other-title]').textContent = title;
    this.note.querySelector('[data-other-text]').textContent = text;
  }
}
