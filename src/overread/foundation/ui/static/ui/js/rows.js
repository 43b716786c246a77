// Lists by keyboard: J and K (or the arrows) move, Enter opens, letters of the row's own data-key act on it.
// The marked row is kept by its key when the list is refreshed.
let marked = "";

function rows() {
  return [...document.querySelectorAll("[data-rows] [data-row]")].filter((row) => row.getClientRects().length);
}

function mark(row) {
  for (const other of document.querySelectorAll("[data-rows] .is-sel")) {
    other.classList.remove("is-sel");
    other.removeAttribute("aria-current");
  }
  if (!row) return;
  row.classList.add("is-sel");
  row.setAttribute("aria-current", "true");
  marked = row.dataset.row;
  row.scrollIntoView({ block: "nearest" });
}

function busy(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return true;
  return Boolean(event.target.closest?.("input, textarea, select, [contenteditable=true], details[open], .or-menu"));
}

function pressed(event) {
  const list = rows();
  if (!list.length || busy(event)) return;
  const here = list.findIndex((row) => row.classList.contains("is-sel"));
  if (event.key === "j" || event.key === "ArrowDown") mark(list[Math.min(here + 1, list.length - 1)]);
  else if (event.key === "k" || event.key === "ArrowUp") mark(list[Math.max(here - 1, 0)]);
  else if (event.key === "Enter" && here >= 0 && !event.target.closest("a, button")) {
    list[here].querySelector("[data-open], a[href]")?.click();
  } else return;
  event.preventDefault();
}

export function startRows() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-rows] [data-row]");
    if (row) mark(row);
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (marked) mark(document.querySelector(`[data-rows] [data-row="${CSS.escape(marked)}"]`));
  });
}
