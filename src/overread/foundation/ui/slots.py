"""What upper floors show on pages of lower ones: menu, bell, clock, panels, homes and the search.

Areas do not register by themselves: site/wiring.py joins them, so that one file shows what appears where.
Everything is asked for at most once per request, only by pages that draw it, inside the scope that the page's door opened.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from overread.foundation.ui.values import BellItem, ClockItem, Count, State, ToDo

T = TypeVar("T")
BELL_SHOWN = 12
NAV_WHOLE = (
    16  # lines of a menu, above which its groups fold: as many as a window of 800 pixels shows without scrolling
)
INCOMPLETE = BellItem(
    title="This list may be incomplete",
    detail="One source did not answer. Look at the pages on the left. The fault was recorded.",
    url="#",
    state="warn",
)
INCOMPLETE_HOME = ToDo(
    title=INCOMPLETE.title, detail=INCOMPLETE.detail, url=INCOMPLETE.url, action="Load this page again", state="warn"
)
logger = logging.getLogger(__name__)
STATE_ORDER: dict[State, int] = {"crit": 0, "urg": 1, "warn": 2, "hold": 3, "info": 4, "idle": 5, "ok": 6}


@dataclass(frozen=True, kw_only=True)
class NavEntry:
    """One line of the left navigation.

    Shown when the person has one of `roles` (empty: everybody) and `permission` (empty: no permission needed).
    `group` is the heading above it; `count` returns the number beside it; `also` names URL names that mark it as current.
    """

    label: str
    url_name: str
    icon: str
    order: int = 100
    group: str = ""
    roles: frozenset[str] = frozenset()
    permission: str = ""
    count: Callable[[HttpRequest], Count | int | None] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NavLine:
    """A menu entry as it is drawn for one request."""

    label: str
    url: str
    icon: str
    current: bool
    count: Count | None


@dataclass(frozen=True, kw_only=True)
class NavGroup:
    """Menu entries under one heading; in a long menu a group `folds`, and stands open on its own pages."""

    heading: str
    lines: tuple[NavLine, ...]
    folds: bool = False
    open: bool = True

    @property
    def hot(self) -> int:
        """How much of what lies folded away needs the person now."""
        return sum(line.count.number for line in self.lines if line.count and line.count.hot)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of a page that belongs to another area: fetched by its own address, or drawn in place from a template."""

    page: str
    order: int
    url_name: str = ""
    template: str = ""
    context: Callable[[HttpRequest, Mapping[str, Any]], Mapping[str, Any] | None] | None = None
    title: str = ""
    permission: str = ""
    roles: frozenset[str] = frozenset()
    eager: bool = False


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where a role begins its day; the lowest order wins for a person with several roles."""

    role: str
    url_name: str
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class Search:
    """Who answers the search box: a page that takes POST `q` and returns the rows of the list of hits."""

    url_name: str
    placeholder: str = "Patient, accession or case"
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class ToDoSource:
    """Who says what must be done, for the homes of the people who hold `permission`."""

    ask: Callable[[HttpRequest], Iterable[ToDo]]
    permission: str


@dataclass
class Registry:
    """All that was joined. Tests make their own and put it in place with `use()`."""

    nav: list[NavEntry] = field(default_factory=list)
    bell: list[Callable[[HttpRequest], Iterable[BellItem]]] = field(default_factory=list)
    clock: list[Callable[[HttpRequest], ClockItem | None]] = field(default_factory=list)
    todo: list[ToDoSource] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)
    searches: list[Search] = field(default_factory=list)
    foot: list[Callable[[HttpRequest], str]] = field(default_factory=list)
    live: str = ""


_registry = Registry()


def use(registry: Registry) -> Registry:
    """Put another registry in place and return the one that was there."""
    global _registry
    before, _registry = _registry, registry
    return before


def _once(joined: list[T], item: T) -> None:
    """Joining the same thing twice shows it once."""
    if item not in joined:
        joined.append(item)


def register_nav(entry: NavEntry) -> None:
    """Add a line to the left navigation."""
    _once(_registry.nav, entry)


def register_bell(source: Callable[[HttpRequest], Iterable[BellItem]]) -> None:
    """Add a source of things that need the person."""
    _once(_registry.bell, source)


def register_clock(source: Callable[[HttpRequest], ClockItem | None]) -> None:
    """Add a source of deadlines; the nearest of all sources is shown in the top bar."""
    _once(_registry.clock, source)


def register_todo(ask: Callable[[HttpRequest], Iterable[ToDo]], permission: str) -> None:
    """Add a source of things to do to the homes of the people who hold `permission`."""
    _once(_registry.todo, ToDoSource(ask=ask, permission=permission))


def register_panel(panel: Panel) -> None:
    """Show a panel on the page named `panel.page`, for example "case.panels"."""
    if bool(panel.url_name) == bool(panel.template):
        raise ValueError(f"A panel of {panel.page} has either an address or a template.")
    _once(_registry.panels, panel)


def register_home(role: str, url_name: str, order: int = 100) -> None:
    """Say where a role begins."""
    _once(_registry.homes, Home(role=role, url_name=url_name, order=order))


def register_search(url_name: str, placeholder: str = "Patient, accession or case", permission: str = "") -> None:
    """Say who answers the search box of the people who hold `permission`."""
    _once(_registry.searches, Search(url_name=url_name, placeholder=placeholder, permission=permission))


def register_foot(source: Callable[[HttpRequest], str]) -> None:
    """Add a short line at the foot of the navigation, such as "Ledger verified 06:00"."""
    _once(_registry.foot, source)


def register_live(url_name: str) -> None:
    """Say where bell and clock are asked for again while a page stays open."""
    _registry.live = url_name


def live_address() -> str:
    """The address that bell and clock are asked for again at, or nothing."""
    return _address(_registry.live) if _registry.live else ""


def roles_of(request: HttpRequest) -> frozenset[str]:
    """The person's roles as texts, as the door of the page left them on the request."""
    view = getattr(request, "person_view", None)
    return frozenset(str(getattr(role, "value", role)) for role in getattr(view, "roles", ()))


