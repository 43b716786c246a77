// The bell and the clock that matters most are asked for again every 30 seconds while the page is looked at.
// Nothing is swapped while a menu is open or the focus is inside it.
const EVERY = 30000;

function refresh() {
  const live = document.getElementById("or-live");
  if (!live || !live.hasAttribute("hx-get") || document.visibilityState !== "visible") return;
  if (live.querySelector("details[open]") || live.contains(document.activeElement)) return;
  window.htmx?.trigger(live, "or:refresh");
}

// A polled part that is marked data-still keeps still while somebody is in it or has something open in it.
function keepStill(event) {
  const part = event.detail.elt;
  if (!part.hasAttribute?.("data-still") || event.detail.requestConfig.verb !== "get") return;
  if (part.querySelector("details[open]") || part.contains(document.activeElement)) event.preventDefault();
}

export function startLive() {
  document.addEventListener("htmx:beforeRequest", keepStill);
  document.getElementById("or-live")?.setAttribute("data-quiet", "");
  window.setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
}
