"""Findings, complaints and actions over the wired product: their days, who may close them, and what an inspector sees."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.tests.people import SEED, make_person, sign_in
from overread.foundation.clock import queries as clock
from overread.foundation.clock import sweeper
from overread.foundation.ledger.evidence import EVIDENCE, Asked
from overread.foundation.registers.actions import import_sheet
from overread.foundation.registers.register import Register
from overread.foundation.registers.sheets import read_sheet, sheet_lines
from overread.foundation.registers.verdicts import VerdictState
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput
from overread.foundation.work.running import drain
from overread.governance.complaints import actions as complaints
from overread.governance.complaints import queries as complaint_queries
from overread.governance.complaints import rules as complaint_rules
from overread.governance.complaints.pages import REGISTER as COMPLAINTS
from overread.governance.findings import actions, queries, rules
from overread.governance.findings.models import Finding
from overread.governance.findings.pages import REGISTER as FINDINGS
from overread.governance.improvements import actions as improvements
from overread.governance.improvements import queries as improvement_queries
from overread.governance.improvements import rules as improvement_rules
from overread.governance.improvements.pages import REGISTER as ACTIONS
from tests.world import join_house

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house() -> Iterator[None]:
    join_house()
    with open_scope(Scope.provider(), opened_by="test"):
        yield


@pytest.fixture
def owner() -> PersonView:
    """The registered manager, who owns most things."""
    return make_person("registered_manager", name="Imogen Vantry")


@pytest.fixture
def lead() -> PersonView:
    """Somebody else who may approve."""
    return make_person("clinical_lead", name="Maren Oakhollow")


def _finding(owner: PersonView, **other: Any) -> dict[str, Any]:
    values = {
        "title": "Policies were reviewed late",
        "inspected_on": date(2021, 8, 11),
        "body": "Care Quality Commission",
        "text": "Some policies were past their review day.",
        "regulation": "17, good governance",
        "action": "Each policy has an owner and a day that climbs to the manager.",
        "owner": owner.id,
        "due_on": timezone.localdate() + timedelta(days=10),
    }
    return {f.name: values.get(f.name, f.empty) for f in rules.FIELDS} | other


def _again(module: Any, held: Any, key: UUID, actor: Actor, **other: Any) -> None:
    module.record(actor=actor, values={**held.values, **other}, key=key, why="Followed up")


def test_a_finding_is_closed_by_somebody_else_who_may_decide(owner: PersonView, lead: PersonView) -> None:
    """Its owner alone cannot close a finding, nor can who may not decide; done needs evidence, closed needs done."""
    key = actions.record(actor=SEED, values=_finding(owner))
    day = timezone.localdate()
    held = queries.finding(key)
    with pytest.raises(BadInput):
        _again(actions, held, key, SEED, done_on=day)
    _again(actions, held, key, Actor.person(owner.id), done_on=day, evidence="The page of policies, today")
    done = queries.finding(key)
    duty = clock.duty(rules.CLOSE, key)
    assert duty is not None
    assert duty.owner_id is None, "the registered manager is told, and must ask somebody else"
    clerk = make_person("administrator", name="Pip Ashgrove")
    for closer in (owner, clerk):
        with pytest.raises(BadInput):
            _again(actions, done, key, Actor.person(closer.id), closed_on=day, closed_by=closer.id)
    with pytest.raises(BadInput):
        _again(actions, done, key, Actor.person(owner.id), closed_on=day, closed_by=lead.id)
    _again(actions, done, key, Actor.person(lead.id), closed_on=day, closed_by=lead.id)
    assert clock.duty(rules.CLOSE, key) is None


def test_an_overdue_finding_reaches_the_registered_manager(lead: PersonView, owner: PersonView) -> None:
    """What was promised to an inspector and not done by its day is told to its owner and to the registered manager."""
    key = actions.record(actor=SEED, values=_finding(lead, due_on=timezone.localdate() - timedelta(days=2)))
    at = timezone.now() + timedelta(seconds=1)
    for _ in range(4):
        sweeper.fire_due(at)
        drain(at=at)
        at += timedelta(hours=5)
    assert {lead.id, owner.id} <= {n.person_id for n in clock.notices_of(rules.ACT, key)}


def test_findings_stand_on_the_first_page_of_a_pack(owner: PersonView) -> None:
    """What was done about the last findings is the first fact of a pack, and names what is overdue."""
    fact = EVIDENCE["findings.past"]
    assert fact.first
    actions.record(actor=SEED, values=_finding(owner, due_on=date(2021, 10, 1)))
    now = timezone.now() + timedelta(seconds=1)
    found = fact.ask(Asked(now - timedelta(days=90), now, now, now))
    assert found.headline == "0 of 1 findings closed"
    assert found.gaps == ("1 finding overdue",)
    earlier = now - timedelta(days=1)
    assert fact.ask(Asked(now - timedelta(days=90), now, now, earlier)).rows == ()


def _complaint(owner: PersonView, **other: Any) -> dict[str, Any]:
    values = {
        "title": "The report came late",
        "received_on": timezone.localdate() - timedelta(days=1),
        "sender": "client",
        "payer": "private",
        "what": "They waited two days.",
        "owner": owner.id,
    }
    return {f.name: values.get(f.name, f.empty) for f in complaint_rules.FIELDS} | other


def test_a_complaint_is_acknowledged_answered_and_learned_from(owner: PersonView, lead: PersonView) -> None:
    """Three working days to acknowledge and twenty to answer; a reply has an outcome; nobody concerned closes it."""
    key = complaints.record(actor=SEED, values=_complaint(owner, concerns=owner.id))
    assert {d.kind for d in clock.duties(owner_id=owner.id)} == set(complaint_rules.DUTIES)
    day = timezone.localdate()
    held = complaint_queries.complaint(key)
    with pytest.raises(BadInput):
        _again(complaints, held, key, SEED, acknowledged_on=day, replied_on=day)
    said = {"acknowledged_on": day, "replied_on": day, "outcome": "upheld", "closed_on": day}
    with pytest.raises(BadInput):
        _again(complaints, held, key, Actor.person(owner.id), **said, learning="x", closed_by=owner.id)
    with pytest.raises(BadInput):
        _again(complaints, held, key, Actor.person(lead.id), **said, closed_by=lead.id)
    _again(
        complaints, held, key, Actor.person(lead.id), **said, learning="A second reader on Mondays", closed_by=lead.id
    )
    assert clock.duties(owner_id=owner.id) == []


def test_the_days_of_a_complaint_follow_bank_holidays_and_who_pays() -> None:
    """Working days leave out weekends and bank holidays; NHS care is warned of at five months and ends at six."""
    before_easter = date(2026, 4, 2)
    limits = complaint_queries.limits()
    values = {f.name: f.empty for f in complaint_rules.FIELDS} | {"received_on": before_easter, "payer": "private"}
    from overread.foundation.clock.queries import working_day_after

    assert complaint_rules.dues(values, limits, working_day_after) == {
        complaint_rules.ACKNOWLEDGE: date(2026, 4, 9),
        complaint_rules.REPLY: date(2026, 5, 5),
    }
    nhs = values | {"payer": "nhs"}
    assert complaint_rules.reply_by(nhs, limits, working_day_after) == date(2026, 9, 2)
    far = nhs | {"agreed_on": date(2027, 1, 1)}
    assert complaint_rules.reply_by(far, limits, working_day_after) == date(2026, 10, 2)


def test_no_complaint_is_a_statement_too() -> None:
    """A period without complaints is a fact with its count, not an empty page."""
    now = timezone.now()
    found = EVIDENCE["complaints.received"].ask(Asked(now - timedelta(days=365), now, now, now))
    assert found.headline == "0 received, 0 closed"


def test_an_action_is_looked_at_again_when_one_can_see_whether_it_worked(owner: PersonView, lead: PersonView) -> None:
    """Done needs evidence; sixty to ninety days later somebody else says whether it worked, and how one sees it (REQ-19)."""
    day = timezone.localdate()
    values = {"title": "Two keys before a prior hangs", "about": "incident", "reference": "I-1", "owner": owner.id}
    whole = {f.name: values.get(f.name, f.empty) for f in improvement_rules.FIELDS} | {"due_on": day}
    key = improvements.record(actor=SEED, values=whole)
    held = improvement_queries.improvement(key)
    assert held is not None
    with pytest.raises(BadInput):
        _again(improvements, held, key, SEED, done_on=day)
    _again(improvements, held, key, SEED, done_on=day - timedelta(days=70), evidence="Release note 0.9")
    done = improvement_queries.improvement(key)
    assert done is not None
    assert improvement_queries.dues(done) == {improvement_rules.CHECK: day + timedelta(days=20)}
    worked = {"effect": "worked", "effect_seen": "Four before, none since", "closed_on": day}
    with pytest.raises(BadInput):
        _again(improvements, done, key, Actor.person(owner.id), **worked, closed_by=owner.id)
    _again(improvements, done, key, Actor.person(lead.id), **worked, closed_by=lead.id)
    early = {**whole, "done_on": day - timedelta(days=59), "evidence": "x", **worked, "closed_by": lead.id}
    with pytest.raises(BadInput):
        improvements.record(actor=SEED, values=early)


@pytest.mark.parametrize("register", [FINDINGS, COMPLAINTS, ACTIONS], ids=lambda r: r.name)
def test_the_pages_of_each_register(register: Register, owner: PersonView) -> None:
    """Each register says what good looks like when empty, shows its entries with what is due, and imports its export."""
    browser = Client()
    sign_in(browser, owner.id)
    place = "actions" if register is ACTIONS else register.name
    assert "Good looks like" in browser.get(f"/{place}/").content.decode()
    assert browser.get(f"/{place}/new/").status_code == 200
    if register is FINDINGS:
        key = actions.record(actor=SEED, values=_finding(owner))
    elif register is COMPLAINTS:
        key = complaints.record(actor=SEED, values=_complaint(owner))
    else:
        values = {"title": "-1+2", "about": "other", "owner": owner.id, "due_on": timezone.localdate()}
        whole = {f.name: values.get(f.name, f.empty) for f in register.fields}
        key = improvements.record(actor=SEED, values=whole)
    page = browser.get(f"/{place}/{key}/").content.decode()
    assert "Still to be done" in page
    assert browser.get(f"/{place}/{key}/history/").status_code == 200
    rows = read_sheet(register, "".join(sheet_lines(register, register.read())).encode())
    assert {v.state for v in import_sheet(actor=SEED, register=register, rows=rows, why="x")} == {VerdictState.SAME}


def test_no_version_of_a_finding_can_be_changed_in_the_database(owner: PersonView) -> None:
    """The database itself refuses to change or remove what was written about an inspection."""
    key = actions.record(actor=SEED, values=_finding(owner))
    with pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.filter(key=key).update(evidence="Nothing to see")
    with pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.filter(key=key).delete()
