// Forms: the first error gets the focus, a button is not pressed twice, a half-written form is not left by accident.

function focusFirstError(root) {
  const all = [...(root.querySelectorAll?.("[data-focus-first], [aria-invalid='true']") || [])];
  all.find((element) => !element.closest("[data-no-focus]"))?.focus();
}

function sending(event) {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("hx-post") || form.dataset.many !== undefined) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
}

function leaving(event) {
  const dirty = [...document.querySelectorAll("form[data-guard]")].some((form) => form.dataset.dirty && !form.dataset.sent);
  if (dirty) event.preventDefault();
}

export function startForms() {
  focusFirstError(document);
  document.addEventListener("htmx:afterSettle", (event) => focusFirstError(event.target));
  document.addEventListener("submit", sending);
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) form.dataset.dirty = "yes";
  });
  window.addEventListener("beforeunload", leaving);
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}
