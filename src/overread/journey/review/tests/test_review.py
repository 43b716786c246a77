"""Peer review over the wired product: two readers, a manager, and an external reviewer who sees no identity."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pydicom import dcmread

from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.tests.people import make_person, sign_in
from overread.foundation.blobs.current import current
from overread.foundation.clock import queries as clock
from overread.foundation.ledger.evidence import EVIDENCE, Asked
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.running import drain
from overread.governance.incidents import queries as incidents
from overread.journey.archive import actions as archive
from overread.journey.archive import queries as archived
from overread.journey.case import queries as cases
from overread.journey.escalation import queries as alerts
from overread.journey.reading import queries as reading
from overread.journey.reporting import actions as reporting
from overread.journey.reporting import queries as reports
from overread.journey.reporting.rules import addendum_purpose
from overread.journey.review import actions, queries
from overread.journey.review.models import Grade
from overread.journey.review.queries import ReviewView
from overread.journey.review.tests.test_deidentify import SECRET, _dataset, _file
from overread.site import reviewing
from tests.signing import SECTIONS, Post, claimed, post, proof, sign, written
from tests.world import SEED, World, join_house, world

__all__ = ["post", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post")]


@pytest.fixture(autouse=True)
def _house() -> None:
    """Joined before the channels of the test take the place of the real ones, whichever test comes first."""
    join_house()
    reviewing.join()


@pytest.fixture
def guest(world: World) -> PersonView:
    """An external reviewer with an appointment."""
    person = make_person("external_reviewer", name="Dr Rowan Thistlewood")
    _appoint(world, person)
    return person


def _appoint(world: World, person: PersonView, days: int = 90, key: UUID | None = None) -> UUID:
    today = timezone.localdate()
    values = {
        "person": person.id,
        "body": "GMC",
        "registration": "7011111",
        "checked_on": today,
        "speciality": "CT and MRI",
        "agreement": "Signed, in the folder of agreements",
        "begins_on": today - timedelta(days=100),
        "ends_on": today + timedelta(days=days),
    }
    with open_scope(Scope.provider(), opened_by="test"):
        return actions.appoint(actor=world.actor("manager"), values=values, key=key, why="Time")


PLAIN = SECTIONS | {
    "findings": "No haemorrhage. Ventricles of normal size.",
    "conclusion": "Normal study.",
    "recommendation": "None.",
}


def _signed(world: World) -> UUID:
    read_id = claimed(world)
    with world.scope("NORTH"):
        return sign(world, read_id, written(world, read_id, PLAIN), sections=PLAIN, alert=None)


def _draw(share: int = 0) -> ReviewView:
    """Draw what was signed today, so many percent of it for outside; the one review."""
    at = timezone.now()
    with (
        open_scope(Scope.everything(), opened_by="test"),
        thresholds.overridden({"peer_review.external_share": share}),
    ):
        actions.draw(actor=SEED, from_at=at - timedelta(days=1), to_at=at, seed="seed")
        (view,) = queries.open_reviews()
        return view


@pytest.fixture
def drawn(world: World) -> ReviewView:
    """A report of the first reader, under review by the second."""
    _signed(world)
    return _draw()


@pytest.fixture
def scope(world: World) -> Iterator[None]:
    """Northmere's rows."""
    with world.scope("NORTH"):
        yield


SERIOUS: dict[str, Any] = {
    "uk": 2,
    "radpeer": "2b",
    "cause": "perception",
    "comment": "A second collection on the right.",
}
AGREES: dict[str, Any] = {"uk": 5, "radpeer": "1"}


def _judge(world: World, view: ReviewView, act: str, who: str = "reader2", **said: Any) -> None:
    actions.judge(actor=world.actor(who), review_id=view.id, act=act, **said)


def _now(view: ReviewView) -> ReviewView:
    found = queries.review(view.id)
    assert found is not None
    return found


def _acts(view: ReviewView) -> list[str]:
    return sorted(str(s.act) for s in queries.steps_of(_now(view)))


def test_a_draw_is_recorded_and_gives_the_same_again(world: World, drawn: ReviewView) -> None:
    """Seed, share, candidates and sample are kept; drawing again from the rows gives the same; a period is drawn once."""
    with open_scope(Scope.everything(), opened_by="test"):
        (one,) = queries.draws()
        assert (one["candidates"], one["chosen"], one["percent"]) == (1, 1, thresholds.whole("peer_review.percent"))
        assert queries.drawn_again(one) == (True, True)
        with pytest.raises(Conflict):
            actions.draw(actor=SEED, from_at=one["from_at"], to_at=one["to_at"])
        with pytest.raises(BadInput):
            actions.draw(actor=SEED, from_at=one["to_at"], to_at=timezone.now() + timedelta(days=1))


