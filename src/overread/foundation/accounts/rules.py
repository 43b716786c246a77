"""Who may do what, and how long a proof of identity lasts. Pure; time is passed in as `at`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID


class Role(StrEnum):
    """What a person is here. A person holds a set of them (DESIGN 3, People)."""

    REGISTERED_MANAGER = "registered_manager"
    DIRECTOR = "director"
    CLINICAL_LEAD = "clinical_lead"
    RADIOLOGIST = "radiologist"
    ADMINISTRATOR = "administrator"
    CLINICAL_SAFETY_OFFICER = "clinical_safety_officer"
    IG_LEAD = "ig_lead"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    EXTERNAL_REVIEWER = "external_reviewer"
    INSPECTOR = "inspector"
    CLIENT_USER = "client_user"
    CLIENT_ADMINISTRATOR = "client_administrator"
    GATEWAY = "gateway"


ROLE_WORDS: dict[Role, str] = {
    Role.REGISTERED_MANAGER: "Registered manager",
    Role.DIRECTOR: "Director",
    Role.CLINICAL_LEAD: "Clinical lead",
    Role.RADIOLOGIST: "Radiologist",
    Role.ADMINISTRATOR: "Administrator",
    Role.CLINICAL_SAFETY_OFFICER: "Clinical safety officer",
    Role.IG_LEAD: "Information governance lead",
    Role.SAFEGUARDING_LEAD: "Safeguarding lead",
    Role.EXTERNAL_REVIEWER: "External reviewer",
    Role.INSPECTOR: "Inspector",
    Role.CLIENT_USER: "Client user",
    Role.CLIENT_ADMINISTRATOR: "Client administrator",
    Role.GATEWAY: "Site gateway",
}

CLIENT_ROLES = frozenset({Role.CLIENT_USER, Role.CLIENT_ADMINISTRATOR, Role.GATEWAY})
PROVIDER_ROLES = frozenset(Role) - CLIENT_ROLES
# Who is trained, confirms policies and has a file: everybody of the provider; an inspector is a guest.
STAFF_ROLES = PROVIDER_ROLES - {Role.INSPECTOR}
# Provider roles whose work is on patients, so that their scope is every active client.
CLINICAL_SCOPE_ROLES = frozenset(
    {
        Role.REGISTERED_MANAGER,
        Role.CLINICAL_LEAD,
        Role.RADIOLOGIST,
        Role.ADMINISTRATOR,
        Role.IG_LEAD,
        Role.SAFEGUARDING_LEAD,
        # They see no case: their pages count what happened, for every client.
        Role.DIRECTOR,
        Role.INSPECTOR,
    }
)
SIGNING_ROLES = frozenset({Role.RADIOLOGIST})

_CASE_STAFF = frozenset({"case.see", "worklist.read"})
# Everybody who works for the provider has duties, reads its registers and reports what went wrong (REQ-06, REQ-18).
_STAFF = frozenset({"duty.see", "governance.see", "incident.report"})
_GOVERNS = _STAFF | {"governance.manage"}  # keeps registers up to date
_APPROVES = _GOVERNS | {"governance.approve"}  # decides in them, never on what concerns themselves
_PORTAL = frozenset({"portal.see", "referral.make", "upload.make", "alert.acknowledge"})
_OFFICE = frozenset({"referral.make", "referral.match", "hold.resolve", "delivery.resend", "upload.make", "system.see"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.REGISTERED_MANAGER: _CASE_STAFF
    | _OFFICE
    | _APPROVES
    | {
        "agreement.see",
        "agreement.write",
        "agreement.approve",
        "alert.acknowledge",
        "client.manage",
        "people.manage",
        "people.file",
    }
    | {"inspection.see", "inspection.pack"},
    Role.DIRECTOR: _APPROVES
    | {"agreement.see", "agreement.approve", "people.file", "inspection.see", "inspection.pack"},
    Role.CLINICAL_LEAD: _CASE_STAFF
    | _APPROVES
    | {
        "agreement.see",
        "agreement.approve",
        "alert.raise",
        "alert.acknowledge",
        "hold.resolve",
        "system.see",
        "inspection.see",
    },
    Role.RADIOLOGIST: _CASE_STAFF | _STAFF | {"read.claim", "report.sign", "alert.raise"},
    Role.ADMINISTRATOR: _CASE_STAFF | _OFFICE | _GOVERNS | {"agreement.see", "agreement.write"},
    Role.CLINICAL_SAFETY_OFFICER: _STAFF | {"system.see", "inspection.see"},
    Role.IG_LEAD: _STAFF | {"case.see", "system.see", "inspection.see"},
    Role.SAFEGUARDING_LEAD: _STAFF | {"case.see"},
    Role.EXTERNAL_REVIEWER: frozenset({"duty.see", "incident.report", "review.external"}),
    Role.INSPECTOR: frozenset({"inspection.see"}),
    Role.CLIENT_USER: _PORTAL,
    Role.CLIENT_ADMINISTRATOR: _PORTAL | {"agreement.see", "organisation.see"},
    Role.GATEWAY: frozenset({"study.send"}),
}


@dataclass(frozen=True)
class Limits:
    """How long sessions, links and proofs last, and how often one may be wrong; `accounts.limits` reads the thresholds.

    Attributes:
        idle_lock, portal_idle_lock: rest after which a session locks, of the provider's people and of a client's.
        session_end, enrolment_end: longest life of a session, and of one without a second factor.
        mfa_fresh: how long after a second factor a signing PIN is enough.
        link_life, presence_life: of an enrolment link, and of a proof of presence.
        pin_tries, pin_lock: wrong signing PINs until it locks, and for how long.
        sessions: at the same time.
    """

    idle_lock: timedelta
    portal_idle_lock: timedelta
    session_end: timedelta
    enrolment_end: timedelta
    mfa_fresh: timedelta
    link_life: timedelta
    presence_life: timedelta
    pin_tries: int
    pin_lock: timedelta
    sessions: int


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """All permission codes that a set of roles gives; an unknown role gives none."""
    known = set(Role)
    return frozenset(code for role in roles if role in known for code in PERMISSIONS[Role(role)])


def may_grant(
    granter_roles: Iterable[str], granter_id: UUID, subject_id: UUID, role: Role, subject_roles: Iterable[str] = ()
) -> str:
    """Whether a person may give or take a role of another.

    Args:
        granter_roles: roles the granter holds now.
        granter_id: who grants.
        subject_id: whose role it is.
        role: the role.
        subject_roles: roles the subject holds now.

    Returns:
        An empty text when allowed, else the reason for people. Nobody approves themselves; only a registered
        manager grants; one person works for the provider or for a client, never for both.
    """
    if granter_id == subject_id:
        return "Nobody changes their own roles. Ask another registered manager."
    if Role.REGISTERED_MANAGER not in set(granter_roles):
        return "Only a registered manager gives and takes roles."
    return clash(role, subject_roles)


def clash(role: Role, held: Iterable[str]) -> str:
    """The reason why a role cannot stand beside those already held, or an empty text."""
    clients = {str(r) for r in CLIENT_ROLES}
    if any((str(other) in clients) != (role in CLIENT_ROLES) for other in held):
        return "One person works for the provider or for a client, never for both. Make a second account with its own e-mail."
    return ""


def needs_client(role: Role) -> bool:
    """Whether a grant of this role names a client."""
    return role in CLIENT_ROLES


@dataclass(frozen=True)
class NewLink:
    """An enrolment link that has just been made; the token is shown once and kept nowhere.

    Attributes:
        token: goes into the address `/enrol/<token>/`.
        expires_at: until when it can be used.
    """

    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """The address under the installation's."""
        return f"/enrol/{self.token}/"


