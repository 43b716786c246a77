"""Rows of inspection: packs that were asked for, and what became of each. Neither ever changes."""

from django.db import models

from overread.foundation.tenancy.bases import ProviderRow


class Pack(ProviderRow):
    """A pack that was asked for: its period and from where it looks."""

    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    as_at = models.DateTimeField()
    known_by = models.DateTimeField()
    edition = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["asked_at"], name="inspection_pack_asked")]


class PackFile(ProviderRow):
    """What was built: the archive in the store, and the hash by which two packs are the same.

    `content_sha256` is that of the canonical JSON; the archive's own hash also covers the PDF, which may differ.
    """

    pack = models.OneToOneField(Pack, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    length = models.PositiveBigIntegerField()
    content_sha256 = models.CharField(max_length=64)
    facts = models.PositiveIntegerField()
    gaps = models.PositiveIntegerField()
    built_at = models.DateTimeField()

    class Meta(ProviderRow.Meta):
        abstract = False
