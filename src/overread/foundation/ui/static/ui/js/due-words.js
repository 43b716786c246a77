// The words of a deadline, the same as rules.py makes on the server; a test compares the two at every boundary.
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const LONDON = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  weekday: "short",
  hourCycle: "h23",
});
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export const ICONS = {
  crit: "alarm",
  urg: "hourglass-bottom",
  warn: "hourglass-split",
  ok: "clock",
  idle: "clock",
  hold: "pause-circle",
};

export function local(ms) {
  const parts = Object.fromEntries(LONDON.formatToParts(ms).map((part) => [part.type, part.value]));
  const day = Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day)) / (DAY * 1000);
  return { ...parts, dayNumber: day, clock: `${parts.hour}:${parts.minute}` };
}

export function spanWords(seconds) {
  const whole = Math.trunc(Math.abs(seconds));
  if (whole < MINUTE) return "under 1 min";
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) {
    const hours = Math.floor(whole / HOUR);
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    return minutes ? `${hours} h ${String(minutes).padStart(2, "0")}` : `${hours} h`;
  }
  const days = Math.floor(whole / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

function untilWords(left, days) {
  if (left < 0) return `${spanWords(left)} late`;
  if (days === 0 || left < 6 * HOUR) return `in ${spanWords(left)}`;
  return days === 1 ? "tomorrow" : `in ${days} days`;
}

function exactWords(due, now) {
  if (due.dayNumber === now.dayNumber) return due.clock;
  const year = due.year === now.year ? "" : ` ${due.year}`;
  return `${due.weekday} ${Number(due.day)} ${MONTHS[Number(due.month) - 1]}${year}, ${due.clock}`;
}

function stateOf(left, used, sameDay) {
  if (left < 0) return "crit";
  const share = used ?? (left <= 30 * MINUTE ? 70 : left <= 2 * HOUR ? 41 : 0);
  if (share >= 70) return left < 10 * MINUTE ? "crit" : "urg";
  if (share > 40) return "warn";
  return sameDay ? "ok" : "idle";
}

/** What the chip shows; all times in milliseconds since 1970, `startMs` may be null. */
export function dueView(dueMs, startMs, nowMs) {
  const left = (dueMs - nowMs) / 1000;
  const due = local(dueMs);
  const now = local(nowMs);
  const known = startMs !== null && dueMs > startMs;
  const used = known ? Math.max(0, Math.min(100, Math.trunc((100 * (nowMs - startMs)) / (dueMs - startMs)))) : null;
  const state = stateOf(left, used, due.dayNumber === now.dayNumber);
  const words = untilWords(left, due.dayNumber - now.dayNumber);
  return { state, icon: ICONS[state], words, exact: exactWords(due, now), used };
}