@dataclass(frozen=True)
class Proof:
    """A proof of presence that has just been given.

    Attributes:
        token: hand it to the action that it allows; works once.
        at: when the person proved to be there.
        method: "pin" or "passkey".
    """

    token: str
    at: datetime
    method: str


class SessionState(StrEnum):
    """What a web session may still do."""

    live = "live"
    locked = "locked"
    enrolling = "enrolling"
    ended = "ended"


@dataclass(frozen=True)
class SessionFacts:
    """What decides the state of a web session."""

    started_at: datetime
    seen_at: datetime
    mfa_at: datetime | None
    locked_at: datetime | None
    ended_at: datetime | None
    idle_lock: timedelta


def idle_lock_of(roles: Iterable[str], limits: Limits) -> timedelta:
    """How long a session may rest before it locks; people of a client have less (RELIABILITY section 6, item 5)."""
    return limits.portal_idle_lock if any(role in CLIENT_ROLES for role in roles) else limits.idle_lock


def locks_at(facts: SessionFacts, limits: Limits) -> datetime:
    """When a session locks, or ends, if nobody does anything more."""
    return min(facts.seen_at + facts.idle_lock, facts.started_at + limits.session_end)


def may_rest_longer(facts: SessionFacts, limits: Limits) -> bool:
    """Whether doing something now makes that later: not in the last minutes of a session's longest life."""
    return facts.seen_at + facts.idle_lock < facts.started_at + limits.session_end


