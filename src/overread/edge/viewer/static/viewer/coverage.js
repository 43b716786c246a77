// Which instances have been displayed. A frame counts once its decoded pixels were drawn in a visible page in the
// plane it was acquired in; reformats do not count. Sent to the reading page in batches, each frame once per read.

import { identify } from './viewports.js';

const EVERY_MS = 1000;

export class Coverage {
  constructor({ viewports, send }) {
    this.viewports = viewports;
    this.send = send;
    this.seen = new Set();
    this.waiting = [];
    this.timer = setInterval(() => this.flush(), EVERY_MS);
    window.addEventListener('pagehide', () => this.flush());
  }

  /** A viewport has drawn. */
  drawn(viewport) {
    if (document.visibilityState !== 'visible') {
      return;
    }
    const image = identify(this.viewports.drawn(viewport));
    const key = image && `${image.sop}/${image.frame}`;
    if (image && !this.seen.has(key)) {
      this.seen.add(key);
      this.waiting.push(image);
    }
  }

  has(imageId) {
    const image = identify(imageId);
    return Boolean(image) && this.seen.has(`${image.sop}/${image.frame}`);
  }

  flush() {
    if (this.waiting.length === 0) {
      return;
    }
    // Kept until a page is there to take them: what was displayed is never forgotten.
    if (this.send('displayed', { instances: this.waiting })) {
      this.waiting = [];
    }
  }

  /** Another read begins; what was left to tell has been told by then. */
  restart() {
    this.seen.clear();
    this.waiting = [];
  }
}
