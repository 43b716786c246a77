"""The only place that joins what does not know each other: reactions, channels, duties, scope doors, slots."""

from overread.edge.intake.pages import record_in
from overread.foundation.accounts.entitlement import register_clients
from overread.foundation.accounts.housekeeping import forget_old
from overread.foundation.blobs.current import use
from overread.foundation.clients import queries as clients
from overread.foundation.clock import reactions as clock_reactions
from overread.foundation.clock import sweeper
from overread.foundation.clock.kinds import register_kind
from overread.foundation.ledger.sealer import seal_once
from overread.foundation.tenancy.scope import allow_openers
from overread.foundation.work import engine
from overread.foundation.work.duties import register_duty
from overread.foundation.work.reactions import on
from overread.governance.complaints import evidence as complaints_evidence
from overread.governance.credentials import evidence as credentials_evidence
from overread.governance.credentials import reactions as credentials_reactions
from overread.governance.equipment import evidence as equipment_evidence
from overread.governance.findings import evidence as findings_evidence
from overread.governance.improvements import evidence as improvements_evidence
from overread.governance.incidents import evidence as incidents_evidence
from overread.governance.inspection import evidence as inspection_evidence
from overread.governance.inspection.events import PackAsked
from overread.governance.people import evidence as people_evidence
from overread.governance.policies import evidence as policies_evidence
from overread.governance.risks import evidence as risks_evidence
from overread.governance.training import evidence as training_evidence
from overread.journey.allocation import queries as allocation
from overread.journey.allocation import reactions as allocation_reactions
from overread.journey.case import evidence as case_evidence
from overread.journey.case import reactions as case_reactions
from overread.journey.delivery import evidence as delivery_evidence
from overread.journey.delivery import reactions as delivery_reactions
from overread.journey.escalation import evidence as escalation_evidence
from overread.journey.escalation import reactions as escalation_reactions
from overread.journey.reception import reactions as reception_reactions
from overread.journey.reception.events import StudyReturned
from overread.journey.referral import evidence as referral_evidence
from overread.journey.referral import reactions as referral_reactions
from overread.journey.reporting import evidence as reporting_evidence
from overread.journey.reporting import queries as reporting
from overread.journey.reporting import reactions as reporting_reactions
from overread.journey.review import evidence as review_evidence
from overread.journey.review import reactions as review_reactions
from overread.site import (
    beating,
    config,
    fitness,
    gate_bell,
    indexing,
    menu,
    packing,
    panels,
    places,
    registers,
    reviewing,
    stowing,
    telling,
    thresholds,
    watching,
    ways_out,
)

# The doors through which a scope may be opened (DESIGN 3, tenancy).
SCOPE_OPENERS = ("web", "token", "dicom", "mllp", "drop", "one-time-link", "worker", "command")


def _duties() -> None:
    """What the worker does again and again besides jobs."""
    register_duty("clock.sweep", 0.2, sweeper.fire_due)
    register_duty("clock.watch", 60.0, sweeper.watch)
    register_duty("ledger.seal", 0.5, seal_once)
    register_duty("reception.index", 0.2, indexing.index_once)
    register_duty("work.forget_done", 3600.0, engine.forget_done, alone=True)
    register_duty("clock.forget_ended", 3600.0, sweeper.forget_ended, alone=True)
    register_duty("registers.arrange", 3600.0, registers.arrange_all, alone=True)
    register_duty("review.draw", 3600.0, reviewing.draw_last_month, alone=True)
    register_duty("review.follow", 3600.0, reviewing.follow_all, alone=True)
    register_duty("accounts.forget", 3600.0, forget_old, alone=True)
    register_duty(beating.WATCH, beating.EVERY_SECONDS, watching.watch_alerts, alone=True)
    register_duty(beating.BEAT, beating.EVERY_SECONDS, beating.beat, alone=True)
    if config.data_dir() is not None:
        register_duty("ledger.anchor", 86_400.0, watching.anchor_ledger, alone=True)
        register_duty("thresholds.record", 60.0, thresholds.record_if_new, alone=True)


EVIDENCE = (
    credentials_evidence,
    equipment_evidence,
    inspection_evidence,
    people_evidence,
    policies_evidence,
    risks_evidence,
    training_evidence,
    findings_evidence,
    incidents_evidence,
    complaints_evidence,
    improvements_evidence,
    case_evidence,
    referral_evidence,
    reporting_evidence,
    escalation_evidence,
    delivery_evidence,
    review_evidence,
)
REACTIONS = (
    clock_reactions,
    credentials_reactions,
    case_reactions,
    reception_reactions,
    referral_reactions,
    allocation_reactions,
    reporting_reactions,
    escalation_reactions,
    delivery_reactions,
    review_reactions,
)


def _deadlines() -> None:
    """What is late when a deadline is, in words."""
    register_kind("clock.duty", "Next telling of somebody's duty")
    register_kind("clock.digest", "A mail about somebody's duties")
    register_kind("case.due", "Report due")
    register_kind("case.warning", "Warning before a report is due")
    register_kind("reception.quiet", "Whether a study has arrived whole")
    register_kind("credentials.override", "End of an override of a gate")
    register_kind("referral.query", "A question must have been answered")
    register_kind("allocation.lease", "A reader's claim")
    register_kind("escalation.rung", "Next step of an alert's ladder")
    register_kind("delivery.release", "A report may leave")
    register_kind("delivery.receipt", "A report must have been accepted")


def wire() -> None:
    """Join everything; called once by every process."""
    folder = config.data_dir()
    if folder is not None:
        thresholds.take(folder)
    allow_openers(SCOPE_OPENERS)
    allocation.register_signers(reporting.signers_of)
    register_clients(lambda: [(c.id, c.code, c.name) for c in clients.clients_active()])
    _duties()
    _deadlines()
    on(StudyReturned)(indexing.purge)
    on(PackAsked)(packing.build)
    menu.join()
    gate_bell.join()
    panels.join()
    registers.join()
    reviewing.join()
    fitness.join()
    telling.join()
    ways_out.join()
    if config.data_dir() is not None:
        use(places.store())
        record_in(stowing.journal)
