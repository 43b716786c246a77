"""A page by keyboard alone: the Tab key reaches everything that can be used, and whoever stands there is seen."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

FIND_STOPS = """whole => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const main = document.querySelector('#main');
  window.orStops = [];
  for (const one of document.querySelectorAll(wanted)) {
    if (one.disabled || one.tabIndex < 0 || one.closest('dialog:not([open]), [inert], template')) continue;
    if (!one.checkVisibility({checkVisibilityCSS: true})) continue;
    if (!whole && main && !main.contains(one)) continue;
    if (one.type === 'radio') {
      const group = one.form ? [...one.form.elements].filter(e => e.name === one.name) : [one];
      const first = group.find(e => e.checked) || group[0];
      if (one !== first) continue;
    }
    window.orStops.push(one);
  }
  const drawn = e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0; };
  const edge = e => { const s = getComputedStyle(e); return s.boxShadow + s.borderColor; };
  const rested = new Map(window.orStops.map(one => [one, edge(one)]));
  window.orReached = new Set();
  window.orUnseen = new Set();
  document.addEventListener('focusin', event => {
    const one = event.target, label = one.labels && one.labels[0];
    window.orReached.add(one);
    const changed = rested.has(one) && rested.get(one) !== edge(one);
    if (!drawn(one) && !changed && !(label && drawn(label)) && one.id !== 'main') window.orUnseen.add(one);
  });
  document.activeElement && document.activeElement.blur();
  if (!whole && main) main.focus();
  return window.orStops.length;
}"""
LEFT = "() => window.orStops.filter(one => !window.orReached.has(one)).map(one => one.outerHTML.slice(0, 160))"
UNSEEN = "() => [...window.orUnseen].map(one => one.outerHTML.slice(0, 160))"
DATES = "input[type=date], input[type=datetime-local], input[type=time]"


def by_keyboard(page: "Page", *, whole: bool = True) -> None:
    """The Tab key reaches everything that can be used, and each has a focus that can be seen.

    `whole` from the top of the page; otherwise from the content on, where the link "Skip to the content" leads.
    """
    stops = page.evaluate(FIND_STOPS, whole)
    within = page.locator(DATES).count()
    for _ in range(stops + 3 + 6 * within):  # a date has a stop for day, month, year and its calendar
        page.keyboard.press("Tab")
    assert page.evaluate(LEFT) == [], "the Tab key does not reach these"
    assert page.evaluate(UNSEEN) == [], "these have no visible focus"