def test_the_author_never_reviews_and_the_reviewer_sees_no_author(world: World, drawn: ReviewView, scope: None) -> None:
    """The other reader is chosen, sees report and images without the author's name, and the author cannot judge or look."""
    assert drawn.reviewer_id == world.people["reader2"].id
    with pytest.raises(NotAllowed):
        _judge(world, drawn, "grade", "reader", **AGREES)
    assert drawn.read_id is not None
    assert reading.access(drawn.read_id, world.people["reader2"].id) is not None
    reviewer, author = Client(), Client()
    sign_in(reviewer, world.people["reader2"].id)
    sign_in(author, world.people["reader"].id)
    page = reviewer.get(f"/reviews/{drawn.id}/").content.decode()
    assert "Ventricles of normal size" in page
    assert "Oakhollow" not in page
    assert author.get(f"/reviews/{drawn.id}/").status_code == 404
    assert reviewer.get("/reviews/").status_code == 200
    posted = {"uk": "5", "radpeer": "1"}
    assert author.post(f"/reviews/{drawn.id}/judge/", posted).status_code == 404
    assert reviewer.post(f"/reviews/{drawn.id}/judge/", posted | {"radpeer": "3b"}).status_code == 422
    assert reviewer.post(f"/reviews/{drawn.id}/judge/", posted).status_code == 302
    assert _now(drawn).closed_at is not None
    assert reading.access(drawn.read_id, world.people["reader2"].id) is None, "the images close with the review"


def test_a_serious_difference_is_read_again_corrected_and_followed_to_its_end(
    world: World, drawn: ReviewView, scope: None
) -> None:
    """Same-day second reading, alert, incident, the author's answer and a correction; only then is it finished (REQ-73)."""
    _judge(world, drawn, "grade", **SERIOUS, alert="critical")
    assert _acts(drawn) == ["reflect", "reread"]
    again = clock.duty("review.reread", drawn.id)
    assert again is not None
    assert timezone.localtime(again.due_at).date() == timezone.localdate()
    assert _now(drawn).alert is not None
    assert alerts.open_alerts()
    _judge(world, drawn, "reread", **SERIOUS)
    assert _acts(drawn) == ["correct", "reflect"]
    incident = incidents.incident(_now(drawn).incident or UUID(int=0))
    assert incident is not None
    assert incident["involved"] == world.people["reader"].id
    with pytest.raises(NotAllowed):
        actions.reflect(actor=world.actor("reader2"), review_id=drawn.id, accepts=True, text="Not mine")
    actions.reflect(actor=world.actor("reader"), review_id=drawn.id, accepts=True, text="I look at both sides twice.")
    assert _acts(drawn) == ["correct"]
    signed = reports.latest(drawn.case_id)
    assert signed is not None
    words = "A second, right-sided collection of 4 mm."
    token = proof(world.actor("reader"), addendum_purpose(signed.text_sha256, words))
    reporting.addend(
        actor=world.actor("reader"),
        report_id=signed.id,
        based_on_sha256=signed.text_sha256,
        text=words,
        presence_token=token,
    )
    drain()
    assert _now(drawn).closed_at is not None
    assert clock.duty("review.correct", drawn.id) is None


def test_who_must_act_today_is_mailed_at_once(world: World, drawn: ReviewView, scope: None, post: Post) -> None:
    """The second reader hears of the second reading, the author of the correction, in the moment and without a name in it (REQ-73)."""

    def told(words: str) -> list[str]:
        drain()
        return [m.to for m in post.sent["email"] if words in m.payload.get("text", "")]

    addresses = {name: world.people[name].email for name in ("reader", "reader2", "manager")}
    assert told("Read again today") == []
    _judge(world, drawn, "grade", **SERIOUS, alert="critical")
    assert told("Read again today") == [addresses["reader2"]]
    _judge(world, drawn, "reread", **SERIOUS)
    assert told("Correct the report today") == [addresses["reader"]]
    actions.follow(actor=SEED, review_id=drawn.id)
    assert told("Correct the report today") == [addresses["reader"]], "once, however often the review is looked at"
    texts = " ".join(m.payload["text"] for m in post.sent["email"] if "serious difference" in m.payload.get("text", ""))
    assert "Quillfeather" not in texts


def test_the_second_reading_must_decide_about_the_alert(world: World, drawn: ReviewView, scope: None) -> None:
    """The first judgement may leave the alert open; the second reading of the same day may not (REQ-73)."""
    _judge(world, drawn, "grade", **SERIOUS)
    with pytest.raises(BadInput, match="alert"):
        _judge(world, drawn, "reread", **SERIOUS)
    _judge(world, drawn, "reread", **SERIOUS, alert="none")
    assert alerts.open_alerts() == []


