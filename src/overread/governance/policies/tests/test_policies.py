"""Policies over the wired product: drafts, approval, reading, reviews, duties, pages."""

from collections.abc import Iterator
from datetime import timedelta
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
from overread.foundation.ledger.evidence import Asked
from overread.foundation.registers import actions as sheets_actions
from overread.foundation.registers.sheets import read_sheet, sheet_lines
from overread.foundation.registers.verdicts import VerdictState
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.running import drain
from overread.governance.policies import actions, evidence, queries
from overread.governance.policies.models import Policy, Reading
from overread.governance.policies.pages import REGISTER
from tests.world import join_house

pytestmark = pytest.mark.django_db
TEXT = "# Critical results\nA person acknowledges within {escalation.critical}.\n- Nobody guesses."


@pytest.fixture(autouse=True)
def _house() -> Iterator[None]:
    join_house()
    with open_scope(Scope.provider(), opened_by="test"):
        yield


@pytest.fixture
def manager() -> PersonView:
    """The registered manager, who approves."""
    return make_person("registered_manager", name="Imogen Vantry")


@pytest.fixture
def pip() -> PersonView:
    """The administrator, who writes."""
    return make_person("administrator", name="Pip Ashgrove")


def _values(owner: PersonView, **other: Any) -> dict[str, Any]:
    values = {"title": "Critical results", "category": "clinical", "owner": owner.id, "roles": (), "text": TEXT}
    return values | other


def _in_force(pip: PersonView, manager: PersonView, **other: Any) -> UUID:
    key = actions.record(actor=Actor.person(pip.id), values=_values(pip, **other))
    actions.approve(actor=Actor.person(manager.id), key=key)
    return key


def test_nobody_approves_their_own_draft(manager: PersonView, pip: PersonView) -> None:
    """A manager who wrote any version of the draft cannot approve it; an administrator never can; a director can (REQ-03)."""
    key = actions.record(actor=Actor.person(pip.id), values=_values(pip))
    me = Actor.person(manager.id)
    actions.record(actor=me, values=_values(pip, title="Critical findings"), key=key, why="Clearer")
    for actor in (me, Actor.person(pip.id), SEED):
        with pytest.raises(NotAllowed):
            actions.approve(actor=actor, key=key)
    director = make_person("director")
    actions.approve(actor=Actor.person(director.id), key=key)
    with pytest.raises(Conflict):
        actions.approve(actor=Actor.person(director.id), key=key)
    assert queries.in_force()[key]["approved_by"] == director.id


def test_a_draft_leaves_what_is_in_force(manager: PersonView, pip: PersonView) -> None:
    """Until the draft is approved everybody reads the edition before; approved, it is the next edition."""
    key = _in_force(pip, manager)
    actions.record(
        actor=Actor.person(pip.id), values=_values(pip, text="Another text"), key=key, why="After an incident"
    )
    assert queries.in_force()[key]["text"] == TEXT
    assert [d.kind for d in clock.duties(kinds=["policies.approve"])] == ["policies.approve"]
    actions.approve(actor=Actor.person(manager.id), key=key)
    assert (queries.in_force()[key]["text"], queries.in_force()[key]["edition"]) == ("Another text", 2)
    assert clock.duties(kinds=["policies.approve"]) == []


def test_everybody_in_scope_must_read_each_edition(manager: PersonView, pip: PersonView) -> None:
    """An approved edition is a duty of everybody in scope; confirming ends it; a new edition begins it anew (REQ-04)."""
    key = _in_force(pip, manager, roles=("administrator",))
    assert [d.owner_id for d in clock.duties(kinds=["policies.read"])] == [pip.id]
    with pytest.raises(NotFound):
        actions.acknowledge(actor=Actor.person(manager.id), key=key, edition=1)
    actions.acknowledge(actor=Actor.person(pip.id), key=key, edition=1)
    actions.acknowledge(actor=Actor.person(pip.id), key=key, edition=1)
    assert Reading.objects.count() == 1
    assert clock.duties(kinds=["policies.read"]) == []
    changed = _values(pip, text="Another text", roles=("administrator",))
    actions.record(actor=Actor.person(pip.id), values=changed, key=key, why="After an incident")
    actions.approve(actor=Actor.person(manager.id), key=key)
    with pytest.raises(Conflict):
        actions.acknowledge(actor=Actor.person(pip.id), key=key, edition=1)
    assert [d.owner_id for d in clock.duties(kinds=["policies.read"])] == [pip.id]


def test_who_joins_must_read_what_is_in_force(manager: PersonView, pip: PersonView) -> None:
    """A new colleague has thirty days from the day of the role for what is in force."""
    key = _in_force(pip, manager)
    newcomer = make_person("radiologist")
    actions.arrange(actor=SEED)
    assert {d.owner_id for d in clock.duties(kinds=["policies.read"])} == {pip.id, manager.id, newcomer.id}
    due = next(r.due for r in queries.readers([queries.in_force()[key]])[key] if r.person.id == newcomer.id)
    assert due == timezone.localdate() + timedelta(days=thresholds.whole("policy.acknowledge"))


def test_a_review_without_change_needs_approval_and_no_new_reading(manager: PersonView, pip: PersonView) -> None:
    """A policy that stays as it is gets its next review by another's approval, and nobody reads it again."""
    key = _in_force(pip, manager, category="safeguarding")
    actions.acknowledge(actor=Actor.person(pip.id), key=key, edition=1)
    actions.propose(actor=Actor.person(pip.id), key=key, what="Guidance of 2026 compared")
    with pytest.raises(Conflict):
        actions.propose(actor=Actor.person(pip.id), key=key, what="Again")
    actions.approve(actor=Actor.person(manager.id), key=key)
    force = queries.in_force()[key]
    assert force["edition"] == 1
    assert [d.owner_id for d in clock.duties(kinds=["policies.read"])] == [manager.id]
    due = clock.duty("policies.review", key)
    assert due is not None
    assert timezone.localtime(due.due_at).date() == force["review_by"]


