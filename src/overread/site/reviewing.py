"""Peer review, joined: who sees images, the menu, duties, the monthly draw, and the hourly look at who must do what."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from overread.foundation.clock.kinds import register_duty_kind
from overread.foundation.registers.rules import LONDON
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.ui import slots
from overread.foundation.ui.slots import NavEntry
from overread.foundation.work.actor import Actor
from overread.journey.reading import queries as reading
from overread.journey.review import actions, queries
from overread.journey.review.rules.steps import ACT_WORDS, Act

DRAWER = Actor.system("peer-review")


def last_month(at: datetime) -> tuple[datetime, datetime]:
    """The last whole month in London."""
    here = at.astimezone(LONDON).date().replace(day=1)
    before = (here - timedelta(days=1)).replace(day=1)
    return datetime.combine(before, time(), LONDON), datetime.combine(here, time(), LONDON)


def draw_last_month() -> None:
    """Draw the sample of the month that has ended, once; a month without reports is drawn when it has some: never."""
    from_at, to_at = last_month(timezone.now())
    with open_scope(Scope.everything(), opened_by="worker"):
        if not queries.is_drawn(from_at, to_at) and queries.candidates(from_at, to_at):
            actions.draw(actor=DRAWER, from_at=from_at, to_at=to_at)


def follow_all() -> None:
    """Look at every open review again: people leave, appointments end, reports are corrected."""
    with open_scope(Scope.everything(), opened_by="worker"):
        held = [(view.client_id, view.id) for view in queries.open_reviews()]
    for client_id, review_id in held:
        with open_scope(Scope.client(client_id), opened_by="worker"):
            actions.follow(actor=DRAWER, review_id=review_id)


def _reminders() -> tuple[int, ...]:
    return (thresholds.whole("incident.reminder"),)


ENTRIES = (
    NavEntry(
        label="Peer review",
        url_name="review:list",
        icon="clipboard-data",
        order=46,
        permission="worklist.read",
        also=(
            "review:one",
            "review:draw",
            "review:profile",
            "review:bundle",
            "appointments:list",
            "appointments:entry",
        ),
    ),
    NavEntry(
        label="To judge",
        url_name="review:outside",
        icon="inbox",
        order=10,
        permission="review.external",
        also=("review:outside_one",),
    ),
)


def join() -> None:
    """Join everything; called once by site/wiring.py."""
    for act in Act:
        register_duty_kind(f"review.{act}", ACT_WORDS[act], "review:one", _reminders)
    register_duty_kind(actions.RELEASE, "Look at a bundle before it leaves", "review:bundle", _reminders)
    register_duty_kind(actions.OUTSIDE, "Judge a report", "review:outside_one", _reminders)
    register_duty_kind("review.appointment", "Renew or end an appointment", "appointments:entry", _reminders)
    reading.grant_images(queries.may_see_images)
    for entry in ENTRIES:
        slots.register_nav(entry)
    slots.register_home("external_reviewer", "review:outside", 46)
