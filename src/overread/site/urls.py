"""Addresses: each area's urls module under its place."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, include, path

from overread.site.settings import PACKAGE

# place -> urls module; an area that has pages is listed here once.
PLACES: tuple[tuple[str, str], ...] = (
    ("", "overread.foundation.accounts.urls"),
    ("", "overread.foundation.ui.urls"),
    ("", "overread.foundation.clients.urls"),
    ("", "overread.governance.credentials.urls"),
    ("", "overread.governance.equipment.urls"),
    ("", "overread.governance.inspection.urls"),
    ("", "overread.journey.agreement.urls"),
    ("", "overread.journey.case.urls"),
    ("", "overread.journey.reception.urls"),
    ("", "overread.journey.referral.urls"),
    ("", "overread.journey.allocation.urls"),
    ("", "overread.journey.reading.urls"),
    ("", "overread.journey.reporting.urls"),
    ("", "overread.journey.escalation.urls"),
    ("", "overread.journey.delivery.urls"),
    ("", "overread.journey.review.urls"),
    ("", "overread.journey.review.urls.appointments"),
    ("", "overread.edge.viewer.urls"),
    ("", "overread.edge.intake.urls"),
    ("", "overread.governance.risks.urls"),
    ("", "overread.governance.people.urls"),
    ("", "overread.governance.policies.urls"),
    ("", "overread.governance.training.urls"),
    ("", "overread.governance.incidents.urls"),
    ("", "overread.governance.complaints.urls"),
    ("", "overread.governance.findings.urls"),
    ("", "overread.governance.improvements.urls"),
    ("", "overread.site.health"),
    ("", "overread.site.duties"),
    ("", "overread.site.policy"),
    ("", "overread.site.shell"),
    ("", "overread.site.interface"),
)


def _exists(dotted: str) -> bool:
    base = PACKAGE.parent.joinpath(*dotted.split("."))
    return base.with_suffix(".py").exists() or (base / "__init__.py").exists()


def _patterns() -> Iterator[URLPattern | URLResolver]:
    for place, module in PLACES:
        if _exists(module):
            yield path(place, include(module))


urlpatterns = list(_patterns())

handler400 = "overread.foundation.ui.errors.bad_request"
handler403 = "overread.foundation.ui.errors.not_allowed"
handler404 = "overread.foundation.ui.errors.not_found"
handler500 = "overread.foundation.ui.errors.server_error"
