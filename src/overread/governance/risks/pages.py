"""Pages of the risk register."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.clock.rules import end_of_day
from overread.foundation.registers.pages import REFUSED, draw_entry, found_entry, person_of
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Computed, Register
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Refused
from overread.governance.risks import actions, queries, rules
from overread.governance.risks.forms import ReviewForm
from overread.governance.risks.rules import FIELDS, IMPACT, LIKELIHOOD, Level

STATES = {Level.HIGH: "crit", Level.MEDIUM: "warn", Level.LOW: "ok"}


def _late(entries: Sequence[Entry], at: datetime) -> list[Entry]:
    return [e for e in entries if end_of_day(queries.next_review(e)) < at]


def _head(entries: Sequence[Entry], at: datetime) -> tuple[str, str]:
    late = len(_late(entries, at))
    high = sum(queries.level_of(e) is Level.HIGH for e in entries)
    limits = queries.limits()
    rhythm = (
        f"High risks are reviewed every {limits.months[Level.HIGH]} month, medium every "
        f"{limits.months[Level.MEDIUM]}, low every {limits.months[Level.LOW]}."
    )
    if late:
        words = f"{late} risk review{'s are' if late > 1 else ' is'} overdue"
        return words, f"The registered manager has been told. {rhythm}"
    if not entries:
        return "No risk is written down", "A service without risks has not looked."
    if high:
        return (
            f"{high} of {len(entries)} risks {'are' if high > 1 else 'is'} high",
            f"Every review is in date. {rhythm}",
        )
    return f"All {len(entries)} risks are reviewed", rhythm


def _mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    level = queries.level_of(entry)
    return STATES[level], f"{level.value} {rules.residual(entry.values)}"


def _grid(_request: HttpRequest, entries: Sequence[Entry]) -> Mapping[str, Any]:
    scores = [(e["residual_likelihood"], e["residual_impact"]) for e in entries]
    lines = rules.grid(scores, queries.limits())
    drawn = [
        (number, LIKELIHOOD[number - 1], [(count, STATES[level], level.value) for count, level in cells])
        for number, cells in lines
    ]
    return {"grid": drawn, "impacts": list(enumerate(IMPACT, 1))}


def _entry_context(request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    scores = {"residual_likelihood": entry["residual_likelihood"], "residual_impact": entry["residual_impact"]}
    return {
        "before": rules.inherent(entry.values),
        "after": rules.residual(entry.values),
        "level": queries.level_of(entry).value,
        "review_form": ReviewForm(initial={**scores, "seen": entry.version}),
        "may_review": person_of(request).may("governance.manage"),
    }


REGISTER = Register(
    name="risks",
    one="risk",
    several="risks",
    prefix="R",
    fields=FIELDS,
    computed=(
        Computed(title="Score before", value=lambda e: rules.inherent(e.values), css="r"),
        Computed(title="Score now", value=lambda e: rules.residual(e.values), css="r"),
        Computed(title="Next review by", value=queries.next_review, listed=False),
    ),
    read=queries.risks,
    versions=queries.versions,
    record=actions.record,
    end=actions.close,
    end_words="Close this risk",
    see="governance.see",
    manage="governance.manage",
    label=lambda e: str(e["title"]),
    due=queries.next_review,
    due_title="Review by",
    mark=_mark,
    head=_head,
    good=(
        "No risk is written down yet",
        "Good looks like ten to thirty risks of your own service, each with an owner, controls that somebody can check, "
        "and a review in date. Begin with what would hurt a patient: a missed alert, a wrong patient, nobody to read.",
    ),
    icon="shield-exclamation",
    preset=lambda _request: {"reviewed_on": timezone.localdate()},
    list_template="risks/list.html",
    list_context=_grid,
    entry_template="risks/entry.html",
    entry_context=_entry_context,
)


@require_POST
@needs("governance.manage")
def review(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Record a review of a risk."""
    entry = found_entry(REGISTER, request, key)
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            actions.review(actor=Actor.person(person_of(request).id), key=key, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, "The review is written. The next one is due by the new score.")
            return HttpResponseRedirect(reverse("risks:entry", args=[key]))
    return draw_entry(REGISTER, request, entry, status=REFUSED, review_form=form)
