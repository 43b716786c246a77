"""Pure decisions of an agreement: its terms, what is wrong with them, and what they say."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID


class ReadType(StrEnum):
    """What is asked of the reader: a report, an opinion on somebody's report, or a review for a meeting, claim or complaint."""

    PRIMARY = "primary"
    SECOND_OPINION = "second_opinion"
    CLINICAL_REVIEW = "clinical_review"


READ_TYPE_WORDS: Final[dict[ReadType, str]] = {
    ReadType.PRIMARY: "Primary report",
    ReadType.SECOND_OPINION: "Second opinion",
    ReadType.CLINICAL_REVIEW: "Clinical review",
}
MODALITY_WORDS: Final = {"CT": "CT", "MR": "MRI", "CBCT": "Dental cone-beam CT"}
PRIORITIES: Final = ("routine", "urgent", "emergency")
# What a stored version means that does not say it. The thresholds are the defaults of today and may move; these may not,
# or old agreements would change their meaning.
DEFAULT_MINUTES: Final = {"routine": 24 * 60, "urgent": 4 * 60, "emergency": 60}
DEFAULT_PAUSES: Final = {
    "question": "A question to the referrer is open",
    "images": "Images were asked for again",
    "priors": "Previous images were asked for",
    "client": "The client asked to wait",
}
CHANNELS: Final = ("portal", "dicom")
CONTACT_CHANNELS: Final = ("phone", "email", "sms")
LISTS: Final = ("modalities", "channels", "read_types")
NATIONS: Final = ("england", "scotland", "wales", "northern-ireland")
MODALITIES: Final = ("CT", "MR", "CBCT")


@dataclass(frozen=True)
class Bounds:
    """Between what the terms of an agreement must lie; the thresholds of agreements say it.

    Attributes:
        longest_minutes: of any report time.
        longest_recall: seconds that a signed report may wait.
        longest_quiet: seconds without an image after which a study counts as whole.
        youngest: the youngest age that may be agreed, in years.
        oldest_youngest: the highest such age.
        shortest_rung, longest_rung: minutes that a rung of the ladder waits.
        longest_retention: years.
    """

    longest_minutes: int
    longest_recall: int
    longest_quiet: int
    youngest: int
    oldest_youngest: int
    shortest_rung: int
    longest_rung: int
    longest_retention: int


@dataclass(frozen=True)
class Contact:
    """A person or desk of the client that can be told something.

    Attributes:
        id: stable over versions.
        role: such as "emergency consultant".
        channel: phone, email or sms.
        address: the number or e-mail address.
        person_id: the account with which they sign in, if they have one.
        out_of_hours: can be reached at any time of day and night.
    """

    id: UUID
    name: str
    role: str
    channel: str
    address: str
    person_id: UUID | None = None
    out_of_hours: bool = False


@dataclass(frozen=True)
class Rung:
    """One step of the ladder by which an alert climbs: whom to tell, and how long to wait before the next, minutes."""

    order: int
    contact_id: UUID
    wait_minutes: int


@dataclass(frozen=True)
class Peer:
    """The client's DICOM node that takes reports."""

    aet: str
    host: str
    port: int
    tls: bool = False


@dataclass(frozen=True)
class Terms:
    """What is agreed. Times in minutes, seconds or years as their names say.

    Attributes:
        read_types: the kinds of work in scope, values of ReadType.
        priorities: minutes by priority.
        other_times: read type or modality -> its own minutes by priority; what is not named has `priorities`.
        preliminary: whether a preliminary report may be delivered before the final one (REQ-152).
    """

    modalities: tuple[str, ...] = ("CT", "MR", "CBCT")
    adult_age: int = 18
    read_types: tuple[str, ...] = (ReadType.PRIMARY.value,)
    priorities: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_MINUTES))
    other_times: dict[str, dict[str, int]] = field(default_factory=dict)
    preliminary: bool = False
    recall_seconds: int = 90
    quiet_seconds: int = 60
    contacts: tuple[Contact, ...] = ()
    ladder: tuple[Rung, ...] = ()
    channels: tuple[str, ...] = ("portal",)
    dicom_peer: Peer | None = None
    nation: str = "england"
    pause_codes: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_PAUSES))
    retention_years: int = 8
    timezone: str = "Europe/London"


