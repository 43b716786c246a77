"""Deadlines and bank holidays. A deadline is a row with an indexed due time, never a sleeping process (DESIGN 3, Time).

Deadlines are on the global list: the sweeper works over all clients. `client_id` says whose scope is opened to fire.
"""

import uuid

from django.db import models
from django.db.models import Q

from overread.foundation.clock.rules import DeadlineState, Nation, StepKind


class Deadline(models.Model):
    """A time by which something must have happened, or at which something must happen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    client_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    due_at = models.DateTimeField()
    next_try_at = models.DateTimeField()  # equals due_at until firing has failed
    state = models.CharField(
        max_length=10, default=DeadlineState.WAITING.value, choices=[(s.value, s.value) for s in DeadlineState]
    )
    failures = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    set_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clock_deadline"
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="clock_deadline_due"),
            models.Index(fields=["fired_at"], condition=Q(state="fired"), name="clock_deadline_fired"),
            models.Index(fields=["subject_id", "kind"], name="clock_deadline_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=Q(state__in=["waiting", "stuck"]),
                name="clock_deadline_one_live",
            )
        ]


class BankHoliday(models.Model):
    """A day on which a nation does not work; seeded by a migration, corrected by the provider."""

    nation = models.CharField(max_length=20, choices=[(n.value, n.value) for n in Nation])
    day = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        db_table = "clock_bank_holiday"
        constraints = [models.UniqueConstraint(fields=["nation", "day"], name="clock_bank_holiday_day")]


STEPS = [(s.value, s.value) for s in StepKind]


class Duty(models.Model):
    """What a person must do by a time. One that is late is told to its owner, then to the manager, until it is done.

    `title` is shown on pages, in mails and in calendars: it names staff and numbers of the registers, never a patient.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    owner_id = models.UUIDField(null=True)  # people are kept above the clock, so this is an id and no relation
    title = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    client_id = models.UUIDField(null=True)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    next_step = models.CharField(max_length=10, choices=STEPS)
    next_step_at = models.DateTimeField()
    next_days = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "clock_duty"
        indexes = [models.Index(fields=["owner_id", "due_at"], condition=Q(ended_at=None), name="clock_duty_owner")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"], condition=Q(ended_at=None), name="clock_duty_one_live"
            )
        ]


class DutyNotice(models.Model):
    """That a person was to be told of a duty, why, and what came of the mail: the daily log of what is overdue."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    step = models.CharField(max_length=10, choices=STEPS)
    at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=10, default="")
    detail = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "clock_duty_notice"
        indexes = [models.Index(fields=["person_id"], condition=Q(mailed_at=None), name="clock_notice_open")]


class CalendarFeed(models.Model):
    """A secret address at which a person's calendar reads their duties; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person_id = models.UUIDField()
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clock_calendar_feed"
