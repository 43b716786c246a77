"""Rows of the archive: studies, series, instances, all keyed by (client, UID), never by UID alone (H23)."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class Study(PatientRow):
    """A study as a client sent it; the patient fields are those of its first image, unchanged."""

    uid = models.CharField(max_length=64)
    patient = models.ForeignKey("patient.Patient", on_delete=models.PROTECT, related_name="+", null=True)
    identifier = models.CharField(max_length=64, default="", blank=True)
    issuer = models.CharField(max_length=64, default="", blank=True)
    patient_name = models.CharField(max_length=330, default="", blank=True)
    birth_date = models.DateField(null=True)
    birth_date_given = models.BooleanField(default=False)
    sex = models.CharField(max_length=1, default="", blank=True)
    nhs_number = models.CharField(max_length=10, default="", blank=True)
    accession = models.CharField(max_length=64, default="", blank=True)
    study_date = models.DateField(null=True)
    acquired_at = models.DateTimeField(null=True)
    description = models.CharField(max_length=200, default="", blank=True)
    modalities = models.CharField(max_length=64, default="", blank=True)
    body_part = models.CharField(max_length=64, default="", blank=True)
    laterality = models.CharField(max_length=1, default="", blank=True)
    referrer = models.CharField(max_length=330, default="", blank=True)
    institution = models.CharField(max_length=200, default="", blank=True)
    source = models.CharField(max_length=80, default="", blank=True)
    declared_images = models.PositiveIntegerField(null=True)
    series_count = models.PositiveIntegerField(default=0)
    image_count = models.PositiveIntegerField(default=0)
    total_bytes = models.BigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "uid"], name="archive_study_uid")]
        indexes = [
            models.Index(fields=["client", "identifier", "issuer"], name="archive_by_identifier"),
            models.Index(fields=["client", "accession"], name="archive_by_accession"),
            models.Index(fields=["client", "nhs_number"], name="archive_by_nhs"),
            models.Index(fields=["client", "birth_date"], name="archive_by_birth"),
            models.Index(fields=["client", "-first_at"], name="archive_by_first"),
        ]


class Series(PatientRow):
    """A series of a study. The last three say how much of the patient its images show together (rules.extent)."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="series")
    uid = models.CharField(max_length=64)
    modality = models.CharField(max_length=16, default="", blank=True)
    number = models.IntegerField(null=True)
    description = models.CharField(max_length=200, default="", blank=True)
    body_part = models.CharField(max_length=64, default="", blank=True)
    laterality = models.CharField(max_length=1, default="", blank=True)
    declared_images = models.PositiveIntegerField(null=True)
    image_count = models.PositiveIntegerField(default=0)
    across_mm = models.FloatField(null=True)
    low_mm = models.FloatField(null=True)
    high_mm = models.FloatField(null=True)
    first_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["client", "study", "uid"], name="archive_series_uid")]


class Instance(PatientRow):
    """One stored object. Its bytes lie in the blob store under `key`; they never change, nor does this row."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="instances")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="instances")
    sop_uid = models.CharField(max_length=64)
    sop_class = models.CharField(max_length=64)
    number = models.IntegerField(null=True)
    transfer_syntax = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    length = models.BigIntegerField()
    rows = models.PositiveIntegerField(null=True)
    columns = models.PositiveIntegerField(null=True)
    frames = models.PositiveIntegerField(default=1)
    lossy = models.BooleanField(default=False)
    has_pixels = models.BooleanField(default=True)
    received_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "sop_uid"], name="archive_instance_uid")]
        indexes = [models.Index(fields=["client", "study", "series", "number"], name="archive_by_series")]
