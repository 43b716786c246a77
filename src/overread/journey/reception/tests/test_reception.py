"""Reception: batches, holds, quarantine, completeness and receipts, with the database."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from overread.foundation.clock.queries import due_for
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.journey.archive import actions as archive_actions
from overread.journey.archive import queries as archive
from overread.journey.archive.rules import StoredObject
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.reception import actions, queries
from overread.journey.reception.queries import Taken
from overread.journey.reception.rules import Arrived
from tests.world import SEED, World, world

__all__ = ["world"]
UID = "1.2.826.0.1.3680043.9.7.1"


def _take(world: World, objects: tuple[StoredObject, ...], code: str = "NORTH", **position: object) -> Taken:
    batch = tuple(Arrived(o) for o in objects)
    return actions.take_batch(actor=SEED, client_id=world.clients[code], batch=batch, **position)  # type: ignore[arg-type]


def test_objects_become_a_study_and_repeats_are_success(world: World) -> None:
    """A batch becomes study, series and instances; the same batch again changes nothing."""
    objects = world.objects(UID, 5)
    with world.scope("NORTH"):
        first = _take(world, objects)
        again = _take(world, objects)
        study = archive.study(first.study_ids[0])
        assert study is not None
        assert (first.new, again.new, again.repeats) == (5, 0, 5)
        assert (study.image_count, study.series_count, study.modalities) == (5, 1, "CT")
        assert [i.number for i in archive.instances(study.id)] == [1, 2, 3, 4, 5]


def test_the_journals_position_moves_with_the_batch_and_only_once(world: World) -> None:
    """A batch that another process has taken is refused whole, and its objects are not taken twice."""
    objects = world.objects(UID, 4)
    with world.scope("NORTH"):
        _take(world, objects[:2], segment="a.journal", from_offset=0, to_offset=100)
        with pytest.raises(Conflict):
            _take(world, objects[2:], segment="a.journal", from_offset=0, to_offset=200)
        assert queries.position("a.journal") == 100
        _take(world, objects[2:], segment="a.journal", from_offset=100, to_offset=200)
        assert queries.position("a.journal") == 200


def test_the_same_uid_with_other_bytes_is_kept_apart_and_the_first_is_served(world: World) -> None:
    """A second version of an instance goes into quarantine beside the first, once, and can never replace it (H24)."""
    objects = world.objects(UID, 2)
    other = replace(objects[0], sha256="f" * 64, key="sha256/ff/ff/" + "f" * 64)
    with world.scope("NORTH"):
        _take(world, objects)
        done = _take(world, (other, other))
        _take(world, (other,))
        assert done.quarantined == 2
        apart = queries.quarantined()
        assert [(q.reason, q.sha256) for q in apart] == [("other-bytes", "f" * 64)]
        stored = archive.instance_by_uid(world.clients["NORTH"], objects[0].sop_uid)
        assert stored is not None
        assert stored.sha256 == objects[0].sha256
        with pytest.raises(NotAllowed):
            actions.accept_quarantined(actor=SEED, quarantined_id=apart[0].id, reason="try")
        actions.discard_quarantined(actor=SEED, quarantined_id=apart[0].id, reason="Sent twice")
        assert queries.quarantined() == []


def test_the_same_uids_from_two_clients_are_two_studies(world: World) -> None:
    """Two clients that send the same UIDs have two studies; neither sees the other's (H23)."""
    objects = world.objects(UID, 2)
    with world.scope("NORTH"):
        north = _take(world, objects).study_ids[0]
    with world.scope("SOUTH"):
        south = _take(world, objects, "SOUTH").study_ids[0]
        assert archive.study(north) is None
    assert north != south


