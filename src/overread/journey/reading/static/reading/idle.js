// Two minutes before an unattended room locks: a warning, and a way to stay. The server alone says when it locks.

const WARN_S = 120;
const LAST_S = 30;
const AGAIN_MS = 5_000;

const note = document.getElementById('or-idle');
const said = document.getElementById('or-idle-said');
const clock = at => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' });

export class IdleWarning {
  /** @param {(present: boolean) => Promise<void>} ask  ask the server; `present` says that somebody is there */
  constructor(ask) {
    this.ask = ask;
    this.timer = 0;
    this.asked = 0;
    note?.querySelector('[data-stay]').addEventListener('click', () => this.stay());
    // The pointer alone does not count while the warning stands, so that it does not vanish under a hand that goes for it.
    ['pointerdown', 'keydown', 'wheel', 'or:active'].forEach(name =>
      document.addEventListener(name, event => this.touched(event), { capture: true, passive: true })
    );
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') {
        this.ask(false); // a computer that slept has missed its timers
      }
    });
  }

  get warned() {
    return Boolean(note) && !note.hidden;
  }

  /** What the server answered: seconds until it locks, and whether activity makes it later. */
  told({ locks_in: seconds, may_stay: mayStay }) {
    clearTimeout(this.timer);
    if (!note || typeof seconds !== 'number') {
      return;
    }
    const at = Date.now() + seconds * 1000;
    if (seconds > WARN_S) {
      if (this.warned) {
        note.hidden = true;
        said.textContent = `You stay signed in. If nobody works here, this page locks at ${clock(at)}.`;
      }
      this.timer = setTimeout(() => this.ask(false), (seconds - WARN_S) * 1000 + 500);
      return;
    }
    this.warn(at, seconds, mayStay);
    this.timer = setTimeout(() => this.ask(false), (seconds > LAST_S ? seconds - LAST_S : seconds + 1) * 1000);
  }

  warn(at, seconds, mayStay) {
    const words = mayStay
      ? 'Nobody has worked here for a while. Your draft is kept either way.'
      : 'A session has a longest life, and this one is at its end. Your draft is kept. Sign in again to go on.';
    this.write(`${mayStay ? 'This page locks' : 'You will be signed out'} at ${clock(at)}`, words);
    note.querySelector('[data-stay]').hidden = !mayStay;
    note.hidden = false;
    if (seconds <= LAST_S) {
      said.textContent = 'This page locks in less than half a minute.';
    }
  }

  write(title, text) {
    for (const [place, words] of [['[data-idle-title]', title], ['[data-idle-text]', text]]) {
      const element = note.querySelector(place);
      if (element.textContent !== words) {
        element.textContent = words; // said again only when it has changed
      }
    }
  }

  /** Asked for by a person: nothing is promised before the server has answered. */
  async stay() {
    said.textContent = '';
    await this.ask(true);
    if (this.warned) {
      this.write('Not yet extended', 'The service did not answer. Your text stays on this page. Try again.');
    }
  }

  touched(event) {
    if (this.warned && !event.target.closest?.('#or-idle') && Date.now() - this.asked > AGAIN_MS) {
      this.asked = Date.now();
      this.ask(true);
    }
  }

  /** The session is locked or over: nothing of the patient stays on screen, unless text would be lost by leaving. */
  async locked() {
    clearTimeout(this.timer);
    const saves = [];
    document.dispatchEvent(new CustomEvent('or:save-now', { detail: { wait: promise => saves.push(promise) } }));
    if ((await Promise.all(saves)).every(Boolean)) {
      window.location.reload(); // to the page that asks who is there, and from it back to here
      return;
    }
    this.write('This page is locked, and its last words are not saved', 'Sign in in another window: they are saved then.');
    note.querySelector('[data-stay]').hidden = true;
    note.hidden = false;
  }
}
