// The report editor: saves 1.5 seconds after the last key and in the midst of typing every 3 seconds, keeps its version,
// never overwrites another window's text (H19).

const AFTER_MS = 1500;
const AT_LATEST_MS = 3000;
const form = () => document.querySelector('[data-report-form]');
let timer = 0;
let saving = null;
let dirty = false;
let dirtySince = 0;
let unanswered = []; // texts of saves whose answers never came: one of them may have been saved
let lastField = null;
let measured = '';
let stopped = false;

const token = () =>
  document.querySelector('meta[name="csrf-token"]')?.content ??
  document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ??
  '';

const say = (words, state = '') => {
  const place = document.getElementById('report-saved');
  if (place) {
    place.textContent = words;
    place.className = `or-sm ${state}`;
  }
};

function gathered() {
  const found = { version: Number(form().dataset.version), sections: {}, answers: {} };
  form()
    .querySelectorAll('[data-section]')
    .forEach(each => (found.sections[each.name] = each.value));
  document.querySelectorAll('[data-answer]').forEach(each => (found.answers[each.dataset.answer] = each.value));
  return found;
}

async function save() {
  clearTimeout(timer);
  if (saving) {
    await saving;
  }
  if (!dirty || !form()) {
    return true;
  }
  if (stopped) {
    return false;
  }
  dirty = false;
  saving = send();
  const done = await saving;
  saving = null;
  return done;
}

async function send() {
  const mine = form(); // the page may have gone on to another read when the answer comes
  say('saving');
  const text = gathered();
  const answer = await fetch(mine.dataset.save, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token() },
    body: JSON.stringify(text),
  }).catch(() => null);
  if (!mine.isConnected) {
    return Boolean(answer?.ok);
  }
  if (!answer || answer.status >= 500) {
    [dirty, dirtySince] = [true, 0];
    unanswered = [...unanswered.slice(-19), text];
    say('not saved: no connection, trying again', 'is-crit or-fg');
    timer = setTimeout(save, 5000);
    return false;
  }
  if (answer.redirected) {
    dirty = true;
    say('not saved: you were signed out. Sign in in another window; this text stays and is saved then', 'is-crit or-fg');
    timer = setTimeout(save, 5000);
    return false;
  }
  if (answer.status === 409 && (await wasOurs(mine))) {
    dirty = true;
    timer = setTimeout(save, 0);
    return false;
  }
  if (!answer.ok) {
    dirty = true;
    stop((await answer.json().catch(() => ({}))).message ?? 'Not saved. Load the page again.');
    return false;
  }
  unanswered = [];
  const { version, saved_at: at, checks } = await answer.json();
  mine.dataset.version = version;
  const time = new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Europe/London' });
  say(`saved ${time}`, 'is-ok or-fg');
  showChecks(checks);
  return true;
}

/**
 * Whether the newer draft on the server is what this page sent and had no answer to, as when the service stopped between
 * saving and saying so. Then its version is taken, and the next save goes on from it.
 */
async function wasOurs(mine) {
  const texts = unanswered;
  unanswered = [];
  if (texts.length === 0) {
    return false;
  }
  const answer = await fetch(mine.dataset.save.replace(/save\/$/, ''), { credentials: 'same-origin' }).catch(() => null);
  const page = answer?.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), 'text/html') : null;
  const theirs = page?.querySelector('[data-report-form]');
  const lines = text => text.replace(/\r\n/g, '\n').replace(/^\n/, '');
  const sections = [...(theirs?.querySelectorAll('[data-section]') ?? [])];
  const same =
    theirs?.dataset.save === mine.dataset.save &&
    texts.some(
      sent =>
        Number(theirs.dataset.version) === sent.version + 1 &&
        sections.every(each => lines(each.value) === lines(sent.sections[each.name] ?? ''))
    );
  if (same && mine.isConnected) {
    mine.dataset.version = theirs.dataset.version;
  }
  return Boolean(same);
}

/** Another window has the draft, or the claim is lost: keep the text readable, stop typing into the void. */
function stop(message) {
  stopped = true;
  clearTimeout(timer);
  say(message, 'is-crit or-fg');
  form()
    ?.querySelectorAll('[data-section]')
    .forEach(each => (each.readOnly = true));
  form()?.querySelector('[data-stopped]')?.removeAttribute('hidden');
  const shout = document.getElementById('or-shout');
  if (shout) {
    shout.textContent = message;
  }
}