def test_a_study_without_date_of_birth_is_held_until_the_client_gives_it(world: World) -> None:
    """Images without a date of birth reach nobody; with the client's word they enter the archive."""
    objects = world.objects(UID, 3, birth_date=None)
    with world.scope("NORTH"):
        taken = _take(world, objects)
        assert (taken.new, taken.held) == (0, 3)
        assert archive.study_by_uid(world.clients["NORTH"], UID) is None
        _take(world, objects)
        hold = queries.held()[0]
        assert (hold.reason, hold.image_count, queries.held_count()) == ("no-birth-date", 3, 1)
        with pytest.raises(BadInput):
            actions.release_hold(actor=SEED, hold_id=hold.id, evidence="Phone call")
        with pytest.raises(BadInput):
            actions.release_hold(actor=SEED, hold_id=hold.id, evidence="", birth_date=date(1955, 2, 3))
        with pytest.raises(BadInput) as young:
            actions.release_hold(actor=SEED, hold_id=hold.id, evidence="Phone call", birth_date=date(2010, 1, 1))
        assert young.value.code == "under-age"
        study_id = actions.release_hold(
            actor=world.actor("administrator"), hold_id=hold.id, evidence="Phone call", birth_date=date(1955, 2, 3)
        )
        study = archive.study(study_id)
        assert study is not None
        assert (study.image_count, study.birth_date, study.birth_date_given) == (3, date(1955, 2, 3), True)
        assert queries.held() == []
        with pytest.raises(Conflict):
            actions.return_hold(actor=SEED, hold_id=hold.id, reason="late")
        # Images that come after the decision are no longer held.
        more = world.objects(UID, 5, birth_date=None)[3:]
        assert _take(world, more).new == 2


def test_a_childs_study_is_returned_and_leaves_no_name(world: World) -> None:
    """A study of somebody under age is held and returned; after the purge neither objects nor name are left."""
    objects = world.objects(UID, 2, birth_date=date(2012, 1, 1))
    with world.scope("NORTH"):
        _take(world, objects)
        hold = queries.held()[0]
        assert hold.reason == "under-age"
        with pytest.raises(BadInput):
            actions.return_hold(actor=SEED, hold_id=hold.id, reason=" ")
        actions.return_hold(actor=world.actor("administrator"), hold_id=hold.id, reason="We read adults only")
        assert len(queries.held_keys(hold.id)) == 2
        actions.record_purged(actor=SEED, hold_id=hold.id, removed=2, kept=0)
        gone = queries.hold(hold.id)
        assert gone is not None
        assert (gone.patient_name, gone.identifier, gone.state) == ("", "", "returned")
        assert queries.held_keys(hold.id) == []


def test_an_accepted_referral_releases_the_study_it_answers(world: World) -> None:
    """When the referral of a held study arrives with the date of birth, nobody has to type it."""
    objects = world.objects(UID, 2, birth_date=None, accession="N26-1", identifier="H77")
    with world.scope("NORTH"):
        _take(world, objects)
        actions.expect(
            actor=SEED,
            client_id=world.clients["NORTH"],
            referral_id=uuid4(),
            accession="N26-1",
            identifier="H77",
            birth_date=date(1955, 2, 3),
        )
        assert queries.held() == []
        assert archive.study_by_uid(world.clients["NORTH"], UID) is not None


def test_a_held_study_takes_all_its_images_along(world: World) -> None:
    """One doubtful image holds its whole study, so that nobody reads a part of it."""
    objects = world.objects(UID, 3)
    mixed = (objects[0], replace(objects[1], birth_date=None), objects[2])
    with world.scope("NORTH"):
        taken = _take(world, mixed)
        assert (taken.new, taken.held) == (0, 3)


def test_a_damaged_object_is_let_in_only_by_a_person(world: World) -> None:
    """A damaged object is kept apart; after somebody looked at it, it joins its study."""
    objects = world.objects(UID, 2)
    with world.scope("NORTH"):
        _take(world, objects[:1])
        actions.take_batch(
            actor=SEED,
            client_id=world.clients["NORTH"],
            batch=(Arrived(objects[1], damage=("pixel-data-short",)),),
        )
        apart = queries.quarantined()[0]
        assert (apart.reason, apart.detail) == ("damaged", "pixel-data-short")
        done = actions.accept_quarantined(actor=world.actor("administrator"), quarantined_id=apart.id, reason="Seen")
        assert done == "accepted"
        study = archive.study_by_uid(world.clients["NORTH"], UID)
        assert study is not None
        assert study.image_count == 2