def _allowed(request: HttpRequest, roles: frozenset[str], permission: str) -> bool:
    if roles and not roles & roles_of(request):
        return False
    user = getattr(request, "user", None)
    return not permission or (user is not None and bool(user.has_perm(permission)))


def _address(url_name: str, arguments: Mapping[str, Any] | None = None) -> str:
    """The address, or nothing when this installation does not have the page."""
    try:
        return reverse(url_name, kwargs=dict(arguments or {}))
    except NoReverseMatch:
        return ""


def _ask(source: Callable[[HttpRequest], T], request: HttpRequest, otherwise: T) -> T:
    """Ask a source; a fault in one may not take the page of another away from a reader, so it is recorded instead."""
    try:
        return source(request)
    except Exception:
        logger.exception("a part of a page failed")
        return otherwise


def _count(request: HttpRequest, entry: NavEntry) -> Count | None:
    found = _ask(entry.count, request, None) if entry.count else None
    return Count(number=found) if isinstance(found, int) else found


def nav_for(request: HttpRequest) -> list[NavGroup]:
    """The menu of this person, in order, without entries whose page is not there."""
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match else ""
    groups: dict[str, list[NavLine]] = {}
    for entry in sorted(_registry.nav, key=lambda e: e.order):
        url = _address(entry.url_name)
        if url and _allowed(request, entry.roles, entry.permission):
            line = NavLine(
                label=entry.label,
                url=url,
                icon=entry.icon,
                current=bool(here) and here in (entry.url_name, *entry.also),
                count=_count(request, entry),
            )
            groups.setdefault(entry.group, []).append(line)
    folds = sum(len(lines) for lines in groups.values()) > NAV_WHOLE
    return [
        NavGroup(
            heading=heading,
            lines=tuple(lines),
            folds=folds and bool(heading),
            open=not folds or any(line.current for line in lines),
        )
        for heading, lines in groups.items()
    ]


def bell_for(request: HttpRequest) -> list[BellItem]:
    """What needs this person, the most dangerous first, then the nearest."""
    items = [item for source in _registry.bell for item in _ask(_listed(source), request, [INCOMPLETE])]
    return sorted(items, key=lambda i: (STATE_ORDER[i.state], i.due_at is None, _moment(i.due_at), i.title))


def todo_for(request: HttpRequest) -> list[ToDo]:
    """What this person must do, by harm, then by due time, then by how long it has waited."""
    asked = [s for s in _registry.todo if _allowed(request, frozenset(), s.permission)]
    items = [item for s in asked for item in _ask(_all_of(s), request, [INCOMPLETE_HOME])]
    return sorted(
        items, key=lambda i: (STATE_ORDER[i.state], i.due_at is None, _moment(i.due_at), _moment(i.since), i.title)
    )


def _all_of(source: ToDoSource) -> Callable[[HttpRequest], list[ToDo]]:
    return lambda request: list(source.ask(request))


def _listed(source: Callable[[HttpRequest], Iterable[BellItem]]) -> Callable[[HttpRequest], list[BellItem]]:
    return lambda request: list(source(request))


def _moment(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def clock_for(request: HttpRequest) -> ClockItem | None:
    """The nearest deadline of this person; a running clock goes before a paused one."""
    found = [item for source in _registry.clock if (item := _ask(source, request, None)) is not None]
    return min(found, key=lambda i: (i.paused_left_seconds is not None, i.due_at), default=None)


def foot_for(request: HttpRequest) -> list[str]:
    """The short lines at the foot of the navigation."""
    return [line for source in _registry.foot if (line := _ask(source, request, ""))]


def search_for(request: HttpRequest) -> tuple[str, str] | None:
    """Address and hint of the search box of this person."""
    for search in _registry.searches:
        url = _address(search.url_name)
        if url and _allowed(request, frozenset(), search.permission):
            return url, search.placeholder
    return None


def panels_for(request: HttpRequest, page: str) -> list[Panel]:
    """The panels of a page that this person may see, in order."""
    found = [p for p in _registry.panels if p.page == page and _allowed(request, p.roles, p.permission)]
    return sorted(found, key=lambda p: p.order)


def panel_address(panel: Panel, arguments: Mapping[str, Any]) -> str:
    """The address of a panel that is fetched, or nothing when the page is not there."""
    return _address(panel.url_name, arguments)


def home_for(request: HttpRequest) -> str:
    """Where this person begins, or "/" when no role of theirs has a home."""
    roles = roles_of(request)
    for home in sorted(_registry.homes, key=lambda h: h.order):
        url = _address(home.url_name)
        if home.role in roles and url:
            return url
    return "/"
