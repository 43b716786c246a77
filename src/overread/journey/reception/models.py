"""Rows of reception: what arrived, what is held, what stands in quarantine, and what was turned away."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow, ProviderRow


class JournalPosition(ProviderRow):
    """How far a segment of the reception journal has been taken into the archive; moved in the same transaction."""

    segment = models.CharField(max_length=200, unique=True)
    offset = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField()


class Refusal(ProviderRow):
    """Associations and requests that were refused at the door; one row per peer, reason and hour, with a count."""

    calling_aet = models.CharField(max_length=64, default="", blank=True)
    address = models.CharField(max_length=64, default="", blank=True)
    reason = models.CharField(max_length=40)
    hour = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta(ProviderRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "calling_aet", "address", "reason"], name="reception_refusal_per_hour"
            )
        ]
        indexes = [models.Index(fields=["-last_at"], name="reception_refusal_newest")]


class Expected(PatientRow):
    """What an accepted referral says of the images to come: the birth date that decides about age, and their number."""

    referral_id = models.UUIDField()
    accession = models.CharField(max_length=64, default="", blank=True)
    identifier = models.CharField(max_length=64, default="", blank=True)
    issuer = models.CharField(max_length=64, default="", blank=True)
    birth_date = models.DateField(null=True)
    images = models.PositiveIntegerField(null=True)
    expected_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        verbose_name_plural = "expected"
        constraints = [models.UniqueConstraint(fields=["client", "referral_id"], name="reception_expected_once")]
        indexes = [
            models.Index(fields=["client", "accession"], name="reception_by_accession"),
            models.Index(fields=["client", "identifier"], name="reception_by_identifier"),
        ]


class Arrival(PatientRow):
    """The arrival of a study: receiving, then complete; images after that are late.

    `with_case_at` says since when the study is part of a case in any role; empty while it waits for its referral, so that
    what waits is counted by an index, however many studies ever came (H28).
    """

    study = models.ForeignKey("archive.Study", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default="receiving")
    declared_images = models.PositiveIntegerField(null=True)
    declared_by = models.CharField(max_length=20, default="", blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    completed_by = models.CharField(max_length=20, default="", blank=True)
    images_at_completion = models.PositiveIntegerField(default=0)
    short = models.BooleanField(default=False)
    with_case_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "study"], name="reception_arrival_once")]
        indexes = [
            models.Index(fields=["client", "state", "last_at"], name="reception_arrival_by_state"),
            models.Index(
                fields=["client", "-first_at"],
                condition=models.Q(with_case_at__isnull=True),
                name="reception_arrival_waits",
            ),
        ]


class Hold(PatientRow):
    """A study that may not go on until a person decides; its objects are stored, and not in the archive."""

    study_uid = models.CharField(max_length=64)
    reason = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default="open")
    identifier = models.CharField(max_length=64, default="", blank=True)
    issuer = models.CharField(max_length=64, default="", blank=True)
    patient_name = models.CharField(max_length=330, default="", blank=True)
    sex = models.CharField(max_length=1, default="", blank=True)
    birth_date = models.DateField(null=True)
    age_text = models.CharField(max_length=8, default="", blank=True)
    study_date = models.DateField(null=True)
    accession = models.CharField(max_length=64, default="", blank=True)
    modality = models.CharField(max_length=16, default="", blank=True)
    description = models.CharField(max_length=200, default="", blank=True)
    source = models.CharField(max_length=80, default="", blank=True)
    image_count = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=80, default="", blank=True)
    resolution = models.CharField(max_length=20, default="", blank=True)
    given_birth_date = models.DateField(null=True)
    note = models.TextField(default="", blank=True)
    purged_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["client", "study_uid"], condition=models.Q(state="open"), name="reception_one_open_hold"
            )
        ]
        indexes = [models.Index(fields=["client", "state", "opened_at"], name="reception_hold_by_state")]


class HeldObject(PatientRow):
    """One object of a held study, as it was read; its bytes lie in the blob store until release or return."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="objects_held")
    sop_uid = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    length = models.BigIntegerField()
    facts = models.JSONField()
    received_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "hold", "sop_uid"], name="reception_held_once")]


class Quarantined(PatientRow):
    """One object that is kept apart: damaged, unsupported, or another version of one that we already have (H24)."""

    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=300, default="", blank=True)
    study_uid = models.CharField(max_length=64, default="", blank=True)
    series_uid = models.CharField(max_length=64, default="", blank=True)
    sop_uid = models.CharField(max_length=64, default="", blank=True)
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    length = models.BigIntegerField()
    facts = models.JSONField(default=dict)
    source = models.CharField(max_length=80, default="", blank=True)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, default="open")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=80, default="", blank=True)
    note = models.TextField(default="", blank=True)

    class Meta(PatientRow.Meta):
        abstract = False
        verbose_name_plural = "quarantined"
        constraints = [
            models.UniqueConstraint(fields=["client", "sop_uid", "sha256"], name="reception_quarantine_once")
        ]
        indexes = [models.Index(fields=["client", "state", "-received_at"], name="reception_quarantine_state")]


class Upload(PatientRow):
    """One sitting of a person who sent files in a browser, or of a gateway; its receipt lists every file."""

    person_id = models.UUIDField(null=True)
    sender = models.CharField(max_length=80)
    state = models.CharField(max_length=12, default="open")
    reference = models.CharField(max_length=100, default="", blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    announced = models.PositiveIntegerField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["client", "-started_at"], name="reception_upload_newest")]


class UploadedFile(PatientRow):
    """What became of one file of an upload: stored, duplicate or refused with its reason."""

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="files")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    outcome = models.CharField(max_length=12)
    reason = models.CharField(max_length=300, default="", blank=True)
    study_uid = models.CharField(max_length=64, default="", blank=True)
    sop_uid = models.CharField(max_length=64, default="", blank=True)
    sha256 = models.CharField(max_length=64, default="", blank=True)
    length = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "upload", "number"], name="reception_upload_number")]
