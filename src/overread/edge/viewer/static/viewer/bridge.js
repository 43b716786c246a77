// The conversation between the reading page and a viewer, in a frame of the page or in a second window.
// Both ends use this module. Contract: docs/reference/viewer-bridge.md.
//
// Every message is {overread: 1, type, read, ...}. `read` is the read that the sender shows, or null while it shows
// none. Messages from another origin, from another window than the peer, or of another shape are dropped.

export const VERSION = 1;

export class Bridge {
  /**
   * @param {() => Window | null} peer  the other window, asked for at each message (a frame may be reloaded)
   * @param {() => string | null} read  the read that this end shows
   * @param {Object<string, (message: object) => void>} handlers  by message type; '*' takes the rest
   * @param {(theirs: string | null, mine: string | null) => void} [onMismatch]  the other end shows another read
   */
  constructor({ peer, read, handlers, onMismatch }) {
    this.peer = peer;
    this.read = read;
    this.handlers = handlers;
    this.onMismatch = onMismatch;
    this.listener = event => this.receive(event);
    window.addEventListener('message', this.listener);
  }

  send(type, values = {}) {
    const peer = this.peer();
    if (!peer || peer === window) {
      return false;
    }
    peer.postMessage({ ...values, overread: VERSION, type, read: this.read() }, window.location.origin);
    return true;
  }

  receive(event) {
    const message = event.data;
    if (event.origin !== window.location.origin || event.source !== this.peer()) {
      return;
    }
    if (!message || message.overread !== VERSION || typeof message.type !== 'string') {
      return;
    }
    const mine = this.read();
    if (this.onMismatch && message.read !== mine) {
      this.onMismatch(message.read, mine);
    }
    (this.handlers[message.type] ?? this.handlers['*'])?.(message);
  }

  close() {
    window.removeEventListener('message', this.listener);
  }
}

/** The reading page's end: `viewer` is the frame's contentWindow, or the window that window.open returned. */
export function toViewer({ viewer, read, handlers, onMismatch }) {
  return new Bridge({ peer: viewer, read, handlers, onMismatch });
}

/** The viewer's end: its page is the window that opened it, or the one that frames it. */
export function toPage({ read, handlers }) {
  const peer = () => (window.parent !== window ? window.parent : window.opener);
  return new Bridge({ peer, read, handlers });
}
