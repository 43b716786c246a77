// From one case to the next in the same page, so that the viewer stays alive and images come sooner.
//
// Banner, report, title, address and images change together or not at all. The draft is saved first. Then everything that
// belongs to a patient is covered, the next read is claimed, and its page is fetched; the viewer opens its images. Only
// when the viewer says that it shows them is the page exchanged, in one piece and uncovered. Whatever fails on the way
// ends in an ordinary load of the next page, which keeps nothing of the one before; a refused claim leaves all as it was.

import { hush, readNow, say } from './server.js';

const PARTS = ['or-read-top', 'or-coverage', 'or-key-images', 'or-read-side'];

const cover = on => document.documentElement.toggleAttribute('data-changing', on);

/** Ask whoever keeps unsaved work to keep it now; false when it could not be kept. */
async function saved() {
  const waiting = [];
  document.dispatchEvent(new CustomEvent('or:save-now', { detail: { wait: promise => waiting.push(promise) } }));
  return (await Promise.all(waiting)).every(Boolean);
}

async function claimed(form) {
  const answer = await fetch(form.action, {
    method: 'POST',
    credentials: 'same-origin',
    body: new FormData(form),
  }).catch(() => null);
  if (!answer) {
    return { refusal: 'There is no connection. Nothing was claimed.' };
  }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (!answer.ok) {
    return { refusal: page.querySelector('.or-empty p')?.textContent ?? 'It could not be claimed.' };
  }
  return { page, address: answer.url };
}

export class NextCase {
  constructor({ viewers, changed }) {
    this.viewers = viewers;
    this.changed = changed;
    this.moving = false;
    window.addEventListener('popstate', () => window.location.reload());
    // What was asked for one read must not be drawn into another's page.
    document.addEventListener('htmx:beforeSwap', event => {
      const asked = /^\/read\/([0-9a-f-]{36})\//.exec(event.detail.requestConfig?.path ?? '');
      if (asked && asked[1] !== readNow()) {
        event.detail.shouldSwap = false;
      }
    });
  }

  async go(form) {
    if (this.moving) {
      return;
    }
    this.moving = true;
    try {
      await this.move(form);
    } finally {
      this.moving = false;
    }
  }

  async move(form) {
    hush();
    if (!(await saved())) {
      say('This case stays open', 'Its draft could not be saved. Wait for "saved", then go on.');
      return;
    }
    cover(true);
    const { refusal, page, address } = await claimed(form);
    if (refusal) {
      cover(false);
      say('The next case was not opened', refusal);
      return;
    }
    const read = page.getElementById('or-read-top')?.dataset.read;
    if (!read || PARTS.some(id => !page.getElementById(id))) {
      window.location.assign(address);
      return;
    }
    try {
      await this.viewers.goTo(read);
      this.exchange(page, address);
    } catch {
      // Stay covered: the page that is loaded now takes the place of everything.
      window.location.assign(address);
    }
  }

  /** One piece of script without a pause: no moment shows parts of both. */
  exchange(page, address) {
    for (const id of PARTS) {
      document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
    }
    document.title = page.title;
    this.viewers.frame.title = page.getElementById('or-viewer').title;
    for (const id of ['or-wrong', 'or-said', 'or-other-tab']) {
      document.getElementById(id).hidden = true;
    }
    history.pushState(null, '', address);
    this.changed();
    cover(false);
    PARTS.forEach(id => window.htmx?.process(document.getElementById(id)));
  }
}
