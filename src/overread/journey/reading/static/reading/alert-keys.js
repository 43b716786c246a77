// Alt A, then 1 to 4: an alert in two keystrokes, from the report, the page or the images. It asks nothing else; finding
// and side may be written first. Any other key leaves it, and that is said. Focus goes back to where it was.

import { say } from './server.js';

const panel = () => document.querySelector('[data-alert-panel]');
const NAMES = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta']);

export class AlertKeys {
  constructor() {
    this.asking = false;
    this.back = null;
    document.addEventListener('htmx:afterSettle', event => this.drawn(event));
  }

  /** Whether the key was the alert's. */
  pressed(event) {
    if (event.altKey && event.key.toLowerCase() === 'a' && panel()) {
      this.ask();
      event.preventDefault();
      return true;
    }
    if (!this.asking || NAMES.has(event.key)) {
      return false;
    }
    this.stop();
    event.preventDefault();
    const button = panel()?.querySelector(`[data-alert-key="${CSS.escape(event.key)}"]`);
    if (button) {
      button.click();
    } else {
      this.back?.focus?.();
      say('No alert was raised', 'After Alt A, press 1 to 4 for the kind of finding. Press Alt A to begin again.');
    }
    return true;
  }

  ask() {
    this.asking = true;
    const here = document.activeElement;
    this.back = here === document.body || panel().contains(here) ? null : here;
    panel().setAttribute('data-asking', '');
    panel().scrollIntoView({ block: 'nearest' });
    panel().querySelector('[data-alert-key="1"]')?.focus();
  }

  stop() {
    this.asking = false;
    panel()?.removeAttribute('data-asking');
  }

  drawn(event) {
    if (event.target.closest?.('[data-alert-panel]') && this.back?.isConnected) {
      this.back.focus();
      this.back = null;
    }
  }
}
