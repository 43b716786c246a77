"""Pure decisions about identity: what contradicts, what only adds, and ages."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import nhs_number as nhs


@dataclass(frozen=True)
class Demographics:
    """What is known of a person; "" or None is not known."""

    family: str = ""
    given: str = ""
    birth_date: date | None = None
    sex: str = ""
    nhs_number: str = ""


@dataclass(frozen=True)
class Difference:
    """One field in which two records contradict each other."""

    field: str
    have: str
    got: str


@dataclass(frozen=True)
class PatientView:
    """A person as one client knows them."""

    id: UUID
    client_id: UUID
    issuer: str
    identifier: str
    family: str
    given: str
    birth_date: date | None
    sex: str
    nhs_number: str

    @property
    def name(self) -> str:
        """Family, Given, as lists show it."""
        return ", ".join(part for part in (self.family, self.given) if part) or "Name not sent"

    @property
    def demographics(self) -> Demographics:
        """The part that two records are compared by."""
        return Demographics(self.family, self.given, self.birth_date, self.sex, self.nhs_number)


FIELD_WORDS: Final = {
    "family": "Family name",
    "given": "Given name",
    "birth_date": "Date of birth",
    "sex": "Sex",
    "nhs_number": "NHS number",
}
SEXES: Final = ("M", "F", "O", "")


def plain(text: str) -> str:
    """A name for comparing: no accents, case, spaces or punctuation."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in folded if c.isalnum())


def _same_name(have: str, got: str) -> bool:
    return plain(have) == plain(got)


def _same_given(have: str, got: str) -> bool:
    """Given names agree when the first ones do, or one is the initial of the other: scanners cut names short."""
    one, two = (plain(text.replace("^", " ").split(" ")[0]) for text in (have, got))
    shorter, longer = sorted((one, two), key=len)
    return one == two or (len(shorter) == 1 and longer.startswith(shorter))


def differences(have: Demographics, got: Demographics) -> tuple[Difference, ...]:
    """The fields in which both records say something and contradict each other (H01, H26).

    A field that one of the two leaves empty is no contradiction; sex O contradicts nothing.
    """
    found = []
    if have.family and got.family and not _same_name(have.family, got.family):
        found.append(Difference("family", have.family, got.family))
    if have.given and got.given and not _same_given(have.given, got.given):
        found.append(Difference("given", have.given, got.given))
    if have.birth_date and got.birth_date and have.birth_date != got.birth_date:
        found.append(Difference("birth_date", have.birth_date.isoformat(), got.birth_date.isoformat()))
    if have.sex and got.sex and have.sex != got.sex and "O" not in (have.sex, got.sex):
        found.append(Difference("sex", have.sex, got.sex))
    if have.nhs_number and got.nhs_number and have.nhs_number != got.nhs_number:
        found.append(Difference("nhs_number", have.nhs_number, got.nhs_number))
    return tuple(found)


def completed(have: Demographics, got: Demographics) -> Demographics:
    """What is known after both, when they do not contradict: the first record, its gaps filled by the second."""
    return Demographics(
        family=have.family or got.family,
        given=have.given or got.given,
        birth_date=have.birth_date or got.birth_date,
        sex=have.sex or got.sex,
        nhs_number=have.nhs_number or got.nhs_number,
    )


def nhs_digits(text: str) -> str:
    """The ten digits of an NHS number written with or without spaces, or "" when it is not a valid one."""
    digits = "".join(c for c in text if c not in " -")
    return digits if len(digits) == 10 and digits.isascii() and digits.isdigit() and nhs.is_valid(digits) else ""


def faults(*, identifier: str, sex: str, nhs_number: str) -> dict[str, str]:
    """What is wrong with a registration, by field."""
    found = {}
    if not identifier.strip():
        found["identifier"] = "A patient needs the client's own number for them."
    if sex not in SEXES:
        found["sex"] = "Sex is M, F, O or not known."
    if nhs_number and not nhs_digits(nhs_number):
        found["nhs_number"] = "This is not a valid NHS number: its check digit does not fit."
    return found


def age_at(birth_date: date, on: date) -> int:
    """Whole years of age on a day; a birthday on 29 February is reached on 1 March of other years (English law)."""
    before_birthday = (on.month, on.day) < (birth_date.month, birth_date.day)
    return on.year - birth_date.year - before_birthday


SEX_WORDS: Final = {"M": "Male", "F": "Female", "O": "Other"}


def age_words(birth_date: date, on: date) -> str:
    """Age in words, such as "71 years"; before the first birthday in months."""
    years = age_at(birth_date, on)
    if years >= 1:
        return f"{years} year{'s' if years != 1 else ''}"
    months = (on.year - birth_date.year) * 12 + on.month - birth_date.month - (on.day < birth_date.day)
    return f"{max(0, months)} months"
