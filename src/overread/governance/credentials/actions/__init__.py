"""Verbs of credentials, by subject: what is recorded, entry audits, overrides, reminders."""

from overread.governance.credentials.actions._versions import EXPIRY_KIND
from overread.governance.credentials.actions.audits import record_audit, release_reader
from overread.governance.credentials.actions.overrides import (
    OVERRIDE_KIND,
    override,
    override_ended,
    withdraw_override,
)
from overread.governance.credentials.actions.recording import (
    ENDABLE,
    MODALITIES,
    READ_TYPES,
    end,
    record_appraisal,
    record_dbs,
    record_indemnity,
    record_privilege,
    record_registration,
    record_revalidation,
)
from overread.governance.credentials.actions.reminders import remind

__all__ = [
    "ENDABLE",
    "EXPIRY_KIND",
    "MODALITIES",
    "OVERRIDE_KIND",
    "READ_TYPES",
    "end",
    "override",
    "override_ended",
    "record_appraisal",
    "record_audit",
    "record_dbs",
    "record_indemnity",
    "record_privilege",
    "record_registration",
    "record_revalidation",
    "release_reader",
    "remind",
    "withdraw_override",
]
