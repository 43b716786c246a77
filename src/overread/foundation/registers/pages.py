"""The pages that every register has: list, entry, its history, and the forms that begin, change and end an entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock.rules import end_of_day
from overread.foundation.registers.forms import EndForm, EntryForm, initial
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Register
from overread.foundation.registers.rules import LONDON, Change, Field, Kind, changes, day_words, overdue_first, words
from overread.foundation.ui import tables
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotAllowed, NotFound, Refused

REFUSED = 422


@dataclass(frozen=True)
class Line:
    """One row of a list as it is drawn."""

    entry: Entry
    reference: str
    label: str
    url: str
    cells: tuple[tuple[str, str], ...]
    due_at: datetime | None
    overdue: bool
    mark: tuple[str, str] | None


@dataclass(frozen=True)
class VersionLine:
    """One version as it is drawn: when, who, what changed, why."""

    entry: Entry
    who: str
    changes: tuple[Change, ...]
    first: bool
    ended: bool
    backdated: bool


def addresses(register: Register, request: HttpRequest, key: UUID | None = None) -> dict[str, str]:
    """The addresses that the common templates link to."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    found = {f"{name}_url": reverse(f"{register.name}:{name}") for name in ("import", "export")}
    found["list_url"] = reverse(register.list_name)
    found["export_url"] += query
    if key is not None:
        names = ("entry", "change", "history", *(("end",) if register.end else ()))
        found |= {f"{name}_url": reverse(f"{register.name}:{name}", args=[key]) for name in names}
    return found


def person_of(request: HttpRequest) -> accounts.PersonView:
    """The person whom the page's door let in."""
    found: accounts.PersonView = request.person_view  # type: ignore[attr-defined]
    return found


def names_in(fields: Iterable[Field], entries: Iterable[Entry]) -> dict[UUID, str]:
    """Names of all people in the columns of entries."""
    columns = [f.name for f in fields if f.kind is Kind.PERSON]
    return accounts.names({entry[name] for entry in entries for name in columns if entry[name]})


def named(names: dict[UUID, str]) -> Any:
    """A lookup that says so when an account is gone."""
    return lambda person_id: names.get(person_id, "somebody unknown")


def writers(entries: Iterable[Entry]) -> dict[str, str]:
    """Who recorded, in words, by what the row says."""
    actors = {e.recorded_by: Actor.parse(e.recorded_by) for e in entries}
    names = accounts.names({a.person_id for a in actors.values() if a.person_id})
    return {t: names.get(a.person_id, a.name) if a.person_id else f"the system ({a.name})" for t, a in actors.items()}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day + timedelta(days=1), time(), LONDON) if day else None


def _past(request: HttpRequest) -> tuple[date | None, date | None]:
    return _day(request.GET.get("as_at", "")), _day(request.GET.get("known_by", ""))


def _past_words(as_at: date | None, known_by: date | None) -> str:
    said = [f"as at the end of {day_words(as_at)}"] if as_at else []
    said += [f"as known by the end of {day_words(known_by)}"] if known_by else []
    return f"This is the register {', '.join(said)}"


def visible(register: Register, request: HttpRequest) -> list[Entry]:
    """The entries that this person may see, as at and known by the days in the address."""
    as_at, known_by = _past(request)
    found = register.read(at=_end_of(as_at), known_by=_end_of(known_by))
    person = person_of(request)
    return [entry for entry in found if register.allowed(person, entry)]


def _filters(register: Register, entries: Sequence[Entry], names: dict[UUID, str]) -> list[dict[str, Any]]:
    found = []
    for field in register.fields:
        if field.filtered and field.kind is Kind.CHOICE:
            found.append({"name": field.name, "title": field.title, "choices": field.choices})
        if field.filtered and field.kind is Kind.PERSON:
            ids = {entry[field.name] for entry in entries if entry[field.name]}
            choices = sorted(((str(i), names.get(i, "")) for i in ids), key=lambda c: c[1])
            found.append({"name": field.name, "title": field.title, "choices": choices})
    return found


def _matches(register: Register, entry: Entry, state: tables.ListState, text: str) -> bool:
    if any(str(entry[name] or "") != wanted for name, wanted in state.filters.items() if name != "late"):
        return False
    if not text:
        return True
    said = [str(entry[f.name]) for f in register.fields if f.kind in (Kind.TEXT, Kind.LONG)]
    return text.casefold() in " ".join([register.reference(entry), register.label(entry), *said]).casefold()


def _sort_key(register: Register, name: str, names: dict[UUID, str]) -> Any:
    if name == "number":
        return lambda e: e.number
    if name == "label":
        return lambda e: register.label(e).casefold()
    if name == "due":
        return lambda e: register.due(e) or date.max
    field = register.field(name)

    def key(entry: Entry) -> Any:
        value = entry[name]
        if field.kind in (Kind.WHOLE, Kind.DAY, Kind.MOMENT):
            return (value is None, value if value is not None else 0)
        return words(field, value, named(names)).casefold()

    return key


