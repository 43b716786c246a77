"""Draws, reviews with their grades and answers, bundles without identity, and appointments of external reviewers."""

from django.db import models

from overread.foundation.registers.rows import RegisterRow
from overread.foundation.tenancy.bases import PatientRow, ProviderRow


def _person(null: bool = False) -> models.ForeignKey:
    return models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=null)


class Draw(ProviderRow):
    """One drawing of a sample: all that anybody needs to draw it again. Never changed."""

    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    seed = models.CharField(max_length=64)
    percent = models.PositiveSmallIntegerField()
    least = models.PositiveSmallIntegerField()
    external_percent = models.PositiveSmallIntegerField()
    candidates = models.PositiveIntegerField()
    candidates_sha256 = models.CharField(max_length=64)
    chosen = models.PositiveIntegerField()
    chosen_sha256 = models.CharField(max_length=64)
    drawn_at = models.DateTimeField()
    drawn_by = models.CharField(max_length=80)

    class Meta(ProviderRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["from_at", "to_at"], name="review_draw_once")]


class Review(PatientRow):
    """One report under review."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey("reporting.ReportVersion", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("case.Case", on_delete=models.PROTECT, related_name="+")
    read_id = models.UUIDField(null=True)
    author = _person()
    modality = models.CharField(max_length=16)
    outside = models.BooleanField()
    reviewer = _person(null=True)
    opened_at = models.DateTimeField()
    incident = models.UUIDField(null=True)
    alert = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "report"], name="review_report_once")]


class Grade(PatientRow):
    """One judgement of one step. Never changed."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=12)
    grader = _person()
    uk = models.PositiveSmallIntegerField()
    radpeer = models.CharField(max_length=2)
    cause = models.CharField(max_length=20, default="", blank=True)
    comment = models.TextField(default="", blank=True)
    at = models.DateTimeField()
    bundle = models.UUIDField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "review", "act"], name="review_grade_once")]


class Reflection(PatientRow):
    """What the author says to a serious difference. Never changed."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="+")
    author = _person()
    accepts = models.BooleanField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "review"], name="review_reflection_once")]


class Bundle(ProviderRow):
    """What one external reviewer may see of one report: nothing here names a patient, a client or an author."""

    code = models.CharField(max_length=20, unique=True)
    review_id = models.UUIDField()
    of_client = models.UUIDField()
    act = models.CharField(max_length=12)
    reviewer = _person()
    state = models.CharField(max_length=12)
    secret = models.CharField(max_length=64)
    question = models.TextField(default="", blank=True)
    text = models.TextField(default="", blank=True)
    earlier = models.TextField(default="", blank=True)
    key = models.CharField(max_length=120, default="", blank=True)
    length = models.PositiveBigIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    checked_by = _person(null=True)
    released_at = models.DateTimeField(null=True)
    uk = models.PositiveSmallIntegerField(null=True)
    radpeer = models.CharField(max_length=2, default="", blank=True)
    cause = models.CharField(max_length=20, default="", blank=True)
    comment = models.TextField(default="", blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(ProviderRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["review_id", "act"],
                condition=~models.Q(state="withdrawn"),
                name="review_bundle_once",
            )
        ]


class Appointment(RegisterRow):
    """One version of the appointment of an external reviewer: who, by which registration, for how long."""

    person = _person()
    body = models.CharField(max_length=10)
    registration = models.CharField(max_length=20)
    checked_on = models.DateField()
    speciality = models.CharField(max_length=160)
    agreement = models.CharField(max_length=200)
    begins_on = models.DateField()
    ends_on = models.DateField()

    class Meta(RegisterRow.Meta):
        abstract = False
