"""Whether a study belongs to a referral: pure (H01).

A match is made without a person only when an own key and the person agree and nothing speaks against it. Everything
else is a person's decision, with the evidence side by side.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from rapidfuzz.distance import JaroWinkler

from overread.journey.referral.rules.request import nhs_digits


@dataclass(frozen=True)
class Bars:
    """What a comparison must reach; the thresholds of referrals say it.

    Attributes:
        by_itself: points from which a match is made without a person.
        worth_a_look: points from which a pair is offered to a person.
        same_name, like_name: likeness from which two names count as the same, and as alike.
        taken_within: how far examination and referral may lie apart.
    """

    by_itself: int
    worth_a_look: int
    same_name: float
    like_name: float
    taken_within: timedelta


@dataclass(frozen=True)
class Side:
    """What one side knows: a referral, or a study as the scanner sent it. Empty means not sent."""

    family: str = ""
    given: str = ""
    birth_date: date | None = None
    sex: str = ""
    nhs_number: str = ""
    identifier: str = ""
    issuer: str = ""
    accession: str = ""
    modality: str = ""
    procedure: str = ""
    laterality: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """One line of the comparison.

    Attributes:
        field: what is compared.
        study, referral: as each side wrote it.
        verdict: "same", "like", "differs", "missing".
        points: what it adds to the score.
        words: the verdict for people.
    """

    field: str
    study: str
    referral: str
    verdict: str
    points: int
    words: str


@dataclass(frozen=True)
class Score:
    """How well a study and a referral fit; `needed` is how many points a match without a person takes."""

    points: int
    evidence: tuple[Evidence, ...]
    needed: int

    @property
    def against(self) -> tuple[Evidence, ...]:
        """What speaks against the match."""
        return tuple(e for e in self.evidence if e.verdict == "differs")

    @property
    def own_key(self) -> bool:
        """Whether a key that only this patient or request has agrees."""
        return any(
            e.verdict == "same" and e.field in {"Accession", "NHS number", "Hospital number"} for e in self.evidence
        )

    @property
    def by_itself(self) -> bool:
        """Whether the match may be made without a person: an own key, birth date, name, and nothing against (H01)."""
        agreed = {e.field for e in self.evidence if e.verdict == "same"}
        whole = self.own_key and {"Name", "Born"} <= agreed and self.points >= self.needed
        return whole and not self.against and not self.another_examination

    @property
    def same_person(self) -> bool:
        """Whether both are about one person beyond doubt: an own number, birth date and name agree, nothing differs."""
        agreed = {e.field for e in self.evidence if e.verdict == "same"}
        number = bool(agreed & {"NHS number", "Hospital number"})
        against = {e.field for e in self.against} - {"Modality", "Side"}
        return number and {"Name", "Born"} <= agreed and not against

    @property
    def another_examination(self) -> bool:
        """Whether it may be another examination of the same person, such as an earlier one: its number or time is not the request's."""
        return any(e.verdict == "like" and e.field in {"Accession", "Taken, ordered"} for e in self.evidence)


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9 ]", " ", flat.lower()).split())


def _key(field: str, study: str, referral: str, points: int, *, strict: bool) -> Evidence:
    a, b = study.strip().upper(), referral.strip().upper()
    if not a or not b:
        return Evidence(field, study, referral, "missing", 0, "nothing to compare")
    if a == b:
        return Evidence(field, study, referral, "same", points, "same")
    return Evidence(field, study, referral, "differs" if strict else "like", 0, "not the same")


SEX_WORDS = {"F": "Female", "M": "Male", "O": "Other"}
SIDE_WORDS = {"L": "Left", "R": "Right", "B": "Both sides", "U": "No side"}


def _worded(found: Evidence, words: Mapping[str, str]) -> Evidence:
    """The same evidence with its codes in words."""
    study, referral = (words.get(text.strip().upper(), text) for text in (found.study, found.referral))
    return replace(found, study=study, referral=referral)


