"""The job rows: one per thing to be done later. The outbox is these rows: one per later event and reaction.

A job belongs to no tenant's query: the worker serves all clients, and opens the job's own scope before its handler
runs. `client_id` says whose scope that is; it is a plain column, because this table is on the global list.
"""

from django.db import models
from django.db.models import Q

from overread.foundation.work.rules import JobState


class Job(models.Model):
    """One piece of background work. Arguments hold ids and counts, never names or clinical text."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    client_id = models.UUIDField(null=True)
    order_key = models.CharField(max_length=200, blank=True, default="")
    dedup_key = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(
        max_length=10, default=JobState.READY.value, choices=[(s.value, s.value) for s in JobState]
    )
    run_after = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField()
    deaths = models.PositiveIntegerField(default=0)  # workers that died, or hung, while they had it
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True, default="")
    last_error = models.TextField(blank=True, default="")
    result = models.JSONField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "work_job"
        indexes = [
            models.Index(fields=["run_after", "id"], condition=Q(state="ready"), name="work_job_ready"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="work_job_leases"),
            models.Index(
                fields=["order_key", "id"],
                condition=Q(state__in=["ready", "running"]) & ~Q(order_key=""),
                name="work_job_order",
            ),
            models.Index(fields=["finished_at"], condition=Q(state="done"), name="work_job_done"),
            models.Index(fields=["-created_at"], condition=Q(state="failed"), name="work_job_failed"),
        ]
        constraints = [
            # Two workers that read the same moment cannot both run jobs of one order key.
            models.UniqueConstraint(
                fields=["order_key"], condition=Q(state="running") & ~Q(order_key=""), name="work_job_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["dedup_key"], condition=Q(state="ready") & ~Q(dedup_key=""), name="work_job_waits_once"
            ),
        ]


class Turn(models.Model):
    """Whose turn it is at a periodic duty that only one worker of all machines may do at a time."""

    duty = models.CharField(primary_key=True, max_length=100)
    next_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    last_done_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        db_table = "work_turn"
