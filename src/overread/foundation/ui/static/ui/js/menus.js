// Menus, popovers and dialogs: one open at a time, Esc closes, the focus goes back to where it came from.

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

function closePopovers(except) {
  for (const pop of document.querySelectorAll("[data-pop]:not([hidden])")) {
    if (pop !== except) hidePopover(pop);
  }
}

function opener(pop) {
  return document.querySelector(`[aria-controls="${CSS.escape(pop.id)}"]`);
}

function hidePopover(pop) {
  pop.hidden = true;
  opener(pop)?.setAttribute("aria-expanded", "false");
}

function togglePopover(button) {
  const pop = document.getElementById(button.getAttribute("aria-controls"));
  if (!pop) return;
  const open = pop.hidden;
  closePopovers(pop);
  pop.hidden = !open;
  button.setAttribute("aria-expanded", String(open));
  if (open) pop.querySelector("a, button, [tabindex]")?.focus({ preventScroll: true });
}

export function openDialog(name) {
  const dialog = document.getElementById(name);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("input, select, textarea")?.select?.();
}

function clicked(event) {
  const { target } = event;
  const open = target.closest("[data-open-dialog]");
  if (open) openDialog(open.dataset.openDialog);
  if (target.closest("[data-close-dialog]") || target.tagName === "DIALOG") target.closest("dialog")?.close();
  const popper = target.closest("[data-pop-open]");
  if (popper) togglePopover(popper);
  else if (!target.closest("[data-pop]")) closePopovers();
  closeMenus(target.closest("details[data-menu]"));
}

function escaped(event) {
  if (event.key !== "Escape") return;
  const dialog = document.querySelector("dialog[open]");
  const pop = [...document.querySelectorAll("[data-pop]:not([hidden])")].pop();
  const menu = document.querySelector("details[data-menu][open]");
  if (dialog) {
    dialog.close(); // also from a search field, where Esc would only empty it
  } else if (pop) {
    hidePopover(pop);
    opener(pop)?.focus();
  } else if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

export function startMenus() {
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", escaped, true);
}
