"""Gates with a safe way through, as people meet them on pages: soft ones, their reasons, overrides, a failed check (H12, H33).

Not covered here: the rules themselves (governance/credentials/tests/test_rules.py), and the browser.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from overread.foundation.clock import queries as clock
from overread.foundation.clock import sweeper
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed
from overread.foundation.work.running import drain
from overread.governance.credentials import actions as credentials
from overread.governance.credentials.models import Appraisal, Override, Privilege, Registration
from overread.governance.people import actions as staff
from overread.governance.people import queries as files
from overread.governance.training import actions as training
from overread.governance.training import queries as trained
from overread.journey.allocation import queries as allocation
from overread.journey.case import queries as cases
from overread.journey.reporting import queries as reports
from tests.journeys.house import House, house, text_of
from tests.journeys.test_pages import SECTIONS, _saved, _signing
from tests.world import world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]
WHY = "The patient waits in the emergency department."


def _overdue(house: House, reader: str = "reader") -> None:
    """The reader's appraisal is older than a year: a soft gate is shut."""
    with open_scope(Scope.provider(), opened_by="test"):
        held = Appraisal.objects.get(person_id=house.world.people[reader].id)
        credentials.record_appraisal(
            actor=house.world.actor("manager"),
            person_id=held.person_id,
            held_on=timezone.localdate() - timedelta(days=400),
            appraiser=held.appraiser,
            teleradiology=True,
            designated_body=held.designated_body,
            responsible_officer=held.responsible_officer,
            key=held.key,
        )


def _let_pass(house: House, actor: str = "manager", *, gate: str = "appraisal", hours: int = 24) -> UUID:
    with open_scope(Scope.provider(), opened_by="test"):
        return credentials.override(
            actor=house.world.actor(actor),
            person_id=house.world.people["reader"].id,
            gate=gate,
            why="The appraisal is booked for Friday.",
            until=timezone.now() + timedelta(hours=hours),
        )


def test_a_soft_gate_stops_new_routine_work_and_lets_an_urgent_read_be_signed_with_a_reason(house: House) -> None:
    """Overdue appraisal: routine refused, urgent signed with a reason, which report, PDF source and manager show (H33)."""
    _overdue(house)
    routine = house.world.ready_case("NORTH").read_id
    refused = text_of(house.post("reader", f"/read/{routine}/claim/", status=403))
    assert "Appraised on" in refused
    urgent = house.world.ready_case("NORTH", priority="urgent").read_id
    read = f"/read/{urgent}/"
    house.post("reader", f"{read}claim/")
    _saved(house, read, SECTIONS)
    fields = _signing(house, read)
    page = text_of(house.post("reader", f"{read}sign/", fields, 422))
    assert "Write why the report is signed all the same" in page
    answer = house.post("reader", f"{read}sign/", {**fields, "gate_reason": WHY})
    report_id = UUID(answer.url.split("/")[2])
    with house.world.scope("NORTH"):
        kept = reports.report(report_id)
        assert kept is not None
        assert [(g["gate"], g["reason"], g["by"]) for g in kept.passed_gates] == [("appraisal", WHY, "reader")]
    drain()
    told = [s for s in house.sent if s.to == house.world.people["manager"].email]
    assert [s.payload["subject"] for s in told] == ["A report was signed through a gate"]
    assert WHY not in told[0].payload["text"]
    assert "Quillfeather" not in told[0].payload["text"]
    assert "Signed through a gate" in house.get("manager", "/ui/live/")
    assert WHY in house.get("manager", f"/reports/{report_id}/")
    house.post("reader", f"/reports/{report_id}/gates/seen/", status=403)
    house.post("manager", f"/reports/{report_id}/gates/seen/")
    assert "Signed through a gate" not in house.get("manager", "/ui/live/")


def _untrained(house: House) -> str:
    """The reader's fire training ran out a month ago."""
    with open_scope(Scope.provider(), opened_by="test"):
        values = {"person": house.world.people["reader"].id, "subject": "fire_safety", "course": "Fire (invented)"}
        done = timezone.localdate() - timedelta(days=1200)
        more = {"completed_on": done, "level": None, "mark": 90, "standing": "confirmed"}
        training.record(actor=house.world.actor("manager"), values=values | more)
    return "Training in Fire safety ran out"


