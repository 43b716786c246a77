"""Every address of the product, asked by everybody: made from the URL resolver, so that no route can be forgotten."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from overread.foundation.accounts.tests.people import grant_of, sign_in
from overread.foundation.blobs.current import current, use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.clock import sweeper
from overread.foundation.work.running import drain
from overread.governance.equipment import queries as equipment
from overread.journey.allocation import actions as allocation
from overread.journey.delivery import queries as deliveries
from overread.journey.escalation import actions as escalation
from overread.journey.escalation import queries as alerts
from overread.journey.reception import actions as reception
from overread.journey.referral import actions as referral
from overread.journey.referral import queries as referrals
from overread.journey.referral.rules import NewDocument
from overread.site.seating import ASKED
from tests import signing
from tests.isolation.api_rows import API_ROWS, TOKEN
from tests.isolation.register_rows import REGISTER_ROWS
from tests.isolation.review_rows import REVIEW_ROWS
from tests.world import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db

# What lets a person in. A permission: that of the roles. OWN: any live session, one's own things only. OPEN: anybody.
OWN, OPEN = "own", "open"


# Method and what lets in, of each route by its name. A route without a row fails the test.
ROWS: dict[str, tuple[str, str]] = {
    "account_login": ("GET", OPEN),
    "mfa_authenticate": ("GET", OWN),
    "mfa_login_webauthn": ("GET", OPEN),
    "accounts:sign_out": ("POST", OWN),
    "accounts:locked": ("GET", OWN),
    "accounts:locked_begin": ("POST", OWN),
    "accounts:alive": ("POST", OWN),
    "accounts:lost": ("GET", OPEN),
    "accounts:enrol": ("GET", OPEN),
    "accounts:secure": ("GET", OWN),
    "accounts:secure_totp": ("POST", OWN),
    "accounts:secure_passkey_begin": ("POST", OWN),
    "accounts:secure_passkey": ("POST", OWN),
    "accounts:secure_pin": ("POST", OWN),
    "accounts:secure_codes": ("POST", OWN),
    "accounts:me": ("GET", OWN),
    "accounts:change_password": ("POST", OWN),
    "accounts:add_app": ("GET", OWN),
    "accounts:passkey_begin": ("POST", OWN),
    "accounts:add_passkey": ("POST", OWN),
    "accounts:remove_factor": ("POST", OWN),
    "accounts:change_pin": ("POST", OWN),
    "accounts:renew_codes": ("POST", OWN),
    "accounts:end_session": ("POST", OWN),
    "accounts:end_everywhere": ("POST", OWN),
    "accounts:presence_begin": ("POST", OWN),
    "accounts:presence": ("POST", OWN),
    "accounts:people": ("GET", "people.manage"),
    "accounts:invite": ("GET", "people.manage"),
    "accounts:person": ("GET", "people.manage"),
    "accounts:grant": ("POST", "people.manage"),
    "accounts:revoke": ("POST", "people.manage"),
    "accounts:standing": ("POST", "people.manage"),
    "accounts:link": ("POST", "people.manage"),
    "ui:gallery": ("GET", OPEN),
    "ui:favicon": ("GET", OPEN),
    "clients:list": ("GET", "client.manage"),
    "clients:new": ("GET", "client.manage"),
    "clients:detail": ("GET", "client.manage"),
    "clients:add_node": ("POST", "client.manage"),
    "clients:refuse_node": ("POST", "client.manage"),
    "clients:make_token": ("POST", "client.manage"),
    "clients:end_token": ("POST", "client.manage"),
    "clients:standing": ("POST", "client.manage"),
    "clients:own": ("GET", "organisation.see"),
    "clients:add_site": ("POST", "client.manage"),
    "clients:site": ("POST", "client.manage"),
    "agreement:detail": ("GET", "agreement.see"),
    "agreement:list": ("GET", "agreement.see"),
    "agreement:history": ("GET", "agreement.see"),
    "agreement:change": ("GET", "agreement.write"),
    "agreement:proposal": ("GET", "agreement.see"),
    "agreement:approve": ("POST", "agreement.approve"),
    "agreement:send_back": ("POST", "agreement.approve"),
    "agreement:withdraw": ("POST", "agreement.write"),
    "case:list": ("GET", "case.see"),
    "case:turnaround": ("GET", "case.see"),
    "case:export": ("GET", "case.see"),
    "case:detail": ("GET", "case.see"),
    "case:do": ("POST", "case.see"),
    "reception:held": ("GET", "hold.resolve"),
    "reception:hold": ("GET", "hold.resolve"),
    "reception:quarantined": ("GET", "hold.resolve"),
    "reception:decide": ("POST", "hold.resolve"),
    "referral:list": ("GET", "referral.make"),
    "referral:new": ("GET", "referral.make"),
    "referral:detail": ("GET", "referral.make"),
    "referral:unmatch": ("POST", "referral.match"),
    "referral:document": ("GET", "referral.make"),
    "referral:document_for_reader": ("GET", "read.claim"),
    "referral:matching": ("GET", "referral.match"),
    "referral:match": ("GET", "referral.match"),
    "referral:do_match": ("POST", "referral.match"),
    "referral:not_this": ("POST", "referral.match"),
    "referral:reading_panel": ("GET", "read.claim"),
    "allocation:worklist": ("GET", "worklist.read"),
    "allocation:why": ("GET", "worklist.read"),
    "reading:room": ("GET", "read.claim"),
    "reading:beat": ("POST", "read.claim"),
    "reading:displayed": ("POST", "read.claim"),
    "reading:coverage": ("GET", "read.claim"),
    "reading:key_images": ("GET", "read.claim"),
    "reading:keep_key_image": ("POST", "read.claim"),
    "reading:picture": ("GET", "read.claim"),
    "reading:remove_key_image": ("POST", "read.claim"),
    "reading:claim": ("POST", "read.claim"),
    "reading:hand_back": ("POST", "read.claim"),
    "reading:take_over": ("POST", "read.claim"),
    "referral:reading_questions": ("GET", "read.claim"),
    "referral:case_questions": ("GET", "case.see"),
    "referral:ask": ("POST", "case.see"),
    "referral:answer": ("POST", "case.see"),
    "referral:close": ("POST", "case.see"),
    "referral:ask_as_client": ("POST", "portal.see"),
    "referral:answer_as_client": ("POST", "portal.see"),
    "reporting:editor": ("GET", "read.claim"),
    "reporting:original": ("GET", "read.claim"),
    "reporting:save": ("POST", "read.claim"),
    "reporting:sign": ("GET", "report.sign"),
    "reporting:report": ("GET", "case.see"),
    "reporting:addend": ("POST", "report.sign"),
    "reporting:correct": ("GET", "report.sign"),
    "reporting:see_mark": ("POST", "people.manage"),
    "reporting:pdf": ("GET", "case.see"),
    "reporting:case_panel": ("GET", "case.see"),
    "escalation:list": ("GET", "case.see"),
    "escalation:detail": ("GET", "case.see"),
    "escalation:acknowledge": ("POST", "alert.acknowledge"),
    "escalation:told": ("POST", "alert.raise"),
    "escalation:climb": ("POST", "case.see"),
    "escalation:override": ("POST", "alert.acknowledge"),
    "escalation:call": ("POST", "case.see"),
    "escalation:portal": ("GET", "portal.see"),
    "escalation:raise": ("GET", "alert.raise"),
    "escalation:case_panel": ("GET", "case.see"),
    "escalation:one_time": ("GET", OPEN),
    "delivery:today": ("GET", "case.see"),
    "delivery:manager": ("GET", "people.manage"),
    "delivery:failed": ("GET", "delivery.resend"),
    "delivery:resend": ("POST", "delivery.resend"),
    "delivery:recall": ("POST", "report.sign"),
    "delivery:report_panel": ("GET", "case.see"),
    "delivery:case_panel": ("GET", "case.see"),
    "delivery:portal": ("GET", "portal.see"),
    "delivery:portal_report": ("GET", "portal.see"),
    "delivery:portal_pdf": ("GET", "portal.see"),
    "viewer:viewer": ("GET", "read.claim"),
    "viewer:viewer_again": ("GET", "read.claim"),
    "viewer:app_config": ("GET", "read.claim"),
    "viewer:config": ("GET", "read.claim"),
    "intake:upload": ("GET", "upload.make"),
    "intake:begin": ("POST", "upload.make"),
    "intake:file": ("POST", "upload.make"),
    "intake:finish": ("POST", "upload.make"),
    "intake:receipt": ("GET", "upload.make"),
    "duties:list": ("GET", "duty.see"),
    "duties:chase": ("POST", "governance.manage"),
    "duties:feed": ("POST", "duty.see"),
    "duties:calendar": ("GET", OPEN),
    "credentials:register": ("GET", "governance.manage"),
    "credentials:mine": ("GET", "read.claim"),
    "credentials:overrides": ("GET", "governance.see"),
    "credentials:withdraw": ("POST", "people.manage"),
    "credentials:thing": ("GET", "duty.see"),
    "credentials:certificate": ("GET", "duty.see"),
    "credentials:see_certificate": ("POST", "governance.manage"),
    "credentials:person": ("GET", "governance.manage"),
    "credentials:send": ("POST", "duty.see"),
    "credentials:override": ("POST", "people.manage"),
    "credentials:release": ("POST", "governance.approve"),
    "credentials:record": ("POST", "governance.manage"),
    "credentials:end": ("POST", "governance.manage"),
    "reporting:under_override": ("GET", "governance.manage"),
    "equipment:register": ("GET", "governance.see"),
    "equipment:workstation": ("GET", "governance.see"),
    "equipment:change": ("POST", "governance.manage"),
    "equipment:display": ("GET", "governance.see"),
    "equipment:pattern": ("GET", "read.claim"),
    "equipment:sit": ("GET", "read.claim"),
    "equipment:check": ("GET", "read.claim"),
    "policy:thresholds": ("GET", "governance.see"),
    "policy:critical-results": ("GET", "governance.see"),
    "inspection:overview": ("GET", "inspection.see"),
    "inspection:fact": ("GET", "inspection.see"),
    "inspection:ask": ("POST", "inspection.pack"),
    "inspection:pack": ("GET", "inspection.see"),
    "training:matrix": ("GET", "governance.see"),
    "training:year": ("GET", "governance.see"),
    "training:mine": ("GET", "duty.see"),
    "training:person": ("GET", "governance.see"),
    "training:duty": ("GET", "duty.see"),
    "training:confirm": ("POST", "governance.manage"),
    "training:attach": ("POST", "governance.manage"),
    "training:document": ("GET", "duty.see"),
    "policies:mine": ("GET", "duty.see"),
    "policies:duty": ("GET", "duty.see"),
    "policies:read": ("GET", "duty.see"),
    "policies:approve": ("POST", "governance.approve"),
    "policies:propose": ("POST", "governance.manage"),
    "people:files": ("GET", "people.file"),
    "people:file": ("GET", "people.file"),
    "people:mine": ("GET", "duty.see"),
    "papers:attach": ("POST", "people.file"),
    "papers:document": ("GET", "people.file"),
    "risks:review": ("POST", "governance.manage"),
    "incidents:report": ("GET", "incident.report"),
    **REGISTER_ROWS,
    **REVIEW_ROWS,
    **API_ROWS,
    "health:healthz": ("GET", OPEN),
    "health:readyz": ("GET", OPEN),
    "health:metrics": ("GET", OPEN),
    "health:system": ("GET", "system.see"),
    "health:retry-job": ("POST", "system.see"),
    "health:set-aside-job": ("POST", "system.see"),
    "health:retry-deadline": ("POST", "system.see"),
    "shell:home": ("GET", OWN),
    "shell:live": ("GET", OWN),
    "shell:find": ("POST", "case.see"),
}
# All that anybody may be shown without signing in; static files aside, which hold nothing of anybody.
ANONYMOUS_200 = {
    "account_login",
    "accounts:lost",
    "escalation:one_time",
    "health:healthz",
    "health:metrics",
    "api-document",
}
# Places of addresses whose objects this world does not hold: found by nobody.
ABSENT = (
    *("hold_id", "quarantined_id", "deadline_id", "pack_id", "duty_id", "subject_id", "key", "ae_id", "token_id"),
    "site_id",
    *("review_id", "draw_id", "bundle_id"),
)
ASKERS = ("outsider", "south", "north", "reader", "administrator", "manager")
PATIENT = ("Quillfeather", "QUILLFEATHER", "Osric", "H000001")
REFERRAL = {
    "question": "Bleed?",
    "modality": "CT",
    "procedure": "CT head",
    "priority": "routine",
    "family": "Quillfeather",
    "given": "Osric",
    "identifier": "H000001",
    "referrer_name": "Dr Pascoe Wren",
}
SECTIONS = {name: "Normal." for name in ("indication", "technique", "comparison", "findings", "conclusion")}


@dataclass(frozen=True)
class Route:
    """One address: its full name and the names of its places."""

    name: str
    places: tuple[str, ...]


def _routes(patterns: list[Any], space: str = "", places: tuple[str, ...] = ()) -> Iterator[Route]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _routes(one.url_patterns, inner, (*places, *one.pattern.converters))
        elif isinstance(one, URLPattern):
            yield Route(f"{space}{one.name}", (*places, *one.pattern.converters))


ROUTES = tuple(_routes(get_resolver().url_patterns))


def test_every_route_has_its_expected_row() -> None:
    """A route that nobody has said who may open is not taken; a row without its route is gone."""
    assert len({r.name for r in ROUTES}) == len(ROUTES), "two routes share a name"
    assert {r.name for r in ROUTES} == set(ROWS)


def test_every_address_that_signs_knows_on_what_the_text_was_read() -> None:
    """Where a reader sits is looked at wherever a signature can be given, so that no report goes without its display (REQ-24)."""
    signing = {name for name, (_, kind) in ROWS.items() if kind == "report.sign"} - {
        "delivery:recall",
        "review:reflect",
    }
    assert signing <= ASKED, "list it in site/seating.py"


def _report(made: World, read_id: UUID) -> UUID:
    sign_in(Client(), made.people["reader"].id)
    allocation.claim(actor=made.actor("reader"), read_id=read_id)
    version = signing.written(made, read_id, SECTIONS)
    return signing.sign(made, read_id, version, sections=SECTIONS, alert=None)


def _governed() -> dict[str, Any]:
    """Objects of the registers, and of what is absent, by the names of places in addresses."""
    desk = equipment.workstations()[0]
    return {
        "workstation_id": desk.id,
        "display_id": desk.displays[0].id,
        "certificate_id": uuid4(),
        "what": "dbs",
        **{name: uuid4() for name in ABSENT},
        "factor_id": 1,
        "job_id": 1,
        "number": 1,
        "verb": "note",
        "name": "case.turnaround",
        "token": "unknown",
    }


def _objects(made: World) -> dict[str, Any]:
    """Northmere's objects by the names of places in addresses; all of them exist."""
    north = made.clients["NORTH"]
    signed, ready = made.ready_case("NORTH"), made.ready_case("NORTH")
    stray = made.study("NORTH")
    with made.scope("NORTH"):
        ref = current().put(b"%PDF-1.7 made up")
        document = NewDocument("letter.pdf", "application/pdf", ref.key, ref.sha256, ref.length)
        referral_id = referral.make_referral(
            actor=made.actor("north"),
            client_id=north,
            fields=REFERRAL,
            birth_date=date(1955, 2, 3),
            documents=[document],
        )
        report_id = _report(made, signed.read_id)
        sweeper.fire_due(timezone.now() + timedelta(minutes=10))
        drain()
        allocation.claim(actor=made.actor("reader"), read_id=ready.read_id)
        alert_id = escalation.raise_alert(
            actor=made.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed"
        )
        asked = {"subject": "Contrast?", "text": "Was contrast given?"}
        query_id = referral.ask(actor=made.actor("administrator"), case_id=ready.case_id, **asked)
        upload_id = reception.begin_upload(actor=made.actor("north"), client_id=north)
        drain()
        assert deliveries.published_report(report_id), "the report is in the portal"
        return {
            "read_id": ready.read_id,
            "case_id": ready.case_id,
            "study_id": stray,
            "referral_id": referral_id,
            "document_id": referrals.documents_of(referral_id)[0].id,
            "report_id": report_id,
            "delivery_id": deliveries.deliveries_of_report(report_id)[0].id,
            "alert_id": alert_id,
            "attempt_id": alerts.attempts_of(alert_id)[0].id,
            "upload_id": upload_id,
            "query_id": query_id,
            "question_id": query_id,
            **_governed(),
            "client_id": made.clients["NORTH"],
            "person_id": made.people["north"].id,
            "grant_id": grant_of(made.people["north"].id, "client_user"),
            "session_id": sign_in(Client(), made.people["north"].id),
        }