def test_without_an_external_reviewer_the_manager_must_appoint_one(
    world: World, drawn: ReviewView, scope: None
) -> None:
    """Two readers and a dispute: the arbitration waits for nobody silently, it is the registered manager's duty."""
    _judge(world, drawn, "grade", **SERIOUS)
    _judge(world, drawn, "reread", **SERIOUS, alert="none")
    actions.reflect(actor=world.actor("reader"), review_id=drawn.id, accepts=False, text="It is an artefact.")
    duty = clock.duty("review.appoint", drawn.id)
    assert duty is not None
    assert duty.owner_id is None, "the registered manager is told"
    guest = make_person("external_reviewer", name="Dr Rowan Thistlewood")
    _appoint(world, guest)
    actions.follow(actor=SEED, review_id=drawn.id)
    assert clock.duty("review.appoint", drawn.id) is None
    drain()
    assert len(queries.bundles_to_check()) == 1


def _release(world: World, browser: Client) -> dict[str, Any]:
    drain()
    (one,) = queries.bundles_to_check()
    words = {"question": one["question"], "text": one["text"], "earlier": one["earlier"]}
    with pytest.raises(NotAllowed):
        actions.release_bundle(actor=world.actor("reader"), bundle_id=one["id"], **words)
    sign_in(browser, world.people["manager"].id)
    assert browser.get(f"/reviews/bundles/{one['id']}/").status_code == 200
    assert browser.post(f"/reviews/bundles/{one['id']}/", words).status_code == 422, "nobody said that they looked"
    assert browser.post(f"/reviews/bundles/{one['id']}/", words | {"looked": "on"}).status_code == 302
    return one


def _real_image(world: World, view: ReviewView) -> None:
    """Bytes behind one more image of the case, with a name in every attribute that may hold one."""
    ref = current().put(_file(_dataset()).getvalue())
    study_id = next(s.study_id for s in cases.studies_of(view.case_id))
    study = archived.study(study_id)
    assert study is not None
    (like,) = world.objects(study.uid, 1)
    made = replace(like, sop_uid=f"{study.uid}.9.1", key=ref.key, sha256=ref.sha256, length=ref.length)
    archive.index(actor=SEED, client_id=view.client_id, objects=(made,))


def test_an_external_reviewer_judges_a_bundle_without_identity(world: World, guest: PersonView) -> None:
    """With two readers a share goes outside: images and words without identity, released by a person, judged, and counted."""
    _signed(world)
    with world.scope("NORTH"):
        view = queries.review(_draw(100).id)
    assert view is not None
    assert view.outside
    with world.scope("NORTH"):
        _real_image(world, view)
        one = _release(world, Client())
    browser = Client()
    sign_in(browser, guest.id)
    assert one["code"] in browser.get("/external/").content.decode()
    page = browser.get(f"/external/{one['id']}/").content.decode()
    assert "Ventricles of normal size" in page
    for name in ("Quillfeather", "Osric", "Oakhollow", "Northmere"):
        assert name not in page
    content = b"".join(browser.get(f"/external/{one['id']}/images.zip").streaming_content)  # type: ignore[attr-defined]
    assert SECRET.encode() not in content
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        (name,) = found.namelist()
        assert dcmread(io.BytesIO(found.read(name))).PatientID == one["code"]
    posted = {"uk": "5", "radpeer": "1", "cause": "", "comment": ""}
    assert browser.post(f"/external/{one['id']}/", posted).status_code == 302
    assert browser.get(f"/external/{one['id']}/").status_code == 404, "what is judged is closed"
    with world.scope("NORTH"):
        drain()
        done = _now(view)
    assert done.closed_at is not None
    assert [(g.grader_id, g.uk) for g in done.grades] == [(guest.id, 5)]


def test_an_external_reviewer_sees_nothing_else(world: World, guest: PersonView) -> None:
    """No case, no patient, no register, no other's bundle, and nothing at all once the appointment has ended."""
    _signed(world)
    view = _draw(100)
    with world.scope("NORTH"):
        one = _release(world, Client())
    other = make_person("external_reviewer", name="Dr Ember Holt")
    stranger, browser = Client(), Client()
    sign_in(stranger, other.id)
    sign_in(browser, guest.id)
    for asked in (browser, stranger):
        for path in (
            "/cases/",
            f"/cases/{view.case_id}/",
            "/worklist/",
            "/reviews/",
            f"/reviews/{view.id}/",
            "/risks/",
        ):
            assert asked.get(path).status_code in (403, 404), path
        assert asked.get(f"/read/{view.read_id}/viewer/").status_code in (403, 404)
        assert asked.get(f"/reviews/bundles/{one['id']}/").status_code == 403
    for path in (f"/external/{one['id']}/", f"/external/{one['id']}/images.zip"):
        assert stranger.get(path).status_code == 404
    _appoint(world, other)
    assert stranger.get(f"/external/{one['id']}/").status_code == 404
    assert browser.get(f"/external/{one['id']}/").status_code == 200
    key = next(e.key for e in _appointments() if e["person"] == guest.id)
    _appoint(world, guest, days=-1, key=key)
    for path in (f"/external/{one['id']}/", f"/external/{one['id']}/images.zip"):
        assert browser.get(path).status_code == 404
    with open_scope(Scope.provider(), opened_by="test"), pytest.raises(NotFound):
        actions.answer_bundle(actor=Actor.person(guest.id), bundle_id=one["id"], **AGREES)
    with world.scope("NORTH"):
        actions.follow(actor=SEED, review_id=view.id)
        found = queries.bundle(one["id"])
    assert found is not None
    assert found["state"] == "withdrawn", "another one, for the one who is appointed, takes its place"


