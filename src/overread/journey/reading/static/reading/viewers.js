// The viewers of this page: one in its frame and, when the reader wants it, one in a second window.
// Both follow the page's read. What a viewer shows is known from its own messages only.

import { toViewer } from '/static/viewer/bridge.js';
import { readNow } from './server.js';

const OPENS_MS = 60_000;

class Viewer {
  constructor(window_, expected, handlers, changed) {
    this.window = window_;
    this.shows = null;
    this.alive = false;
    this.changed = changed;
    this.bridge = toViewer({
      viewer: window_,
      read: expected,
      handlers: {
        ...handlers,
        ready: () => this.began(),
        showing: message => this.says(message.read),
        problem: message => this.changed(this, message),
      },
      onMismatch: theirs => this.says(theirs),
    });
  }

  get there() {
    return this.alive && Boolean(this.window());
  }

  began() {
    this.alive = true;
    this.shows = null;
    this.bridge.send('hello');
  }

  says(read) {
    if (this.shows !== read) {
      this.shows = read;
      this.changed(this, null);
    }
  }
}

export class Viewers {
  /** @param {(wrong: boolean) => void} onWrong  whether a viewer shows another read than the page */
  constructor({ frame, handlers, onWrong }) {
    this.frame = frame;
    this.onWrong = onWrong;
    this.second = null;
    this.waiting = null;
    const changed = (viewer, problem) => this.changed(viewer, problem);
    const expected = () => this.waiting?.read ?? readNow();
    this.inFrame = new Viewer(() => frame?.contentWindow ?? null, expected, handlers, changed);
    const second = () => (this.second && !this.second.closed ? this.second : null);
    this.inWindow = new Viewer(second, expected, handlers, changed);
    // A name of this tab's own: a window that another tab opened must not answer to it.
    this.name = `overread-images-${crypto.randomUUID()}`;
  }

  get all() {
    return [this.inFrame, this.inWindow].filter(viewer => viewer.there);
  }

  /** The viewer that keys pressed on the page act on. */
  get active() {
    return (this.inWindow.there ? this.inWindow : this.inFrame).bridge;
  }

  openSecond(address) {
    if (this.second && !this.second.closed) {
      this.second.focus();
      return;
    }
    this.inWindow.alive = false;
    this.inWindow.shows = null;
    this.second = window.open(address, this.name, 'popup,width=1600,height=1000');
  }

  closeSecond() {
    if (this.second && !this.second.closed) {
      this.second.close();
    }
  }

  /** Every viewer goes to a read. Resolves when all show it; rejects when one cannot, or takes too long. */
  goTo(read) {
    const wanted = this.all;
    if (!wanted.includes(this.inFrame)) {
      return Promise.reject(new Error('the viewer has not begun'));
    }
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.settle(new Error('no images in time')), OPENS_MS);
      this.waiting = { read, wanted, late, resolve, reject };
      wanted.forEach(viewer => viewer.bridge.send('open', { wanted: read }));
    });
  }

  changed(viewer, problem) {
    if (this.waiting) {
      const { read, wanted } = this.waiting;
      if (problem) {
        this.settle(new Error(`images: ${problem.status}`));
      } else if (wanted.every(each => each.shows === read || !each.window())) {
        this.settle(null);
      }
      return;
    }
    this.judge();
  }

  settle(fault) {
    const { late, resolve, reject } = this.waiting;
    this.waiting = null;
    clearTimeout(late);
    if (fault) {
      reject(fault);
    } else {
      resolve();
    }
  }

  /** Whether what is on screen is this page's: asked at every change (H20). */
  judge() {
    const read = readNow();
    const strangers = this.all.filter(viewer => viewer.shows !== null && viewer.shows !== read);
    strangers.forEach(viewer => viewer.bridge.send('open', { wanted: read })); // it covers itself at once, and follows
    this.onWrong(strangers.length > 0);
  }

  close() {
    this.closeSecond();
    this.inFrame.bridge.close();
    this.inWindow.bridge.close();
  }
}
