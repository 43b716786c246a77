// Forms with data-passkey: "sign-in" and "touch" ask for a touch, "register" makes a passkey; then the form is sent.
import { available, register, touch } from "./webauthn.js";

const FAILED = "The passkey did not answer. Try again, or use another way.";
const ABSENT = "This browser has no passkeys here. Use another way, or open this page by its name instead of its number.";

async function optionsFor(form) {
  if (form.dataset.island) return JSON.parse(document.getElementById(form.dataset.island).textContent);
  const signIn = form.dataset.passkey === "sign-in";
  const token = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(form.dataset.begin, {
    method: signIn ? "GET" : "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest" },
  });
  if (answer.redirected) window.location.assign(answer.url);
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  const sent = await answer.json();
  return sent.request_options || sent;
}

async function run(form) {
  const error = form.querySelector("[data-passkey-error]");
  error.hidden = true;
  try {
    if (!available()) throw new Error("absent");
    const options = await optionsFor(form);
    form.elements.credential.value = await (form.dataset.passkey === "register" ? register(options) : touch(options));
    form.submit();
  } catch (problem) {
    error.textContent = problem.message === "absent" ? ABSENT : FAILED;
    error.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form);
  });
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

for (const button of document.querySelectorAll("[data-save-codes]")) {
  button.addEventListener("click", () => {
    const codes = [...document.querySelectorAll("[data-codes] li")].map((item) => item.textContent).join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`Overread recovery codes\n\n${codes}\n`], { type: "text/plain" }));
    link.download = "overread-recovery-codes.txt";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
