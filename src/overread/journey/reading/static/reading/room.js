// The reading page's end: keeps the claim alive, takes what the viewers send, passes keys on, guards against a mix-up.

import { AlertKeys } from './alert-keys.js';
import { IdleWarning } from './idle.js';
import { NextCase } from './next-case.js';
import { post, put, readNow, say } from './server.js';
import { Tabs } from './tabs.js';
import { Viewers } from './viewers.js';

const BEAT_MS = 60_000;
const wrong = document.getElementById('or-wrong');
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

// --- what the viewers say -----------------------------------------------------------------------------------------

/** Nothing of another read's images may reach this report, and nothing while one case gives way to the next (H20). */
const ours = message => message.read !== null && message.read === readNow();
const unsent = new Map(); // images displayed that the server has not taken yet, by SOP instance and frame

async function displayed(message) {
  if (!ours(message)) {
    return;
  }
  message.instances.forEach(each => unsent.set(`${each.sop} ${each.frame}`, each));
  const sent = new Map(unsent);
  const answer = await post(message.read, 'displayed/', { instances: [...sent.values()] });
  if (answer?.ok && (await put(message.read, 'or-coverage', answer))) {
    sent.forEach((_, key) => unsent.delete(key));
  }
}

async function keyImage(message) {
  if (!ours(message)) {
    return;
  }
  const answer = await post(message.read, 'key-images/keep/', message);
  if (!answer?.ok) {
    say('The key image was not kept', answer ? 'It is not an image of this read, or the read is no longer yours.' : 'There is no connection. Try again.');
  } else if ((await put(message.read, 'or-key-images', answer)) && message.insert) {
    tell('or:insert', { text: `(key image ${document.querySelectorAll('#or-key-images .or-thumb').length})` });
  }
}

function measurement(message) {
  if (ours(message) && !message.removed && message.words) {
    tell('or:measured', { text: message.words });
  }
}

const viewers = new Viewers({
  frame: document.getElementById('or-viewer'),
  handlers: { displayed, 'key-image': keyImage, measurement, key: press, active: () => tell('or:active', {}) },
  onWrong: shown => (wrong.hidden = !shown),
});
const tabs = new Tabs();
const nextCase = new NextCase({ viewers, changed });

/** The page has another read than a moment ago. */
function changed() {
  unsent.clear();
  alertKeys.stop();
  tabs.tell('open');
  startBeating();
  tell('or:read-changed', {});
}

// --- keys ---------------------------------------------------------------------------------------------------------

const alertKeys = new AlertKeys();
const inField = target => Boolean(target?.closest?.('input, textarea, select, [contenteditable="true"]'));

/** A key pressed in a viewer means here what it would mean had it been pressed on the page. */
function press({ key, ctrl, shift, alt, meta }) {
  const values = { key, ctrlKey: ctrl, shiftKey: shift, altKey: alt, metaKey: meta, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new KeyboardEvent('keydown', values));
}

function pageKeys(event) {
  if (nextCase.moving) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (alertKeys.pressed(event)) {
    event.stopImmediatePropagation();
    return;
  }
  if (inField(event.target) || event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) {
    return;
  }
  if (event.key.toLowerCase() === 'n') {
    const form = document.querySelector('form[data-next]');
    event.preventDefault();
    if (form) {
      leave(form);
    } else {
      say('There is no next case', 'Nothing else on the worklist may be read by you now.');
    }
    return;
  }
  if (/^[1-9lbaehixgsp+\- ]$/i.test(event.key) || /^(Arrow(Up|Down)|Page(Up|Down)|Home|End)$/.test(event.key)) {
    if (event.key === ' ' && event.target.closest?.('button, a, summary')) {
      return;
    }
    viewers.active.send('key', { key: event.key, ctrl: false, alt: false, meta: false, shift: event.shiftKey });
    event.preventDefault();
  }
}

function leave(form) {
  const unsigned = document.querySelector('[data-report-form]');
  if (!unsigned || window.confirm('This draft is not signed. It is kept. Go to the next read?')) {
    nextCase.go(form);
  }
}

document.addEventListener('keydown', pageKeys, { capture: true });
document.addEventListener('submit', event => {
  if (event.target.matches('form[data-next]')) {
    event.preventDefault();
    leave(event.target);
  }
});

// --- the claim ----------------------------------------------------------------------------------------------------

let beating = 0;
let somebodyThere = true; // since the last beat: an unattended room keeps the claim, but not the session, alive (H18)
['pointerdown', 'pointermove', 'keydown', 'wheel', 'or:active'].forEach(name =>
  document.addEventListener(name, () => { somebodyThere ||= !(name === 'pointermove' && idle.warned); }, { passive: true }));

function startBeating() {
  clearInterval(beating);
  beating = document.querySelector('[data-lease]') ? setInterval(beat, BEAT_MS) : 0;
}

const idle = new IdleWarning(present => {
  somebodyThere ||= present;
  return document.querySelector('[data-lease]') ? beat() : Promise.resolve();
});

async function beat() {
  const read = readNow();
  const unattended = somebodyThere ? {} : { 'X-Nobody-There': '1' };
  somebodyThere = false;
  const answer = await post(read, 'beat/', {}, unattended);
  const lease = document.querySelector('[data-lease]');
  if (readNow() !== read || !lease) {
    return;
  }
  if (answer?.status === 409) {
    lease.className = 'or-b is-crit';
    lease.textContent = 'No longer yours: your draft is kept';
    document.getElementById('or-shout')?.append('This read is no longer yours. Your draft is kept.');
    tell('or:claim-lost', {});
    clearInterval(beating);
  } else if (answer?.redirected) {
    idle.locked();
  } else if (answer?.ok) {
    const { until, ...session } = await answer.json();
    idle.told(session);
    const options = { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' };
    lease.lastChild.textContent = `Yours to ${new Date(until).toLocaleTimeString('en-GB', options)}`;
  }
}
startBeating();

// --- a second window ----------------------------------------------------------------------------------------------

document.addEventListener('click', event => {
  const button = event.target.closest?.('[data-second-window]');
  if (button) {
    viewers.openSecond(button.dataset.secondWindow);
  }
});
window.addEventListener('pagehide', () => viewers.close());
