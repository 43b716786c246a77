"""Versions of incidents. Never updated in place (foundation/history)."""

from django.db import models

from overread.foundation.registers.rows import RegisterRow


def _person(required: bool = False) -> models.ForeignKey:
    return models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=not required)


def _word() -> models.CharField:
    return models.CharField(max_length=20, default="", blank=True)


def _text() -> models.TextField:
    return models.TextField(default="", blank=True)


class Incident(RegisterRow):
    """One version of an incident, a near miss, or a piece of good care. It names a case, never a patient."""

    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    what = models.TextField()
    happened_at = models.DateTimeField()
    case_number = models.CharField(max_length=40, default="", blank=True)
    category = models.CharField(max_length=20)
    harm = models.CharField(max_length=20)
    at_once = _text()
    reported_at = models.DateTimeField()
    reporter = _person()
    distress = models.CharField(max_length=20)
    owner = _person()
    involved = _person()
    never_event = models.CharField(max_length=10)
    feedback_on = models.DateField(null=True)
    candour_by = _word()
    candour_told_on = models.DateField(null=True)
    candour_account = _text()
    candour_written_on = models.DateField(null=True)
    client_confirmed_on = models.DateField(null=True)
    notifiable = models.CharField(max_length=10)
    notified_on = models.DateField(null=True)
    response = _word()
    findings = _text()
    lessons = _text()
    shared_with = models.CharField(max_length=200, default="", blank=True)
    shared_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    closed_by = _person()

    class Meta(RegisterRow.Meta):
        abstract = False