def test_a_quiet_study_is_complete_and_its_case_becomes_ready(world: World) -> None:
    """When nothing has come for the agreed time the study is whole as of its last image, and the case can be read."""
    client_id = world.clients["NORTH"]
    with world.scope("NORTH"):
        study_id = _take(world, world.objects(UID, 3)).study_ids[0]
        arrival = queries.arrival(study_id)
        assert arrival is not None
        assert arrival.state == "receiving"
        assert due_for([study_id], "reception.quiet") == {study_id: arrival.last_at + timedelta(seconds=60)}
        case_id = cases.open_case(actor=SEED, client_id=client_id, referral_id=uuid4())
        cases.attach_study(actor=SEED, case_id=case_id, study_id=study_id, facts=archive.facts_for_case(study_id))
        assert case_queries.case(case_id).state == "awaiting_images"  # type: ignore[union-attr]
        actions.check_quiet(actor=SEED, study_id=study_id, at=arrival.last_at + timedelta(seconds=59))
        assert case_queries.case(case_id).state == "awaiting_images"  # type: ignore[union-attr]
        actions.check_quiet(actor=SEED, study_id=study_id, at=arrival.last_at + timedelta(seconds=60))
        case = case_queries.case(case_id)
        assert case is not None
        assert (case.state, case.images_complete_at) == ("ready", arrival.last_at)
        assert queries.arrival(study_id).completed_by == "quiet"  # type: ignore[union-attr]


def test_a_study_is_complete_at_once_when_all_declared_images_are_there(world: World) -> None:
    """If the sender says how many images there are, the study is whole with the last of them, without waiting."""
    objects = world.objects(UID, 3, study_images=3)
    with world.scope("NORTH"):
        study_id = _take(world, objects[:2]).study_ids[0]
        assert queries.arrival(study_id).state == "receiving"  # type: ignore[union-attr]
        _take(world, objects[2:])
        arrival = queries.arrival(study_id)
        assert arrival is not None
        assert (arrival.state, arrival.completed_by, arrival.short) == ("complete", "declared", False)
        assert due_for([study_id], "reception.quiet") == {}


def test_a_study_short_of_its_declared_count_is_offered_and_marked(world: World) -> None:
    """When an image is withheld the study is complete after the quiet time, and the case says that it is short (H03)."""
    with world.scope("NORTH"):
        study_id = _take(world, world.objects(UID, 2, study_images=3)).study_ids[0]
        case_id = cases.open_case(actor=SEED, client_id=world.clients["NORTH"], referral_id=uuid4())
        cases.attach_study(actor=SEED, case_id=case_id, study_id=study_id, facts=archive.facts_for_case(study_id))
        actions.check_quiet(actor=SEED, study_id=study_id, at=timezone.now() + timedelta(minutes=2))
        case = case_queries.case(case_id)
        assert case is not None
        assert (case.state, case.incomplete) == ("ready", True)
        actions.complete_study(actor=world.actor("administrator"), study_id=study_id, reason="Client says 2 is all")
        assert case_queries.case(case_id).incomplete is False  # type: ignore[union-attr]


def test_late_images_reopen_a_signed_case(world: World) -> None:
    """Images after the signature are noticed at once, and when they are all there the case is open again (H04)."""
    made = world.ready_case(images=2)
    reader = world.people["reader"].id
    study_uid = ""
    with world.scope("NORTH"):
        study_uid = archive.study(made.study_id).uid  # type: ignore[union-attr]
        _take(world, world.objects(study_uid, 3)[2:])
        actions.check_quiet(actor=SEED, study_id=made.study_id, at=timezone.now() + timedelta(minutes=2))
        before = archive.image_set(made.study_id)
        cases.claim_read(actor=SEED, read_id=made.read_id, reader_id=reader)
        cases.sign_read(actor=SEED, read_id=made.read_id, reader_id=reader, signed_at=timezone.now())
        _take(world, world.objects(study_uid, 4)[3:])
        arriving = case_queries.case(made.case_id)
        assert arriving is not None
        assert (arriving.state, arriving.incomplete) == ("reported", True)
        actions.check_quiet(actor=SEED, study_id=made.study_id, at=timezone.now() + timedelta(minutes=2))
        case = case_queries.case(made.case_id)
        assert case is not None
        assert (case.state, case.late_images, case.incomplete) == ("ready", True, False)
        assert archive.image_set(made.study_id) != before


def test_refused_callers_are_counted_and_a_scan_fills_nothing(world: World) -> None:
    """Repeated refusals raise a count; a scan with thousands of names ends in one line."""
    at = timezone.now().replace(minute=30)
    with world.scope():
        for _ in range(3):
            actions.record_refusal(
                actor=SEED, calling_aet="STRANGER", address="203.0.113.9", reason="unknown-sender", at=at
            )
        assert [(r.calling_aet, r.count) for r in queries.refusals()] == [("STRANGER", 3)]
        for number in range(205):
            actions.record_refusal(
                actor=SEED, calling_aet=f"A{number}", address="203.0.113.9", reason="unknown-sender", at=at
            )
        rows = queries.refusals(500)
        assert len(rows) == 201
        assert sum(r.count for r in rows) == 208


