"""Frameworks of the inspectorate as tables: statements of each, and which of our topics speak to them (REQ-01).

Evidence is tied to a topic and a regulation, never to a framework, because the law stays when a framework goes. A new
framework is a new edition here.
"""

from dataclasses import dataclass

QUESTIONS: dict[str, str] = {
    "safe": "Safe",
    "effective": "Effective",
    "caring": "Caring",
    "responsive": "Responsive",
    "well-led": "Well-led",
}

# Regulations of the Health and Social Care Act 2008 (Regulated Activities) Regulations 2014.
REGULATIONS: dict[str, str] = {
    "9": "Person-centred care",
    "12": "Safe care and treatment",
    "13": "Safeguarding",
    "15": "Premises and equipment",
    "16": "Complaints",
    "17": "Good governance",
    "18": "Staffing",
    "19": "Fit and proper persons employed",
    "20": "Duty of candour",
}

TOPICS: dict[str, str] = {
    "learning": "Incidents and what was learned",
    "pathways": "The way of a study and its report",
    "safeguarding": "Safeguarding",
    "risks": "Risks known and reviewed",
    "equipment": "Displays and workstations",
    "staffing": "Enough people, fit and trained",
    "practice": "Policies and evidence-based practice",
    "teamwork": "Working with others",
    "outcomes": "Quality of reports",
    "wellbeing": "Well-being of those who work here",
    "information": "Information for clients and patients",
    "listening": "Complaints and feedback",
    "access": "Reports in the agreed time",
    "equity": "Equity",
    "future": "Planning ahead",
    "leadership": "Direction and leaders",
    "speaking-up": "Freedom to speak up",
    "governance": "Governance and records",
    "partnerships": "Partnerships with clients",
    "improvement": "Learning and improvement",
    "sustainability": "Environment",
}


@dataclass(frozen=True)
class Statement:
    """A statement of a framework.

    Attributes:
        key: stable name within the edition.
        question: a key of QUESTIONS.
        words: the inspectorate's short title.
        topics: keys of TOPICS that speak to it.
        excused: why it does not apply to teleradiology; empty when it does. A default that the provider answers for.
    """

    key: str
    question: str
    words: str
    topics: tuple[str, ...] = ()
    excused: str = ""


@dataclass(frozen=True)
class Edition:
    """A version of a framework. `note` says how sure its wording is."""

    key: str
    title: str
    note: str
    statements: tuple[Statement, ...]


NO_PATIENTS = "Nobody here meets patients"

_SINGLE = (
    Statement("learning-culture", "safe", "Learning culture", ("learning", "improvement")),
    Statement("pathways", "safe", "Safe systems, pathways and transitions", ("pathways",)),
    Statement("safeguarding", "safe", "Safeguarding", ("safeguarding",)),
    Statement("involving", "safe", "Involving people to manage risks", ("risks",)),
    Statement("environments", "safe", "Safe environments", ("equipment",)),
    Statement("staffing", "safe", "Safe and effective staffing", ("staffing",)),
    Statement("infection", "safe", "Infection prevention and control", excused="No premises that patients visit"),
    Statement("medicines", "safe", "Medicines optimisation", excused="No medicines and no contrast are given here"),
    Statement("needs", "effective", "Assessing needs", ("pathways", "teamwork")),
    Statement("evidence-based", "effective", "Delivering evidence-based care", ("practice", "outcomes")),
    Statement("teams", "effective", "How staff, teams and services work together", ("teamwork",)),
    Statement("healthier", "effective", "Supporting people to live healthier lives", excused=NO_PATIENTS),
    Statement("outcomes", "effective", "Monitoring and improving outcomes", ("outcomes",)),
    Statement("consent", "effective", "Consent to care and treatment", excused="Asked by who takes the images"),
    Statement("kindness", "caring", "Kindness, compassion and dignity", excused=NO_PATIENTS),
    Statement("individuals", "caring", "Treating people as individuals", excused=NO_PATIENTS),
    Statement("independence", "caring", "Independence, choice and control", excused=NO_PATIENTS),
    Statement("immediate", "caring", "Responding to people's immediate needs", ("pathways",)),
    Statement("wellbeing", "caring", "Workforce well-being and enablement", ("wellbeing", "staffing")),
    Statement("person-centred", "responsive", "Person-centred care", ("information", "teamwork")),
    Statement("integration", "responsive", "Care provision, integration and continuity", ("partnerships", "pathways")),
    Statement("information", "responsive", "Providing information", ("information",)),
    Statement("listening", "responsive", "Listening to and involving people", ("listening",)),
    Statement("equity-access", "responsive", "Equity in access", ("access",)),
    Statement("equity-outcomes", "responsive", "Equity in experiences and outcomes", ("equity", "outcomes")),
    Statement("future", "responsive", "Planning for the future", ("future", "staffing")),
    Statement("direction", "well-led", "Shared direction and culture", ("leadership", "practice")),
    Statement("leaders", "well-led", "Capable, compassionate and inclusive leaders", ("leadership",)),
    Statement("speaking-up", "well-led", "Freedom to speak up", ("speaking-up", "learning")),
    Statement("edi", "well-led", "Workforce equality, diversity and inclusion", ("equity",)),
    Statement(
        "governance", "well-led", "Governance, management and sustainability", ("governance", "risks", "practice")
    ),
    Statement("partnerships", "well-led", "Partnerships and communities", ("partnerships",)),
    Statement("improvement", "well-led", "Learning, improvement and innovation", ("improvement", "learning")),
    Statement("environment", "well-led", "Environmental sustainability", ("sustainability",)),
)

_BY_QUESTION: dict[str, tuple[str, ...]] = {
    "safe": ("learning", "pathways", "safeguarding", "risks", "equipment", "staffing"),
    "effective": ("practice", "teamwork", "outcomes"),
    "caring": ("wellbeing",),
    "responsive": ("information", "listening", "access", "equity", "future"),
    "well-led": ("leadership", "speaking-up", "governance", "partnerships", "improvement", "sustainability"),
}
_SECTOR = tuple(
    Statement(topic, question, TOPICS[topic], (topic,)) for question, topics in _BY_QUESTION.items() for topic in topics
)

EDITIONS: dict[str, Edition] = {
    "saf-34": Edition(
        "saf-34",
        "Single assessment framework, 34 statements",
        "Titles as published; the topics behind each are this provider's reading of them.",
        _SINGLE,
    ),
    "sector-2026": Edition(
        "sector-2026",
        "Sector framework for hospitals, draft of 2026",
        "Draft: its final questions were not at hand. Arranged by the five key questions and our own topics.",
        _SECTOR,
    ),
}
