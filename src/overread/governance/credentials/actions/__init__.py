"""Verbs of credentials, by subject: what is recorded, entry audits, certificates sent, overrides, duties."""

from overread.governance.credentials.actions.audits import record_audit, release_reader
from overread.governance.credentials.actions.duties import FOLLOWING, keep
from overread.governance.credentials.actions.evidence import add_evidence, see_evidence
from overread.governance.credentials.actions.overrides import (
    OVERRIDE_KIND,
    override,
    override_ended,
    withdraw_override,
)
from overread.governance.credentials.actions.recording import (
    ENDABLE,
    end,
    record_appraisal,
    record_dbs,
    record_indemnity,
    record_privilege,
    record_registration,
    record_revalidation,
)

__all__ = [
    "ENDABLE",
    "FOLLOWING",
    "OVERRIDE_KIND",
    "add_evidence",
    "end",
    "keep",
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
    "see_evidence",
    "withdraw_override",
]
