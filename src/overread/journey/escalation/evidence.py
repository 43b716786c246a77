"""What an inspector may be shown about significant findings: each alert, and whether a named person took it in time."""

from datetime import datetime
from typing import Any

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.journey.escalation.models import Alert, Attempt
from overread.journey.escalation.rules import CATEGORY_WORDS


def _row(alert: dict[str, Any], attempts: int, until: datetime) -> tuple[Cell, ...]:
    closed = alert["closed_at"] if alert["closed_at"] and alert["closed_at"] <= until else None
    state = "open" if closed is None else "in time"
    if (closed or until) > alert["must_by"]:
        state = "late" if closed else "open and late"
    return (
        alert["number"],
        alert["case__number"],
        CATEGORY_WORDS[alert["category"]],
        alert["raised_at"],
        alert["must_by"],
        closed,
        alert["closed_by_role"] if closed else "",
        attempts,
        state,
    )


@evidence(
    "escalation.alerts",
    title="Significant findings acted on",
    topics=("pathways", "teamwork", "learning"),
    regulations=("12", "17"),
)
def alerts(asked: Asked) -> Found:
    """Every alert raised in the period: when it had to be taken, when it was, by somebody of which role (REQ-41)."""
    raised = Alert.objects.filter(
        raised_at__gte=asked.from_at, raised_at__lt=asked.to_at, raised_at__lte=asked.until
    ).order_by("raised_at", "number")
    held = list(
        raised.values("id", "number", "case__number", "category", "raised_at", "must_by", "closed_at", "closed_by_role")
    )
    counts: dict[Any, int] = {}
    made = Attempt.objects.filter(alert_id__in=[a["id"] for a in held], intent_at__lte=asked.until)
    for alert_id in made.values_list("alert_id", flat=True):
        counts[alert_id] = counts.get(alert_id, 0) + 1
    rows = tuple(_row(a, counts.get(a["id"], 0), asked.until) for a in held)
    in_time = sum(1 for r in rows if r[-1] == "in time")
    late = sum(1 for r in rows if r[-1] in {"late", "open and late"})
    return Found(
        headline=f"{in_time} of {len(rows)} taken in time by a named person",
        columns=("Alert", "Case", "Category", "Raised", "Must be taken by", "Taken", "By whom", "Attempts", "State"),
        rows=rows,
        gaps=(f"{late} alert{'s' if late != 1 else ''} later than allowed",) if late else (),
        good="Each significant finding is taken by a named person before its time runs out.",
        **spread(a["raised_at"] for a in held),
    )