def _identifier(study: Side, referral: Side) -> Evidence:
    """A hospital number counts only where both come from the same issuer; unlike ones from unlike issuers say nothing."""
    if study.issuer and referral.issuer and study.issuer.upper() != referral.issuer.upper():
        return Evidence("Hospital number", study.identifier, referral.identifier, "missing", 0, "other hospitals")
    return _key("Hospital number", study.identifier, referral.identifier, 30, strict=True)


def _name(study: Side, referral: Side, bars: Bars) -> Evidence:
    left, right = f"{study.family}, {study.given}".strip(", "), f"{referral.family}, {referral.given}".strip(", ")
    if not left or not right:
        return Evidence("Name", left, right, "missing", 0, "nothing to compare")
    a, b = _plain(left), _plain(right)
    likeness = max(
        JaroWinkler.similarity(a, b), JaroWinkler.similarity(" ".join(sorted(a.split())), " ".join(sorted(b.split())))
    )
    if likeness >= bars.same_name:
        return Evidence("Name", left, right, "same", 20, "same" if a == b else "nearly the same")
    if likeness >= bars.like_name:
        return Evidence("Name", left, right, "like", 8, "alike")
    return Evidence("Name", left, right, "differs", 0, "another name")


def _born(study: Side, referral: Side) -> Evidence:
    left = f"{study.birth_date:%d %b %Y}" if study.birth_date else ""
    right = f"{referral.birth_date:%d %b %Y}" if referral.birth_date else ""
    if not left or not right:
        return Evidence("Born", left, right, "missing", 0, "nothing to compare")
    if study.birth_date == referral.birth_date:
        return Evidence("Born", left, right, "same", 20, "same")
    digits = sum(x != y for x, y in zip(f"{study.birth_date:%Y%m%d}", f"{referral.birth_date:%Y%m%d}", strict=True))
    return Evidence("Born", left, right, "differs", 0, f"{digits} digit{'s' if digits > 1 else ''} differ")


def _taken(study: Side, referral: Side, bars: Bars) -> Evidence:
    left = f"{study.at:%d %b, %H:%M}" if study.at else ""
    right = f"{referral.at:%d %b, %H:%M}" if referral.at else ""
    if study.at is None or referral.at is None:
        return Evidence("Taken, ordered", left, right, "missing", 0, "nothing to compare")
    near = abs(study.at - referral.at) <= bars.taken_within
    return Evidence(
        "Taken, ordered", left, right, "same" if near else "like", 5 if near else 0, "near" if near else "far apart"
    )


def score(study: Side, referral: Side, bars: Bars) -> Score:
    """Compare a study with a referral, line by line.

    Args:
        study: as the scanner sent it.
        referral: as the client wrote it.
        bars: what counts as the same.
    """
    lines = (
        _key("Accession", study.accession, referral.accession, 50, strict=False),
        _key("NHS number", nhs_digits(study.nhs_number), nhs_digits(referral.nhs_number), 50, strict=True),
        _identifier(study, referral),
        _name(study, referral, bars),
        _born(study, referral),
        _worded(
            _key("Sex", study.sex, referral.sex, 5, strict=study.sex in {"M", "F"} and referral.sex in {"M", "F"}),
            SEX_WORDS,
        ),
        _key("Modality", study.modality, referral.modality, 10, strict=True),
        _worded(_key("Side", study.laterality, referral.laterality, 2, strict=True), SIDE_WORDS),
        _taken(study, referral, bars),
    )
    return Score(sum(line.points for line in lines), lines, bars.by_itself)


@dataclass(frozen=True)
class Candidate:
    """A referral, or a study, that might belong; with its score."""

    id: UUID
    score: Score


def choose(candidates: Sequence[Candidate]) -> UUID | None:
    """The one candidate that matches without a person: it fits by itself, and no other comes near (H01)."""
    fits = [c for c in candidates if c.score.by_itself]
    if len(fits) != 1:
        return None
    others = [c for c in candidates if c is not fits[0] and c.score.own_key and not c.score.another_examination]
    return None if others else fits[0].id