def _ordered(
    register: Register, entries: list[Entry], state: tables.ListState, names: dict[UUID, str], today: date
) -> list[Entry]:
    if not state.sort:
        return [entries[i] for i in overdue_first([register.due(e) for e in entries], today)]
    return sorted(entries, key=_sort_key(register, state.sort, names), reverse=state.descending)


def _line(register: Register, entry: Entry, names: dict[UUID, str], at: datetime) -> Line:
    cells = [(words(f, entry[f.name], named(names)), "") for f in register.fields if f.listed]
    cells += [(str(c.value(entry)), c.css) for c in register.computed if c.listed]
    due = register.due(entry)
    due_at = end_of_day(due) if due else None
    return Line(
        entry=entry,
        reference=register.reference(entry),
        label=register.label(entry),
        url=reverse(f"{register.name}:entry", args=[entry.key]),
        cells=tuple(cells),
        due_at=due_at,
        overdue=bool(due_at and due_at < at),
        mark=register.mark(entry, at),
    )


def _chosen(register: Register, request: HttpRequest) -> tuple[tables.ListState, str]:
    filtered = [f.name for f in register.fields if f.filtered]
    sorts = ["number", "label", "due", *(f.name for f in register.fields if f.listed)]
    state = tables.list_state(request, sorts, [*filtered, "late"])
    text = tables.kept_filter(request, request.GET.get("f", "")).get("q", "")
    return state, text


def shown(register: Register, request: HttpRequest) -> list[Entry]:
    """The entries of the list as filtered and sorted by the address; an export has the same."""
    at = timezone.now()
    found = visible(register, request)
    names = names_in(register.fields, found)
    state, text = _chosen(register, request)
    kept = [e for e in found if _matches(register, e, state, text)]
    if state.filters.get("late"):
        kept = [e for e in kept if (due := register.due(e)) and end_of_day(due) < at]
    return _ordered(register, kept, state, names, timezone.localdate(at))


def list_page(register: Register, request: HttpRequest) -> HttpResponseBase:
    """The register: what is overdue first, then what comes next; filters and order stand in the address."""
    if request.method == "POST":
        token = tables.keep_filter(request, {"q": request.POST.get("q", "")[:100]}) if request.POST.get("q") else ""
        back = reverse(f"{register.name}:list")
        return HttpResponseRedirect(f"{back}?f={token}" if token else back)
    at = timezone.now()
    everything = visible(register, request)
    names = names_in(register.fields, everything)
    state, text = _chosen(register, request)
    as_at, known_by = _past(request)
    heading, sentence = register.head(everything, at)
    person = person_of(request)
    context = {
        "register": register,
        "heading": heading,
        "sentence": sentence,
        "lines": [_line(register, e, names, at) for e in shown(register, request)],
        "total": len(everything),
        "heads": [f for f in register.fields if f.listed],
        "computed": [c for c in register.computed if c.listed],
        "filters": _filters(register, everything, names),
        "list_state": state,
        "chosen": state.filters,
        "text": text,
        "as_at": as_at,
        "known_by": known_by,
        "past": bool(as_at or known_by),
        "past_title": _past_words(as_at, known_by),
        "has_due": any(register.due(e) for e in everything),
        "has_mark": any(register.mark(e, at) for e in everything),
        "may_add": person.may(register.manage) and register.may_add(person),
        "new_url": reverse(register.new_url or f"{register.name}:new"),
        "good_title": register.good[0],
        "good_text": register.good[1],
        **addresses(register, request),
        **register.list_context(request, everything),
    }
    return render(request, register.list_template, context)


def found_entry(register: Register, request: HttpRequest, key: UUID) -> Entry:
    """The entry of a key as it stands; the last version of one that has ended.

    Raises:
        NotFound: there is none, or this person may not see it: the two are told apart nowhere.
    """
    known = register.versions(key)
    if not known or not register.allowed(person_of(request), known[-1]):
        raise NotFound
    held = [e for e in register.read() if e.key == key]
    return held[0] if held else known[-1]


def version_lines(register: Register, known: Sequence[Entry]) -> list[VersionLine]:
    """Versions, newest first, each with what it says otherwise than the one before."""
    who = writers(known)
    names = named(names_in(register.fields, known))
    found = []
    before: Entry | None = None
    for entry in known:
        ended = entry.valid_to is not None
        changed = () if ended else changes(register.fields, before.values if before else None, entry.values, names)
        late = entry.recorded_at - entry.valid_from > timedelta(minutes=1) and not ended
        carried = before is not None and before.valid_from == entry.valid_from
        found.append(VersionLine(entry, who[entry.recorded_by], changed, before is None, ended, late and not carried))
        before = entry
    return found[::-1]


def entry_page(register: Register, request: HttpRequest, key: UUID) -> HttpResponseBase:
    """One entry: what it says, by when something must be done, and what happened to it."""
    entry = found_entry(register, request, key)
    return draw_entry(register, request, entry)


