"""What an inspector may be shown about delivery: each report's way to the client, sent, accepted and opened apart."""

from datetime import datetime

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.journey.delivery.models import Delivery


def _by(moment: datetime | None, until: datetime) -> datetime | None:
    return moment if moment and moment <= until else None


@evidence(
    "delivery.deliveries", title="Reports delivered", topics=("pathways", "partnerships"), regulations=("12", "17")
)
def deliveries(asked: Asked) -> Found:
    """Every delivery begun in the period, as it stood: what was sent and never accepted is a gap (REQ-32)."""
    begun = Delivery.objects.filter(made_at__gte=asked.from_at, made_at__lt=asked.to_at, made_at__lte=asked.until)
    rows: list[tuple[Cell, ...]] = []
    open_ones = 0
    values = begun.order_by("made_at", "id").values_list(
        "case__number", "report__number", "channel", "made_at", "sent_at", "accepted_at", "opened_at"
    )
    for number, version, channel, made, sent, accepted, opened in values:
        had = _by(accepted, asked.until) or _by(opened, asked.until)
        open_ones += had is None
        rows.append((number, version, channel, made, _by(sent, asked.until), had, _by(opened, asked.until)))
    return Found(
        headline=f"{len(rows) - open_ones} of {len(rows)} accepted",
        columns=("Case", "Version", "Channel", "Begun", "Sent", "Accepted", "Opened"),
        rows=tuple(rows),
        gaps=(f"{open_ones} not accepted by the client's side",) if open_ones else (),
        good="Every report is accepted by the client's side, and what is not is on a person's list within the hour.",
        **spread(r[3] for r in rows),
    )
