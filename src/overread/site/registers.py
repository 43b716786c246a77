"""The registers, joined: kinds of duties with their pages and reminders, the menu of governance, and what is arranged hourly."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import PROVIDER_ROLES, Role
from overread.foundation.clock import addressees
from overread.foundation.clock import queries as clock
from overread.foundation.clock.addressees import Addressee, Directory
from overread.foundation.clock.kinds import register_duty_kind
from overread.foundation.clock.queries import DutyView
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.ui import slots
from overread.foundation.ui.slots import NavEntry
from overread.foundation.ui.values import BellItem, Count
from overread.foundation.work.actor import Actor
from overread.governance.people import actions as people
from overread.governance.people import queries as people_queries
from overread.governance.policies import actions as policies
from overread.governance.policies import queries as policy_queries
from overread.governance.risks import actions as risks
from overread.governance.risks import queries as risk_queries
from overread.governance.training import actions as training
from overread.governance.training import queries as training_queries
from overread.site import learning

BELL_DAYS = 14
ARRANGER = Actor.system("registers")

# What each register wants of the clock is compared with what is there, once an hour.
ARRANGE: tuple[Callable[..., Any], ...] = (
    risks.arrange,
    training.arrange,
    policies.arrange,
    people.arrange,
    *learning.ARRANGE,
)


def arrange_all() -> None:
    """Let every register compare its duties with its rows: people come and go, intervals change."""
    for arrange in ARRANGE:
        with open_scope(Scope.provider(), opened_by="worker"):
            arrange(actor=ARRANGER)


def _duty_kinds() -> None:
    register_duty_kind("risks.review", "Review a risk", "risks:entry", risk_queries.reminders)
    register_duty_kind("training.renew", "Renew a training", "training:duty", training_queries.reminders)
    register_duty_kind("people.complete", "Complete a staff file", "people:file", tuple)
    register_duty_kind("people.expires", "Renew a paper of a staff file", "papers:entry", people_queries.reminders)
    register_duty_kind("people.leaver", "Close the account of somebody who leaves", "accounts:person", lambda: (1, 0))
    register_duty_kind("policies.review", "Review a policy", "policies:entry", policy_queries.reminders)
    register_duty_kind("policies.approve", "Approve a draft, or send it back", "policies:entry", tuple)
    register_duty_kind("policies.read", "Read a policy", "policies:duty", lambda: policy_queries.reminders()[-1:])
    register_duty_kind("agreement.approve", "Approve a change of an agreement", "agreement:proposal", tuple)
    register_duty_kind("training.confirm", "Look at a certificate", "training:entry", tuple)


def _addressee(view: accounts.PersonView | None) -> Addressee | None:
    return Addressee(view.id, view.full_name, view.email) if view and view.active else None


def page_of(duty: DutyView) -> str:
    """Where a duty is done; the page of all duties when its register has none."""
    try:
        return reverse(duty.page, args=[duty.subject_id] if duty.with_subject else [])
    except NoReverseMatch:
        return reverse("duties:list")


def _mine(request: HttpRequest) -> list[DutyView]:
    """Asked once per request: own duties, and what has come to the registered manager."""
    known: list[DutyView] | None = getattr(request, "_own_duties", None)
    if known is None:
        person = request.person_view  # type: ignore[attr-defined]
        known = clock.duties(owner_id=person.id)
        if Role.REGISTERED_MANAGER in person.roles:
            at = timezone.now()
            known += [d for d in clock.duties() if d.owner_id != person.id and d.due_at < at]
        request._own_duties = known  # type: ignore[attr-defined]
    return known


def _bell(request: HttpRequest) -> list[BellItem]:
    if not slots.roles_of(request) & PROVIDER_ROLES:
        return []
    at = timezone.now()
    return [
        BellItem(
            title=duty.title,
            detail=f"{duty.words}, {duty.owner_name or 'nobody named'}",
            url=page_of(duty),
            state="urg" if duty.due_at < at else "warn",
            due_at=duty.due_at,
        )
        for duty in _mine(request)
        if (duty.due_at - at).days < BELL_DAYS
    ]


def _count(request: HttpRequest) -> Count:
    at = timezone.now()
    late = sum(1 for duty in _mine(request) if duty.due_at < at)
    return Count(number=late, hot=bool(late))


def also(name: str) -> tuple[str, ...]:
    """The pages of a register that belong to its line of the menu."""
    return tuple(f"{name}:{page}" for page in ("entry", "new", "change", "end", "history", "import"))


ENTRIES = (
    NavEntry(
        label="Duties",
        url_name="duties:list",
        icon="calendar3",
        order=48,
        group="Governance",
        permission="duty.see",
        count=_count,
    ),
    NavEntry(
        label="Inspection",
        url_name="inspection:overview",
        icon="clipboard-check",
        order=59,
        group="Governance",
        permission="inspection.see",
        also=("inspection:fact",),
    ),
    NavEntry(
        label="Training",
        url_name="training:matrix",
        icon="mortarboard",
        order=51,
        group="Governance",
        permission="governance.see",
        also=("training:list", "training:year", "training:person", "training:mine", *also("training")),
    ),
    NavEntry(
        label="Staff files",
        url_name="people:files",
        icon="person-vcard",
        order=52,
        group="Governance",
        permission="people.file",
        also=("people:file", "people:mine", "posts:list", "papers:list", *also("posts"), *also("papers")),
    ),
    NavEntry(
        label="Policies",
        url_name="policies:list",
        icon="journal-text",
        order=53,
        group="Governance",
        permission="governance.see",
        also=("policies:mine", "policies:read", *also("policies")),
    ),
    NavEntry(
        label="Risks",
        url_name="risks:list",
        icon="shield-exclamation",
        order=54,
        group="Governance",
        permission="governance.see",
        also=also("risks"),
    ),
)


def join() -> None:
    """Join everything; called once by site/wiring.py."""
    addressees.use(
        Directory(
            person=lambda person_id: _addressee(accounts.person(person_id)),
            managers=lambda: [
                found
                for one in accounts.people_with_role(Role.REGISTERED_MANAGER)
                if (found := _addressee(one)) is not None
            ],
            names=accounts.names,
        )
    )
    _duty_kinds()
    learning.join()
    for entry in ENTRIES:
        slots.register_nav(entry)
    slots.register_bell(_bell)
