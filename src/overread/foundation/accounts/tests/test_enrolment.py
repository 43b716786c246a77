"""The first sign-in by pages, and the proofs that signatures ask for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from overread.foundation.accounts import actions, codes, pins, queries
from overread.foundation.accounts.limits import limits
from overread.foundation.accounts.models import EnrolmentLink, Presence, SigningPin
from overread.foundation.accounts.rules import Role
from overread.foundation.accounts.tests.people import (
    PASSWORD,
    SEED,
    age_session,
    enrol,
    grant_of,
    make_person,
    sign_in,
)
from overread.foundation.ledger.models import Entry
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.observing import observe
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed

pytestmark = pytest.mark.django_db
PIN = "482915"


@pytest.fixture(autouse=True)
def _empty_cache():
    """Limits of earlier tests do not count here."""
    cache.clear()


@pytest.fixture
def _office():
    """The provider's scope."""
    with open_scope(Scope.provider(), opened_by="test"):
        yield


def _link(person_id) -> str:
    with open_scope(Scope.provider(), opened_by="test"):
        return actions.make_enrolment_link(actor=SEED, person_id=person_id).path


def _choose_password(browser: Browser, path: str, password: str = PASSWORD):
    return browser.post(path, {"password": password, "again": password})


def _confirm_app(browser: Browser) -> None:
    page = browser.get("/secure/").content.decode()
    secret = re.search(r"data-secret>([A-Z2-7 ]+)<", page)
    assert secret is not None
    code = codes.code_for(secret[1].replace(" ", ""), codes.step_at(timezone.now()))
    assert browser.post("/secure/app/", {"code": code}).status_code == 302


def test_a_radiologist_enrols_by_pages() -> None:
    """Link, password, app, signing PIN, recovery codes: only then the product opens, and each step is demanded."""
    view, browser = make_person(Role.RADIOLOGIST), Browser()
    path = _link(view.id)
    assert view.email in browser.get(path).content.decode()
    assert _choose_password(browser, path).headers["Location"] == "/secure/"
    assert browser.get("/account/").headers["Location"] == "/secure/"
    browser.post("/secure/codes/", {"kept": "on"})
    assert browser.get("/account/").headers["Location"] == "/secure/"
    assert browser.post("/secure/app/", {"code": "000000"}).status_code == 200
    _confirm_app(browser)
    assert "Choose a signing PIN" in browser.get("/secure/").content.decode()
    assert "easy to guess" in browser.post("/secure/pin/", {"pin": "123456", "pin_again": "123456"}).content.decode()
    assert browser.post("/secure/pin/", {"pin": PIN, "pin_again": PIN}).status_code == 302
    page = browser.get("/secure/").content.decode()
    assert len(re.findall(r"<li>\d{4}-\d{4}</li>", page)) == 10
    assert "Tick the box" in browser.post("/secure/codes/").content.decode()
    assert browser.post("/secure/codes/", {"kept": "on"}).headers["Location"] == "/"
    assert browser.get("/account/").status_code == 200
    assert "<li>" + page.split("<li>")[-1][:9] not in browser.get("/account/").content.decode()
    assert browser.get("/secure/").status_code == 302


def test_a_link_works_once() -> None:
    """The second use of a link, in any browser, changes nothing and says how to get a new one."""
    view = make_person(Role.ADMINISTRATOR)
    path = _link(view.id)
    assert _choose_password(Browser(), path).status_code == 302
    again = _choose_password(Browser(), path, "another long pass phrase")
    assert again.status_code == 410
    assert "works once" in again.content.decode()
    assert Browser().get("/enrol/nonsense/").status_code == 410


def test_a_link_works_for_fifteen_minutes() -> None:
    """A link opens until 15 minutes have passed, and then reads like any closed link."""
    view = make_person(Role.ADMINISTRATOR)
    start = timezone.now()
    path = _link(view.id)
    with time_machine.travel(start + timedelta(minutes=14, seconds=50), tick=False):
        assert Browser().get(path).status_code == 200
    with time_machine.travel(start + timedelta(minutes=15, seconds=5), tick=False):
        assert Browser().get(path).status_code == 410
        assert _choose_password(Browser(), path).status_code == 410


def test_a_newer_link_closes_the_older() -> None:
    """Only the newest link of a person opens; only its hash is kept."""
    view = make_person(Role.ADMINISTRATOR)
    first, second = _link(view.id), _link(view.id)
    assert Browser().get(first).status_code == 410
    assert Browser().get(second).status_code == 200
    assert not EnrolmentLink.objects.filter(hash__in=[second.split("/")[2]]).exists()


def test_an_abandoned_enrolment_is_no_way_in() -> None:
    """Who stops after the password cannot sign in with it alone; the started session ends after 30 minutes."""
    view, browser = make_person(Role.ADMINISTRATOR), Browser()
    _choose_password(browser, _link(view.id))
    answer = Browser().post("/sign-in/", {"login": view.email, "password": PASSWORD}, follow=True)
    assert "ask your manager for a new link" in answer.content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        assert browser.get("/secure/").headers["Location"].startswith("/sign-in/")


