"""Referrals, their documents, and what people decided about matches."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class Referral(PatientRow):
    """A request for reporting, as the client wrote it."""

    number = models.CharField(max_length=20)
    state = models.CharField(max_length=20, default="accepted")
    read_type = models.CharField(max_length=20, default="primary")
    priority = models.CharField(max_length=12, default="routine")
    family = models.CharField(max_length=100)
    given = models.CharField(max_length=100, default="", blank=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, default="", blank=True)
    nhs_number = models.CharField(max_length=10, default="", blank=True)
    identifier = models.CharField(max_length=64, default="", blank=True)
    issuer = models.CharField(max_length=64, default="", blank=True)
    modality = models.CharField(max_length=8)
    procedure = models.CharField(max_length=200)
    body_part = models.CharField(max_length=64, default="", blank=True)
    laterality = models.CharField(max_length=1, default="", blank=True)
    question = models.TextField()
    history = models.TextField(default="", blank=True)
    referrer_name = models.CharField(max_length=200)
    referrer_contact = models.CharField(max_length=200, default="", blank=True)
    accession = models.CharField(max_length=64, default="", blank=True)
    images_expected = models.PositiveIntegerField(null=True, blank=True)
    received_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    patient_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    study_id = models.UUIDField(null=True)
    matched_at = models.DateTimeField(null=True)
    matched_how = models.CharField(max_length=12, default="", blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="referral_number_once")]
        indexes = [
            models.Index(fields=["client", "state", "study_id"], name="referral_waiting"),
            models.Index(fields=["client", "accession"], name="referral_by_accession"),
        ]


class Document(PatientRow):
    """A file that came with a referral; its bytes lie in the object store."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="documents")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    key = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    length = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=20, default="attachment")
    added_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False


class DentalRequest(PatientRow):
    """What a dental practice asks of a cone-beam volume, and how it was made (REQ-80)."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20)
    region = models.CharField(max_length=40)
    teeth = models.JSONField(default=list)
    deciduous_retained = models.BooleanField(default=False)
    field_diameter_mm = models.PositiveSmallIntegerField()
    field_height_mm = models.PositiveSmallIntegerField()
    voxel_mm = models.FloatField(null=True)
    scanner = models.CharField(max_length=100, default="", blank=True)
    dose_mgycm2 = models.FloatField(null=True)
    referrer_number = models.CharField(max_length=10)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "referral"], name="referral_dental_once")]


class Original(PatientRow):
    """The report that a second opinion or a review is about, as the client named it. It is never changed (REQ-40)."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20, default="", blank=True)
    author = models.CharField(max_length=200, default="", blank=True)
    organisation = models.CharField(max_length=200, default="", blank=True)
    written_on = models.DateField(null=True)
    words = models.TextField(default="", blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True)
    case_id = models.UUIDField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "referral"], name="referral_original_once")]


class MatchStep(PatientRow):
    """One step of the history of a referral's matches: matched or undone, with which study, by whom and why."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")
    study = models.ForeignKey("archive.Study", on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=12)
    how = models.CharField(max_length=12, default="", blank=True)
    reason = models.CharField(max_length=300, default="", blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["client", "referral", "at"], name="referral_match_steps")]


class ReferralCounter(PatientRow):
    """The last number of a client's referrals; its row is locked by whoever takes the next, until that is committed."""

    last = models.PositiveIntegerField(default=0)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client"], name="referral_counter_once")]


class Query(PatientRow):
    """A question about a case that somebody must answer; with a reason agreed for it, the clock stands meanwhile.

    `waits_for` says whose turn it is: client or provider. `paused_from` is when this query stopped the clock.
    """

    case = models.ForeignKey("case.Case", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=12, default="open")
    waits_for = models.CharField(max_length=12, default="client")
    reason = models.CharField(max_length=40, default="", blank=True)
    paused_from = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    turned_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "case", "number"], name="referral_query_number")]
        indexes = [models.Index(fields=["client", "state", "waits_for"], name="referral_query_open")]


class QueryMessage(PatientRow):
    """One message of the thread. It never changes."""

    query = models.ForeignKey(Query, on_delete=models.PROTECT, related_name="messages")
    side = models.CharField(max_length=12)
    by = models.CharField(max_length=80)
    by_words = models.CharField(max_length=200)
    at = models.DateTimeField()
    text = models.TextField()

    class Meta(PatientRow.Meta):
        abstract = False


class NotThis(PatientRow):
    """A person decided that a study does not belong to a referral."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")
    study = models.ForeignKey("archive.Study", on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "referral", "study"], name="referral_not_this_once")]