def _trained(house: House) -> None:
    with open_scope(Scope.provider(), opened_by="test"):
        (held,) = (e for e in trained.certificates() if e["person"] == house.world.people["reader"].id)
        values = {**held.values, "completed_on": timezone.localdate()}
        training.record(actor=house.world.actor("manager"), values=values, key=held.key, why="Done again")


def _without_a_paper(house: House) -> str:
    """A paper of the reader's file turns out to be another person's."""
    with open_scope(Scope.provider(), opened_by="test"):
        mine = (e for e in files.papers() if e["person"] == house.world.people["reader"].id)
        key = next(e.key for e in mine if e["item"] == "references")
        staff.withdraw_paper(actor=house.world.actor("manager"), key=key, why="Another person's")
    return "The staff file is not whole: 1 thing is missing"


def _with_a_paper(house: House) -> None:
    with open_scope(Scope.provider(), opened_by="test"):
        today = timezone.localdate()
        values = {"person": house.world.people["reader"].id, "item": "references", "held": "seen", "seen_on": today}
        more = {"detail": "Two letters.", "expires_on": None}
        staff.record_paper(actor=house.world.actor("manager"), values=values | more)


@pytest.mark.parametrize(
    ("gate", "shut", "mend"),
    [("training", _untrained, _trained), ("staff-file", _without_a_paper, _with_a_paper)],
)
def test_lapsed_training_and_an_incomplete_file_hold_routine_work_and_let_the_urgent_pass(
    house: House, gate: str, shut: Callable[[House], str], mend: Callable[[House], None]
) -> None:
    """Routine work waits with its reason on screen; urgent work is signed with a reason that report and manager show (REQ-07)."""
    words = shut(house)
    routine = house.world.ready_case("NORTH").read_id
    assert words in text_of(house.post("reader", f"/read/{routine}/claim/", status=403))
    assert words in house.get("reader", f"/worklist/{routine}/why/")
    house.post("reader2", f"/read/{routine}/claim/")
    urgent = house.world.ready_case("NORTH", priority="urgent").read_id
    read = f"/read/{urgent}/"
    house.post("reader", f"{read}claim/")
    _saved(house, read, SECTIONS)
    fields = _signing(house, read)
    house.post("reader", f"{read}sign/", fields, 422)
    answer = house.post("reader", f"{read}sign/", {**fields, "gate_reason": WHY})
    report_id = UUID(answer.url.split("/")[2])
    with house.world.scope("NORTH"):
        kept = reports.report(report_id)
        assert kept is not None
        assert [(g["gate"], g["reason"], g["by"]) for g in kept.passed_gates] == [(gate, WHY, "reader")]
    drain()
    told = [s.payload["subject"] for s in house.sent if s.to == house.world.people["manager"].email]
    assert "A report was signed through a gate" in told
    assert WHY in house.get("manager", f"/reports/{report_id}/")
    later = f"/read/{house.world.ready_case('NORTH').read_id}/"
    house.post("reader", f"{later}claim/", status=403)
    key = _let_pass(house, gate=gate)
    house.post("reader", f"{later}claim/")
    with open_scope(Scope.provider(), opened_by="test"):
        credentials.withdraw_override(actor=house.world.actor("manager"), key=key)
    last = f"/read/{house.world.ready_case('NORTH').read_id}/"
    house.post("reader", f"{last}claim/", status=403)
    mend(house)
    house.post("reader", f"{last}claim/")


def test_an_opened_routine_read_can_be_finished_when_a_gate_shuts_meanwhile(house: House) -> None:
    """A routine read that was claimed before the gate shut is claimed again and signed with a reason (H33)."""
    read_id = house.world.ready_case("NORTH").read_id
    read = f"/read/{read_id}/"
    house.post("reader", f"{read}claim/")
    _overdue(house)
    house.post("reader", f"{read}claim/")
    house.get("reader", f"{read}coverage/")
    _saved(house, read, SECTIONS)
    fields = _signing(house, read)
    house.post("reader", f"{read}sign/", fields, 422)
    house.post("reader", f"{read}sign/", {**fields, "gate_reason": WHY})


