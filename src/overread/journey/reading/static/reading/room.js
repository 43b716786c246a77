// The reading page's end: keeps the claim alive, takes what the viewer sends, passes keys on, guards against a mix-up.

import { toViewer } from '/static/viewer/bridge.js';

const read = document.querySelector('meta[name="or-read"]')?.content ?? null;
const frame = document.getElementById('or-viewer');
const wrong = document.getElementById('or-wrong');
const base = `/read/${read}/`;
const BEAT_MS = 60_000;
let second = null;
let same = false;

const token = () =>
  document.querySelector('meta[name="csrf-token"]')?.content ??
  document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ??
  '';

async function post(path, body) {
  return fetch(base + path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token() },
    body: JSON.stringify(body ?? {}),
  });
}

function put(id, html) {
  const place = document.getElementById(id);
  if (place) {
    place.innerHTML = html;
    window.htmx?.process(place);
  }
}

// --- what the viewer says -----------------------------------------------------------------------------------------

/** Nothing of another read's images may reach this report (H20). */
const ours = message => message.read === read;

function mismatch(theirs) {
  same = theirs === read;
  wrong.hidden = same || theirs === null;
}

const handlers = {
  showing: message => mismatch(message.read),
  ready: () => active()?.send('hello'),
  displayed: async message => {
    if (ours(message)) {
      const answer = await post('displayed/', { instances: message.instances });
      if (answer.ok) {
        put('or-coverage', await answer.text());
      }
    }
  },
  'key-image': async message => {
    if (!ours(message)) {
      return;
    }
    const answer = await post('key-images/keep/', message);
    if (answer.ok) {
      put('or-key-images', await answer.text());
      if (message.insert) {
        tell('or:insert', { text: `(key image ${document.querySelectorAll('#or-key-images .or-thumb').length})` });
      }
    }
  },
  measurement: message => {
    if (ours(message) && !message.removed && message.words) {
      tell('or:measured', { text: message.words });
    }
  },
  key: message => press(message),
};

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

const inFrame = toViewer({ viewer: () => frame?.contentWindow ?? null, read: () => read, handlers });
const inWindow = toViewer({ viewer: () => (second && !second.closed ? second : null), read: () => read, handlers });
const active = () => (second && !second.closed ? inWindow : inFrame);

// --- keys ---------------------------------------------------------------------------------------------------------

const inField = target => Boolean(target?.closest?.('input, textarea, select, [contenteditable="true"]'));
let alerting = false;

/** A key pressed in the viewer means here what it would mean had it been pressed on the page. */
function press({ key, ctrl, shift, alt, meta }) {
  document.dispatchEvent(
    new KeyboardEvent('keydown', { key, ctrlKey: ctrl, shiftKey: shift, altKey: alt, metaKey: meta, bubbles: true }),
  );
}

function alertKeys(event) {
  const panel = document.querySelector('[data-alert-panel]');
  if (event.altKey && event.key.toLowerCase() === 'a' && panel) {
    alerting = true;
    panel.scrollIntoView({ block: 'nearest' });
    panel.querySelector('[data-alert-key="1"]')?.focus();
    event.preventDefault();
    return true;
  }
  if (alerting) {
    alerting = false;
    const button = panel?.querySelector(`[data-alert-key="${event.key}"]`);
    if (button) {
      button.click();
      event.preventDefault();
      return true;
    }
  }
  return false;
}

function pageKeys(event) {
  if (alertKeys(event) || inField(event.target) || event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  if (event.key.toLowerCase() === 'n') {
    const form = document.querySelector('form[data-next]');
    const unsigned = document.querySelector('[data-report-form]');
    if (form && (!unsigned || window.confirm('This draft is not signed. It is kept. Go to the next read?'))) {
      form.requestSubmit();
    }
    return;
  }
  if (/^[1-9lbaehixgsp+\- ]$/i.test(event.key) || /^(Arrow(Up|Down)|Page(Up|Down)|Home|End)$/.test(event.key)) {
    active()?.send('key', { key: event.key, ctrl: false, alt: false, meta: false, shift: event.shiftKey });
    event.preventDefault();
  }
}

document.addEventListener('keydown', pageKeys);

// --- the claim ----------------------------------------------------------------------------------------------------

const lease = document.querySelector('[data-lease]');

async function beat() {
  const answer = await post('beat/').catch(() => null);
  if (answer?.status === 409) {
    lease.className = 'or-b is-crit';
    lease.textContent = 'No longer yours: your draft is kept';
    document.getElementById('or-shout')?.append('This read is no longer yours. Your draft is kept.');
    tell('or:claim-lost', {});
    clearInterval(beating);
  } else if (answer?.ok) {
    const { until } = await answer.json();
    const time = new Date(until).toLocaleTimeString('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      timeZone: 'Europe/London',
    });
    lease.lastChild.textContent = `Yours to ${time}`;
  }
}
const beating = lease ? setInterval(beat, BEAT_MS) : 0;

// --- a second window ----------------------------------------------------------------------------------------------

document.querySelector('[data-second-window]')?.addEventListener('click', event => {
  second = window.open(event.currentTarget.dataset.secondWindow, `overread-images-${read}`, 'popup,width=1600,height=1000');
});
window.addEventListener('pagehide', () => {
  inFrame.close();
  inWindow.close();
});