def test_a_new_link_ends_all_that_was() -> None:
    """Using a new link drops the old factors, the PIN and every session: for whoever lost all of it."""
    view, old = make_person(Role.RADIOLOGIST), Browser()
    enrol(view.id, pin=PIN)
    sign_in(old, view.id)
    _choose_password(Browser(), _link(view.id), "quiet river saddle 77")
    assert old.get("/account/").status_code == 302
    assert not queries.has_second_factor(view.id)
    assert not SigningPin.objects.filter(person_id=view.id).exists()


@pytest.mark.parametrize(
    "password",
    ["short", "password1234", "P4ssw0rd!2026", "aaaaaaaaaaaaaa", "abcabcabcabc", "qwertyqwerty", "maren oakhollow 1"],
)
def test_bad_passwords_are_refused(password: str) -> None:
    """Short, leaked, thinly disguised, repeated and personal passwords are refused, and the link stays open."""
    view = make_person(Role.ADMINISTRATOR, name="Maren Oakhollow")
    path = _link(view.id)
    assert _choose_password(Browser(), path, password).status_code == 200
    assert Browser().get(path).status_code == 200


@pytest.mark.usefixtures("_office")
def test_seeding_is_no_back_door() -> None:
    """A person can never give another one proofs of identity; seeding works once, for named systems only."""
    view, manager = make_person(Role.RADIOLOGIST), make_person(Role.REGISTERED_MANAGER)
    actor = Actor.person(manager.id)
    with pytest.raises(NotAllowed):
        actions.enrol_directly(actor=actor, person_id=view.id, password=PASSWORD)
    enrol(view.id)
    with pytest.raises(NotAllowed):
        enrol(view.id)
    with pytest.raises(NotAllowed):
        actions.set_pin(actor=actor, person_id=view.id, pin=pins.new_pin(view.id, PIN))
    with pytest.raises(NotAllowed):
        actions.add_totp(actor=actor, person_id=view.id, secret="A" * 32)
    with pytest.raises(NotAllowed):
        actions.renew_recovery_codes(actor=actor, person_id=view.id)


@pytest.fixture
def radiologist() -> queries.PersonView:
    """A radiologist with app and signing PIN."""
    view = make_person(Role.RADIOLOGIST)
    enrol(view.id, pin=PIN)
    return view