def test_an_overdue_review_reaches_owner_and_manager_every_morning(manager: PersonView, pip: PersonView) -> None:
    """An overdue review is told to the owner and the registered manager, and again the next morning (REQ-03)."""
    with thresholds.overridden({"policy.review": -1}):
        key = _in_force(pip, manager)
    at = timezone.now() + timedelta(seconds=1)
    for _ in range(10):
        sweeper.fire_due(at)
        drain(at=at)
        at += timedelta(hours=5)
    told = [(n.step, n.person_id) for n in clock.notices_of("policies.review", key)]
    assert told[0] == ("overdue", pip.id)
    assert ("manager", manager.id) in told
    assert ("daily", pip.id) in told
    assert ("daily", manager.id) in told


def test_the_number_that_acts_is_printed_and_a_moved_one_is_said(manager: PersonView, pip: PersonView) -> None:
    """The page prints the threshold as it acts; when the provider decides otherwise it prints that, and says so."""
    key = _in_force(pip, manager)
    browser = Client()
    sign_in(browser, pip.id)
    assert thresholds.words("escalation.critical") in browser.get(f"/policies/{key}/read/").content.decode()
    with thresholds.overridden({"escalation.critical": 17}):
        page = browser.get(f"/policies/{key}/").content.decode()
    assert "17 minutes" in page
    assert "acts otherwise than when it was approved" in page


def test_a_text_with_an_unknown_number_is_refused(pip: PersonView) -> None:
    """A text that names a threshold that does not exist is refused at its field."""
    with pytest.raises(BadInput) as refused:
        actions.record(actor=SEED, values=_values(pip, text="Within {escalation.speed}"))
    assert set(refused.value.errors) == {"text"}


def test_versions_and_readings_are_written_once(manager: PersonView, pip: PersonView) -> None:
    """The database refuses to change or remove versions of policies and confirmations of reading."""
    key = _in_force(pip, manager)
    actions.acknowledge(actor=Actor.person(pip.id), key=key, edition=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Policy.objects.filter(key=key).update(state="draft")
    with pytest.raises(DatabaseError), transaction.atomic():
        Reading.objects.all().delete()
    actions.withdraw(actor=SEED, key=key, why="Joined with another")
    assert queries.in_force() == {}
    assert clock.duties() == []


def test_an_export_of_policies_imports_as_no_change(manager: PersonView, pip: PersonView) -> None:
    """The export, long texts with line ends and all, is taken back as the same."""
    _in_force(pip, manager, roles=("radiologist", "administrator"))
    actions.record(actor=SEED, values=_values(pip, title="=cmd", text="- One\n\n- “Two”, {policy.review}\n'=x"))
    content = "".join(sheet_lines(REGISTER, queries.policies())).encode()
    verdicts = sheets_actions.import_sheet(actor=SEED, register=REGISTER, rows=read_sheet(REGISTER, content), why="x")
    assert [v.state for v in verdicts] == [VerdictState.SAME] * 2


def test_evidence_names_what_is_overdue_and_unread(manager: PersonView, pip: PersonView) -> None:
    """The evidence as at a day names overdue reviews and who has not read in time; before the policy there is none."""
    before = timezone.now()
    key = _in_force(pip, manager, category="information")
    later = timezone.now() + timedelta(days=500)
    found = evidence.register(Asked(before, later, later, later))
    assert found.rows[0][6] == "0 of 2"
    assert any("review overdue" in gap for gap in found.gaps)
    assert any("not read in time by Imogen Vantry, Pip Ashgrove" in gap for gap in found.gaps)
    assert evidence.register(Asked(before - timedelta(days=9), before, before, before)).rows == ()
    assert key in queries.in_force()


def test_the_pages_of_policies(manager: PersonView, pip: PersonView) -> None:
    """Written, approved, read and reviewed on pages by the people who may; a stale approval is not taken."""
    writer, approver = Client(), Client()
    sign_in(writer, pip.id)
    sign_in(approver, manager.id)
    posted = _values(pip) | {"owner": str(pip.id)}
    assert writer.post("/policies/new/", posted).status_code == 302
    (entry,) = queries.policies()
    page = f"/policies/{entry.key}/"
    assert "Your draft waits for somebody else" in writer.get(page).content.decode()
    assert writer.post(f"{page}approve/", {"seen": str(entry.version)}).status_code == 403
    assert "Approve this draft" in approver.get(page).content.decode()
    approver.post(f"{page}approve/", {"seen": str(entry.key)})
    assert queries.in_force() == {}
    approver.post(f"{page}approve/", {"seen": str(entry.version)})
    assert entry.key in queries.in_force()
    duty = next(d for d in clock.duties(owner_id=pip.id, kinds=["policies.read"]))
    to_read = writer.get(f"/policies/duties/{duty.subject_id}/").headers["Location"]
    assert to_read == f"{page}read/"
    assert writer.post(to_read, {"edition": "1"}).status_code == 302
    assert "You have read everything" in writer.get("/policies/mine/").content.decode()
    assert "1 of 2 readings are done" in writer.get("/policies/").content.decode()
    assert writer.post(f"{page}propose/", {"what": ""}).status_code == 422
    assert writer.post(f"{page}propose/", {"what": "Compared with guidance"}).status_code == 302
    reviewer = Client()
    sign_in(reviewer, make_person("external_reviewer").id)
    assert reviewer.get(page).status_code == 403
    assert reviewer.get("/policies/mine/").status_code == 200
