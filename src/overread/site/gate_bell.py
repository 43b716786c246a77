"""The bell of the registered manager: reports that were signed through a soft gate, until the manager has seen why."""

from django.http import HttpRequest
from django.urls import reverse

from overread.foundation.ui import slots
from overread.foundation.ui.values import BellItem
from overread.journey.reporting import queries as reports


def _marks(request: HttpRequest) -> list[BellItem]:
    if "registered_manager" not in slots.roles_of(request):
        return []
    return [
        BellItem(
            title="Signed through a gate",
            detail=f"{mark.signed_by_name}: {', '.join(g['heading'] for g in mark.gates)}",
            url=reverse("reporting:report", args=[mark.report_id]),
            state="warn",
        )
        for mark in reports.unseen_gate_marks()
    ]


def join() -> None:
    """Fill the bell; called once by site/wiring.py."""
    slots.register_bell(_marks)
