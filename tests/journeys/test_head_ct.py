"""The way of a head CT with a critical finding, in one process: actions, reactions and jobs as they really run.

Not covered here: network ports, pages and the browser; `make demo CHECK=1` drives those.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from overread.foundation.clock import sweeper
from overread.foundation.work.actor import Actor
from overread.foundation.work.channels import Outcome
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed
from overread.foundation.work.running import drain
from overread.journey.allocation import actions as allocation
from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.delivery import actions as delivery
from overread.journey.delivery import queries as deliveries
from overread.journey.escalation import actions as escalation
from overread.journey.escalation import queries as alerts
from overread.journey.reception import actions as reception
from overread.journey.reception.rules import Arrived
from overread.journey.referral import actions as referrals
from overread.journey.referral import queries as referral_queries
from overread.journey.reporting import actions as reporting
from overread.journey.reporting import queries as reports
from overread.journey.reporting.rules import addendum_purpose, canonical_text, report_purpose, text_hash
from tests.signing import SECTIONS, Post, claimed, post, proof, sign, written  # noqa: F401
from tests.world import World, world  # noqa: F401  the fixture

pytestmark = [pytest.mark.django_db, pytest.mark.journey]

FIELDS = {
    "question": "Fall down stairs, GCS 14, takes apixaban. Bleed?",
    "modality": "CT",
    "procedure": "CT head without contrast",
    "priority": "urgent",
    "family": "Quillfeather",
    "given": "Osric",
    "sex": "M",
    "identifier": "H000001",
    "issuer": "",
    "accession": "NG26-118204",
    "referrer_name": "Dr Pascoe Wren",
    "referrer_contact": "01632 960014",
}


def _refer(world: World, **changes: str) -> UUID:  # noqa: F811
    return referrals.make_referral(
        actor=world.actor("north"),
        client_id=world.clients["NORTH"],
        fields={**FIELDS, **changes},
        birth_date=date(1955, 2, 3),
    )


def _arrive(world: World, **details: Any) -> UUID:  # noqa: F811
    """A study that reception takes in and counts as whole."""
    objects = world.objects(f"1.2.826.0.1.3680043.9.7.{uuid4().int % 10**12}", **details)
    system = Actor.system("test")
    batch = tuple(Arrived(stored) for stored in objects)
    reception.take_batch(
        actor=system, client_id=world.clients["NORTH"], batch=batch, segment="", from_offset=0, to_offset=0
    )
    study = archive.study_by_uid(world.clients["NORTH"], objects[0].study_uid)
    assert study is not None
    reception.complete_study(actor=system, study_id=study.id, reason="test")
    return study.id


def test_images_and_referral_find_each_other(world: World, post: Post) -> None:  # noqa: F811
    """A referral and a whole study with the same accession, birth date and name become one ready case, in either order."""
    with world.scope("NORTH"):
        referral_id = _refer(world)
        study_id = _arrive(world, accession="NG26-118204", acquired_at=timezone.now())
        found = referral_queries.referral(referral_id)
        assert found is not None
        assert (found.study_id, found.matched_how) == (study_id, "by-itself")
        assert found.case_id is not None
        case = cases.case(found.case_id)
        assert case is not None
        assert (case.state, case.priority) == ("ready", "urgent")


@pytest.mark.parametrize("prior_first", [True, False])
def test_an_earlier_study_becomes_a_prior_whenever_it_arrives(world: World, post: Post, prior_first: bool) -> None:  # noqa: F811
    """The requested study is matched, the earlier one of the same person is attached as prior, in either order (H09)."""
    earlier = {
        "accession": "NG25-000001",
        "study_date": date(2025, 3, 9),
        "acquired_at": timezone.now() - timedelta(days=400),
    }
    now = {"accession": "NG26-118204", "study_date": timezone.localdate(), "acquired_at": timezone.now()}
    with world.scope("NORTH"):
        referral_id = _refer(world)
        order = [earlier, now] if prior_first else [now, earlier]
        ids = {one["accession"]: _arrive(world, **one) for one in order}
        found = referral_queries.referral(referral_id)
        assert found is not None
        assert found.case_id is not None
        roles = {s.study_id: s.role for s in cases.studies_of(found.case_id)}
        assert roles == {ids["NG26-118204"]: "current", ids["NG25-000001"]: "prior"}
        assert referral_queries.unmatched() == []


def test_a_doubtful_match_waits_for_a_person(world: World, post: Post) -> None:  # noqa: F811
    """Another birth date on the images: nothing is matched by itself, and the administrator sees the pair (H01)."""
    with world.scope("NORTH"):
        _refer(world)
        study_id = _arrive(world, accession="NG26-118204", birth_date=date(1955, 2, 4))
        waiting = referral_queries.unmatched_study(study_id)
        assert waiting is not None
        assert [line.field for line in waiting.pairs[0].score.against] == ["Born"]


def test_the_whole_way_from_claim_to_opened(world: World, post: Post) -> None:  # noqa: F811
    """Claim, write, sign with an alert; the alert is raised and told, the report is published, sent, accepted, opened."""
    terms = replace(world.terms["NORTH"], channels=("portal", "dicom"))
    _agree(world, terms)
    read_id = claimed(world)
    with world.scope("NORTH"):
        report_id = sign(world, read_id, written(world, read_id))
        report = reports.report(report_id)
        assert report is not None
        raised = alerts.alerts_of_case(report.case_id)
        assert [(a.category, a.is_open, a.report_id) for a in raised] == [("critical", True, report_id)]
    sweeper.fire_due()
    drain()
    with world.scope("NORTH"):
        assert {m.to for m in post.sent["email"]} >= {world.people["north"].email}
        state = {d.channel: d.state for d in deliveries.deliveries_of_report(report_id)}
        assert state["portal"] == "accepted"
        portal = deliveries.published_report(report_id)
        assert portal is not None
        delivery.mark_opened(actor=world.actor("north"), delivery_id=portal.id, by="Dr Linnet Farrow")
        again = deliveries.published_report(report_id)
        assert again is not None
        assert again.opened_at is not None
        escalation.acknowledge(
            actor=world.actor("north"),
            alert_id=raised[0].id,
            name="Dr Linnet Farrow",
            role="emergency consultant",
            read_back="Left subdural haematoma, calling neurosurgery",
        )
        assert alerts.open_alerts() == []


def _agree(world: World, terms: Any) -> None:  # noqa: F811
    from overread.journey.agreement import actions as agreement
    from overread.journey.agreement.rules import Peer

    with world.scope("NORTH"):
        agreement.agree(
            actor=Actor.system("test"),
            client_id=world.clients["NORTH"],
            terms=replace(terms, dicom_peer=Peer("NORTH_PACS", "127.0.0.1", 11113)),
        )


def test_no_mail_holds_patient_data(world: World, post: Post) -> None:  # noqa: F811
    """Neither alert nor notice carries the patient's name, number or finding; the alert's link and code are apart."""
    read_id = claimed(world)
    with world.scope("NORTH"):
        sign(world, read_id, written(world, read_id))
    sweeper.fire_due()
    drain()
    assert post.sent["email"]
    text = "\n".join(f"{m.payload['subject']}\n{m.payload['text']}" for m in post.sent["email"])
    for word in ("Quillfeather", "Osric", "haematoma", "subdural", "H000001"):
        assert word not in text


def test_an_alert_can_be_taken_by_link_and_code_only(world: World, post: Post) -> None:  # noqa: F811
    """The link in the mail alone is not enough; with the code told by voice it is, once (H08)."""
    ready = world.ready_case()
    with world.scope("NORTH"):
        alert_id = escalation.raise_alert(
            actor=world.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed"
        )
    drain()
    token = post.sent["email"][0].payload["text"].split("/a/")[1].split("/")[0]
    with world.scope("NORTH"):
        link = alerts.link_by_token(token)
        assert link is not None
        who = {"name": "Dr Linnet Farrow", "role": "consultant", "read_back": "Left bleed, acting"}
        door = Actor.system("one-time-link")
        with pytest.raises(NotAllowed):
            escalation.acknowledge_by_link(actor=door, link_id=link.id, code="000000", **who)
        code = alerts.code_of(alert_id, link.id)
        escalation.acknowledge_by_link(actor=door, link_id=link.id, code=code, **who)
        with pytest.raises(NotAllowed):
            escalation.acknowledge_by_link(actor=door, link_id=link.id, code=code, **who)


def test_the_ladder_climbs_until_somebody_takes_it(world: World, post: Post) -> None:  # noqa: F811
    """Rung after rung, round after round: an open alert always has a next step, also when every mail is refused."""
    post.answer = Outcome(state="refused", detail="no such person")
    ready = world.ready_case()
    with world.scope("NORTH"):
        alert_id = escalation.raise_alert(
            actor=world.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed"
        )
    drain()
    rounds = set()
    for _ in range(6):
        with world.scope("NORTH"):
            view = alerts.alert(alert_id)
            assert view is not None
            assert view.next_step_at is not None
            rounds.add(view.round)
            escalation.climb(actor=Actor.system("test"), alert_id=alert_id, at=timezone.now())
        drain()
    with world.scope("NORTH"):
        assert len(rounds) > 1
        assert {a.result for a in alerts.attempts_of(alert_id) if a.channel == "email"} == {"refused"}


def test_a_stale_page_cannot_sign(world: World, post: Post) -> None:  # noqa: F811
    """Text that was changed after the page was shown is not signed, and nothing is half done (H17)."""
    read_id = claimed(world)
    with world.scope("NORTH"):
        version = written(world, read_id)
        reporting.save_draft(
            actor=world.actor("reader"),
            read_id=read_id,
            version=version,
            sections={**SECTIONS, "conclusion": "Something else."},
            answers={},
        )
        with pytest.raises(Conflict), transaction.atomic():
            sign(world, read_id, version)
        case_id = cases.read(read_id).case_id  # type: ignore[union-attr]
        assert reports.reports_of(case_id) == []


def test_two_windows_do_not_overwrite_each_other(world: World, post: Post) -> None:  # noqa: F811
    """The second window's save with an old version is refused; the first one's text stays (H19)."""
    read_id = claimed(world)
    with world.scope("NORTH"):
        written(world, read_id)
        with pytest.raises(Conflict), transaction.atomic():
            reporting.save_draft(
                actor=world.actor("reader"), read_id=read_id, version=1, sections={"findings": "old"}, answers={}
            )
        draft = reports.draft(read_id, world.people["reader"].id)
        assert draft is not None
        assert draft.sections["findings"] == SECTIONS["findings"]


def test_a_report_without_its_conclusion_is_not_signed(world: World, post: Post) -> None:  # noqa: F811
    """A missing section blocks the signature, and the refusal names it."""
    read_id = claimed(world)
    actor = world.actor("reader")
    sections = {**SECTIONS, "conclusion": ""}
    with world.scope("NORTH"):
        version = written(world, read_id, sections)
        seen = text_hash(canonical_text(sections))
        shown = proof(actor, report_purpose(seen))
        with pytest.raises(BadInput) as refusal:
            reporting.sign(
                actor=actor,
                read_id=read_id,
                version=version,
                seen_sha256=seen,
                presence_token=shown,
            )
    assert "missing-conclusion" in refusal.value.errors


def test_another_reader_cannot_sign_or_claim(world: World, post: Post) -> None:  # noqa: F811
    """A read that one reader holds can be neither claimed nor signed by another (H18)."""
    read_id = claimed(world)
    with world.scope("NORTH"), pytest.raises(Conflict), transaction.atomic():
        allocation.claim(actor=world.actor("reader2"), read_id=read_id)
    with world.scope("NORTH"), pytest.raises(Conflict), transaction.atomic():
        reporting.begin(actor=world.actor("reader2"), read_id=read_id, sections={})


def test_sql_cannot_change_a_signed_report(world: World, post: Post) -> None:  # noqa: F811
    """UPDATE and DELETE of a signed version are refused by the database itself."""
    read_id = claimed(world)
    with world.scope("NORTH"):
        sign(world, read_id, written(world, read_id))
        for statement in (
            "UPDATE reporting_reportversion SET text = 'changed'",
            "DELETE FROM reporting_reportversion",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_an_addendum_is_a_version_of_its_own(world: World, post: Post) -> None:  # noqa: F811
    """An addendum names the version it adds to by its hash, goes out again, and leaves the first as it was (H10)."""
    read_id = claimed(world)
    actor = world.actor("reader")
    with world.scope("NORTH"):
        report_id = sign(world, read_id, written(world, read_id))
        base = reports.report(report_id)
        assert base is not None
        words = "The referrer was told at 14:10."
        shown = proof(actor, addendum_purpose(base.text_sha256, words))
        added = reporting.addend(
            actor=actor,
            report_id=report_id,
            based_on_sha256=base.text_sha256,
            text=words,
            presence_token=shown,
        )
        second = reports.report(added)
        assert second is not None
        assert (second.number, second.adds_to_sha256) == (2, base.text_sha256)
        assert reports.report(report_id) == base
        assert deliveries.deliveries_of_report(added)


def test_a_report_can_be_recalled_before_it_leaves(world: World, post: Post) -> None:  # noqa: F811
    """Within the recall window nothing has left; the signer stops it, and it leaves with the addendum."""
    read_id = claimed(world)
    with world.scope("NORTH"):
        version = written(world, read_id)
        calm = {**SECTIONS, "findings": "No acute finding.", "conclusion": "Normal examination."}
        actor = world.actor("reader")
        version = reporting.save_draft(actor=actor, read_id=read_id, version=version, sections=calm, answers={})
        seen = text_hash(canonical_text(calm))
        report_id = reporting.sign(
            actor=actor,
            read_id=read_id,
            version=version,
            seen_sha256=seen,
            presence_token=proof(actor, report_purpose(seen)),
        )
        found = deliveries.deliveries_of_report(report_id)
        assert all(d.release_at - d.made_at > timedelta(seconds=80) for d in found)
        with pytest.raises(NotAllowed), transaction.atomic():
            delivery.recall(actor=world.actor("reader2"), report_id=report_id)
        delivery.recall(actor=actor, report_id=report_id)
        assert {d.state for d in deliveries.deliveries_of_report(report_id)} == {"recalled"}
