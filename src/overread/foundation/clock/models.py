"""Deadlines and bank holidays. A deadline is a row with an indexed due time, never a sleeping process (DESIGN 3, Time).

Deadlines are on the global list: the sweeper works over all clients. `client_id` says whose scope is opened to fire.
"""

import uuid

from django.db import models
from django.db.models import Q

from overread.foundation.clock.rules import DeadlineState, Nation


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
