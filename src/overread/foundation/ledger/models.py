"""Rows of the ledger: entries, the seals that chain them, and the anchors of the chain's head."""

import uuid

from django.db import models


class Entry(models.Model):
    """One thing that was done. Holds ids, field names, hashes and counts; never names or clinical text."""

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client_id = models.UUIDField(null=True, db_index=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    verb = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=80, blank=True)
    case_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "ledger_entry"
        indexes = [
            models.Index(fields=["case_id", "id"], name="ledger_entry_case"),
            models.Index(fields=["subject_type", "subject_id"], name="ledger_entry_subject"),
            models.Index(fields=["verb", "at"], name="ledger_entry_verb"),
        ]


class Seal(models.Model):
    """An entry's place in its chain: number n holds SHA-256(hash of n-1, canonical entry)."""

    id = models.BigAutoField(primary_key=True)
    chain = models.CharField(max_length=40)
    number = models.PositiveBigIntegerField()
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_seal"
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="ledger_seal_number")]


class Anchor(models.Model):
    """The head of a chain as it was published outside; a cut tail shows against it."""

    id = models.BigAutoField(primary_key=True)
    chain = models.CharField(max_length=40)
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    place = models.CharField(max_length=200)

    class Meta:
        db_table = "ledger_anchor"
