"""Signing in through the real pages: password, second step, locks, ends, limits."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from overread.foundation.accounts import actions, cipher, codes, demo, housekeeping, queries, sessions
from overread.foundation.accounts.models import Person, Throttle, UsedCode, WebSession
from overread.foundation.accounts.rules import Role
from overread.foundation.accounts.tests.people import PASSWORD, SEED, age_session, enrol, make_person, sign_in
from overread.foundation.clients.models import Client
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache():
    """Limits of earlier tests do not count here."""
    cache.clear()
    sessions.forget_resolved()


@pytest.fixture
def manager() -> queries.PersonView:
    """A registered manager with password and authenticator app."""
    view = make_person(Role.REGISTERED_MANAGER)
    enrol(view.id)
    return view


def _password(browser: Browser, email: str, password: str = PASSWORD, **extra: str):
    return browser.post("/sign-in/", {"login": email, "password": password}, **extra)


def _code(person_id: UUID, at: datetime | None = None) -> str:
    code = codes.next_code(person_id, at or timezone.now())
    assert code is not None
    return code


def _sign_in(browser: Browser, view: queries.PersonView) -> None:
    assert _password(browser, view.email).status_code == 302
    answer = browser.post("/sign-in/second-step/", {"code": _code(view.id)})
    assert answer.status_code == 302


def test_a_password_alone_opens_nothing(manager) -> None:
    """After the right password the person is still nobody, until the second step."""
    browser = Browser()
    answer = _password(browser, manager.email)
    assert answer.headers["Location"] == "/sign-in/second-step/"
    assert browser.get("/people/").status_code == 302
    assert WebSession.objects.count() == 0
    answer = browser.post("/sign-in/second-step/", {"code": _code(manager.id)})
    assert answer.headers["Location"] == "/"
    assert browser.get("/people/").status_code == 200
    assert WebSession.objects.get().mfa_method == "totp"


def test_the_page_asked_for_comes_after_signing_in(manager) -> None:
    """Who was sent to sign in comes back to the page they wanted, and never to another site."""
    browser = Browser()
    sent = browser.get("/people/")
    assert sent.headers["Location"] == "/sign-in/?next=/people/"
    browser.post("/sign-in/", {"login": manager.email, "password": PASSWORD, "next": "/people/"})
    answer = browser.post("/sign-in/second-step/", {"code": _code(manager.id)})
    assert answer.headers["Location"] == "/people/"
    other = Browser()
    other.post("/sign-in/", {"login": manager.email, "password": PASSWORD, "next": "https://elsewhere.example/"})
    answer = other.post("/sign-in/second-step/", {"code": _code(manager.id)})
    assert answer.headers["Location"] == "/"


def test_a_code_is_never_taken_twice(manager) -> None:
    """A code that signed in once is refused in another browser, also after the cache was lost."""
    code = _code(manager.id)
    answers = []
    for browser in (Browser(), Browser()):
        _password(browser, manager.email)
        cache.clear()
        answers.append(browser.post("/sign-in/second-step/", {"code": code}))
    assert [answer.status_code for answer in answers] == [302, 200]
    assert "was used before" in answers[1].content.decode()


def test_a_recovery_code_works_once(manager) -> None:
    """A recovery code, typed with its dash, replaces the app once and then never again."""
    row = Authenticator.objects.get(user_id=manager.id, type="recovery_codes")
    code = row.wrap().get_unused_codes()[0]
    typed = f"{code[:4]}-{code[4:]}"
    for status in (302, 200):
        browser = Browser()
        _password(browser, manager.email)
        assert browser.post("/sign-in/second-step/", {"code": typed}).status_code == status


def test_secrets_are_closed_at_rest(manager) -> None:
    """No secret of an app, no recovery seed, no PIN and no password stands readable in any table."""
    radiologist = make_person(Role.RADIOLOGIST)
    secret = enrol(radiologist.id, pin="482915")
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(data AS TEXT) FROM mfa_authenticator")
        stored = " ".join(str(row[0]) for row in cursor.fetchall())
        cursor.execute("SELECT hash FROM accounts_signingpin")
        stored += " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT password FROM accounts_person")
        stored += " ".join(row[0] for row in cursor.fetchall())
    assert secret not in stored
    assert "482915" not in stored
    assert PASSWORD not in stored
    assert stored.count("or1:") == 4
    assert "argon2id" in stored
    row = Authenticator.objects.get(user_id=radiologist.id, type="totp")
    assert cipher.decrypt(row.data["secret"]) == secret


def test_another_key_opens_nothing(manager, settings) -> None:
    """With another key file the secrets do not open, and an older key that is kept still opens them."""
    closed = cipher.encrypt("secret")
    first = settings.OVERREAD_ACCOUNTS_SECRETS[0]
    settings.OVERREAD_ACCOUNTS_SECRETS = (b"another key of this installation",)
    with pytest.raises(cipher.NoKey):
        cipher.decrypt(closed)
    settings.OVERREAD_ACCOUNTS_SECRETS = (b"another key of this installation", first)
    assert cipher.decrypt(closed) == "secret"
    changed = closed[:-3] + ("AAA" if closed[-3:] != "AAA" else "BBB")
    with pytest.raises((cipher.NoKey, ValueError)):
        cipher.decrypt(changed)


def _plain(answer) -> str:
    text = re.sub(
        r'(csrfmiddlewaretoken" value|csrf-token" content|or-now" content)="[^"]*"', "", answer.content.decode()
    )
    return re.sub(r'value="[^"]*@[^"]*"', "", text)


def test_an_unknown_person_reads_like_a_wrong_password(manager) -> None:
    """Unknown e-mail, wrong password and closed account get the same answer, word for word."""
    closed = make_person(Role.ADMINISTRATOR)
    enrol(closed.id)
    with open_scope(Scope.provider(), opened_by="test"):
        actions.deactivate(actor=SEED, person_id=closed.id)
    wrong = _password(Browser(), manager.email, "not the password")
    unknown = _password(Browser(), "nobody@example.org", "not the password")
    shut = _password(Browser(), closed.email)
    assert wrong.status_code == unknown.status_code == shut.status_code == 200
    assert "E-mail or password is not right." in _plain(wrong)
    assert _plain(wrong) == _plain(unknown) == _plain(shut)


def test_failures_are_counted_for_known_and_unknown_alike(manager) -> None:
    """After five failures from one address the sixth is refused unread, for a real account as for an invented one."""
    answers = []
    for email in (manager.email, "nobody@example.org"):
        for _ in range(5):
            _password(Browser(), email, "not the password")
        cache.clear()
        answers.append(_plain(_password(Browser(), email, PASSWORD)))
    assert answers[0] == answers[1]
    assert "Too many failed sign-ins" in answers[0]
    assert not any(manager.email in row.key for row in Throttle.objects.all())
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1), tick=False):
        assert _password(Browser(), manager.email).status_code == 302


def test_an_address_that_tries_many_accounts_must_wait(manager) -> None:
    """Thirty failures from one address over many accounts stop that address, and no other."""
    for number in range(30):
        _password(Browser(), f"guess{number}@example.org", "x")
        cache.clear()
    assert "Too many failed" in _plain(_password(Browser(), manager.email))
    assert _password(Browser(), manager.email, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_codes_cannot_be_guessed(manager) -> None:
    """After five wrong codes even the right one is refused for 15 minutes, in any browser."""
    browser = Browser()
    _password(browser, manager.email)
    for _ in range(5):
        browser.post("/sign-in/second-step/", {"code": "000000"})
    cache.clear()
    answer = browser.post("/sign-in/second-step/", {"code": _code(manager.id)})
    assert answer.status_code == 200
    assert "Too many wrong codes" in answer.content.decode()


@pytest.mark.parametrize("role", sorted(Role))
def test_no_role_signs_in_without_a_second_factor(role, django_db_blocker) -> None:
    """For every role: with a password but no second factor, nobody is signed in and a forced session opens nothing."""
    client = Client.objects.create(code="NORTH", name="North", added_at=timezone.now())
    view = make_person(
        role, client_id=client.id if role in {"client_user", "client_administrator", "gateway"} else None
    )
    Person.objects.filter(id=view.id).update(password=make_password(PASSWORD))
    browser = Browser()
    _password(browser, view.email)
    assert browser.get("/account/").status_code == 302
    session_id = sign_in(browser, view.id)
    age_session(session_id, mfa_at=None)
    answer = browser.get("/account/")
    assert answer.headers["Location"] == "/secure/"
    assert sessions.resolve_session({k: m.value for k, m in browser.cookies.items()}) is None


def test_a_cookie_without_a_session_row_is_nobody() -> None:
    """A Django login that did not pass through our sign-in is signed out at once."""
    browser, view = Browser(), make_person(Role.REGISTERED_MANAGER)
    browser.force_login(Person.objects.get(id=view.id))
    assert browser.get("/people/").headers["Location"].startswith("/sign-in/")


def _dead(browser: Browser, cookie: str) -> bool:
    """Whether a cookie opens neither a page nor a viewer frame."""
    sessions.forget_resolved()
    browser.cookies["overread"] = cookie
    return browser.get("/people/").status_code in {302, 401} and sessions.resolve_session({"overread": cookie}) is None


def test_idle_locks_and_one_factor_opens(manager) -> None:
    """After 15 minutes without use a cookie opens only the lock page; one factor opens it, back where it was."""
    browser = Browser()
    sign_in(browser, manager.id)
    cookie = browser.cookies["overread"].value
    assert browser.get("/people/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1), tick=False):
        answer = browser.get("/people/")
        assert answer.headers["Location"] == "/locked/?next=%2Fpeople%2F"
        assert _dead(browser, cookie)
        part = browser.get("/people/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/"})
        assert part.headers["HX-Redirect"] == "/locked/?next=%2Fpeople%2F"
        assert browser.post("/locked/", {"secret": "wrong", "next": "/people/"}).status_code == 200
        assert _dead(browser, cookie)
        opened = browser.post("/locked/", {"secret": _code(manager.id), "next": "/people/"})
        assert opened.headers["Location"] == "/people/"
        assert browser.get("/people/").status_code == 200


def test_pages_for_anyone_do_not_wait_for_the_lock(manager) -> None:
    """A page with its own proof, such as a one-time link, opens in a locked browser too, and knows nobody there."""
    browser = Browser()
    age_session(sign_in(browser, manager.id), locked_at=timezone.now())
    assert browser.get("/people/").status_code == 302
    answer = browser.get("/sign-in/lost/")
    assert answer.status_code == 200
    assert vars(answer.wsgi_request)["person_view"] is None
    assert vars(answer.wsgi_request)["actor"] is None


def test_use_keeps_a_session_open(manager) -> None:
    """Activity every ten minutes, also by the sign of life of a viewer, keeps the lock away until 12 hours are over."""
    browser, start = Browser(), timezone.now()
    sign_in(browser, manager.id)
    for minutes in range(10, 12 * 60, 10):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert browser.post("/alive/").status_code == 204, minutes
    with time_machine.travel(start + timedelta(hours=12, seconds=1), tick=False):
        assert browser.post("/alive/").status_code == 302


def test_twelve_hours_end_a_session(manager) -> None:
    """A session ends 12 hours after it began, however busy: its cookie is dead and no factor opens it."""
    browser = Browser()
    session_id = sign_in(browser, manager.id)
    cookie = browser.cookies["overread"].value
    age_session(session_id, started_at=timezone.now() - timedelta(hours=12), seen_at=timezone.now())
    assert _dead(browser, cookie)
    assert browser.post("/locked/", {"secret": PASSWORD}).headers["Location"].startswith("/sign-in/")


def test_signing_out_kills_the_cookie_and_empties_the_browser(manager) -> None:
    """Sign-out ends the session on the server and tells the browser to empty cache, cookies and storage."""
    browser = Browser()
    sign_in(browser, manager.id)
    cookie = browser.cookies["overread"].value
    assert browser.get("/sign-out/").status_code == 405
    answer = browser.post("/sign-out/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert {n for n, c in answer.cookies.items() if not c.value} >= {"overread", "csrftoken"}
    assert _dead(browser, cookie)


def test_a_closed_account_dies_at_the_next_request(manager) -> None:
    """Closing an account kills its cookies at once, for pages and for viewer frames."""
    browser, other = Browser(), make_person(Role.REGISTERED_MANAGER)
    sign_in(browser, other.id)
    cookie = browser.cookies["overread"].value
    assert browser.get("/people/").status_code == 200
    with open_scope(Scope.provider(), opened_by="test"):
        actions.deactivate(actor=Actor.person(manager.id), person_id=other.id)
    assert _dead(browser, cookie)


def test_a_changed_factor_kills_older_cookies(manager) -> None:
    """Changing the password or a factor signs out every other browser, and keeps the one in which it was done."""
    here, there = Browser(), Browser()
    sign_in(here, manager.id)
    sign_in(there, manager.id)
    old = there.cookies["overread"].value
    answer = here.post(
        "/account/password/", {"password": "winter orchard piano 61", "again": "winter orchard piano 61"}
    )
    assert answer.status_code == 302
    assert here.get("/people/").status_code == 200
    assert _dead(there, old)
    assert _password(Browser(), manager.email).status_code == 200
    assert _password(Browser(), manager.email, "winter orchard piano 61").status_code == 302


def test_a_viewer_frame_knows_its_person(manager) -> None:
    """Outside Django a live cookie names its person, and a revoked one is dead within two seconds."""
    browser = Browser()
    sign_in(browser, manager.id)
    header = f"other=1; overread={browser.cookies['overread'].value}"
    assert sessions.resolve_session(header).id == manager.id
    assert sessions.resolve_session("overread=nonsense") is None
    assert sessions.resolve_session("") is None
    browser.post("/sign-out/")
    assert sessions.RESOLVED_SECONDS <= 2
    sessions.forget_resolved()
    assert sessions.resolve_session(header) is None


def test_at_most_two_browsers(manager) -> None:
    """A third sign-in ends the oldest of two sessions."""
    browsers = [Browser() for _ in range(3)]
    for number, browser in enumerate(browsers):
        with time_machine.travel(timezone.now() + timedelta(seconds=number), tick=False):
            sign_in(browser, manager.id)
    statuses = [browser.get("/people/").status_code for browser in browsers]
    assert statuses == [302, 200, 200]
    assert len(queries.sessions_of(manager.id, timezone.now())) == 2


def test_my_account_changes_need_a_fresh_proof(manager) -> None:
    """More than ten minutes after the last proof, changing one's own factors asks for one first and changes nothing."""
    browser = Browser()
    sign_in(browser, manager.id)
    session = browser.session
    session[sessions.PROVED_KEY] = timezone.now().timestamp() - 601
    session.save()
    assert browser.get("/account/").status_code == 200
    answer = browser.post("/account/codes/")
    assert answer.headers["Location"] == "/locked/?next=/account/"
    assert browser.post("/locked/", {"secret": PASSWORD, "next": "/account/"}).headers["Location"] == "/account/"
    assert browser.post("/account/codes/").status_code == 200


