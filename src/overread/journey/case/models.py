"""Rows of the spine: a case, its reads, its studies, its clocks and their pauses."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow, ProviderRow


class CaseCounter(ProviderRow):
    """The last case number given out in a year."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)


class Case(PatientRow):
    """One piece of work: a referral, its studies, its clocks, its reads.

    `received_at`, `due_at` and `accepted_at` are those of the newest clock. `referral_id` names a row of a later
    stage, so it is no foreign key. `region` and the field of view are those of a dental volume; `original_case_id`
    is the case whose report a second opinion or a review is about, when this provider wrote it.
    """

    number = models.CharField(max_length=16)
    state = models.CharField(max_length=20)
    held_from = models.CharField(max_length=20, default="", blank=True)
    held_reason = models.CharField(max_length=200, default="", blank=True)
    priority = models.CharField(max_length=12, default="routine")
    read_type = models.CharField(max_length=20, default="primary")
    referral_id = models.UUIDField(null=True, db_index=True)
    referral_number = models.CharField(max_length=20, default="", blank=True)
    patient = models.ForeignKey("patient.Patient", on_delete=models.PROTECT, related_name="+", null=True)
    site = models.ForeignKey("clients.Site", on_delete=models.PROTECT, related_name="+", null=True)
    modality = models.CharField(max_length=16, default="", blank=True)
    body_part = models.CharField(max_length=64, default="", blank=True)
    procedure = models.CharField(max_length=200, default="", blank=True)
    laterality = models.CharField(max_length=1, default="", blank=True)
    region = models.CharField(max_length=40, default="", blank=True)
    field_diameter_mm = models.PositiveSmallIntegerField(null=True)
    field_height_mm = models.PositiveSmallIntegerField(null=True)
    original_case_id = models.UUIDField(null=True)
    question = models.TextField(default="", blank=True)
    accession = models.CharField(max_length=64, default="", blank=True)
    opened_at = models.DateTimeField()
    acquired_at = models.DateTimeField(null=True)
    images_complete_at = models.DateTimeField(null=True)
    referral_accepted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    allowance_minutes = models.PositiveIntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    incomplete = models.BooleanField(default=False)
    late_images = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="case_case_number")]
        indexes = [
            models.Index(fields=["client", "state", "due_at"], name="case_by_state_due"),
            models.Index(fields=["client", "-opened_at"], name="case_by_opened"),
            models.Index(fields=["client", "accession"], name="case_by_accession"),
        ]


class Read(PatientRow):
    """One reader's turn on a case; the claim itself is kept by allocation."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reads")
    kind = models.CharField(max_length=12, default="first")
    state = models.CharField(max_length=12, default="waiting")
    reader = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    opened_at = models.DateTimeField()
    available_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(PatientRow.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["client", "state", "due_at"], name="case_read_by_due"),
            models.Index(fields=["reader", "state"], name="case_read_by_reader"),
        ]


class CaseStudy(PatientRow):
    """A study's part in a case; its description is a copy, kept up to date by the stage that receives images."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="studies")
    study = models.ForeignKey("archive.Study", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, default="current")
    description = models.CharField(max_length=200, default="", blank=True)
    modalities = models.CharField(max_length=64, default="", blank=True)
    study_date = models.DateField(null=True)
    series_count = models.PositiveIntegerField(default=0)
    image_count = models.PositiveIntegerField(default=0)
    image_set_sha256 = models.CharField(max_length=64, default="", blank=True)
    complete_at = models.DateTimeField(null=True)
    attached_at = models.DateTimeField()
    detached_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["client", "case", "study"],
                condition=models.Q(detached_at__isnull=True),
                name="case_study_once",
            )
        ]
        indexes = [models.Index(fields=["client", "study"], name="case_by_study")]


class Clock(PatientRow):
    """A turnaround clock. Late images open another; none is ever moved (DESIGN 1, clocks)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    number = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=20, default="received")
    received_at = models.DateTimeField()
    allowance_minutes = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "case", "number"], name="case_clock_number")]


class ClockPause(PatientRow):
    """A time during which a clock stood still, with the agreed reason for it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=40)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["client", "case"], condition=models.Q(to_at__isnull=True), name="case_one_open_pause"
            ),
            models.CheckConstraint(
                condition=models.Q(to_at__isnull=True) | models.Q(to_at__gte=models.F("from_at")),
                name="case_pause_forward",
            ),
        ]
