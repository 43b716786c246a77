"""Watchdog duties: alerts that lost their next step, and the ledger's daily anchor."""

import logging

from overread.foundation.ledger.sealer import write_anchor
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Conflict
from overread.journey.escalation import actions, queries
from overread.site import places

log = logging.getLogger(__name__)
WATCHDOG = Actor.system("watchdog")


def watch_alerts() -> None:
    """Every open alert has a next step that is not overdue; one that has not is given one, and that is a fault."""
    with open_scope(Scope.everything(), opened_by="worker"):
        stalled = queries.stalled()
    for alert in stalled:
        log.error("an open alert had no next step", extra={"alert": str(alert.id)})
        with open_scope(Scope.client(alert.client_id), opened_by="worker"):
            try:
                actions.mend(actor=WATCHDOG, alert_id=alert.id)
            except Conflict:
                continue


def anchor_ledger() -> None:
    """Publish the heads of all chains outside the database."""
    write_anchor(places.anchors())