def test_a_failed_check_of_the_register_stops_allocation_and_signature_at_once(house: House) -> None:
    """A check that did not find the reader in good standing: urgent work too is refused, no reason helps (REQ-09, H12)."""
    read_id = house.world.ready_case("NORTH", priority="emergency").read_id
    read = f"/read/{read_id}/"
    house.post("reader", f"{read}claim/")
    _saved(house, read, SECTIONS)
    fields = _signing(house, read)
    with open_scope(Scope.provider(), opened_by="test"):
        held = Registration.objects.get(person_id=house.world.people["reader"].id)
        credentials.record_registration(
            actor=house.world.actor("manager"),
            person_id=held.person_id,
            body=held.body,
            number=held.number,
            checked_on=timezone.localdate(),
            licence=False,
            specialist=True,
            failed=True,
            detail="suspended",
            key=held.key,
        )
    page = text_of(house.post("reader", f"{read}sign/", {**fields, "gate_reason": WHY}, 422))
    assert "You may not sign this report" in page
    other = house.world.ready_case("NORTH", priority="emergency").read_id
    house.post("reader", f"/read/{other}/claim/", status=403)
    house.get("reader", f"{read}coverage/", 404)


def test_an_override_of_the_manager_opens_a_soft_gate_until_it_ends(house: House) -> None:
    """The registered manager lets a reader pass for a day: routine work goes on, the report says so, and it ends (REQ-07)."""
    _overdue(house)
    key = _let_pass(house)
    read_id = house.world.ready_case("NORTH").read_id
    read = f"/read/{read_id}/"
    assert "booked for Friday" in house.get("reader", f"/worklist/{read_id}/why/")
    house.post("reader", f"{read}claim/")
    _saved(house, read, SECTIONS)
    answer = house.post("reader", f"{read}sign/", _signing(house, read))
    with house.world.scope("NORTH"):
        kept = reports.report(UUID(answer.url.split("/")[2]))
        assert kept is not None
        assert [(g["gate"], g["by"]) for g in kept.passed_gates] == [("appraisal", "manager")]
        assert "booked for Friday" in kept.passed_gates[0]["words"]
    assert sweeper.fire_due(timezone.now() + timedelta(hours=25)) >= 1
    with open_scope(Scope.provider(), opened_by="test"):
        credentials.withdraw_override(actor=house.world.actor("manager"), key=key)
        with pytest.raises(Conflict), transaction.atomic():
            credentials.override(
                actor=house.world.actor("manager"),
                person_id=house.world.people["reader"].id,
                gate="dbs",
                why="It is not shut at all now.",
                until=timezone.now() + timedelta(hours=1),
            )
    house.post("reader", f"/read/{house.world.ready_case('NORTH').read_id}/claim/", status=403)


def test_overrides_are_refused_for_hard_gates_for_too_long_and_to_all_but_the_registered_manager(house: House) -> None:
    """Only the registered manager lets pass, a soft gate only, at most three days."""
    _overdue(house)
    for actor in ("administrator", "reader2", "reader"):
        with pytest.raises(NotAllowed), transaction.atomic():
            _let_pass(house, actor)
    with pytest.raises(BadInput, match="72 hours"), transaction.atomic():
        _let_pass(house, hours=73)
    with open_scope(Scope.provider(), opened_by="test"):
        held = Registration.objects.get(person_id=house.world.people["reader"].id)
        credentials.end(actor=house.world.actor("manager"), what="registration", key=held.key)
    with pytest.raises(BadInput, match="nobody passes"), transaction.atomic():
        _let_pass(house, gate="registration")


