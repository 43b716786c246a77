"""What is on record about a reader, as frozen facts: pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from overread.governance.credentials.rules.gates import OverrideFacts, Reason


class Body(StrEnum):
    """The regulators whose registers we check."""

    GMC = "GMC"
    GDC = "GDC"


class Scope(StrEnum):
    """What a reader's training covers of dental cone-beam CT (REQ-81)."""

    NONE = ""
    DENTO_ALVEOLAR = "dento_alveolar"
    DMF_RADIOLOGIST = "dmf_radiologist"
    GMC_RADIOLOGIST = "gmc_radiologist"


SCOPE_WORDS = {
    Scope.NONE: "no cone-beam CT",
    Scope.DENTO_ALVEOLAR: "dento-alveolar volumes",
    Scope.DMF_RADIOLOGIST: "dental and maxillofacial radiologist",
    Scope.GMC_RADIOLOGIST: "radiologist registered with the GMC",
}


@dataclass(frozen=True)
class RegistrationFacts:
    """A registration as it was last checked.

    Attributes:
        body, number: of the register.
        checked_on: the day of the last check.
        failed: that check did not find the person in good standing.
        licence: a licence to practise is held.
        specialist: the person is on the specialist register or list.
        detail: what a failed check found.
    """

    body: str
    number: str
    checked_on: date
    failed: bool = False
    licence: bool = True
    specialist: bool = True
    detail: str = ""


@dataclass(frozen=True)
class PrivilegeFacts:
    """A privilege that holds now.

    Attributes:
        client_id: for whom; None for every client.
        modalities: DICOM Modality values.
        read_types: kinds of read.
        regions: body regions or procedures, in lower case; empty for all.
        scope: training for cone-beam CT.
    """

    client_id: UUID | None
    modalities: frozenset[str]
    read_types: frozenset[str]
    regions: frozenset[str] = frozenset()
    scope: str = Scope.NONE

    def covers(self, client_id: UUID, modality: str, read_type: str, *described: str) -> bool:
        """Whether it allows this read.

        Args:
            client_id, modality, read_type: of the read.
            described: body part and procedure; a privilege that names regions needs one of them in these words.
        """
        right_client = self.client_id in (None, client_id)
        text = " ".join(described).casefold()
        right_region = not self.regions or any(region in text for region in self.regions)
        return right_client and right_region and modality in self.modalities and read_type in self.read_types


@dataclass(frozen=True)
class IndemnityFacts:
    """An indemnity: who stands behind the reader, for what, how far and until when (REQ-11)."""

    insurer: str
    modalities: frozenset[str]
    teleradiology: bool
    limit_pounds: int
    starts_on: date
    expires_on: date


@dataclass(frozen=True)
class DbsFacts:
    """A DBS check: its level, its day, and until when it counts."""

    level: str
    issued_on: date
    renew_by: date


@dataclass(frozen=True)
class AppraisalFacts:
    """A whole-practice appraisal of a doctor (REQ-10)."""

    held_on: date
    teleradiology: bool
    designated_body: str
    responsible_officer: str


@dataclass(frozen=True)
class RevalidationFacts:
    """A doctor's revalidation: when last, and by when again."""

    last_on: date | None
    due_on: date


class AuditState(StrEnum):
    """Where a new reader stands with the entry audit (REQ-23)."""

    UNDER_WAY = "under_way"
    RELEASED = "released"
    FAILED = "failed"


@dataclass(frozen=True)
class AuditFacts:
    """A new reader's entry audit; `released_on` is when the clinical lead let them read."""

    state: AuditState
    cross_sectional: int
    auditors: tuple[str, ...]
    released_on: date | None = None


@dataclass(frozen=True)
class ReaderFacts:
    """All that is on record about one reader at a moment.

    Attributes:
        others: gates of other registers, such as training and equipment.
        overrides: what the registered manager let pass.
    """

    registrations: tuple[RegistrationFacts, ...] = ()
    privileges: tuple[PrivilegeFacts, ...] = ()
    indemnities: tuple[IndemnityFacts, ...] = ()
    dbs: tuple[DbsFacts, ...] = ()
    appraisals: tuple[AppraisalFacts, ...] = ()
    revalidations: tuple[RevalidationFacts, ...] = ()
    audits: tuple[AuditFacts, ...] = ()
    others: tuple[Reason, ...] = ()
    overrides: tuple[OverrideFacts, ...] = ()


@dataclass(frozen=True)
class Limits:
    """The numbers that the gates are judged by.

    Attributes:
        recheck: longest time between two checks of a register.
        appraisal_months, revalidation_years: longest time between two.
        cross_sectional, auditors: least numbers of an entry audit.
    """

    recheck: timedelta
    appraisal_months: int
    revalidation_years: int
    cross_sectional: int
    auditors: int


@dataclass(frozen=True)
class Asked:
    """The read that is asked about."""

    client_id: UUID
    modality: str
    read_type: str
    body_part: str = ""
    procedure: str = ""
