"""Changes of agreements: asked for by one person, approved by another, as versions; running clocks keep their times."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.tests.people import make_person, sign_in
from overread.foundation.clock import queries as clock
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed
from overread.journey.agreement import actions, queries
from overread.journey.agreement.models import Proposal
from overread.journey.agreement.rules import Contact, Rung, Terms, differences, terms_of, warnings
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from tests.world import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db
FAST = {"routine": 12 * 60, "urgent": 120, "emergency": 30}


def _now(world: World, code: str = "NORTH") -> Terms:
    with world.scope(code):
        held = queries.agreement_for(world.clients[code])
    assert held is not None
    return terms_of(held)


def _propose(world: World, who: str = "administrator", **changes: Any) -> UUID:
    starts_at = changes.pop("starts_at", None)
    with world.scope("NORTH"):
        return actions.propose(
            actor=world.actor(who),
            client_id=world.clients["NORTH"],
            terms=replace(_now(world), **changes),
            reason="Agreed by letter",
            starts_at=starts_at,
        )


def _approve(world: World, proposal_id: UUID, who: str = "manager") -> UUID:
    with world.scope("NORTH"):
        return actions.approve(actor=world.actor(who), proposal_id=proposal_id)


def _minutes(world: World, case_id: UUID) -> tuple[int, Any]:
    with world.scope("NORTH"):
        clocks = case_queries.clocks_of(case_id)
        return clocks[0].allowance_minutes, clocks[0].due_at


def test_a_change_holds_only_after_another_person_approved_it(world: World) -> None:
    """Asking changes nothing; its author cannot approve; another can, and then a new version holds and the old one stays."""
    before = _now(world)
    key = _propose(world, "manager", retention_years=10)
    assert _now(world) == before
    with pytest.raises(NotAllowed, match="Nobody approves what they proposed themselves"):
        _approve(world, key, "manager")
    with pytest.raises(NotAllowed):
        _approve(world, key, "administrator")
    _approve(world, key, "reader")
    assert _now(world).retention_years == 10
    with world.scope("NORTH"):
        lines = queries.version_lines(world.clients["NORTH"])
        assert [terms_of(line.view) for line in lines[1:]] == [before]
        assert (lines[0].recorded_by, lines[0].reason) == (world.actor("reader").text, "Agreed by letter")
    with pytest.raises(Conflict):
        _approve(world, key, "reader")


def test_no_person_records_terms_alone(world: World) -> None:
    """The verb by which a client is set up is closed to people, so that no way leads past the second person."""
    with world.scope("NORTH"), pytest.raises(NotAllowed):
        actions.agree(actor=world.actor("manager"), client_id=world.clients["NORTH"], terms=_now(world))


def test_new_cases_get_the_new_times_and_running_clocks_keep_theirs(world: World) -> None:
    """A case received before a change holds keeps its time, also when its priority changes later; the next one gets the new."""
    first = world.ready_case("NORTH")
    held, due = _minutes(world, first.case_id)
    _approve(world, _propose(world, priorities=FAST))
    second = world.ready_case("NORTH")
    assert held == _now_before(world)["routine"]
    assert _minutes(world, first.case_id) == (held, due)
    assert _minutes(world, second.case_id)[0] == FAST["routine"]
    with world.scope("NORTH"):
        cases.set_priority(actor=world.actor("administrator"), case_id=first.case_id, priority="urgent")
    assert _minutes(world, first.case_id)[0] == _now_before(world)["urgent"]


def _now_before(world: World) -> dict[str, int]:
    with world.scope("NORTH"):
        return queries.version_lines(world.clients["NORTH"])[-1].view.priorities


def test_a_change_may_begin_later_and_never_in_the_past(world: World) -> None:
    """Terms with a day to come are planned and hold from that day; a day that has passed is refused."""
    at = timezone.now()
    with pytest.raises(BadInput) as refused:
        _propose(world, retention_years=9, starts_at=at - timedelta(days=1))
    assert "starts_at" in refused.value.errors
    later = at + timedelta(days=7)
    _approve(world, _propose(world, retention_years=9, starts_at=later))
    assert _now(world).retention_years == 8
    north = world.clients["NORTH"]
    with world.scope("NORTH"):
        assert [v.valid_from for v in queries.planned(north)] == [later]
        coming = queries.agreement_for(north, later)
        assert coming is not None
        assert coming.retention_years == 9
    _approve(world, _propose(world, retention_years=12))
    with world.scope("NORTH"):
        assert queries.planned(north) == [], "what was approved later takes the place of what was planned"
        assert queries.terms_for(north, later).retention_years == 12


def test_one_change_waits_at_a_time_and_is_a_duty_until_it_is_decided(world: World) -> None:
    """A second one is refused; the first stands among the duties; sent back with a reason it leaves them and changes nothing."""
    before = _now(world)
    key = _propose(world, retention_years=10)
    with pytest.raises(Conflict):
        _propose(world, "manager", retention_years=11)

    def duties() -> list[UUID]:
        with open_scope(Scope.provider(), opened_by="test"):
            return [d.subject_id for d in clock.duties() if d.kind == actions.APPROVE]

    assert duties() == [key]
    with world.scope("NORTH"):
        with pytest.raises(BadInput):
            actions.send_back(actor=world.actor("manager"), proposal_id=key, answer=" ")
        actions.send_back(actor=world.actor("manager"), proposal_id=key, answer="Eight years is what the client signed")
        with pytest.raises(Conflict):
            actions.withdraw(actor=world.actor("administrator"), proposal_id=key)
    assert duties() == []
    assert _now(world) == before
    with world.scope("NORTH"):
        found = queries.proposal(key)
        assert found is not None
        assert (found.outcome, found.answer) == ("sent_back", "Eight years is what the client signed")


def test_a_change_that_was_compared_with_older_terms_is_not_approved(world: World) -> None:
    """When another version came into force meanwhile, approval is refused: what was shown is not what would be altered."""
    key = _propose(world, retention_years=10)
    with world.scope("NORTH"):
        terms = replace(_now(world), adult_age=19)
        actions.agree(actor=Actor.system("seed"), client_id=world.clients["NORTH"], terms=terms)
    with pytest.raises(Conflict, match="Another version came into force"):
        _approve(world, key)
    assert _now(world).retention_years == 8


@pytest.mark.parametrize("change", [{"terms": {}}, {"proposed_by": "system:else"}, {"outcome": ""}])
def test_a_decided_change_cannot_be_rewritten_by_sql(world: World, change: dict[str, Any]) -> None:
    """The database refuses to alter what was asked for, and to decide twice."""
    key = _propose(world, retention_years=10)
    _approve(world, key)
    with world.scope("NORTH"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Proposal.objects.filter(id=key).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            Proposal.objects.filter(id=key).delete()


DESK = Contact(uuid4(), "Desk", "switchboard", "phone", "01632 960001", out_of_hours=True)
MAIL = Contact(uuid4(), "Mailbox", "shared", "email", "desk@example.org")


def test_a_ladder_that_does_not_end_at_a_person_is_warned_of() -> None:
    """A shared mailbox on the last rung is said; somebody who signs in, or a telephone that is answered at night, is not."""
    good = Terms(contacts=(DESK, MAIL), ladder=(Rung(1, MAIL.id, 10), Rung(2, DESK.id, 10)))
    assert warnings(good) == ()
    ends_in_mail = replace(good, ladder=(Rung(1, DESK.id, 10), Rung(2, MAIL.id, 10)))
    assert "does not end at a person" in warnings(ends_in_mail)[0]
    assert any("does not answer at night" in words for words in warnings(ends_in_mail))
    only_mail = replace(good, ladder=(Rung(1, MAIL.id, 10),))
    assert any("No rung of the ladder answers at night" in words for words in warnings(only_mail))
    signs_in = replace(MAIL, person_id=uuid4(), out_of_hours=True)
    assert warnings(Terms(contacts=(signs_in,), ladder=(Rung(1, signs_in.id, 10),))) == ()


def test_every_term_that_differs_is_said_and_nothing_else() -> None:
    """Each term of an agreement, changed alone, gives exactly its own line of the difference."""
    base = Terms(contacts=(DESK,), ladder=(Rung(1, DESK.id, 10),))
    changes: dict[str, Any] = {
        "modalities": ("CT",),
        "adult_age": 19,
        "read_types": ("second_opinion",),
        "priorities": {**base.priorities, "routine": 60 * 12},
        "other_times": {"CBCT": dict(base.priorities)},
        "preliminary": True,
        "recall_seconds": 0,
        "quiet_seconds": 90,
        "contacts": (replace(DESK, out_of_hours=False),),
        "ladder": (Rung(1, DESK.id, 11),),
        "channels": ("portal", "dicom"),
        "nation": "wales",
        "pause_codes": {**base.pause_codes, "priors": ""},
        "retention_years": 9,
        "timezone": "Europe/Dublin",
    }
    assert differences(base, base) == ()
    for name, value in changes.items():
        assert len(differences(base, replace(base, **{name: value}))) == 1, name


def _fields(page: str) -> dict[str, Any]:
    """What a browser would send of the form on the page, untouched."""
    form = page[page.index('<form method="post" novalidate class="or-stack"') :]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        at = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        kind = at.get("type", "text")
        if kind in {"checkbox", "radio"} and " checked" not in tag:
            continue
        found.setdefault(at["name"], []).append(at.get("value", "on" if kind == "checkbox" else ""))
    for name, body in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = [chosen.group(1) if chosen else re.findall(r'<option value="([^"]*)"', body)[0]]
    return found


def test_the_page_shows_the_difference_before_anything_is_asked_for(world: World, client: Client) -> None:
    """Untouched, the form says that nothing changes; changed, it shows the difference; only what was looked at is asked for."""
    sign_in(client, world.people["administrator"].id)
    path = f"/clients/{world.clients['NORTH']}/agreement/change/"
    said = {**_fields(client.get(path).content.decode()), "reason": "Agreed by letter"}
    assert "this says what is agreed already" in client.post(path, {**said, "look": "1"}).content.decode()
    said |= {"retention_years": "10", "c2_name": "Night desk", "c2_channel": "phone", "c2_address": "01632 960009"}
    said |= {"c2_out_of_hours": "on", "r2_contact": said["c2_id"], "r2_wait": "5"}
    looked = client.post(path, {**said, "look": "1"}).content.decode()
    assert "8 years" in looked
    assert "10 years" in looked
    assert "Contact Night desk" in looked
    said["seen"] = re.search(r'name="seen" value="([0-9a-f]{64})"', looked).group(1)  # type: ignore[union-attr]
    other = client.post(path, {**said, "retention_years": "11", "ask": "1"}).content.decode()
    assert "not the ones that you last looked at" in other
    with world.scope("NORTH"):
        assert queries.proposals(world.clients["NORTH"]) == []
    answer = client.post(path, {**said, "ask": "1"})
    assert answer.status_code == 302
    own = client.get(answer["Location"]).content.decode()
    assert "Nobody approves what they asked for themselves" in own
    assert client.post(f"{answer['Location']}approve/").status_code == 403
    sign_in(client, world.people["manager"].id)
    assert "Approve the change" in client.get(answer["Location"]).content.decode()
    client.post(f"{answer['Location']}approve/")
    held = _now(world)
    assert held.retention_years == 10
    assert [c.name for c in held.contacts][-1] == "Night desk"
    history = client.get(f"/clients/{world.clients['NORTH']}/agreement/history/").content.decode()
    assert "Ask for version 1 to hold again" in history


def test_an_older_version_is_asked_for_again_as_a_new_one(world: World, client: Client) -> None:
    """Undoing a change starts the form from the older terms; nothing of the history is taken back."""
    north = world.clients["NORTH"]
    with world.scope("NORTH"):
        first = queries.versions(north)[-1].version_id
    _approve(world, _propose(world, retention_years=10))
    sign_in(client, world.people["administrator"].id)
    path = f"/clients/{north}/agreement/change/?like={first}"
    said = {**_fields(client.get(path).content.decode()), "reason": "Taken back"}
    assert said["retention_years"] == ["8"]
    looked = client.post(path, {**said, "look": "1"}).content.decode()
    said["seen"] = re.search(r'name="seen" value="([0-9a-f]{64})"', looked).group(1)  # type: ignore[union-attr]
    key = UUID(client.post(path, {**said, "ask": "1"})["Location"].split("/")[-2])
    _approve(world, key)
    assert _now(world).retention_years == 8
    with world.scope("NORTH"):
        assert len(queries.versions(north)) == 3
    other = f"/clients/{north}/agreement/change/?like={uuid4()}"
    assert client.get(other).status_code == 404


def test_terms_without_somebody_at_night_are_refused_on_the_page(world: World, client: Client) -> None:
    """The form says why and keeps what was typed; nothing is asked for."""
    sign_in(client, world.people["administrator"].id)
    path = f"/clients/{world.clients['NORTH']}/agreement/change/"
    said = {**_fields(client.get(path).content.decode()), "reason": "Agreed by letter"}
    del said["c1_out_of_hours"]
    answer = client.post(path, {**said, "look": "1"})
    assert answer.status_code == 422
    assert "Nobody can be reached out of hours" in answer.content.decode()


def test_another_clients_agreement_cannot_be_changed_or_looked_at(world: World, client: Client) -> None:
    """The other client's administrator gets the same answer as for nothing; a reader without the role may not ask (H06)."""
    key = _propose(world, retention_years=10)
    south = make_person("client_administrator", client_id=world.clients["SOUTH"], name="Sol Southern")
    sign_in(client, south.id)
    assert client.get(f"/agreements/changes/{key}/").status_code == 404
    assert client.get(f"/clients/{world.clients['NORTH']}/agreement/history/").status_code == 404
    assert client.get(f"/clients/{world.clients['SOUTH']}/agreement/change/").status_code == 403