def test_the_last_factor_cannot_be_taken_away(manager) -> None:
    """A person cannot take away their only second step, so nobody ends up with a password alone."""
    browser = Browser()
    sign_in(browser, manager.id)
    factor = next(f for f in queries.factors_of(manager.id) if f.kind == "totp")
    browser.post(f"/account/factor/{factor.id}/remove/")
    assert queries.has_second_factor(manager.id)
    assert "only second step" in browser.get("/account/").content.decode()


def test_my_sessions_can_be_ended(manager) -> None:
    """A person sees their sessions, ends another one, and nobody else's; or ends all of them at once."""
    here, there = Browser(), Browser()
    sign_in(here, manager.id)
    other_id = sign_in(there, manager.id)
    stranger = Browser()
    stranger_id = sign_in(stranger, make_person(Role.REGISTERED_MANAGER).id)
    here.post(f"/account/sessions/{stranger_id}/end/")
    assert stranger.get("/people/").status_code == 200
    here.post(f"/account/sessions/{other_id}/end/")
    assert there.get("/people/").status_code == 302
    here.post("/account/sessions/end/")
    assert here.get("/people/").status_code == 302


def test_old_rows_are_forgotten(manager) -> None:
    """After a day used codes, counters and unused proofs are gone; sessions that ran out are marked as ended."""
    browser = Browser()
    _password(browser, "nobody@example.org", "x")
    _sign_in(browser, manager)
    with open_scope(Scope.provider(), opened_by="test"):
        actions.end_session(actor=SEED, session_id=sign_in(Browser(), manager.id), why="test")
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=5), tick=False):
        housekeeping.forget_old()
        assert not UsedCode.objects.exists()
        assert not Throttle.objects.exists()
        assert not WebSession.objects.filter(ended_at=None).exists()
        assert WebSession.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        housekeeping.forget_old()
        assert not WebSession.objects.exists()


