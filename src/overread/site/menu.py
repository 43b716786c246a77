"""The menu, the homes, the bell and the search of each role, joined in one place.

An entry whose page is not part of this installation is not shown, so the list may name pages of areas to come.
"""

from django.http import HttpRequest
from django.urls import reverse

from overread.foundation.ui import slots
from overread.foundation.ui.slots import NavEntry
from overread.foundation.ui.values import BellItem, ClockItem, Count
from overread.journey.case.queries import counts_by_state
from overread.journey.delivery import queries as delivery
from overread.journey.escalation import queries as escalation
from overread.journey.escalation.queries import AlertView
from overread.journey.reception import queries as reception
from overread.site import todo

OFFICE = frozenset({"administrator", "registered_manager"})
STAFF = frozenset(
    {"registered_manager", "clinical_lead", "radiologist", "administrator", "ig_lead", "safeguarding_lead"}
)
CLIENT = frozenset({"client_user", "client_administrator"})


def _open_alerts(request: HttpRequest) -> list[AlertView]:
    """Asked once per request for menu, bell and clock."""
    known: list[AlertView] | None = getattr(request, "_open_alerts", None)
    if known is None:
        known = escalation.open_alerts()
        request._open_alerts = known  # type: ignore[attr-defined]
    return known


def _alerts(request: HttpRequest) -> Count:
    return Count(number=len(_open_alerts(request)), hot=True)


def _to_read(_request: HttpRequest) -> int:
    states = counts_by_state()
    return states.get("ready", 0) + states.get("claimed", 0)


def _held(_request: HttpRequest) -> int:
    return reception.held_count() + reception.quarantined_count()


def _unmatched(_request: HttpRequest) -> int:
    return reception.without_case_count()


def _failed(_request: HttpRequest) -> Count:
    return Count(number=len(delivery.failed()), hot=True)


ENTRIES = (
    # who reads
    NavEntry(
        label="Worklist",
        url_name="allocation:worklist",
        icon="card-list",
        order=10,
        permission="worklist.read",
        count=_to_read,
        also=("reading:room", "reporting:sign"),
    ),
    # who runs the service
    NavEntry(
        label="Today", url_name="delivery:manager", icon="house", order=5, roles=frozenset({"registered_manager"})
    ),
    NavEntry(
        label="Today",
        url_name="delivery:today",
        icon="house",
        order=6,
        roles=frozenset({"administrator", "clinical_lead", "ig_lead", "safeguarding_lead"}),
        permission="case.see",
    ),
    NavEntry(
        label="Alerts",
        url_name="escalation:list",
        icon="bell",
        order=20,
        roles=STAFF,
        permission="case.see",
        count=_alerts,
        also=("escalation:detail",),
    ),
    NavEntry(
        label="Matching",
        url_name="referral:matching",
        icon="intersect",
        order=30,
        permission="referral.match",
        count=_unmatched,
        also=("referral:match",),
    ),
    NavEntry(
        label="Held",
        url_name="reception:held",
        icon="inbox",
        order=31,
        permission="hold.resolve",
        count=_held,
        also=("reception:hold", "reception:quarantined"),
    ),
    NavEntry(
        label="Deliveries",
        url_name="delivery:failed",
        icon="send",
        order=32,
        permission="delivery.resend",
        count=_failed,
    ),
    NavEntry(
        label="Cases",
        url_name="case:list",
        icon="folder2-open",
        order=40,
        roles=STAFF,
        permission="case.see",
        also=("case:detail", "reporting:report"),
    ),
    NavEntry(
        label="Referrals",
        url_name="referral:list",
        icon="file-earmark-medical",
        order=41,
        roles=STAFF,
        permission="referral.make",
        also=("referral:detail", "referral:new"),
    ),
    # who sends
    NavEntry(
        label="Studies",
        url_name="delivery:portal",
        icon="list-check",
        order=10,
        permission="portal.see",
        also=("delivery:portal_report",),
    ),
    NavEntry(label="Send images", url_name="intake:upload", icon="upload", order=42, permission="upload.make"),
    NavEntry(label="New referral", url_name="referral:new", icon="file-earmark-plus", order=13, roles=CLIENT),
    NavEntry(
        label="Referrals",
        url_name="referral:list",
        icon="file-earmark-medical",
        order=14,
        roles=CLIENT,
        also=("referral:detail",),
    ),
    # the office
    NavEntry(
        label="People",
        url_name="accounts:people",
        icon="people",
        order=60,
        group="Office",
        permission="people.manage",
        also=("accounts:person", "accounts:invite"),
    ),
    NavEntry(
        label="Clients",
        url_name="clients:list",
        icon="hospital",
        order=61,
        group="Office",
        permission="client.manage",
        also=("clients:new", "clients:detail"),
    ),
    NavEntry(
        label="Agreements",
        url_name="agreement:list",
        icon="file-earmark-text",
        order=63,
        group="Office",
        roles=frozenset({"administrator", "registered_manager", "clinical_lead", "director"}),
        also=("agreement:detail", "agreement:change", "agreement:history", "agreement:proposal"),
    ),
    NavEntry(
        label="Your organisation",
        url_name="clients:own",
        icon="hospital",
        order=60,
        permission="organisation.see",
        also=("agreement:detail", "agreement:history", "agreement:proposal"),
    ),
    NavEntry(
        label="Thresholds",
        url_name="policy:thresholds",
        icon="sliders",
        order=64,
        group="Office",
        roles=STAFF,
        permission="governance.see",
        also=("policy:critical-results",),
    ),
    NavEntry(
        label="System", url_name="health:system", icon="hdd-network", order=62, group="Office", permission="system.see"
    ),
)

# The lowest order wins for a person with several roles.
HOMES = (
    ("radiologist", "allocation:worklist", 10),
    ("administrator", "delivery:today", 20),
    ("registered_manager", "delivery:manager", 30),
    ("clinical_lead", "delivery:today", 40),
    ("ig_lead", "delivery:today", 41),
    ("safeguarding_lead", "delivery:today", 42),
    ("director", "inspection:overview", 43),
    ("clinical_safety_officer", "inspection:overview", 44),
    ("inspector", "inspection:overview", 45),
    ("external_reviewer", "duties:list", 46),
    ("client_user", "delivery:portal", 50),
    ("client_administrator", "delivery:portal", 51),
)


def _alert_bell(request: HttpRequest) -> list[BellItem]:
    if not slots.roles_of(request) & STAFF:
        return []
    return [
        BellItem(
            title=f"Alert {alert.number}",
            detail="Nobody has taken it yet",
            url=reverse("escalation:detail", args=[alert.id]),
            state="crit",
            due_at=alert.must_by,
            start_at=alert.raised_at,
        )
        for alert in _open_alerts(request)
    ]


def _alert_clock(request: HttpRequest) -> ClockItem | None:
    if not slots.roles_of(request) & (OFFICE | {"clinical_lead"}):
        return None
    first = min(_open_alerts(request), key=lambda alert: alert.must_by, default=None)
    if first is None:
        return None
    label = f"Alert {first.number}"
    return ClockItem(
        label=label, due_at=first.must_by, start_at=first.raised_at, url=reverse("escalation:detail", args=[first.id])
    )


def join() -> None:
    """Fill the slots of the shell; called once by site/wiring.py."""
    for entry in ENTRIES:
        slots.register_nav(entry)
    for role, url_name, order in HOMES:
        slots.register_home(role, url_name, order)
    slots.register_bell(_alert_bell)
    slots.register_clock(_alert_clock)
    slots.register_search("shell:find", permission="case.see")
    slots.register_live("shell:live")
    todo.join()