@dataclass(frozen=True)
class AgreementView(Terms):
    """The terms that hold, with their version. `client_id` and `version_id` are None for the defaults of no agreement."""

    client_id: UUID | None = None
    version_id: UUID | None = None
    valid_from: datetime | None = None

    def minutes_for(self, priority: str, *, read_type: str = ReadType.PRIMARY.value, modality: str = "") -> int:
        """The minutes from received to accepted.

        Args:
            priority: routine, urgent or emergency.
            read_type: times agreed for this kind of work come first.
            modality: then those of the modality, then those that hold for all.
        """
        tables = (self.other_times.get(read_type), self.other_times.get(modality), self.priorities, DEFAULT_MINUTES)
        return next(table[priority] for table in tables if table and priority in table)

    def contact(self, contact_id: UUID) -> Contact | None:
        """A contact by id."""
        return next((c for c in self.contacts if c.id == contact_id), None)

    def takes(self, modality: str) -> bool:
        """Whether studies of this DICOM modality are in scope; a cone-beam CT is a CT made by a dental machine."""
        wanted = set(self.modalities) | ({"CT"} if "CBCT" in self.modalities else set())
        return modality in wanted

    def rungs(self) -> tuple[Rung, ...]:
        """The ladder in order."""
        return tuple(sorted(self.ladder, key=lambda r: r.order))


DEFAULTS: Final = AgreementView()
"""What holds for a client without an agreement: adults only, common priorities, nobody to call."""


def _times(table: Mapping[str, int], most: int) -> str:
    """What is wrong with the minutes of the priorities, or ""."""
    if set(table) != set(PRIORITIES):
        return "Routine, urgent and emergency each need a time."
    if not all(0 < minutes <= most for minutes in table.values()):
        return f"Each priority needs a time between 1 minute and {most // (24 * 60)} days."
    if not table["emergency"] <= table["urgent"] <= table["routine"]:
        return "Emergency may not take longer than urgent, nor urgent longer than routine."
    return ""


def _number(terms: Terms, bounds: Bounds) -> Iterator[tuple[str, str]]:
    if not bounds.youngest <= terms.adult_age <= bounds.oldest_youngest:
        span = f"{bounds.youngest} and {bounds.oldest_youngest}"
        yield "adult_age", f"The youngest age must lie between {span} years: only adults are read."
    if not 0 <= terms.recall_seconds <= bounds.longest_recall:
        yield "recall_seconds", f"The time to recall a signed report is 0 to {bounds.longest_recall} seconds."
    if not 1 <= terms.quiet_seconds <= bounds.longest_quiet:
        yield "quiet_seconds", f"The quiet time after the last image is 1 to {bounds.longest_quiet} seconds."
    if not 1 <= terms.retention_years <= bounds.longest_retention:
        yield "retention_years", f"Records are kept for 1 to {bounds.longest_retention} years."
    if wrong := _times(terms.priorities, bounds.longest_minutes):
        yield "priorities", wrong
    for kind, table in terms.other_times.items():
        if kind not in {*ReadType, *MODALITIES}:
            yield "other_times", "Other times are of a kind of work or a modality."
        elif wrong := _times(table, bounds.longest_minutes):
            yield "other_times", wrong


def _people(terms: Terms, bounds: Bounds) -> Iterator[tuple[str, str]]:
    ids = [c.id for c in terms.contacts]
    if len(set(ids)) != len(ids):
        yield "contacts", "Two contacts have the same id."
    if any(not (c.name.strip() and c.address.strip()) for c in terms.contacts):
        yield "contacts", "Each contact needs a name and a number or address."
    if any(c.channel not in CONTACT_CHANNELS for c in terms.contacts):
        yield "contacts", "A contact is reached by phone, e-mail or text message."
    if not any(c.out_of_hours for c in terms.contacts):
        yield (
            "contacts",
            "Nobody can be reached out of hours. A critical finding at night would wait until morning: "
            "name a contact who answers at any time.",
        )
    yield from _ladder(terms, set(ids), bounds)


