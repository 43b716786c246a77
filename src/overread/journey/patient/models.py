"""Rows of patient identity."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class Patient(PatientRow):
    """A person as one client knows them; keyed (client, issuer, identifier), never by identifier alone (H01, H23)."""

    issuer = models.CharField(max_length=64, default="", blank=True)
    identifier = models.CharField(max_length=64)
    family = models.CharField(max_length=200, default="", blank=True)
    given = models.CharField(max_length=200, default="", blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, default="", blank=True)
    nhs_number = models.CharField(max_length=10, default="", blank=True)
    registered_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "issuer", "identifier"], name="patient_patient_key")]
        indexes = [
            models.Index(fields=["client", "nhs_number"], name="patient_by_nhs"),
            models.Index(fields=["client", "family", "given"], name="patient_by_name"),
            models.Index(fields=["client", "birth_date"], name="patient_by_birth"),
        ]


class PatientLink(PatientRow):
    """Two records of one client that a person judged to be the same human; undone without loss (H25)."""

    first = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    evidence = models.TextField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    undone_by = models.CharField(max_length=80, default="", blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["client", "first", "second"],
                condition=models.Q(undone_at__isnull=True),
                name="patient_link_once",
            ),
            models.CheckConstraint(condition=~models.Q(first=models.F("second")), name="patient_link_two_records"),
        ]
