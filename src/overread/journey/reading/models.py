"""Key images, and which images were displayed to whom."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class KeyImage(PatientRow):
    """An image that a reader marked: the truth is instance, frame and window; the picture only shows it."""

    read = models.ForeignKey("case.Read", on_delete=models.PROTECT, related_name="+")
    case_id = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    sop_uid = models.CharField(max_length=64)
    frame = models.PositiveIntegerField(default=1)
    view = models.JSONField(default=dict)
    words = models.CharField(max_length=300, default="", blank=True)
    picture_key = models.CharField(max_length=120, default="", blank=True)
    picture_sha256 = models.CharField(max_length=64, default="", blank=True)
    picture_length = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "read", "number"], name="reading_key_image_number")]


class Displayed(PatientRow):
    """An instance that was displayed to a reader in the plane it was acquired in."""

    read = models.ForeignKey("case.Read", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    sop_uid = models.CharField(max_length=64)
    first_at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["client", "read", "person", "sop_uid"], name="reading_displayed_once")
        ]
