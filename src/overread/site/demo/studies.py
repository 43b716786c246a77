"""The studies of the demonstration: three generated patients on the happy path, and real files that go wrong on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from overread.edge.dimse.sender import Peer, SendResult, SendState, store_to
from overread.journey.reporting.rules import FINDING, GRADES, OUTSIDE, REGIONS, SEEN, volume_text
from overread.site.demo.packaged import Use, packaged_files
from overread.site.demo.phantoms.head import make_head_ct
from overread.site.demo.phantoms.jaw import make_jaw_cbct
from overread.site.demo.phantoms.lumbar import make_lumbar_mri
from overread.site.demo.phantoms.study import Phantom, StudyPlan, Subject

ODD = (Use.NO_BIRTH_DATE, Use.CHILD_AGE, Use.BAD_BIRTH_DATE, Use.DAMAGED, Use.NOT_AN_IMAGE, Use.OUT_OF_SCOPE)


@dataclass(frozen=True)
class Example:
    """One case of the demonstration: its referral, its images, and the report that a checked run signs.

    `form` is the address of the client's form for this kind of work, `title` that of the document that comes of it.
    """

    kind: str
    client: str
    user: str
    aet: str
    referral: dict[str, str]
    make: Callable[[datetime, bool], list[Phantom]]
    report: dict[str, str]
    alert: dict[str, str]
    studies: int = 1
    form: str = "/referrals/new/"
    title: str = "Radiology report"


OSRIC = Subject("SYNTHETIC^OSRIC", "H000118", "NORTH", date(1955, 2, 3), "M", "9990277788")
ODETTE = Subject("SYNTHETIC^ODETTE", "H000121", "NORTH", date(1968, 7, 19), "F", "9990356971")
OLEANDER = Subject("SYNTHETIC^OLEANDER", "H000134", "NORTH", date(1971, 11, 2), "F", "9990515166")
PERCIVAL = Subject("SYNTHETIC^PERCIVAL", "W000017", "WILLOW", date(1977, 5, 30), "M", "9990436169")


def _plan(at: datetime, accession: str, institution: str, description: str) -> StudyPlan:
    return StudyPlan(at=at, accession=accession, institution=institution, description=description)


def _head(at: datetime, small: bool) -> list[Phantom]:
    size, slices = (128, 16) if small else (512, 40)
    before = at - timedelta(days=260)
    now = make_head_ct(
        OSRIC, _plan(at, "NG26-118204", "Northmere General", "CT head"), bleed="left", size=size, slices=slices
    )
    prior = make_head_ct(OSRIC, _plan(before, "NG26-020417", "Northmere General", "CT head"), size=size, slices=slices)
    return [prior, now]


def _lumbar(at: datetime, small: bool) -> list[Phantom]:
    size, sagittal = (96, 7) if small else (384, 15)
    return [
        make_lumbar_mri(
            ODETTE, _plan(at, "NG26-118231", "Northmere General", "MRI lumbar spine"), size=size, sagittal=sagittal
        )
    ]


def _outside(at: datetime, small: bool) -> list[Phantom]:
    size, sagittal = (96, 7) if small else (384, 15)
    plan = _plan(at, "NG26-118240", "Westmoor Hospital", "Outside MRI of the lumbar spine")
    return [make_lumbar_mri(OLEANDER, plan, size=size, sagittal=sagittal)]


def _jaw(at: datetime, small: bool) -> list[Phantom]:
    size, spacing = ((90, 90, 60), 1.1) if small else ((250, 250, 200), 0.4)
    return [
        make_jaw_cbct(PERCIVAL, _plan(at, "WD-2026-0417", "Willowgate", "CBCT both jaws"), size=size, spacing=spacing)
    ]


def _referral(subject: Subject, **words: str) -> dict[str, str]:
    family, given = subject.name.split("^")
    born = f"{subject.birth_date:%Y-%m-%d}" if subject.birth_date else ""
    return {
        "family": family,
        "given": given,
        "birth_date": born,
        "sex": subject.sex,
        "nhs_number": subject.nhs_number,
        "identifier": subject.patient_id,
        "issuer": subject.issuer,
        **words,
    }


EXAMPLES = (
    Example(
        kind="head CT, critical finding",
        client="NORTH",
        user="linnet",
        aet="NORTH_CT2",
        referral=_referral(
            OSRIC,
            question="Fall down stairs, GCS 14, takes apixaban. Bleed?",
            modality="CT",
            procedure="CT head without contrast",
            priority="emergency",
            accession="NG26-118204",
            referrer_name="Dr Pascoe Wren",
            referrer_contact="01632 960014",
        ),
        make=_head,
        report={
            "findings": "Acute left basal ganglia haemorrhage. No midline shift. No fracture.",
            "conclusion": "Acute left basal ganglia haemorrhage.",
            "recommendation": "Urgent neurosurgical referral. Reverse anticoagulation.",
        },
        alert={"category": "critical", "finding": "Acute basal ganglia haemorrhage", "side": "left"},
        studies=2,
    ),
    Example(
        kind="lumbar MRI",
        client="NORTH",
        user="linnet",
        aet="NORTH_CT2",
        referral=_referral(
            ODETTE,
            question="Sciatica for six weeks. Disc?",
            modality="MR",
            procedure="MRI lumbar spine",
            priority="routine",
            accession="NG26-118231",
            referrer_name="Dr Pascoe Wren",
        ),
        make=_lumbar,
        report={
            "findings": "Left disc protrusion at L4/L5 that touches the root. Other discs keep their height.",
            "conclusion": "Left disc protrusion at L4/L5.",
        },
        alert={"category": "none"},
    ),
    Example(
        kind="MRI second opinion",
        client="NORTH",
        user="linnet",
        aet="NORTH_CT2",
        form="/referrals/new/?for=imaging&type=second_opinion",
        title="Second opinion",
        referral=_referral(
            OLEANDER,
            question="Surgery was advised for L4/L5. Is the protrusion as large as reported?",
            modality="MR",
            procedure="Outside MRI of the lumbar spine",
            priority="routine",
            accession="NG26-118240",
            referrer_name="Dr Pascoe Wren",
            original_words="Large left disc protrusion at L4/L5 with marked compression of the root. Surgery advised.",
            original_author="Dr Peregrine Holt",
            original_organisation="Westmoor Hospital",
            original_date="2026-03-02",
        ),
        make=_outside,
        report={
            "findings": "Small left disc protrusion at L4/L5 that touches the root and does not displace it.",
            "grade": GRADES[3],
            "difference": "The protrusion is small, not large; the root is touched, not compressed.",
            "conclusion": "Small left disc protrusion at L4/L5 without compression.",
            "recommendation": "Treatment without surgery first.",
        },
        alert={"category": "none"},
    ),
    Example(
        kind="jaw CBCT",
        client="WILLOW",
        user="saffron",
        aet="WILLOW_CBCT",
        referral=_referral(
            PERCIVAL,
            question="Implant planned in the lower jaw. Distance to the nerve canal?",
            modality="CBCT",
            procedure="CBCT both jaws",
            priority="routine",
            accession="WD-2026-0417",
            referrer_name="Dr Saffron Ellery",
            referrer_number="123456",
            entitled="yes",
            purpose="implant",
            region="both-jaws",
            field_diameter="10",
            field_height="8",
            teeth="36",
        ),
        make=_jaw,
        report={
            "quality": "Good, no motion.",
            "teeth": "36: missing, implant planned. Ridge wide enough, canal clear of the site.",
            "volume": volume_text(
                {**dict.fromkeys(REGIONS, SEEN), "jaws": FINDING + "lucency left", "skull-base": OUTSIDE}
            ),
            "recommendation": "Look at the left lucency clinically.",
            "findings": "Nerve canals are seen in their whole course. Periapical lucency on the left.",
            "conclusion": "Left periapical lucency. The canals are clear of the planned site.",
        },
        alert={"category": "none"},
    ),
)


@dataclass
class Sent:
    """What came of sending: how many objects were sent, and how many were accepted."""

    sent: int = 0
    accepted: int = 0

    def add(self, results: list[SendResult]) -> None:
        """Count one association's results."""
        self.sent += len(results)
        self.accepted += sum(r.state is SendState.ACCEPTED for r in results)


def send(example: Example, folder: Path, port: int, at: datetime, *, small: bool, sent: Sent) -> None:
    """Generate an example's studies, prior first, and send them by C-STORE to the listener."""
    peer = Peer(host="127.0.0.1", port=port, aet="OVERREAD", our_aet=example.aet)
    for number, phantom in enumerate(example.make(at, small)):
        paths = phantom.write(folder / f"{example.client}-{example.kind.split(',')[0].replace(' ', '-')}-{number}")
        sent.add(store_to(peer, paths))


def send_odd(port: int, sent: Sent) -> None:
    """Send the real files that must be held or kept apart."""
    peer = Peer(host="127.0.0.1", port=port, aet="OVERREAD", our_aet="NORTH_CT2")
    for one in packaged_files(*ODD):
        sent.add(store_to(peer, [one.path]))
