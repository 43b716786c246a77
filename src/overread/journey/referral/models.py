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
    added_at = models.DateTimeField()

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