def test_a_client_person_is_locked_after_ten_minutes() -> None:
    """In the portal the lock falls after ten minutes, in an office after fifteen."""
    client = Client.objects.create(code="NORTH", name="North", added_at=timezone.now())
    for view, minutes in (
        (make_person(Role.CLIENT_USER, client_id=client.id), 10),
        (make_person(Role.ADMINISTRATOR), 15),
    ):
        browser = Browser()
        sign_in(browser, view.id)
        start = timezone.now()
        for seconds, status in ((-30, 200), (30, 302)):
            last = queries.sessions_of(view.id, start)[0].seen_at
            with time_machine.travel(last + timedelta(minutes=minutes, seconds=seconds), tick=False):
                assert browser.get("/account/").status_code == status


def test_the_lock_counts_guesses_and_forgets_them(manager) -> None:
    """At the lock five wrong proofs must wait like codes; opening it with the password often never counts as a guess."""
    browser = Browser()
    session_id = sign_in(browser, manager.id)
    for _ in range(7):
        age_session(session_id, locked_at=timezone.now())
        assert browser.post("/locked/", {"secret": PASSWORD}).status_code == 302
    age_session(session_id, locked_at=timezone.now())
    for _ in range(5):
        assert browser.post("/locked/", {"secret": "wrong"}).status_code == 200
    assert "Too many wrong codes" in browser.post("/locked/", {"secret": PASSWORD}).content.decode()


def test_demo_codes_only_in_a_demonstration(manager, settings) -> None:
    """A sign-in code is printed only on an installation marked demo and served on this machine; then it works."""
    with pytest.raises(NotAllowed):
        demo.demo_code(manager.email)
    settings.OVERREAD_DEMO = True
    settings.OVERREAD_URL = "https://overread.example"
    with pytest.raises(NotAllowed):
        demo.demo_code(manager.email)
    settings.OVERREAD_URL = "http://localhost:8000"
    for _ in range(2):
        browser = Browser()
        _password(browser, manager.email)
        code = demo.demo_code(manager.full_name.upper())
        assert browser.post("/sign-in/second-step/", {"code": code}).status_code == 302
