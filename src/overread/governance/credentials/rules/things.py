"""What stands on each kind of paper about a reader, as columns of a file. Pure."""

from overread.foundation.registers.rules import Field, Kind
from overread.governance.credentials.rules.facts import SCOPE_WORDS, Body

MODALITIES = (
    ("CT", "CT"),
    ("MR", "MRI"),
    ("CBCT", "Dental cone-beam CT"),
    ("CR", "Plain film, CR"),
    ("DX", "Plain film, DX"),
)
READ_TYPES = (
    ("primary", "Primary report"),
    ("second_opinion", "Second opinion"),
    ("clinical_review", "Clinical review"),
)
READER = Field(name="person", title="Reader", kind=Kind.PERSON, help="The e-mail with which they sign in.")


def _day(name: str, title: str, *, required: bool = True, past: bool = False) -> Field:
    return Field(name=name, title=title, kind=Kind.DAY, required=required, past=past)


def _yes(name: str, title: str) -> Field:
    return Field(name=name, title=title, kind=Kind.YES, required=False)


_COVERED = Field(name="modalities", title="Modalities", kind=Kind.CHOICES, choices=MODALITIES)

# Columns by kind of paper. The entry audit has none: it moves by its own steps and is not typed from a file.
COLUMNS: dict[str, tuple[Field, ...]] = {
    "registration": (
        READER,
        Field(name="body", title="Register", kind=Kind.CHOICE, choices=tuple((b.value, b.value) for b in Body)),
        Field(name="number", title="Number", most=20),
        _day("checked_on", "Looked up on", past=True),
        _yes("licence", "Licence to practise"),
        _yes("specialist", "On the specialist register or list"),
        _yes("failed", "NOT in good standing"),
        Field(name="detail", title="What it showed", most=300, required=False),
    ),
    "privilege": (
        READER,
        Field(name="for_client", title="Client", most=40, required=False, help="The client's code; empty for all."),
        _COVERED,
        Field(name="read_types", title="Kinds of read", kind=Kind.CHOICES, choices=READ_TYPES),
        Field(name="regions", title="Only these regions", most=500, required=False, help="Parted by commas."),
        Field(
            name="scope",
            title="Cone-beam CT",
            kind=Kind.CHOICE,
            choices=tuple((str(scope), said) for scope, said in SCOPE_WORDS.items() if scope),
            required=False,
        ),
        _day("ends_on", "Last day", required=False),
    ),
    "indemnity": (
        READER,
        Field(name="insurer", title="Insurer", most=120),
        Field(name="policy_number", title="Policy number", most=60, required=False),
        _COVERED,
        _yes("teleradiology", "Covers teleradiology"),
        Field(name="jurisdiction", title="Jurisdiction", most=120),
        Field(name="limit_pounds", title="Limit of one claim, pounds", kind=Kind.WHOLE, least=1),
        _day("starts_on", "First day"),
        _day("expires_on", "Last day"),
    ),
    "dbs": (
        READER,
        Field(name="level", title="Level", most=40),
        Field(name="number", title="Certificate number", most=40, required=False),
        _day("issued_on", "Issued on", past=True),
        _day("renew_by", "Renew by"),
    ),
    "appraisal": (
        READER,
        _day("held_on", "Held on", past=True),
        Field(name="appraiser", title="Appraiser", most=120),
        _yes("teleradiology", "It covered the work done here"),
        Field(name="designated_body", title="Designated body", most=120),
        Field(name="responsible_officer", title="Responsible officer", most=120),
    ),
    "revalidation": (
        READER,
        _day("last_on", "Last revalidated on", required=False, past=True),
        _day("due_on", "Due on"),
    ),
}
