"""The world that the sweep walks through: something on every page, and for every place in an address an object of its own."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.tests.people import enrol, make_person, sign_in
from overread.foundation.blobs.current import current
from overread.foundation.clock import sweeper
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.running import drain
from overread.governance.equipment import queries as equipment
from overread.governance.policies import actions as policies
from overread.governance.risks import actions as risks
from overread.journey.agreement import actions as agreement
from overread.journey.agreement import queries as agreed
from overread.journey.agreement import rules as agreements
from overread.journey.allocation import actions as allocation
from overread.journey.archive.rules import Problem
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.case.rules import State as CaseState
from overread.journey.delivery import queries as deliveries
from overread.journey.escalation import actions as escalation
from overread.journey.reception import actions as reception
from overread.journey.reception import queries as reception_queries
from overread.journey.reception.rules import Arrived
from overread.journey.referral import actions as referral
from overread.journey.referral.rules import NewDocument
from overread.journey.reporting import actions as reporting
from overread.journey.reporting.rules import canonical_text, report_purpose, text_hash
from tests.look.reviews import seed_reviews
from tests.signing import Post
from tests.world import SEED, ReadyCase, World, build

ROLES = {
    "director": "director",
    "safety": "clinical_safety_officer",
    "ig": "ig_lead",
    "safeguarding": "safeguarding_lead",
    "reviewer": "external_reviewer",
    "inspector": "inspector",
}
REFERRAL = {
    "question": "Fall down stairs, takes apixaban. Bleed?",
    "history": "Atrial fibrillation. GCS 14 on arrival.",
    "modality": "CT",
    "procedure": "CT head without contrast",
    "laterality": "L",
    "priority": "urgent",
    "family": "Marrowby",
    "given": "Odette",
    "sex": "F",
    "identifier": "H000777",
    "referrer_name": "Dr Pascoe Wren",
    "referrer_contact": "01632 960014",
}
SECTIONS = {
    "indication": "Fall.",
    "technique": "Plain CT of the head.",
    "comparison": "None.",
    "findings": "Ventricles and sulci of normal width. No collection.",
    "conclusion": "Normal for the age.",
}


@dataclass
class Seeded:
    """The world, its people, and what stands for each place in an address; by route where one word means two things."""

    world: World
    people: dict[str, PersonView]
    objects: dict[str, Any]
    by_route: dict[str, dict[str, Any]] = field(default_factory=dict)

    def places(self, route: str, name: str = "") -> dict[str, Any]:
        """What stands for the places in the address of a route, for a person where each has something else."""
        return {**self.objects, **self.by_route.get(route, {}), **self.by_route.get(f"{route} {name}", {})}


def _people(world: World) -> dict[str, PersonView]:
    more = {short: make_person(role, name=f"{role.replace('_', ' ').title()} Example") for short, role in ROLES.items()}
    for one in (*world.people.values(), *more.values()):
        enrol(one.id)
    return {**world.people, **more}


def _signed(world: World, read_id: Any) -> Any:
    actor, person_id = world.actor("reader"), world.people["reader"].id
    sign_in(Client(), person_id)
    allocation.claim(actor=actor, read_id=read_id)
    reporting.begin(actor=actor, read_id=read_id, sections={})
    version = reporting.save_draft(actor=actor, read_id=read_id, version=1, sections=SECTIONS, answers={})
    seen = text_hash(canonical_text(SECTIONS))
    proof = accounts.confirm_presence(actor=actor, method="pin", secret="482913", purpose=report_purpose(seen))
    return reporting.sign(
        actor=actor,
        read_id=read_id,
        version=version,
        seen_sha256=seen,
        presence_token=proof.token,
        alert=None,
    )


def _prior(world: World, case_id: Any) -> None:
    study_id = world.study("NORTH", study_date=date(2024, 3, 2), study_description="CT head, earlier")
    with world.scope("NORTH"):
        cases.attach_study(actor=SEED, case_id=case_id, study_id=study_id, facts=world.facts(study_id), role="prior")


def _kept_apart(world: World) -> tuple[Any, Any]:
    """A held study and a damaged object; their ids."""
    uid = "1.2.826.0.1.3680043.9.7.77"
    damaged = Arrived(world.objects(f"{uid}.2", 1)[0], damage=(Problem.CUT_SHORT.value,))
    with world.scope("NORTH"):
        reception.take_batch(
            actor=SEED,
            client_id=world.clients["NORTH"],
            batch=[*(Arrived(o) for o in world.objects(f"{uid}.1", 2, birth_date=None, age="045Y")), damaged],
        )
        reception.take_batch(
            actor=SEED,
            client_id=world.clients["NORTH"],
            batch=[Arrived(o) for o in world.objects(f"{uid}.3", 1, birth_date=None)],
        )
        first, second = reception_queries.held()
        reception.release_hold(
            actor=world.actor("administrator"),
            hold_id=second.id,
            evidence="Told by telephone",
            birth_date=date(1955, 2, 3),
        )
        return first.id, reception_queries.quarantined()[0].id


def _refer(world: World) -> Any:
    """A referral with a document, whose images have not come."""
    ref = current().put(b"%PDF-1.7 made up")
    document = NewDocument("letter.pdf", "application/pdf", ref.key, ref.sha256, ref.length)
    return referral.make_referral(
        actor=world.actor("north"),
        client_id=world.clients["NORTH"],
        fields=REFERRAL,
        birth_date=date(1948, 3, 11),
        documents=[document],
    )


def _alert(world: World, ready: ReadyCase) -> Any:
    """A case that is being read, with an alert that nobody has taken; its report is begun."""
    reader = world.actor("reader")
    allocation.claim(actor=reader, read_id=ready.read_id)
    reporting.begin(actor=reader, read_id=ready.read_id, sections=SECTIONS)
    return escalation.raise_alert(
        actor=reader,
        case_id=ready.case_id,
        category="critical",
        finding="Acute left basal ganglia haemorrhage",
        side="left",
    )


def _journey(world: World) -> dict[str, Any]:
    """Cases in many states, a signed report in the portal, an alert, referrals, an upload; ids by place."""
    signed, alerted = world.ready_case("NORTH"), world.ready_case("NORTH", priority="emergency", laterality="L")
    paused, waiting = world.ready_case("NORTH"), world.ready_case("NORTH", priority="urgent")
    world.ready_case("SOUTH", modality="CBCT", procedure="CBCT lower jaw")
    _prior(world, waiting.case_id)
    stray = world.study("NORTH", identifier="H000777", patient_name="Marrowby^Odette")
    held, apart = _kept_apart(world)
    with world.scope("NORTH"):
        referral_id = _refer(world)
        cases.pause_clock(actor=SEED, case_id=paused.case_id, reason="question")
        report_id = _signed(world, signed.read_id)
        sweeper.fire_due(timezone.now() + timedelta(minutes=10))
        drain()
        alert_id = _alert(world, alerted)
        upload_id = reception.begin_upload(actor=world.actor("north"), client_id=world.clients["NORTH"])
        drain()
        assert deliveries.published_report(report_id), "the report is in the portal"
        states = {s for s, n in case_queries.counts_by_state().items() if n}
        assert {CaseState.READY, CaseState.CLAIMED} <= states, states
    return {
        "read_id": alerted.read_id,
        "case_id": waiting.case_id,
        "study_id": stray,
        "referral_id": referral_id,
        "report_id": report_id,
        "alert_id": alert_id,
        "upload_id": upload_id,
        "hold_id": held,
        "quarantined_id": apart,
        "person_id": world.people["north"].id,
        "client_id": world.clients["NORTH"],
        "name": "case.work",
        "token": uuid4().hex,
        **_desk(),
    }


def _desk() -> dict[str, Any]:
    with open_scope(Scope.provider(), opened_by="test"):
        desk = equipment.workstations()[0]
    return {"workstation_id": desk.id, "display_id": desk.displays[0].id}


def _risk(world: World) -> Any:
    with open_scope(Scope.provider(), opened_by="test"):
        return risks.record(
            actor=world.actor("manager"),
            values={
                "title": "A critical finding is not acknowledged",
                "description": "The client's line is not answered at night; a patient is treated too late.",
                "category": "clinical",
                "likelihood": 4,
                "impact": 5,
                "controls": "A ladder of named people, tested each month.",
                "residual_likelihood": 2,
                "residual_impact": 5,
                "action": "",
                "owner": world.people["administrator"].id,
                "reviewed_on": timezone.localdate(),
            },
            why="First entry",
        )


def _policy(world: World) -> Any:
    with open_scope(Scope.provider(), opened_by="test"):
        key = policies.record(
            actor=world.actor("administrator"),
            values={
                "title": "Critical results",
                "category": "clinical",
                "owner": world.people["administrator"].id,
                "roles": ("administrator",),
                "text": "A named person of the client takes every critical finding.",
            },
        )
        policies.approve(actor=world.actor("manager"), key=key)
        return key


def _asked(world: World) -> Any:
    """A change of an agreement that waits for approval."""
    north = world.clients["NORTH"]
    with world.scope("NORTH"):
        terms = replace(agreements.terms_of(agreed.terms_for(north)), retention_years=10, adult_age=19)
        return agreement.propose(
            actor=world.actor("administrator"), client_id=north, terms=terms, reason="Agreed by letter"
        )


def seed(post: Post) -> Seeded:
    """Fill the database of the test; `post` keeps what leaves, and gives the store."""
    world = build()
    people = _people(world)
    world.people.update(people)
    objects = _journey(world)
    with open_scope(Scope.provider(), opened_by="test"):
        link = accounts.make_enrolment_link(actor=SEED, person_id=make_person("radiologist", name="Dr New Example").id)
    risk, asked = _risk(world), _asked(world)
    mailed = next(m for m in post.sent["email"] if "/a/" in m.payload["text"])
    by_route = {"accounts:enrol": {"token": link.token}}
    by_route["escalation:one_time"] = {"token": mailed.payload["text"].split("/a/")[1].split("/")[0]}
    by_route["agreement:proposal"] = {"key": asked}
    by_route |= {f"risks:{page}": {"key": risk} for page in ("entry", "history", "change", "end")}
    by_route["credentials:person"] = {"person_id": people["reader2"].id}
    by_route["training:person"] = {"person_id": people["reader2"].id}
    by_route["policies:read"] = {"key": _policy(world)}
    by_route |= seed_reviews(world)
    return Seeded(world, people, objects, by_route)
