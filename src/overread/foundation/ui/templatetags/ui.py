"""The parts of pages: `{% load ui %}`. Each tag owns icon, word and colour together and escapes what it is given."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe

from overread.foundation.ui import forms, rules, slots
from overread.foundation.ui.due import due_view
from overread.foundation.ui.icons import known_icon
from overread.foundation.ui.values import Due, PatientBanner

register = template.Library()

STATE_ICONS = {
    "crit": "x-circle",
    "urg": "exclamation-triangle",
    "warn": "exclamation-circle",
    "ok": "check-circle",
    "info": "info-circle",
    "hold": "pause-circle",
    "idle": "dash-circle",
}
NOTE_ICONS = {**STATE_ICONS, "crit": "x-octagon", "warn": "exclamation-triangle", "urg": "exclamation-octagon"}


def _state(state: str) -> str:
    if state not in STATE_ICONS:
        raise template.TemplateSyntaxError(f"{state!r} is no state; use one of {', '.join(STATE_ICONS)}")
    return state


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite: hidden from screen readers, unless `label` gives it a name of its own."""
    address = f"{static('ui/icons.svg')}#{known_icon(name)}"
    if label:
        return format_html('<svg class="or-i" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="or-i" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag
def badge(state: str, word: str, icon: str = "", solid: bool = False, bare: bool = False) -> SafeString:
    """A state: `{% badge "hold" "paused" %}`. `solid` is for critical and stroke only, `bare` for use inside tables."""
    shape = " is-solid" if solid else " is-bare" if bare else ""
    drawn = _icon(icon or STATE_ICONS[_state(state)])
    return format_html('<span class="or-b is-{}{}">{}{}</span>', _state(state), shape, drawn, word)


@register.simple_tag
def state_icon(state: str) -> SafeString:
    """The icon of a state alone; the word stands beside it."""
    return _icon(NOTE_ICONS[_state(state)])


def _icon(name: str) -> SafeString:
    return icon(name)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _due_attributes(due_at: datetime, start: datetime | None, paused: int | None) -> SafeString:
    if paused is not None:
        return mark_safe("")  # an empty constant: a stopped clock does not tick
    return format_html(' data-due="{}" data-start="{}"', _iso(due_at), _iso(start))


@register.simple_tag(takes_context=True)
def due(
    context: template.Context,
    at: datetime | None,
    start: datetime | None = None,
    paused_left: int | None = None,
    inline: bool = False,
    label: str = "",
    url: str = "",
) -> SafeString:
    """A deadline: relative, exact and the share of the allowance used. `start` is when the allowance began,
    `paused_left` the seconds left on a clock that stands still; `inline` draws it in one line with a border.
    """
    if at is None:
        return format_html('<span class="or-due is-idle">{}<b>no deadline</b></span>', _icon("dash-circle"))
    now = context.get("ui_now") or timezone.now()
    view = due_view(at, at=now, start_at=start, paused_left_seconds=paused_left)
    return _draw_due(view, _due_attributes(at, start, paused_left), inline=inline, label=label, url=url)


def _draw_due(view: Due, ticking: SafeString, *, inline: bool, label: str, url: str) -> SafeString:
    words = f"{label} {view.words}" if label else view.words
    element = "a" if url else "span"
    bar = format_html('<i class="or-p-{}"></i>', view.used) if not inline and view.used is not None else mark_safe("")
    return format_html(
        '<{} class="or-due{} is-{}"{}{}>{}<b data-words="{}">{}</b><span>{}</span>{}</{}>',
        element,
        " is-inline" if inline else "",
        view.state,
        format_html(' href="{}"', url) if url else "",
        ticking,
        _icon(view.icon),
        label,
        words,
        view.exact,
        bar,
        element,
    )


@register.simple_tag(takes_context=True)
def countdown(context: template.Context, at: datetime) -> SafeString:
    """Minutes and seconds to a moment, one per page; a screen reader is told at 10, 5 and 1 minutes only."""
    now = context.get("ui_now") or timezone.now()
    left = int((at - now).total_seconds())
    minutes, seconds = divmod(abs(left), 60)
    hours, minutes = divmod(minutes, 60)
    words = f"{f'{hours}:' if hours else ''}{minutes:02d}:{seconds:02d}{' over' if left < 0 else ''}"
    return format_html(
        '<div class="or-countdown is-crit" role="timer" aria-live="off" data-countdown="{}" data-says="or-countdown-says">{}</div>'
        '<span class="visually-hidden" id="or-countdown-says" aria-live="polite"></span>',
        _iso(at),
        words,
    )


@register.inclusion_tag("ui/parts/allowance.html", takes_context=True)
def allowance(
    context: template.Context, start: datetime, at: datetime, began: str = "Began", ends: str = "Due"
) -> dict[str, Any]:
    """How much of an allowance is used: a wide bar with its begin, its use in minutes and its end in words."""
    now = context.get("ui_now") or timezone.now()
    used, whole = int((now - start).total_seconds()) // 60, int((at - start).total_seconds()) // 60
    view = due_view(at, at=now, start_at=start)
    return {"start": start, "at": at, "began": began, "ends": ends, "used": used, "whole": whole, "view": view}


@register.simple_tag
def nhs(number: str | None) -> SafeString:
    """An NHS number as 3-3-4 on one line; says so when there is none."""
    if not number:
        return mark_safe('<span class="or-dim">no NHS number</span>')  # a constant
    return format_html('<span class="or-nhs">{}</span>', rules.nhs_words(number))


@register.filter
def nhs_number(number: str | None) -> str:
    """The same as text, for attributes and sentences."""
    return rules.nhs_words(number) if number else ""


@register.inclusion_tag("ui/parts/patient_banner.html", takes_context=True)
def patient_banner(
    context: template.Context, banner: PatientBanner, heading: bool = True, extra: SafeString | str = ""
) -> dict[str, Any]:
    """The first line of every page about one patient; `heading` makes the name the page's h1."""
    return {"banner": banner, "heading": heading, "extra": extra, "ui_now": context.get("ui_now")}


@register.simple_tag
def evidence(number: Any, url: str, title: str = "Show the rows behind this number") -> SafeString:
    """A computed number that opens its rows."""
    return format_html('<a class="or-ev" href="{}" title="{}">{}</a>', url, title, number)


@register.filter
def filesize(size: int | None) -> str:
    """Bytes as people read them; nothing for no size."""
    return "" if size is None else rules.size_words(int(size))


@register.filter
def when(moment: datetime | date | None, shape: str = "") -> str:
    """Day month year, 24-hour, Europe/London. See rules.when_words for the shapes."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return rules.when_words(
            moment if timezone.is_aware(moment) else timezone.make_aware(moment, rules.LONDON), shape
        )
    noon = datetime(moment.year, moment.month, moment.day, 12, tzinfo=rules.LONDON)
    return rules.when_words(noon, shape or "day")


@register.simple_tag(takes_context=True)
def ago(context: template.Context, moment: datetime | None) -> SafeString:
    """How long ago something happened, with the exact time: "12 min ago, 13:30"."""
    if moment is None:
        return mark_safe("")  # a constant
    now = context.get("ui_now") or timezone.now()
    words = f"{rules.span_words((now - moment).total_seconds())} ago, {rules.exact_words(moment, now)}"
    return format_html('<time datetime="{}">{}</time>', _iso(moment), words)


@register.inclusion_tag("ui/parts/note.html")
def note(
    state: str,
    title: str,
    text: str = "",
    action: str = "",
    url: str = "",
    icon: str = "",
    live: str = "",
) -> dict[str, Any]:
    """What happened, what it means, what to do. `action` and `url` are the way out; `live` is polite or assertive."""
    drawn = icon or NOTE_ICONS[_state(state)]
    return {"state": state, "title": title, "text": text, "action": action, "url": url, "icon": drawn, "live": live}


@register.simple_block_tag
def notice(content: str, state: str, title: str, icon: str = "", live: str = "") -> str:
    """A notice whose body is written between `{% notice "warn" "Title" %}` and `{% endnotice %}`."""
    values = {"state": _state(state), "title": title, "icon": icon or NOTE_ICONS[state], "live": live, "body": content}
    return render_to_string("ui/parts/note.html", values)


@register.inclusion_tag("ui/parts/empty.html")
def empty_state(
    title: str, text: str = "", icon: str = "check-circle", action: str = "", url: str = ""
) -> dict[str, str]:
    """Nothing here: says what good looks like and where to go on."""
    return {"title": title, "text": text, "icon": icon, "action": action, "url": url}


@register.inclusion_tag("ui/parts/loading.html")
def loading_rows(rows: int = 4, columns: int = 3) -> dict[str, Any]:
    """Rows of the final height while a list is on its way; shown after 300 ms only."""
    return {"rows": range(rows), "columns": range(columns)}


@register.simple_tag
def field(bound: BoundField, **attributes: Any) -> SafeString:
    """A form field with label, help and error, joined for screen readers."""
    return forms.draw_field(bound, {key.replace("_", "-"): value for key, value in attributes.items()})


@register.inclusion_tag("ui/forms/errors.html")
def error_summary(form: Any) -> dict[str, Any]:
    """What to correct, with links to the fields, when there are more than two errors or one of the form itself."""
    return forms.summary(form)


@register.simple_tag
def json_island(name: str, data: Any) -> SafeString:
    """Data for a script of ours, as a script element that the browser never runs."""
    return json_script(data, name)


@register.simple_tag
def bar(*parts: Any, state: str = "", label: str = "", tall: bool = False) -> SafeString:
    """A bar of shares in percent: `{% bar 40 "gap:8" 52 state="ok" label="402 of 420 slices shown" %}`."""
    pieces = format_html_join("", '<i class="or-p-{}{}"></i>', (_bar_part(part) for part in parts))
    return format_html(
        '<span class="or-bar{}{}" role="img" aria-label="{}">{}</span>',
        f" is-{_state(state)}" if state else "",
        " is-tall" if tall else "",
        label,
        pieces,
    )


def _bar_part(part: Any) -> tuple[int, str]:
    kind, _, share = str(part).rpartition(":")
    return max(0, min(100, round(float(share)))), f" {kind}" if kind == "gap" else f" is-{_state(kind)}" if kind else ""


@register.simple_tag
def gauge(share: float, state: str, label: str) -> SafeString:
    """A half ring for a share in percent; the number stands beside it, not inside."""
    length = 94.25
    return format_html(
        '<svg class="or-gauge is-{}" width="76" height="46" viewBox="0 0 76 46" role="img" aria-label="{}">'
        '<path class="tr" d="M8 40a30 30 0 0 1 60 0"/><path class="va" d="M8 40a30 30 0 0 1 60 0" stroke-dasharray="{} {}"/></svg>',
        _state(state),
        label,
        round(length * max(0.0, min(100.0, float(share))) / 100, 1),
        length,
    )


@register.simple_tag
def sparkline(values: Iterable[float], label: str, target: float | None = None) -> SafeString:
    """A small line of values, the last one marked; the dashed line is the target. A table stands behind it."""
    points = [float(v) for v in values]
    if len(points) < 2:
        return format_html('<span class="or-dim or-sm">{}</span>', label)
    low, high = (
        min([*points, *([target] if target is not None else [])]),
        max([*points, *([target] if target is not None else [])]),
    )
    spread = (high - low) or 1.0

    def height(value: float) -> float:
        return round(31 - 28 * (value - low) / spread, 1)

    line = " ".join(f"{round(130 * i / (len(points) - 1), 1)},{height(v)}" for i, v in enumerate(points))
    aim = format_html('<path class="t" d="M0 {}H130"/>', height(target)) if target is not None else ""
    return format_html(
        '<svg class="or-spark" width="130" height="34" viewBox="0 0 130 34" role="img" aria-label="{}">'
        '<polygon class="a" points="0,34 {} 130,34"/>{}<polyline class="l" points="{}"/><circle class="p" cx="130" cy="{}" r="3"/></svg>',
        label,
        line,
        aim,
        line,
        height(points[-1]),
    )


@register.filter
def initials(name: str) -> str:
    """Two letters for the ring beside a name; titles are left out."""
    words = [
        w for w in str(name).replace(".", " ").split() if w.lower() not in {"dr", "mr", "mrs", "ms", "miss", "prof"}
    ]
    return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.inclusion_tag("ui/parts/slot.html", takes_context=True)
def slot(context: template.Context, page: str, **arguments: Any) -> dict[str, Any]:
    """The panels that other areas show on this page: `{% slot "case.panels" case_id=case.id %}`."""
    request = context["request"]
    drawn = []
    for panel in slots.panels_for(request, page):
        if panel.url_name:
            url = slots.panel_address(panel, arguments)
            if url:
                drawn.append(
                    {"url": url, "title": panel.title, "id": _panel_id(panel, arguments), "eager": panel.eager}
                )
            continue
        values: Mapping[str, Any] | None = panel.context(request, arguments) if panel.context else {}
        if values is not None:
            drawn.append({"html": render_to_string(panel.template, {**arguments, **values}, request=request)})
    return {"panels": drawn}


def _panel_id(panel: slots.Panel, arguments: Mapping[str, Any]) -> str:
    subject = "-".join(str(v) for v in arguments.values() if isinstance(v, UUID | int | str))
    return (
        f"panel-{panel.url_name.replace(':', '-')}-{subject}"
        if subject
        else f"panel-{panel.url_name.replace(':', '-')}"
    )


@register.simple_tag(takes_context=True)
def address_with(context: template.Context, **changes: Any) -> str:
    """This page's address with some of its query changed; None takes a key away. Starts the list at its first page."""
    query = context["request"].GET.copy()
    if "after" not in changes:
        query.pop("after", None)
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.inclusion_tag("ui/parts/sort_head.html", takes_context=True)
def sort_head(context: template.Context, key: str, title: str, css: str = "") -> dict[str, Any]:
    """A table head that sorts by its column; the state is in the address, so that a list can be bookmarked."""
    state = context.get("list_state")
    current = state is not None and state.sort == key
    descending = bool(current and state is not None and state.descending)
    wanted = f"-{key}" if current and not descending else key
    direction = "" if not current else "descending" if descending else "ascending"
    url = address_with(context, sort=wanted)
    return {"title": title, "url": url, "direction": direction, "css": css}