def session_state(facts: SessionFacts, at: datetime, limits: Limits) -> SessionState:
    """Locked after a rest, ended after its longest life; without a second factor only enrolment, and not for long.

    Source: RELIABILITY section 6, item 5.
    """
    if facts.ended_at is not None or at - facts.started_at >= limits.session_end:
        return SessionState.ended
    if facts.mfa_at is None:
        return SessionState.enrolling if at - facts.started_at < limits.enrolment_end else SessionState.ended
    if facts.locked_at is not None or at - facts.seen_at >= facts.idle_lock:
        return SessionState.locked
    return SessionState.live


def mfa_is_fresh(mfa_at: datetime | None, at: datetime, limits: Limits) -> bool:
    """Whether a signing PIN is enough: the session proved a second factor not long ago (DESIGN 3, Reports)."""
    return mfa_at is not None and at - mfa_at < limits.mfa_fresh


def link_is_open(made_at: datetime, used_at: datetime | None, at: datetime, limits: Limits) -> bool:
    """An enrolment link works once, for its life."""
    return used_at is None and at - made_at < limits.link_life


def presence_is_open(made_at: datetime, used_at: datetime | None, at: datetime, limits: Limits) -> bool:
    """A proof of presence works once, for its life."""
    return used_at is None and timedelta(0) <= at - made_at < limits.presence_life


def sessions_to_end(started: list[tuple[UUID, datetime]], limits: Limits) -> list[UUID]:
    """Which live sessions end so that one more is not too many: the oldest."""
    keep = limits.sessions - 1
    newest_first = sorted(started, key=lambda item: item[1], reverse=True)
    return [key for key, _ in newest_first[keep:]]


def pin_fault(pin: str) -> str:
    """Why a signing PIN is too easy, or an empty text. Six to twelve digits, no run, no repetition."""
    if not re.fullmatch(r"[0-9]{6,12}", pin):
        return "Use 6 to 12 digits."
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 or len(set(pin)) < 3:
        return "This PIN is easy to guess. Avoid runs such as 123456 and repeated digits."
    return ""


_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_words(agent: str) -> str:
    """What a browser calls itself, in words that its owner knows it by."""
    browser = next((words for mark, words in _BROWSERS if mark in agent), "unknown browser")
    system = next((words for mark, words in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def clean_email(email: str) -> str:
    """The one spelling of an e-mail address that names an account."""
    return email.strip().lower()


@dataclass(frozen=True)
class Limit:
    """At most `most` failures in `window`, then a wait until the window ends."""

    most: int
    window: timedelta


def limit_reached(count: int, window_from: datetime, limit: Limit, at: datetime) -> bool:
    """Whether a counter of failures says wait."""
    return count >= limit.most and at - window_from < limit.window
