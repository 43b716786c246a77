"""Deliveries and every attempt to make one."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class Delivery(PatientRow):
    """One report version on its way by one channel. Its client is frozen from the case (H06)."""

    report = models.ForeignKey("reporting.ReportVersion", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("case.Case", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=12)
    state = models.CharField(max_length=12, default="waiting")
    made_at = models.DateTimeField()
    release_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.CharField(max_length=200, default="", blank=True)
    remote_id = models.CharField(max_length=200, default="", blank=True)
    last_error = models.CharField(max_length=300, default="", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "report", "channel"], name="delivery_once")]
        indexes = [models.Index(fields=["client", "state"], name="delivery_by_state")]


class DeliveryAttempt(PatientRow):
    """One attempt: its intent is written before, its result after; no result means not sent."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    intent_at = models.DateTimeField()
    result_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=12, default="", blank=True)
    detail = models.CharField(max_length=300, default="", blank=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "delivery", "number"], name="delivery_attempt_number")]