class Asker:
    """A browser whose every request is undone afterwards, so that the next one finds the same world."""

    def __init__(self, person_id: UUID | None) -> None:
        self.client = Client(raise_request_exception=False)
        if person_id:
            sign_in(self.client, person_id)
        self.cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}

    def ask(self, method: str, path: str) -> HttpResponseBase:
        """The answer to one request."""
        self.client.cookies.clear()
        for name, value in self.cookies.items():
            self.client.cookies[name] = value
        with transaction.atomic():
            answer = self.client.get(path) if method == "GET" else self.client.post(path)
            transaction.set_rollback(True)
        return answer


@pytest.fixture
def north_objects(world: World, tmp_path: Path) -> dict[str, Any]:
    """A store, and the objects of one client."""
    use(LocalStore(tmp_path / "blobs", 0))
    return _objects(world)


def _address(route: Route, objects: dict[str, Any]) -> str:
    return reverse(route.name, kwargs={place: objects[place] for place in route.places})


def _text(answer: HttpResponseBase) -> str:
    return getattr(answer, "content", b"").decode("utf-8", "replace")


def _wrong_for_nobody(route: Route, answer: HttpResponseBase) -> str:
    if route.name in ANONYMOUS_200:
        return "" if answer.status_code in {200, 404} else "is open, and did not answer"
    if ROWS[route.name][1] == OPEN:
        return "" if answer.status_code in {200, 302, 404, 410, 503} and not _shows(answer) else "shows something"
    if ROWS[route.name][1] == TOKEN:
        return "" if answer.status_code == 401 and not _shows(answer) else "lets in who has no token"
    if answer.status_code == 302 and answer.headers["Location"].startswith(reverse("account_login")):
        return ""
    return "" if answer.status_code in {401, 403, 404} else "lets nobody in"


