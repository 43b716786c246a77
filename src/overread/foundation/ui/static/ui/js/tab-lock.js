// The same case open in two tabs of one browser: both are told, nothing is overwritten.
// An element with data-tab-lock="read-<id>" names what this tab works on.
import { say } from "./say.js";

const mine = `${Date.now()}-${Math.random()}`;

function conflict(name) {
  const heading = "This is open in another tab as well";
  const text = "Go on in one of the two. Changes of the other are shown to you before anything is replaced.";
  say("warn", heading, text);
  document.dispatchEvent(new CustomEvent("or:tab-conflict", { detail: { name } }));
}

export function startTabLock() {
  const name = document.querySelector("[data-tab-lock]")?.dataset.tabLock;
  if (!name || !("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel("overread-tabs");
  channel.addEventListener("message", (event) => {
    const { kind, what, from } = event.data || {};
    if (what !== name || from === mine) return;
    if (kind === "open") channel.postMessage({ kind: "here", what: name, from: mine });
    conflict(name);
  });
  channel.postMessage({ kind: "open", what: name, from: mine });
}