/** New checks replace the old ones, but never under the fingers. */
function showChecks(html) {
  const place = document.getElementById('report-checks');
  if (place && !place.contains(document.activeElement)) {
    place.innerHTML = html;
  }
}

const changed = () => {
  dirtySince = dirty && dirtySince ? dirtySince : Date.now();
  dirty = true;
  say('not yet saved');
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(AFTER_MS, dirtySince + AT_LATEST_MS - Date.now())));
};

/** Put the cursor into a section: its text, its choice, or what its text is made with. */
function enter(section) {
  const places = section?.querySelectorAll('[data-section]:not([tabindex="-1"]), [data-tooth][tabindex="0"], [type="radio"]');
  [...(places ?? [])].find(each => each.type !== 'radio' || !section.querySelector(`[name="${each.name}"]:checked`))?.focus();
}

function insert(text) {
  const field = lastField ?? document.getElementById('section-findings');
  if (field && text) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
    changed();
  }
}

document.addEventListener('input', event => {
  if (event.target.closest?.('[data-report-form]')) {
    changed();
  }
});
document.addEventListener('change', event => {
  const outline = event.target.closest?.('[data-outline]');
  const field = outline && document.getElementById('section-findings');
  if (field && outline.value) {
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n${outline.value}` : outline.value;
    field.rows = Math.max(field.rows, field.value.split('\n').length + 1);
    outline.value = '';
    field.focus();
    field.setSelectionRange(field.value.indexOf(': ') + 2, field.value.indexOf(': ') + 2);
    changed();
  }
});
document.addEventListener('focusin', event => {
  if (event.target.matches?.('[data-section]')) {
    lastField = event.target;
  }
});
document.addEventListener('focusout', event => {
  if (event.target.matches?.('[data-answer]')) {
    save();
  }
});
document.addEventListener('click', async event => {
  const goto = event.target.closest?.('[data-goto]');
  if (goto) {
    enter(document.querySelector(`.or-sec[data-sec="${goto.dataset.goto}"]`));
  }
  const sign = event.target.closest?.('[data-sign-button]');
  if (sign) {
    event.preventDefault();
    if (await save()) {
      window.location.assign(sign.href);
    }
  }
});
document.addEventListener('keydown', async event => {
  if (!form()) {
    return;
  }
  if (event.ctrlKey && event.key === 'Enter') {
    event.preventDefault();
    if (await save()) {
      window.location.assign(form().dataset.sign);
    }
  } else if (event.ctrlKey && event.key.toLowerCase() === 's') {
    event.preventDefault();
    save();
  } else if (event.altKey && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    enter(form().querySelectorAll('.or-sec')[Number(event.key) - 1]);
  } else if (event.altKey && event.key.toLowerCase() === 'c') {
    event.preventDefault();
    document.querySelector('.or-sign .is-crit [data-goto], .or-sign .is-crit [data-answer]')?.focus();
  } else if (event.key.toLowerCase() === 'm' && !event.target.closest?.('input, textarea, select')) {
    insert(measured);
  }
});
/** All that was typed, section by section, for pasting into the text that was saved elsewhere. */
async function copyAll(button) {
  const typed = [...form().querySelectorAll('[data-section]')].filter(each => each.value.trim());
  const heading = each => form().querySelector(`label[for="${each.id}"]`)?.textContent.replace('optional', '').trim();
  await navigator.clipboard.writeText(typed.map(each => `${heading(each)}\n${each.value}`).join('\n\n'));
  button.textContent = 'Copied';
}

document.addEventListener('click', event => {
  const copier = event.target.closest?.('[data-copy-all]');
  if (copier) {
    copyAll(copier);
  }
  if (event.target.closest?.('[data-load-again]')) {
    dirty = false;
    window.location.reload();
  }
});

/** The page shows another read: nothing of the one before may come into its text. */
document.addEventListener('or:read-changed', () => {
  clearTimeout(timer);
  [dirty, stopped, lastField, measured, unanswered] = [false, false, null, '', []];
});
document.addEventListener('or:save-now', event => event.detail.wait(save()));
document.addEventListener('or:measured', event => (measured = event.detail.text));
document.addEventListener('or:insert', event => insert(event.detail.text));
document.addEventListener('or:claim-lost', () => stop('This read is no longer yours. Your draft is kept.'));
window.addEventListener('beforeunload', event => {
  if (dirty) {
    save();
    event.preventDefault();
  }
});