def _ladder(terms: Terms, ids: set[UUID], bounds: Bounds) -> Iterator[tuple[str, str]]:
    if not terms.ladder:
        yield "ladder", "An alert needs at least one rung: whom to tell first."
    if len({r.order for r in terms.ladder}) != len(terms.ladder):
        yield "ladder", "Two rungs have the same place."
    if any(r.contact_id not in ids for r in terms.ladder):
        yield "ladder", "A rung names somebody who is not a contact."
    if any(not bounds.shortest_rung <= r.wait_minutes <= bounds.longest_rung for r in terms.ladder):
        yield "ladder", f"A rung waits {bounds.shortest_rung} to {bounds.longest_rung} minutes."


def _ways(terms: Terms, _bounds: Bounds) -> Iterator[tuple[str, str]]:
    if not terms.modalities:
        yield "modalities", "At least one modality is needed."
    if not terms.read_types or not set(terms.read_types) <= set(ReadType):
        yield "read_types", "At least one kind of work is needed: primary report, second opinion or clinical review."
    if not terms.channels or not set(terms.channels) <= set(CHANNELS):
        yield "channels", "Reports go to the portal, to a DICOM node, or both."
    if "dicom" in terms.channels and terms.dicom_peer is None:
        yield "dicom_peer", "Reports go to a DICOM node, but none is named."
    if terms.dicom_peer and not (terms.dicom_peer.aet and terms.dicom_peer.host and 0 < terms.dicom_peer.port < 65536):
        yield "dicom_peer", "The DICOM node needs an AE title, a host and a port."
    if terms.nation not in NATIONS:
        yield "nation", "Bank holidays are those of England, Scotland, Wales or Northern Ireland."


def faults(terms: Terms, bounds: Bounds) -> dict[str, str]:
    """What is wrong with the terms, by field; empty when they may be saved (RELIABILITY 4.1, invariant 7)."""
    found: dict[str, str] = {}
    for rule in (_number, _people, _ways):
        for name, words in rule(terms, bounds):
            found.setdefault(name, words)
    return found


def to_json(terms: Terms) -> dict[str, Any]:
    """The terms as JSON values."""
    values = {f.name: getattr(terms, f.name) for f in fields(Terms)}
    values["contacts"] = [
        asdict(c) | {"id": str(c.id), "person_id": str(c.person_id) if c.person_id else None} for c in terms.contacts
    ]
    values["ladder"] = [asdict(r) | {"contact_id": str(r.contact_id)} for r in terms.ladder]
    values["dicom_peer"] = asdict(terms.dicom_peer) if terms.dicom_peer else None
    for name in LISTS:
        values[name] = list(getattr(terms, name))
    return values


def from_json(values: dict[str, Any]) -> Terms:
    """The reverse of `to_json`; a term that an older version did not have takes its default."""
    known = {f.name for f in fields(Terms)}
    given = {name: value for name, value in values.items() if name in known}
    if "contacts" in given:
        given["contacts"] = tuple(
            Contact(**(c | {"id": UUID(c["id"]), "person_id": UUID(c["person_id"]) if c.get("person_id") else None}))
            for c in given["contacts"]
        )
    if "ladder" in given:
        given["ladder"] = tuple(Rung(**(r | {"contact_id": UUID(r["contact_id"])})) for r in given["ladder"])
    if given.get("dicom_peer"):
        given["dicom_peer"] = Peer(**given["dicom_peer"])
    for name in LISTS:
        if name in given:
            given[name] = tuple(given[name])
    return Terms(**given)


def view_of(terms: Terms, *, client_id: UUID, version_id: UUID, valid_from: datetime) -> AgreementView:
    """The terms as the view that other stages read."""
    values = {f.name: getattr(terms, f.name) for f in fields(Terms)}
    return AgreementView(**values, client_id=client_id, version_id=version_id, valid_from=valid_from)


def minutes_words(minutes: float) -> str:
    """A length of time as agreements say it: "90 s", "45 min", "4 h", "1 h 30 min", "2 days"."""
    if minutes != int(minutes) or minutes < 1:
        return f"{round(minutes * 60)} s"
    days, left = divmod(int(minutes), 24 * 60)
    hours, rest = divmod(left, 60)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (rest, "min")]
    return " ".join(f"{number} {word}" for number, word in parts if number)
