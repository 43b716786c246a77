// The server's time. The page brings it once; from then on the browser's steady counter is used, never its clock,
// which may be wrong or be set while the page is open.

let base = null;
let since = 0;

export function setServerTime(iso) {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return;
  base = at;
  since = performance.now();
}

export function serverNow() {
  if (base === null) {
    const meta = document.querySelector('meta[name="or-now"]');
    setServerTime(meta ? meta.content : "");
    if (base === null) return Date.now();
  }
  return base + (performance.now() - since);
}
