"""The pure rules of roles, sessions, PINs and limits."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.accounts import rules
from overread.foundation.accounts.limits import limits
from overread.foundation.accounts.rules import Role, SessionFacts, SessionState

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LIMITS = limits()
roles = st.sampled_from(sorted(Role))
role_sets = st.frozensets(roles)
spans = st.timedeltas(timedelta(0), timedelta(hours=30))


@given(role_sets, roles, role_sets)
def test_nobody_grants_themselves(granter: frozenset[str], role: Role, held: frozenset[str]) -> None:
    """Whatever roles a person holds, they can never give a role to themselves."""
    me = uuid4()
    assert rules.may_grant(granter, me, me, role, held) != ""


@given(role_sets, roles)
def test_only_a_registered_manager_grants(granter: frozenset[str], role: Role) -> None:
    """Giving a role to somebody else is allowed exactly to registered managers."""
    allowed = rules.may_grant(granter, UUID(int=1), UUID(int=2), role) == ""
    assert allowed == (Role.REGISTERED_MANAGER in granter)


@given(roles, role_sets)
def test_provider_and_client_roles_never_meet(role: Role, held: frozenset[str]) -> None:
    """A role of a client and a role of the provider are never held by one person."""
    mixed = any((other in rules.CLIENT_ROLES) != (role in rules.CLIENT_ROLES) for other in held)
    assert bool(rules.clash(role, held)) == mixed


@given(role_sets)
def test_permissions_are_the_union_of_roles(held: frozenset[str]) -> None:
    """A set of roles gives what its roles give, and an unknown role gives nothing."""
    expected = frozenset(code for role in held for code in rules.PERMISSIONS[Role(role)])
    assert rules.permissions_of({*held, "no_such_role"}) == expected


def test_browsers_are_named_for_people() -> None:
    """A session shows browser and system in words, and says so when they are not known."""
    chrome = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
    )
    assert rules.browser_words(chrome) == "Chrome on Windows"
    assert rules.browser_words(chrome + " Edg/140.0") == "Edge on Windows"
    assert (
        rules.browser_words("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1") == "Safari on iPhone"
    )
    assert rules.browser_words("") == "unknown browser"


def test_only_radiologists_sign() -> None:
    """Claiming a read and signing a report are open to radiologists and to no other role."""
    signers = {role for role in Role if "report.sign" in rules.PERMISSIONS[role]}
    claimers = {role for role in Role if "read.claim" in rules.PERMISSIONS[role]}
    assert signers == claimers == {Role.RADIOLOGIST}


def test_every_role_is_described() -> None:
    """Each role has words for people and a row in the table of permissions."""
    assert set(rules.ROLE_WORDS) == set(rules.PERMISSIONS) == set(Role)


@given(spans, spans)
def test_a_session_is_live_only_within_both_limits(age: timedelta, idle: timedelta) -> None:
    """A session is live only when it is younger than 12 hours and was used within 15 minutes."""
    facts = SessionFacts(AT - age, AT - min(age, idle), AT - age, None, None, LIMITS.idle_lock)
    state = rules.session_state(facts, AT, LIMITS)
    if age >= timedelta(hours=12):
        assert state is SessionState.ended
    elif min(age, idle) >= timedelta(minutes=15):
        assert state is SessionState.locked
    else:
        assert state is SessionState.live


def test_people_of_a_client_are_locked_sooner() -> None:
    """A session in the portal locks after 10 minutes, all others after 15."""
    ten, fifteen = timedelta(minutes=10), timedelta(minutes=15)
    assert {role: rules.idle_lock_of([role], LIMITS) for role in Role} == {
        role: ten if role in rules.CLIENT_ROLES else fifteen for role in Role
    }
    facts = SessionFacts(AT, AT, AT, None, None, LIMITS.portal_idle_lock)
    assert rules.session_state(facts, AT + ten, LIMITS) is SessionState.locked


@given(spans)
def test_a_session_without_a_second_factor_never_lives(age: timedelta) -> None:
    """Without a second factor a session opens enrolment only, for 30 minutes, and then nothing."""
    state = rules.session_state(SessionFacts(AT - age, AT, None, None, None, LIMITS.idle_lock), AT, LIMITS)
    assert state is (SessionState.enrolling if age < timedelta(minutes=30) else SessionState.ended)


@given(st.lists(st.tuples(st.uuids(), st.datetimes(timezones=st.just(UTC))), unique_by=lambda item: item[0]))
def test_at_most_two_sessions_stay(started: list[tuple[UUID, datetime]]) -> None:
    """When one more session begins, at most one older one stays, and it is the newest."""
    ended = set(rules.sessions_to_end(started, LIMITS))
    left = [item for item in started if item[0] not in ended]
    assert len(left) == min(1, len(started))
    assert all(kept[1] >= other[1] for kept in left for other in started)


@given(st.from_regex(r"[0-9]{6,12}", fullmatch=True))
def test_a_pin_with_variety_is_taken(pin: str) -> None:
    """A PIN of 6 to 12 digits is taken unless it is a run or has fewer than three different digits."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    easy = len(steps) == 1 or len(set(pin)) < 3
    assert bool(rules.pin_fault(pin)) == easy


def test_easy_pins_are_refused() -> None:
    """Runs, repetitions, letters and wrong lengths are no signing PINs."""
    for pin in ("123456", "987654", "111111", "121212", "12345", "1234567890123", "12a456", "", "１２３９４５"):
        assert rules.pin_fault(pin), pin


@given(st.integers(0, 100), spans)
def test_a_limit_holds_until_its_window_ends(count: int, age: timedelta) -> None:
    """A counter says wait exactly while it is at its limit and its window is open."""
    limit = rules.Limit(5, timedelta(minutes=15))
    assert rules.limit_reached(count, AT - age, limit, AT) == (count >= 5 and age < timedelta(minutes=15))


@given(spans)
def test_links_and_proofs_age(age: timedelta) -> None:
    """An enrolment link is open for 15 minutes, a proof of presence for 2, and neither after its use."""
    assert rules.link_is_open(AT - age, None, AT, LIMITS) == (age < timedelta(minutes=15))
    assert rules.presence_is_open(AT - age, None, AT, LIMITS) == (age < timedelta(minutes=2))
    assert not rules.link_is_open(AT - age, AT, AT, LIMITS)
    assert not rules.presence_is_open(AT - age, AT, AT, LIMITS)
