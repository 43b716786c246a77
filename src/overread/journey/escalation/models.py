"""Alerts, the attempts to tell somebody, and the one-time links."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class Alert(PatientRow):
    """A significant finding that a named person must acknowledge. It can exist before any text (DESIGN 1)."""

    number = models.CharField(max_length=20)
    case = models.ForeignKey("case.Case", on_delete=models.PROTECT, related_name="+")
    read_id = models.UUIDField(null=True)
    report_id = models.UUIDField(null=True)
    category = models.CharField(max_length=30)
    finding = models.TextField()
    side = models.CharField(max_length=20, default="", blank=True)
    raised_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    must_by = models.DateTimeField()
    state = models.CharField(max_length=20, default="open")
    rung = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1)
    next_step_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=200, default="", blank=True)
    closed_by_role = models.CharField(max_length=200, default="", blank=True)
    closed_by_person = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_how = models.CharField(max_length=30, default="", blank=True)
    read_back = models.TextField(default="", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="escalation_alert_number")]
        indexes = [
            models.Index(fields=["client", "state", "must_by"], name="escalation_alert_open"),
            models.Index(fields=["case"], name="escalation_alert_case"),
        ]


class Attempt(PatientRow):
    """One attempt to tell one contact: written before it is made, its result after. No result means not sent."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="attempts")
    rung = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField()
    contact_id = models.UUIDField()
    contact_name = models.CharField(max_length=200)
    contact_role = models.CharField(max_length=200, default="", blank=True)
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=254, default="", blank=True)
    intent_at = models.DateTimeField()
    result_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=20, default="", blank=True)
    detail = models.CharField(max_length=300, default="", blank=True)
    remote_id = models.CharField(max_length=200, default="", blank=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["client", "alert", "round", "rung", "channel"], name="escalation_attempt_once"
            )
        ]


class Link(PatientRow):
    """A one-time link to acknowledge an alert without an account; only hashes of token and code are kept."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="links")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)

    class Meta(PatientRow.Meta):
        abstract = False