def _appointments() -> list[Any]:
    with open_scope(Scope.provider(), opened_by="test"):
        return queries.appointments()


def test_a_review_can_be_done_here_with_a_reason_when_nobody_is_outside(world: World) -> None:
    """The manager may bring a review back inside, with a reason; nobody decides about their own report."""
    _signed(world)
    view = _draw(100)
    with world.scope("NORTH"):
        assert [s.act for s in queries.steps_of(view)] == ["appoint"]
        with pytest.raises(NotAllowed):
            actions.route(actor=world.actor("reader"), review_id=view.id, outside=False, why="Mine")
        with pytest.raises(BadInput):
            actions.route(actor=world.actor("manager"), review_id=view.id, outside=False, why=" ")
        actions.route(actor=world.actor("manager"), review_id=view.id, outside=False, why="Nobody is appointed yet")
        _judge(world, view, "grade", **AGREES)
        assert _now(view).closed_at is not None


def test_a_reader_sees_their_own_results_with_the_interval(world: World, drawn: ReviewView, scope: None) -> None:
    """One's own profile shows shares with their interval; another reader's is shown only to those who decide (REQ-76)."""
    _judge(world, drawn, "grade", uk=3, radpeer="2a", cause="communication", comment="The side stands only at the end.")
    author, other, manager = Client(), Client(), Client()
    for browser, name in ((author, "reader"), (other, "reader2"), (manager, "manager")):
        sign_in(browser, world.people[name].id)
    path = f"/reviews/profile/{world.people['reader'].id}/"
    page = author.get(path).content.decode()
    assert "1 of 1" in page
    assert "20.7 to 100.0 %" in page
    assert other.get(path).status_code == 404
    assert manager.get(path).status_code == 200
    assert author.get(f"/reviews/{drawn.id}/").status_code == 200


def test_a_judgement_stands_in_the_database(world: World, drawn: ReviewView, scope: None) -> None:
    """The database refuses to change or remove a judgement, and a second one of the same step."""
    _judge(world, drawn, "grade", **AGREES)
    with pytest.raises(DatabaseError), transaction.atomic():
        Grade.objects.filter(review_id=drawn.id).update(uk=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Grade.objects.filter(review_id=drawn.id).delete()
    with pytest.raises(NotAllowed):
        _judge(world, drawn, "grade", **AGREES)


def test_pages_for_those_who_decide_and_the_fact_for_an_inspector(world: World, drawn: ReviewView) -> None:
    """The manager sees the rule about two readers, the draw with its seed, and the register of appointments."""
    manager = Client()
    sign_in(manager, world.people["manager"].id)
    page = manager.get("/reviews/").content.decode()
    assert "Fewer than three people here can review" in page
    with open_scope(Scope.everything(), opened_by="test"):
        (one,) = queries.draws()
        now = timezone.now() + timedelta(seconds=1)
        found = EVIDENCE["review.sample"].ask(Asked(now - timedelta(days=2), now, now, now))
    assert found.headline.startswith("0 of 1 reviewed in 1 draws")
    assert "the same sample" in manager.get(f"/reviews/draws/{one['id']}/").content.decode()
    assert "Good looks like" in manager.get("/appointments/").content.decode()
    assert manager.get("/appointments/new/").status_code == 200
    too_long = make_person("external_reviewer")
    with pytest.raises(BadInput):
        _appoint(world, too_long, days=500)
    with pytest.raises(BadInput):
        _appoint(world, world.people["administrator"])


def test_the_month_is_drawn_once_by_itself(world: World) -> None:
    """The worker draws the month that has ended, once; a month without reports makes no draw."""
    from_at, to_at = reviewing.last_month(timezone.now())
    assert (from_at.day, to_at.day) == (1, 1)
    assert from_at < to_at <= timezone.now()
    reviewing.draw_last_month()
    reviewing.follow_all()
    with open_scope(Scope.everything(), opened_by="test"):
        assert queries.draws() == []
