// HTMX as we use it: our CSRF header on every change, plain words for every failure, nothing of a page kept in storage.
import { say, shout, hush } from "./say.js";

const WORDS = {
  400: ["This could not be read", "Nothing was changed. Load the page again and try once more."],
  403: ["This is not open to you", "Nothing was changed. If you need it for your work, ask the registered manager."],
  404: ["There is no such thing here any more", "Load the page again to see how it stands now."],
  409: ["Somebody was quicker", "This was changed elsewhere since you opened it. Load the page again, then decide."],
  413: ["This is larger than can be taken at once", "Nothing was changed. Send less at a time."],
  429: ["Too many tries in a short time", "Wait a minute, then try again."],
  500: ["Something on our side went wrong", "What had been saved before is safe. Try once more."],
  503: ["The service is resting for a moment", "Wait half a minute and try again."],
};

// The cookie is closed to scripts; the page brings the token.
function token() {
  return document.querySelector('meta[name="csrf-token"]')?.content || "";
}

function quiet(event) {
  return event.detail?.elt?.closest?.("[data-quiet]") !== null;
}

function failed(event) {
  if (quiet(event)) return;
  const { status, responseText } = event.detail.xhr;
  if (status === 401) {
    const here = encodeURIComponent(window.location.pathname + window.location.search);
    shout("warn", "You were signed out", "Sign in again in another window, then go on here; what you typed stays.");
    document.dispatchEvent(new CustomEvent("or:signed-out", { detail: { next: here } }));
    return;
  }
  const [title, text] = WORDS[status] || WORDS[status >= 500 ? 500 : 400];
  const sent = new DOMParser().parseFromString(responseText || "", "text/html");
  const ours = sent.querySelector(".or-note [data-note-title]");
  const more = sent.querySelector(".or-note [data-note-text]");
  say(status >= 500 ? "crit" : "warn", ours?.textContent || title, more?.textContent || (ours ? "" : text));
}

export function csrfHeaders() {
  return { "X-CSRFToken": token() };
}

export function startHtmx() {
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", (event) => {
    if (quiet(event)) return;
    shout("hold", "The connection is lost", "Nothing was sent. You can go on; try again when the line is back.");
  });
  window.addEventListener("online", hush);
  window.addEventListener("pageshow", (event) => {
    // A page of a person who signed out must not come back from the browser's memory.
    if (event.persisted) window.location.reload();
  });
}
