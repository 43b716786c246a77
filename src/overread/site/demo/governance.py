"""The demonstration's registers: a small provider that is mostly in order, with the gaps that people really have. Invented."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.people import actions as staff
from overread.governance.people.queries import files
from overread.governance.people.rules import NOT_APPLICABLE, SEEN, asked
from overread.governance.policies import actions as policies
from overread.governance.risks import actions as risks
from overread.governance.training import actions as training
from overread.governance.training.queries import members
from overread.governance.training.rules import SUBJECTS, level_needed, needs
from overread.site.demo.people import SEEDING

# Title, what could happen, kind, likelihood and impact before, controls, the same after, owner, days since the last review.
RISKS = (
    (
        "A critical finding is not acknowledged at night",
        "The client's line is not answered after hours, and a bleed waits until the morning.",
        "clinical",
        (4, 5),
        "A ladder of named people for each client, tested monthly; an alert climbs by itself and ends at a person of ours.",
        (2, 5),
        "maren",
        31,
    ),
    (
        "Both radiologists are away at the same time",
        "Leave and illness coincide; urgent work is late and clients are not told.",
        "people",
        (3, 4),
        "Leave is agreed by both; a locum with privileges is on call; clients are told the day before.",
        (2, 4),
        "imogen",
        138,  # medium: overdue
    ),
    (
        "A report reaches the wrong patient's record",
        "Two people share a name and a birth date at one client.",
        "clinical",
        (3, 5),
        "Studies match by number, name and birth date; every doubt waits for a person; reports carry all three.",
        (1, 5),
        "maren",
        64,
    ),
    (
        "A reader's line fails in the middle of a read",
        "The reader cannot see images or sign; an urgent report is late.",
        "equipment",
        (4, 3),
        "Mobile line at each desk; drafts are kept on the server; the worklist gives the read to the other reader.",
        (3, 2),
        "tobias",
        20,
    ),
    (
        "Images or reports are seen by somebody who may not",
        "A password is guessed, or a screen is left open.",
        "information",
        (3, 4),
        "Second factor for everybody, sessions lock by themselves, every look at a study is in the ledger.",
        (2, 4),
        "imogen",
        9,
    ),
    (
        "Work grows faster than the two readers can read",
        "A third client begins before a third reader does; turnaround slips slowly.",
        "business",
        (3, 3),
        "Forecast of hours each week; no agreement is signed without ten percent in reserve.",
        (2, 3),
        "odile",
        55,
    ),
)
POLICIES = (
    (
        "Critical and urgent results",
        "clinical",
        "maren",
        ("radiologist", "clinical_lead", "registered_manager", "administrator"),
        "# Purpose\nNobody waits for a finding that cannot wait.\n# What we do\n- A critical finding is acknowledged by a named "
        "person within {escalation.critical}.\n- Who does not answer is passed by; the ladder ends at one of us.\n"
        "# How we know\nEvery alert, attempt and acknowledgement is a row that nobody can change.",
    ),
    (
        "Safeguarding adults",
        "safeguarding",
        "imogen",
        (),
        "# Purpose\nWe see images of people whom we never meet, and some of them are harmed by others.\n# What we do\n"
        "- A reader who suspects abuse tells the client's safeguarding lead on the same day.\n- Training is renewed every "
        "{training.safeguarding_adults}.",
    ),
    (
        "Information governance",
        "information",
        "imogen",
        (),
        "# Purpose\nPatients' images are theirs.\n# What we do\n- Nothing leaves by e-mail but a notice without names.\n"
        "- Training is renewed every {training.information_governance}; who is behind is told, and the manager the same day.",
    ),
    (
        "Training and development",
        "people",
        "pip",
        (),
        "# Purpose\nEverybody who works here, administrators and directors too, is trained for it.\n# What we do\n"
        "- We hold {training.target} in date, and look at the reasons below {training.floor}.\n- Whoever begins has "
        "{training.induction} for all of it.",
    ),
    (
        "Risk management",
        "governance",
        "imogen",
        ("registered_manager", "director", "clinical_lead"),
        "# Purpose\nWhat could go wrong is written down before it does.\n# What we do\n- A high risk is reviewed every "
        "{risk.review_high}, a medium one every {risk.review_medium}, a low one every {risk.review_low}.",
    ),
)
POSTS = (
    ("imogen", "Registered manager", "employee"),
    ("odile", "Director", "director"),
    ("maren", "Radiologist and clinical lead", "contractor"),
    ("tobias", "Radiologist", "contractor"),
    ("pip", "Administrator, part time", "employee"),
    ("rowan", "External reviewer", "external"),
)
# Who lacks what: the gaps of the demonstration. Not the readers: they would be held from routine work.
LAPSED_TRAINING = {("pip", "information_governance"): 404, ("odile", "fire_safety"): 690}
NOT_DONE = {("odile", "prevent"), ("tobias", "display_quality")}
NOT_ON_FILE = {("odile", "references"), ("pip", "history")}


def _risk(values: tuple[Any, ...], people: dict[str, UUID]) -> dict[str, Any]:
    title, text, category, before, controls, after, owner, days = values
    return {
        "title": title,
        "description": text,
        "category": category,
        "likelihood": before[0],
        "impact": before[1],
        "controls": controls,
        "residual_likelihood": after[0],
        "residual_impact": after[1],
        "action": "",
        "owner": people[owner],
        "reviewed_on": timezone.localdate() - timedelta(days=days),
    }


def _policies(people: dict[str, UUID]) -> None:
    """Written by the owner, approved by somebody else, read by most; one draft waits."""
    keys = []
    for title, category, owner, roles, text in POLICIES:
        values = {"title": title, "category": category, "owner": people[owner], "roles": roles, "text": text}
        approver = people["odile" if owner == "imogen" else "imogen"]
        key = policies.record(actor=Actor.person(people[owner]), values=values)
        policies.approve(actor=Actor.person(approver), key=key)
        keys.append(key)
    for short in ("imogen", "maren"):
        for key in keys[:3]:
            policies.acknowledge(actor=Actor.person(people[short]), key=key, edition=1)
    draft = (
        "# Purpose\nThe service goes on without power, line or one of us.\n# What we do\n- We rehearse it once a year."
    )
    values = {
        "title": "Business continuity",
        "category": "business",
        "owner": people["pip"],
        "roles": (),
        "text": draft,
    }
    policies.record(actor=Actor.person(people["pip"]), values=values)


def _training(people: dict[str, UUID]) -> None:
    """Everybody has almost everything; what is missing or has run out is named above."""
    today = timezone.localdate()
    shorts = {person_id: short for short, person_id in people.items()}
    for member in members():
        for place, subject in enumerate(SUBJECTS):
            short = shorts.get(member.id, "")
            if not needs(subject, member.roles) or (short, subject.code) in NOT_DONE or not short:
                continue
            days = LAPSED_TRAINING.get((short, subject.code), 40 + 23 * place + 3 * len(short))
            values = {
                "person": member.id,
                "subject": subject.code,
                "course": f"{subject.title}, Kestrel Learning (invented)",
                "completed_on": today - timedelta(days=days),
                "level": level_needed(subject, member.roles),
                "mark": 88,
                "standing": "confirmed",
            }
            training.record(actor=SEEDING, values=values)


def put_on_file(
    person_id: UUID, roles: Collection[str], post: tuple[str, str], *, left_out: Collection[str] = (), holds: int = 45
) -> None:
    """The post of a person, and what their file must hold. Needs a scope.

    Args:
        person_id, roles: of the person.
        post: its name, and on which basis.
        left_out: codes of what is not on file.
        holds: days that papers with a last day still hold.
    """
    today = timezone.localdate()
    values: dict[str, Any] = {"person": person_id, "post": post[0], "basis": post[1], "left_on": None, "leaving": ""}
    staff.record_post(actor=SEEDING, values=values | {"started_on": today - timedelta(days=900)})
    for item in asked(roles):
        if item.code in left_out:
            continue
        applies = item.code != "reason_left"
        paper = {
            "person": person_id,
            "item": item.code,
            "held": SEEN if applies else NOT_APPLICABLE,
            "seen_on": today - timedelta(days=320),
            "detail": "Original seen; invented for this demonstration." if applies else "No earlier work of this kind.",
            "expires_on": today + timedelta(days=holds) if item.expires else None,
        }
        staff.record_paper(actor=SEEDING, values=paper)


def _files(people: dict[str, UUID]) -> None:
    roles = {file.person.id: file.person.roles for file in files()}
    for short, name, basis in POSTS:
        left_out = {item for who, item in NOT_ON_FILE if who == short}
        put_on_file(people[short], roles[people[short]], (name, basis), left_out=left_out)


def seed_governance(people: dict[str, UUID]) -> None:
    """Risks, policies, training and staff files.

    Args:
        people: ids by sign-in name.
    """
    with open_scope(Scope.provider(), opened_by="command"):
        for values in RISKS:
            risks.record(actor=SEEDING, values=_risk(values, people))
        _policies(people)
        _training(people)
        _files(people)
