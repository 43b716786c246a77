// Keys: every element with data-key is pressed by its key; `?` lists them. Letters act only outside text fields,
// combinations with Ctrl or Alt act everywhere. A page may rename keys with the JSON island "or-keymap" {old: new}.
import { openDialog } from "./menus.js";

let renamed = {};

function typing(element) {
  return Boolean(element?.closest?.('input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable="true"]'));
}

export function keyName(event) {
  const names = { " ": "Space", ArrowUp: "Up", ArrowDown: "Down", ArrowLeft: "Left", ArrowRight: "Right" };
  let key = names[event.key] || event.key;
  if (key.length === 1) key = key.toUpperCase();
  const shifted = event.shiftKey && (key.length > 1 || /[A-Z]/.test(key));
  return [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", shifted ? "Shift" : "", key]
    .filter(Boolean)
    .join("+");
}

function keyOf(element) {
  return renamed[element.dataset.key] || element.dataset.key;
}

function usable(element) {
  return !element.disabled && element.getClientRects().length > 0;
}

function find(name) {
  const inRow = [...document.querySelectorAll(".is-sel [data-key]")];
  const whole = [...document.querySelectorAll("[data-key]")].filter((e) => !e.closest("[data-row]"));
  return [...inRow, ...whole].find((element) => keyOf(element) === name && usable(element));
}

function press(element) {
  if (element.matches("input, textarea, select")) element.focus();
  else element.click();
}

// F6 walks through the regions of a page in their order.
function nextRegion(back) {
  const regions = [...document.querySelectorAll("[data-region]")].filter(usable);
  if (!regions.length) return false;
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(here + (back ? -1 : 1) + regions.length) % regions.length] || regions[0];
  const inside = next.matches("iframe") ? next : next.querySelector("textarea, input, button, a[href]") || next;
  inside.focus();
  return true;
}

export function listKeys() {
  const body = document.querySelector("[data-keys-list] tbody");
  if (!body) return;
  const seen = new Map();
  for (const element of document.querySelectorAll("[data-key][data-key-help]")) {
    if (!seen.has(keyOf(element))) seen.set(keyOf(element), element.dataset.keyHelp);
  }
  const island = document.getElementById("or-page-keys");
  for (const [key, help] of island ? JSON.parse(island.textContent) : []) seen.set(renamed[key] || key, help);
  if (document.querySelector("[data-rows] [data-row]")) {
    seen.set("J", "Next row");
    seen.set("K", "Row before");
    seen.set("Enter", "Open the marked row");
  }
  if (document.querySelector("[data-region]")) seen.set("F6", "Next part of the page");
  seen.set("?", "This list");
  const rows = [...seen].map(([key, help]) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    for (const part of key.split("+")) {
      const mark = document.createElement("kbd");
      mark.textContent = part;
      head.append(mark, " ");
    }
    const cell = document.createElement("td");
    cell.textContent = help;
    row.append(head, cell);
    return row;
  });
  body.replaceChildren(...rows);
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const name = keyName(event);
  const combined = event.ctrlKey || event.metaKey || event.altKey || /^(Shift\+)?F\d+$/.test(name);
  if (!combined && typing(event.target)) {
    if (event.key === "Escape" && !event.target.closest("dialog")) event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]") && !combined) return;
  if (name === "F6" || name === "Shift+F6") {
    if (nextRegion(event.shiftKey)) event.preventDefault();
    return;
  }
  if (event.key === "?") {
    listKeys();
    openDialog("or-keys");
    event.preventDefault();
    return;
  }
  const element = find(name);
  if (!element) return;
  event.preventDefault();
  press(element);
}

export function startKeys() {
  const island = document.getElementById("or-keymap");
  if (island) renamed = JSON.parse(island.textContent);
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-show-keys]")) return;
    listKeys();
    openDialog("or-keys");
  });
}