def _shows(answer: HttpResponseBase) -> bool:
    return any(word in _text(answer) for word in PATIENT)


def _wrong(route: Route, name: str, may: bool, answer: HttpResponseBase) -> str:
    """What is wrong with an answer to a person, or ""."""
    kind = ROWS[route.name][1]
    status = answer.status_code
    if status >= 500 and (route.name, status) != ("health:readyz", 503):
        return "fails"
    if kind == TOKEN:
        return "" if status == 401 and not _shows(answer) else "lets a session in"
    if kind not in {OWN, OPEN} and not may:
        return "" if status == 403 else "lets in who has no permission"
    if name in {"south", "outsider"}:
        if _shows(answer):
            return "shows another client's patient"
        if kind not in {OWN, OPEN} and route.places and status != 404:
            return "tells another client's object from one that is absent"
    if kind not in {OWN, OPEN} and not route.places and status == 403:
        return "shuts out who has the permission"
    return ""


def test_every_route_to_everybody(world: World, north_objects: dict[str, Any]) -> None:
    """Nobody gets in unsigned but by the short list; each person by permission; another client's object is 404 (H06)."""
    askers = {name: Asker(world.people[name].id) for name in ASKERS}
    nobody, faults, asked = Asker(None), [], 0
    for route in ROUTES:
        method, kind = ROWS[route.name]
        path = _address(route, north_objects)
        answer = nobody.ask(method, path)
        if found := _wrong_for_nobody(route, answer):
            faults.append(f"{route.name} to nobody: {answer.status_code}, {found}")
        for name, asker in askers.items():
            answer = asker.ask(method, path)
            asked += 1
            if found := _wrong(route, name, world.people[name].may(kind), answer):
                faults.append(f"{route.name} to {name}: {answer.status_code}, {found}")
    assert faults == []
    assert asked == len(ROUTES) * len(ASKERS)


def test_the_owner_reaches_what_is_refused_to_the_other(world: World, north_objects: dict[str, Any]) -> None:
    """The same addresses answer Northmere's user, so that 404 to the other client is the wall and not an empty world."""
    north, south = Asker(world.people["north"].id), Asker(world.people["south"].id)
    for name in (
        "referral:detail",
        "referral:document",
        "delivery:portal_report",
        "escalation:portal",
        "intake:receipt",
    ):
        route = next(r for r in ROUTES if r.name == name)
        path = _address(route, north_objects)
        assert (name, north.ask("GET", path).status_code) == (name, 200)
        assert (name, south.ask("GET", path).status_code) == (name, 404)
        absent = {**north_objects, **{place: uuid4() for place in route.places}}
        foreign, nothing = south.ask("GET", path), south.ask("GET", _address(route, absent))
        assert _same(foreign) == _same(nothing), f"{name} tells a foreign object from an absent one"


def _same(answer: HttpResponseBase) -> str:
    """The text of a page without what differs on every request."""
    return re.sub(r'content="[^"]*"|[0-9a-f-]{36}|value="[^"]*"|\d\d:\d\d(:\d\d)?', "", _text(answer))