def draw_entry(
    register: Register, request: HttpRequest, entry: Entry, status: int = 200, **more: Any
) -> HttpResponseBase:
    """The page of an entry; `more` is for an area's own forms that were refused."""
    register.opened(request, [entry])
    at = timezone.now()
    known = register.versions(entry.key)
    names = named(names_in(register.fields, known))
    person = person_of(request)
    due = register.due(entry)
    holds = entry.valid_to is None or entry.valid_to > at
    facts = [(f, words(f, entry[f.name], names)) for f in register.fields if f.kind is not Kind.LONG]
    texts = [(f.title, entry[f.name]) for f in register.fields if f.kind is Kind.LONG and entry[f.name]]
    may = person.may(register.manage) and register.may_change(person, entry)
    context = {
        "register": register,
        "entry": entry,
        "reference": register.reference(entry),
        "label": register.label(entry),
        "facts": facts,
        "texts": texts,
        "computed": [(c.title, c.value(entry)) for c in register.computed],
        "due_at": end_of_day(due) if due and holds else None,
        "mark": register.mark(entry, at) if holds else None,
        "holds": holds,
        "may_change": may and holds,
        "may_end": may and holds and register.end is not None,
        "history": version_lines(register, known),
        **addresses(register, request, entry.key),
        **register.entry_context(request, entry),
        **more,
    }
    return render(request, register.entry_template, context, status=status)


def history_page(register: Register, request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Every version of an entry: who, when, what changed, why; also as it was at a day, as known by a day."""
    entry = found_entry(register, request, key)
    register.opened(request, [entry])
    as_at, known_by = _past(request)
    known = register.versions(key)
    names = named(names_in(register.fields, known))
    then = None
    if as_at or known_by:
        held = [e for e in register.read(at=_end_of(as_at), known_by=_end_of(known_by)) if e.key == key]
        then = held[0] if held else None
    context = {
        "register": register,
        "entry": entry,
        "reference": register.reference(entry),
        "label": register.label(entry),
        "history": version_lines(register, known),
        "as_at": as_at,
        "known_by": known_by,
        "asked": bool(as_at or known_by),
        "then": then,
        "then_facts": [(f.title, words(f, then[f.name], names)) for f in register.fields] if then else [],
        **addresses(register, request, key),
    }
    return render(request, "registers/history.html", context)


def _back(register: Register, key: UUID, saved: str, request: HttpRequest) -> HttpResponse:
    messages.success(request, saved)
    return HttpResponseRedirect(reverse(f"{register.name}:entry", args=[key]))


def new_page(register: Register, request: HttpRequest) -> HttpResponseBase:
    """A new entry."""
    person = person_of(request)
    if not register.may_add(person):
        raise NotAllowed(f"You may not add a {register.one}.")
    shown_values = initial(register.fields, register.preset(request))
    form = EntryForm(register.fields, None, request.POST or None, initial=shown_values)
    if request.method == "POST" and form.is_valid():
        try:
            key = register.record(actor=Actor.person(person.id), values=form.values(), valid_from=form.since)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _back(register, key, f"The {register.one} is in the register.", request)
    context = {"register": register, "form": form, "title": f"New {register.one}", **addresses(register, request)}
    return render(request, "registers/form.html", context, status=REFUSED if form.errors else 200)


def change_page(register: Register, request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Another version of an entry, with its reason."""
    entry = found_entry(register, request, key)
    person = person_of(request)
    if not register.may_change(person, entry):
        raise NotAllowed(f"You may not change this {register.one}.")
    register.opened(request, [entry])
    form = EntryForm(register.fields, entry, request.POST or None, initial=initial(register.fields, entry.values))
    if request.method == "POST" and form.is_valid():
        try:
            register.record(
                actor=Actor.person(person.id),
                values=form.values(),
                key=key,
                why=form.cleaned_data["why"],
                valid_from=form.since,
                seen=form.cleaned_data["seen"],
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _back(register, key, "The change is written as a new version.", request)
    title = f"Change {register.reference(entry)}, {register.label(entry)}"
    context = {"register": register, "form": form, "title": title, "entry": entry, **addresses(register, request, key)}
    return render(request, "registers/form.html", context, status=REFUSED if form.errors else 200)


def end_page(register: Register, request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The end of an entry, with its reason; it stays readable."""
    entry = found_entry(register, request, key)
    person = person_of(request)
    if register.end is None or not register.may_change(person, entry):
        raise NotAllowed(f"You may not end this {register.one}.")
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            register.end(actor=Actor.person(person.id), key=key, why=form.cleaned_data["why"])
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _back(register, key, "It has ended. It can still be read in its history.", request)
    title = f"{register.end_words}: {register.reference(entry)}, {register.label(entry)}"
    context = {
        "register": register,
        "form": form,
        "title": title,
        "entry": entry,
        "ending": True,
        **addresses(register, request, key),
    }
    return render(request, "registers/form.html", context, status=REFUSED if form.errors else 200)