def test_nobody_records_their_own_and_no_version_is_ever_changed(house: House) -> None:
    """A reader cannot write themselves a privilege; the database refuses to change what was recorded (H12)."""
    reader = house.world.people["reader"].id
    with open_scope(Scope.provider(), opened_by="test"):
        with pytest.raises(NotAllowed), transaction.atomic():
            credentials.record_privilege(
                actor=house.world.actor("reader"), person_id=reader, modalities=("CT",), read_types=("primary",)
            )
        _overdue(house)
        _let_pass(house)
        for model in (Registration, Privilege, Appraisal, Override):
            table = model._meta.db_table
            for sql in (f'UPDATE "{table}" SET recorded_by = recorded_by', f'DELETE FROM "{table}"'):  # noqa: S608
                with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(sql)


def test_the_gates_of_many_reads_cost_as_many_queries_as_those_of_one(house: House) -> None:
    """The worklist asks the gates of five reads in as many queries as those of one."""
    reader = house.world.people["reader"].id
    house.world.ready_case("NORTH")
    counts = []
    for _ in range(2):
        with house.world.scope("NORTH"):
            cards = cases.read_cards()
            with CaptureQueriesContext(connection) as asked:
                allocation.gates_of_reads(cards, reader)
            counts.append(len(asked))
        for _ in range(4):
            house.world.ready_case("NORTH")
    assert counts[0] == counts[1]


def test_what_runs_out_is_a_duty_that_is_told_until_it_is_put_right(house: House) -> None:
    """An overdue appraisal is the reader's duty: told, told to the manager the same day, and ended by the next one (REQ-11)."""
    reader = house.world.people["reader"].id
    with open_scope(Scope.provider(), opened_by="test"):
        before = {d.kind for d in clock.duties(owner_id=reader)}
        assert {"credentials.indemnity", "credentials.dbs", "credentials.appraisal"} <= before
    _overdue(house)
    with open_scope(Scope.provider(), opened_by="test"):
        duty = clock.duties(owner_id=reader, kinds=["credentials.appraisal"])[0]
        assert duty.due_at < timezone.now()
    for _ in range(2):
        sweeper.fire_due(timezone.now() + timedelta(days=1))
    drain()
    with open_scope(Scope.provider(), opened_by="test"):
        told = {n.person_id for n in clock.notices_of("credentials.appraisal", duty.subject_id)}
        held = Appraisal.objects.filter(person_id=reader).latest("recorded_at")
    assert told == {reader, house.world.people["manager"].id}
    assert "Appraisal, Dr Maren Oakhollow" in house.get("reader", "/duties/")
    assert house.browser("reader").get(f"/credentials/thing/{held.key}/").url == "/credentials/me/"
    house.post(
        "manager",
        f"/credentials/people/{reader}/record/appraisal/",
        {
            "appraisal-held_on": timezone.localdate().isoformat(),
            "appraisal-appraiser": "Dr Bryony Hallam",
            "appraisal-teleradiology": "on",
            "appraisal-designated_body": "Larkfield Reporting Ltd",
            "appraisal-responsible_officer": "Dr Caspian Thorne",
        },
    )
    with open_scope(Scope.provider(), opened_by="test"):
        duty = clock.duties(owner_id=reader, kinds=["credentials.appraisal"])[0]
        assert duty.due_at > timezone.now() + timedelta(days=300)
        assert credentials.keep(actor=house.world.actor("manager")) == 0


def test_a_failed_check_and_an_override_are_mailed_to_reader_and_manager(house: House) -> None:
    """Reader and registered manager hear of a failed check and of an override at once, without patient details (REQ-07)."""
    _overdue(house)
    _let_pass(house)
    with open_scope(Scope.provider(), opened_by="test"):
        held = Registration.objects.get(person_id=house.world.people["reader"].id)
        credentials.record_registration(
            actor=house.world.actor("manager"),
            person_id=held.person_id,
            body=held.body,
            number=held.number,
            checked_on=timezone.localdate(),
            licence=False,
            specialist=True,
            failed=True,
            detail="suspended",
            key=held.key,
        )
    drain()
    sent = {(s.to, s.payload["subject"]): s.payload["text"] for s in house.sent}
    for name in ("reader", "manager"):
        email = house.world.people[name].email
        assert "booked for Friday" in sent[(email, "A gate was opened for a time")]
        assert "Dr Maren Oakhollow" in sent[(email, "A check of the GMC register failed")]
