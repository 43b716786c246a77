// The reading room's keys, as far as they act on images. All other keys go to the reading page, so that N, Ctrl Enter
// or Alt C work while the pointer is over the images. The map is the one of the key list (?); letters are `key`s.

const MAP = {
  ArrowUp: ['scroll', -1],
  ArrowDown: ['scroll', 1],
  PageUp: ['series', -1],
  PageDown: ['series', 1],
  Home: ['toEnd', 'first'],
  End: ['toEnd', 'last'],
  l: ['use', 'Length'],
  b: ['use', 'Bidirectional'],
  a: ['use', 'Angle'],
  e: ['use', 'EllipticalROI'],
  h: ['use', 'Probe'],
  i: ['keyImage', false],
  'shift+i': ['keyImage', true],
  x: ['mpr'],
  'shift+x': ['cross'],
  g: ['unseen'],
  p: ['prior'],
  'shift+p': ['nextPrior'],
  s: ['slab', 0],
  '+': ['slab', 1],
  '=': ['slab', 1],
  '-': ['slab', -1],
  ' ': ['cine'],
  Escape: ['use', 'WindowLevel'],
};
for (let digit = 1; digit <= 9; digit += 1) {
  MAP[String(digit)] = ['window', digit - 1];
}
// Keys that only say how another key is meant, or that the browser must keep.
const SILENT = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'Tab', 'F5', 'F11', 'F12']);

export function meaningOf({ key, ctrl, alt, meta, shift }) {
  if (ctrl || alt || meta) {
    return null;
  }
  const plain = key.length === 1 ? key.toLowerCase() : key;
  const shifted = shift && /^[a-z]$/.test(plain) ? `shift+${plain}` : plain;
  return MAP[shifted] ?? null;
}

export const described = event => ({
  key: event.key,
  code: event.code,
  ctrl: event.ctrlKey,
  shift: event.shiftKey,
  alt: event.altKey,
  meta: event.metaKey,
  repeat: event.repeat,
});

const inField = target => Boolean(target?.closest?.('input, textarea, select, [contenteditable="true"]'));

/** Listen in this document; `act(name, value)` does what a key means here, `pass(key)` gives it to the page. */
export function listen({ act, pass }) {
  let alerting = false; // after Alt A the next key is the page's: the kind of alert
  // The image tools swallow the press of the mouse, and with it the focus that a frame would get by it.
  window.addEventListener('pointerdown', () => window.focus(), { capture: true });
  window.addEventListener(
    'keydown',
    event => {
      const key = described(event);
      if (SILENT.has(event.key) || (inField(event.target) && !(key.ctrl || key.alt))) {
        return;
      }
      const meaning = alerting ? null : meaningOf(key);
      alerting = key.alt && key.key.toLowerCase() === 'a';
      // The page may claim Escape, too: it closes what is open there.
      if (meaning) {
        act(...meaning);
      }
      if ((!meaning || event.key === 'Escape') && !isEditing(event)) {
        pass(key);
      }
      if (!isEditing(event)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    { capture: true }
  );
}

/** Copying a text of the viewer's own stays possible. */
const isEditing = event => (event.ctrlKey || event.metaKey) && ['c', 'C'].includes(event.key) && !event.shiftKey;
