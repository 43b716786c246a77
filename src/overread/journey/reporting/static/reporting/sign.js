// Signing by a touch of a passkey: the proof is asked for the very text that stands on the page, then the form is sent.
// The signing PIN stays as the other way.

import { available, touch } from '/static/accounts/webauthn.js';

const form = document.querySelector('[data-sign-form]');
const button = document.querySelector('[data-sign-passkey]');
const fault = document.querySelector('[data-passkey-error]');

function say(words) {
  fault.textContent = words;
  fault.hidden = false;
}

async function options() {
  const answer = await fetch(form.dataset.presence, {
    method: 'POST',
    headers: { Accept: 'application/json', 'X-CSRFToken': form.elements.csrfmiddlewaretoken.value },
    body: new URLSearchParams({ purpose: form.dataset.purpose }),
  });
  if (answer.redirected || !answer.ok) {
    throw new Error('You were signed out. Load the page again; your draft is saved.');
  }
  return answer.json();
}

async function sign() {
  fault.hidden = true;
  if (!form.elements.category.value) {
    say('Choose first whether an alert goes out.');
    form.elements.category.focus();
    return;
  }
  try {
    const asked = await options();
    const answer = await touch(asked).catch(() => {
      throw new Error('The passkey did not answer. Try again, or use your signing PIN.');
    });
    form.elements.passkey.value = answer;
    form.requestSubmit();
  } catch (problem) {
    form.elements.passkey.value = '';
    say(problem.message);
  }
}

if (button && available()) {
  button.hidden = false;
  button.addEventListener('click', sign);
}
