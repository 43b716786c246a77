"""Drafts, signed report versions, and the documents made from them."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class Draft(PatientRow):
    """What a reader is writing for one read. Bound to the read, never to what happens to be on screen (H20)."""

    read = models.ForeignKey("case.Read", on_delete=models.PROTECT, related_name="+")
    case_id = models.UUIDField()
    author = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    sections = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "read", "author"], name="reporting_draft_once")]


class ReportVersion(PatientRow):
    """A signed version. The database refuses to change or remove it (migrations/0002_guards).

    `adds_to` is the version that stood before it: an addendum adds to it, any other kind takes its place.
    """

    case = models.ForeignKey("case.Case", on_delete=models.PROTECT, related_name="+")
    read = models.ForeignKey("case.Read", on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=12)
    number = models.PositiveSmallIntegerField()
    adds_to = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    adds_to_sha256 = models.CharField(max_length=64, default="", blank=True)
    read_type = models.CharField(max_length=20, default="primary")
    correction_code = models.CharField(max_length=20, default="", blank=True)
    correction_reason = models.TextField(default="", blank=True)
    sections = models.JSONField()
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    image_set_sha256 = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    passed_gates = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    display = models.JSONField(null=True)
    alert_category = models.CharField(max_length=30, default="", blank=True)
    alert_finding = models.TextField(default="", blank=True)
    alert_side = models.CharField(max_length=10, default="", blank=True)
    signed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    signed_by_words = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    presence_id = models.UUIDField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "case", "number"], name="reporting_version_number")]


class ReportFile(PatientRow):
    """A document made from a signed version, by its place in the object store."""

    report = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    length = models.PositiveBigIntegerField()
    uid = models.CharField(max_length=64, default="", blank=True)
    made_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "report", "kind"], name="reporting_file_once")]


class AlertMark(PatientRow):
    """An alert has been raised for a case; the later stage that raises it says so, for the checks before signing."""

    case = models.ForeignKey("case.Case", on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "case"], name="reporting_alert_mark_once")]


class GateMark(PatientRow):
    """A version was signed although a soft gate was shut; it stays before the registered manager until they saw it."""

    report = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="+")
    case_id = models.UUIDField()
    gates = models.JSONField()
    signed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "report"], name="reporting_gate_mark_once")]