@pytest.mark.usefixtures("_office")
def test_a_new_pin_is_hashed_before_its_transaction(radiologist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting a signing PIN hashes once, before the action begins, and what is kept is the hash of that PIN."""
    inside: list[str] = []
    hashed: list[list[str]] = []

    @contextmanager
    def watch(verb: str) -> Iterator[None]:
        inside.append(verb)
        try:
            yield
        finally:
            inside.pop()

    slow = pins.hash_pin

    def hashing(person_id: UUID, pin: str) -> str:
        hashed.append(list(inside))
        return slow(person_id, pin)

    monkeypatch.setattr(pins, "hash_pin", hashing)
    with observe(watch):
        actions.set_pin(
            actor=Actor.person(radiologist.id), person_id=radiologist.id, pin=pins.new_pin(radiologist.id, "739164")
        )
    assert hashed == [[]]
    with pytest.raises(BadInput):
        pins.new_pin(radiologist.id, "111111")
    with pytest.raises(BadInput):
        actions.set_pin(actor=Actor.person(radiologist.id), person_id=radiologist.id, pin=pins.NewPin(UUID(int=1), "x"))
    assert pins.pin_matches(radiologist.id, "739164", SigningPin.objects.get(person_id=radiologist.id).hash)


@pytest.mark.usefixtures("_office")
def test_a_proof_of_presence_works_once_for_its_purpose(radiologist) -> None:
    """A proof is good for one use, one person, one purpose, and two minutes; only its hash is kept."""
    sign_in(Browser(), radiologist.id)
    me, other = Actor.person(radiologist.id), make_person(Role.RADIOLOGIST)
    proof = actions.confirm_presence(actor=me, method="pin", secret=PIN, purpose="report:abc")
    at = timezone.now()
    assert queries.presence_valid(proof.token, radiologist.id, at, "report:abc")
    assert not queries.presence_valid(proof.token, radiologist.id, at, "report:xyz")
    assert not queries.presence_valid(proof.token, other.id, at, "report:abc")
    assert not queries.presence_valid(proof.token, radiologist.id, proof.at + limits().presence_life, "report:abc")
    assert not Presence.objects.filter(hash=proof.token).exists()
    for actor, purpose in ((me, "report:xyz"), (Actor.person(other.id), "report:abc")):
        with pytest.raises(Conflict):
            actions.use_presence(actor=actor, token=proof.token, purpose=purpose)
    actions.use_presence(actor=me, token=proof.token, purpose="report:abc")
    assert not queries.presence_valid(proof.token, radiologist.id, at, "report:abc")
    with pytest.raises(Conflict):
        actions.use_presence(actor=me, token=proof.token, purpose="report:abc")


@pytest.mark.usefixtures("_office")
def test_a_proof_of_presence_ends_after_two_minutes(radiologist) -> None:
    """A proof that was not used within two minutes allows nothing."""
    sign_in(Browser(), radiologist.id)
    me = Actor.person(radiologist.id)
    proof = actions.confirm_presence(actor=me, method="pin", secret=PIN)
    with (
        time_machine.travel(proof.at + timedelta(minutes=2), tick=False),
        pytest.raises(Conflict),
    ):
        actions.use_presence(actor=me, token=proof.token)


@pytest.mark.usefixtures("_office")
def test_five_wrong_pins_lock_for_fifteen_minutes(radiologist) -> None:
    """The fifth wrong PIN locks it; the right one is refused until 15 minutes have passed, then it works."""
    session_id = sign_in(Browser(), radiologist.id)
    me = Actor.person(radiologist.id)
    said = []
    for _ in range(5):
        with pytest.raises(NotAllowed) as refused:
            actions.confirm_presence(actor=me, method="pin", secret="999999")
        said.append(refused.value.code)
    assert said == ["pin-wrong"] * 4 + ["pin-locked"]
    with pytest.raises(NotAllowed) as refused:
        actions.confirm_presence(actor=me, method="pin", secret=PIN)
    assert refused.value.code == "pin-locked"
    later = timezone.now() + timedelta(minutes=15, seconds=1)
    age_session(session_id, seen_at=later)
    with time_machine.travel(later, tick=False):
        assert actions.confirm_presence(actor=me, method="pin", secret=PIN).method == "pin"
    assert Entry.objects.filter(verb="accounts.confirm_presence").count() == 7


@pytest.mark.usefixtures("_office")
def test_a_pin_needs_a_live_session_with_a_fresh_second_factor(radiologist) -> None:
    """The PIN alone proves nothing: no session, a locked, an ended or another person's session refuse it."""
    me = Actor.person(radiologist.id)
    now = timezone.now()

    def refused(session_id=None) -> bool:
        try:
            actions.confirm_presence(actor=me, method="pin", secret=PIN, session_id=session_id)
        except NotAllowed as refusal:
            return refusal.code == "session-stale"
        return False

    assert refused()
    session_id = sign_in(Browser(), radiologist.id)
    assert not refused(session_id)
    other = sign_in(Browser(), make_person(Role.RADIOLOGIST).id)
    assert refused(other)
    age_session(session_id, mfa_at=now - timedelta(hours=12))
    assert refused(session_id)
    age_session(session_id, mfa_at=now, seen_at=now - timedelta(minutes=16))
    assert refused(session_id)
    age_session(session_id, seen_at=now, ended_at=now)
    assert refused()


def test_presence_by_the_page(radiologist) -> None:
    """The page for scripts answers a token for the right PIN, and a sentence for people for a wrong one."""
    browser = Browser()
    sign_in(browser, radiologist.id)
    wrong = browser.post("/account/presence/", {"method": "pin", "secret": "000000", "purpose": "report:1"})
    assert wrong.status_code == 403
    assert "4 more tries" in wrong.json()["message"]
    right = browser.post("/account/presence/", {"method": "pin", "secret": PIN, "purpose": "report:1"})
    assert queries.presence_valid(right.json()["token"], radiologist.id, timezone.now(), "report:1")
    forged = browser.post("/account/presence/", {"method": "passkey", "secret": "{}", "purpose": "report:1"})
    assert forged.json()["code"] == "passkey-wrong"


def test_the_ledger_tells_of_every_change(radiologist) -> None:
    """Accounts, roles, links, factors and sessions leave entries with ids only: no name, e-mail or secret."""
    view = make_person(Role.ADMINISTRATOR, name="Osric Quillfeather")
    path = _link(view.id)
    _choose_password(Browser(), path)
    with open_scope(Scope.provider(), opened_by="test"):
        actions.revoke_role(actor=SEED, grant_id=grant_of(view.id, Role.ADMINISTRATOR))
    verbs = set(Entry.objects.filter(subject_id=str(view.id)).values_list("verb", flat=True))
    assert {
        "accounts.create_person",
        "accounts.grant_role",
        "accounts.make_enrolment_link",
        "accounts.use_link",
        "accounts.start_session",
        "accounts.revoke_role",
    } <= verbs
    text = " ".join(str(facts) for facts in Entry.objects.values_list("facts", flat=True))
    assert "Quillfeather" not in text
    assert "@" not in text
    assert path.split("/")[2] not in text


def test_recovery_codes_are_renewed_and_shown_once(radiologist) -> None:
    """Ten new codes are shown on one answer only; the old ones stop working, the new ones work."""
    browser = Browser()
    sign_in(browser, radiologist.id)
    row = Authenticator.objects.get(user_id=radiologist.id, type="recovery_codes")
    old = row.wrap().get_unused_codes()[0]
    page = browser.post("/account/codes/").content.decode()
    new = re.findall(r"<li>(\d{4}-\d{4})</li>", page)
    assert len(new) == 10
    assert new[0] not in browser.get("/account/").content.decode()
    assert codes.take(radiologist.id, old, timezone.now()) is None
    assert codes.take(radiologist.id, new[0], timezone.now()) is not None