def test_a_receipt_lists_every_file_and_adds_up(world: World) -> None:
    """An upload's receipt names each file with its outcome, the first word stands, and nothing is added afterwards."""
    who = world.actor("north")
    with world.scope("NORTH"):
        upload_id = actions.begin_upload(actor=who, client_id=world.clients["NORTH"], announced=3)
        actions.record_file(actor=who, upload_id=upload_id, number=1, name="a.dcm", outcome="stored", sha256="a")
        actions.record_file(actor=who, upload_id=upload_id, number=1, name="a.dcm", outcome="refused", reason="x")
        with pytest.raises(BadInput):
            actions.record_file(actor=who, upload_id=upload_id, number=2, name="b.txt", outcome="refused")
        actions.record_file(
            actor=who, upload_id=upload_id, number=2, name="b.txt", outcome="refused", reason="No image."
        )
        receipt = actions.finish_upload(actor=who, upload_id=upload_id)
        assert (receipt.count("stored"), receipt.count("refused"), receipt.adds_up) == (1, 1, False)
        with pytest.raises(Conflict):
            actions.record_file(actor=who, upload_id=upload_id, number=3, name="c", outcome="stored")
    with world.scope("SOUTH"):
        assert queries.upload(upload_id) is None
        with pytest.raises(NotFound):
            actions.finish_upload(actor=who, upload_id=upload_id)


def test_a_study_without_a_case_is_listed(world: World) -> None:
    """A study that nobody asked for yet is on the list until it is part of a case (H28)."""
    with world.scope("NORTH"):
        study_id = _take(world, world.objects(UID, 1)).study_ids[0]
        assert [s.id for s in queries.studies_without_case()] == [study_id]
        case_id = cases.open_case(actor=SEED, client_id=world.clients["NORTH"], referral_id=uuid4())
        cases.attach_study(actor=SEED, case_id=case_id, study_id=study_id, facts=archive.facts_for_case(study_id))
        assert queries.studies_without_case() == []
        assert queries.without_case_count() == 0
        cases.detach_study(actor=SEED, case_id=case_id, study_id=study_id, reason="wrong match")
        assert [s.id for s in queries.studies_without_case()] == [study_id]
        assert queries.without_case_count() == 1


def test_a_study_of_a_case_that_grows_does_not_wait(world: World) -> None:
    """A study that was part of a case before reception heard of it is not counted as waiting (H28)."""
    with world.scope("NORTH"):
        done = archive_actions.index(actor=SEED, client_id=world.clients["NORTH"], objects=world.objects(UID, 1))
        case_id = cases.open_case(actor=SEED, client_id=world.clients["NORTH"], referral_id=uuid4())
        study_id = done.study_ids[0]
        cases.attach_study(actor=SEED, case_id=case_id, study_id=study_id, facts=archive.facts_for_case(study_id))
        _take(world, world.objects(UID, 2))
        assert queries.arrival(study_id) is not None
        assert queries.without_case_count() == 0


def test_what_waits_for_a_referral_is_counted_by_an_index_of_those_alone(world: World) -> None:
    """The count on every office page is one query over the waiting studies, however many others ever arrived (H28)."""
    with world.scope("NORTH"):
        for number in range(12):
            study_id = _take(world, world.objects(f"{UID}.{number}", 1)).study_ids[0]
            if number >= 2:
                case_id = cases.open_case(actor=SEED, client_id=world.clients["NORTH"], referral_id=uuid4())
                facts = archive.facts_for_case(study_id)
                cases.attach_study(actor=SEED, case_id=case_id, study_id=study_id, facts=facts)
        with CaptureQueriesContext(connection) as asked:
            assert queries.without_case_count() == 2
        counts = [q["sql"] for q in asked if "reception_arrival" in q["sql"]]
        assert len(counts) == 1
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {counts[0]}")
                plan = " ".join(str(row) for row in cursor.fetchall())
            assert "reception_arrival_waits" in plan, plan


@pytest.mark.parametrize(
    ("aet", "address", "client"),
    [("NORTH_CT2", "127.0.0.1", "NORTH"), ("NORTH_CT2", "8.8.8.8", None), ("X", "127.0.0.1", None)],
)
def test_only_known_senders_are_admitted(world: World, aet: str, address: str, client: str | None) -> None:
    """A caller is admitted by AE title and address together; otherwise it is nobody."""
    found = queries.admission(aet, address)
    assert (found.client_code if found else None) == client
