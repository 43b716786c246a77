// What the reading page sends to the server, always under the read that the page shows at that moment.

/** The read that the page shows: one place in the page says it, and it changes with banner and report. */
export const readNow = () => document.getElementById('or-read-top')?.dataset.read ?? null;
export const numberNow = () => document.getElementById('or-read-top')?.dataset.number ?? '';

export const token = () =>
  document.querySelector('meta[name="csrf-token"]')?.content ??
  document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ??
  '';

/** Send JSON for a read; null when there was no connection. */
export function post(read, path, body, headers = {}) {
  return fetch(`/read/${read}/${path}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token(), ...headers },
    body: JSON.stringify(body ?? {}),
  }).catch(() => null);
}

/** Put a part that the server drew into the page, unless the page has gone on to another read meanwhile. */
export async function put(read, id, answer) {
  const html = await answer.text();
  const place = document.getElementById(id);
  if (place && readNow() === read && !answer.redirected) {
    place.innerHTML = html;
    window.htmx?.process(place);
    return true;
  }
  return false;
}

/** Say what happened and what it means, until it is closed. */
export function say(title, text) {
  const note = document.getElementById('or-said');
  note.querySelector('[data-said-title]').textContent = title;
  note.querySelector('[data-said-text]').textContent = text;
  note.hidden = false;
}

export function hush() {
  document.getElementById('or-said').hidden = true;
}

document.querySelector('[data-said-close]')?.addEventListener('click', hush);
