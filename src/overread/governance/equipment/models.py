"""Rows of equipment. Workstations and displays are versions of a register; tests, checks and seats are written once."""

import uuid

from django.db import models

from overread.foundation.history.rows import VersionedRow
from overread.foundation.tenancy.bases import ProviderRow


class Workstation(ProviderRow, VersionedRow):
    """A place to read at (REQ-24). Without an owner every reader may sit at it."""

    name = models.CharField(max_length=80)
    place = models.CharField(max_length=120, default="", blank=True)
    owner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(ProviderRow.Meta):
        abstract = False


class Display(ProviderRow, VersionedRow):
    """A display of a workstation (REQ-60); reports are read on diagnostic ones, the rest is for text."""

    workstation_id = models.UUIDField(db_index=True)
    make = models.CharField(max_length=60)
    model = models.CharField(max_length=60)
    serial = models.CharField(max_length=60)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    sensor = models.CharField(max_length=60, default="", blank=True)
    diagnostic = models.BooleanField(default=True)

    class Meta(ProviderRow.Meta):
        abstract = False


class DisplayTest(ProviderRow):
    """A measured test of a display: acceptance, periodic or full (REQ-60, REQ-62). Never changed, only followed by another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    display_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=12)
    tested_on = models.DateField()
    tested_by = models.CharField(max_length=120)
    lmax = models.FloatField()
    lmin = models.FloatField()
    gsdf_error = models.FloatField()
    uniformity = models.FloatField()
    ambient_lux = models.FloatField(null=True)
    result = models.CharField(max_length=10)
    faults = models.JSONField(default=list)
    words = models.CharField(max_length=500, default="", blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta(ProviderRow.Meta):
        abstract = False


class VisualCheck(ProviderRow):
    """A reader's look at the test pattern of a day, display by display, with what was answered (REQ-61)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workstation_id = models.UUIDField(db_index=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    at = models.DateTimeField()
    passed = models.BooleanField()
    answers = models.JSONField()
    faults = models.JSONField(default=list)
    words = models.CharField(max_length=500, default="", blank=True)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["day", "person"], name="equipment_check_day")]


class Device(ProviderRow):
    """A browser that was said to be a workstation's; only the hash of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workstation_id = models.UUIDField(db_index=True)
    sha256 = models.CharField(max_length=64, unique=True)
    words = models.CharField(max_length=120)
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(ProviderRow.Meta):
        abstract = False


class Seat(ProviderRow):
    """From when on a reader sat where; no workstation: at a browser that nobody has named."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    workstation_id = models.UUIDField(null=True)
    how = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "at"], name="equipment_seat_person")]
