"""What the provider learns from, joined: incidents, complaints, findings and actions in menu, duties and hourly comparison."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from overread.foundation.clock.kinds import register_duty_kind
from overread.foundation.ui import slots
from overread.foundation.ui.slots import NavEntry
from overread.governance.complaints import actions as complaints
from overread.governance.complaints import queries as complaint_queries
from overread.governance.complaints import rules as complaint_rules
from overread.governance.findings import actions as findings
from overread.governance.findings import queries as finding_queries
from overread.governance.findings import rules as finding_rules
from overread.governance.improvements import actions as improvements
from overread.governance.improvements import queries as improvement_queries
from overread.governance.improvements import rules as improvement_rules
from overread.governance.incidents import actions as incidents
from overread.governance.incidents import queries as incident_queries
from overread.governance.incidents import rules as incident_rules
from overread.site.origin import case_of

ARRANGE: tuple[Callable[..., Any], ...] = (
    incidents.arrange,
    complaints.arrange,
    findings.arrange,
    improvements.arrange,
)

_DUTIES: tuple[tuple[Mapping[str, str], str, Callable[[], Sequence[int]]], ...] = (
    (incident_rules.DUTIES, "incidents:entry", incident_queries.reminders),
    (complaint_rules.DUTIES, "complaints:entry", complaint_queries.reminders),
    (finding_rules.DUTIES, "findings:entry", finding_queries.reminders),
    (improvement_rules.DUTIES, "improvements:entry", improvement_queries.reminders),
)


def _register(label: str, name: str, icon: str, order: int) -> NavEntry:
    return NavEntry(
        label=label,
        url_name=f"{name}:list",
        icon=icon,
        order=order,
        group="Governance",
        permission="governance.see",
        also=tuple(f"{name}:{page}" for page in ("entry", "new", "change", "history", "import")),
    )


ENTRIES = (
    _register("Findings", "findings", "flag", 50),
    _register("Incidents", "incidents", "exclamation-diamond", 55),
    _register("Complaints", "complaints", "chat-left-text", 56),
    _register("Actions", "improvements", "list-check", 57),
    NavEntry(
        label="Report an incident",
        url_name="incidents:report",
        icon="megaphone",
        order=45,
        permission="incident.report",
    ),
)


def join() -> None:
    """Join everything; called once by site/registers.py."""
    for kinds, page, reminders in _DUTIES:
        for name, words in kinds.items():
            register_duty_kind(name, words, page, reminders)
    silence, reminders = "Ask everybody for near misses", incident_queries.reminders
    register_duty_kind(incident_rules.SILENCE, silence, "incidents:list", reminders, with_subject=False)
    incident_queries.know_cases(case_of)
    for entry in ENTRIES:
        slots.register_nav(entry)
