// Due chips and the clock of the top bar move on by the server's time. Only texts that changed are touched, so that
// nothing moves under the pointer and screen readers are not told every second.
import { serverNow } from "./clock.js";
import { dueView, local } from "./due-words.js";

const STATES = ["crit", "urg", "warn", "ok", "idle", "hold"];
const MARKS = [10, 5, 1];

function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function draw(chip, now) {
  const due = Date.parse(chip.dataset.due);
  if (Number.isNaN(due)) return;
  const start = chip.dataset.start ? Date.parse(chip.dataset.start) : null;
  const view = dueView(due, start, now);
  const words = chip.querySelector("b");
  const label = words?.dataset.words;
  setText(words, label ? `${label} ${view.words}` : view.words);
  setText(chip.querySelector("span"), view.exact);
  if (!chip.classList.contains(`is-${view.state}`)) {
    chip.classList.remove(...STATES.map((state) => `is-${state}`));
    chip.classList.add(`is-${view.state}`);
    const use = chip.querySelector("use");
    if (use) use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${view.icon}`);
  }
  const bar = chip.querySelector("i");
  if (bar && view.used !== null) bar.className = `or-p-${view.used}`;
}

// A countdown shows minutes and seconds and tells a screen reader only at 10, 5 and 1 minutes.
function count(element, now) {
  const left = Math.trunc((Date.parse(element.dataset.countdown) - now) / 1000);
  if (Number.isNaN(left)) return;
  const whole = Math.abs(left);
  const hours = Math.floor(whole / 3600);
  const text = `${hours ? `${hours}:` : ""}${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  setText(element, left < 0 ? `${text} over` : text);
  const said = document.getElementById(element.dataset.says || "");
  const mark = MARKS.find((minutes) => left === minutes * 60);
  if (said && mark) setText(said, `${mark} minute${mark === 1 ? "" : "s"} left`);
}

function topClock(element, now) {
  const parts = local(now);
  const zone = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", timeZoneName: "short" })
    .formatToParts(now)
    .find((part) => part.type === "timeZoneName").value;
  const month = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", month: "short" }).format(now).slice(0, 3);
  setText(element, `${parts.weekday} ${parts.day} ${month} ${parts.year}, ${parts.clock} ${zone}`);
}

export function tick() {
  const now = serverNow();
  for (const chip of document.querySelectorAll(".or-due[data-due]")) draw(chip, now);
  for (const element of document.querySelectorAll("[data-countdown]")) count(element, now);
  for (const element of document.querySelectorAll("[data-clock]")) topClock(element, now);
}

export function startDue() {
  const meta = document.querySelector('meta[name="or-now"]');
  if (!meta) return;
  serverNow();
  tick();
  window.setInterval(tick, 1000);
}
