"""Training over the wired product: matrix, certificates, duties and pages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.tests.people import SEED, grant_of, make_person, sign_in
from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.clock import queries as clock
from overread.foundation.clock import sweeper
from overread.foundation.ledger.evidence import Asked
from overread.foundation.registers import actions as sheets_actions
from overread.foundation.registers.sheets import read_sheet, sheet_lines
from overread.foundation.registers.verdicts import VerdictState
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed
from overread.foundation.work.running import drain
from overread.governance.training import actions, evidence, queries
from overread.governance.training.models import Certificate
from overread.governance.training.pages import REGISTER
from overread.governance.training.rules import State, duty_id
from tests.world import join_house

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"


@pytest.fixture(autouse=True)
def _house(tmp_path: Path) -> Iterator[None]:
    join_house()
    use(LocalStore(tmp_path / "blobs", 0))
    with open_scope(Scope.provider(), opened_by="test"):
        yield


@pytest.fixture
def manager() -> PersonView:
    """The registered manager."""
    return make_person("registered_manager", name="Imogen Vantry")


@pytest.fixture
def pip() -> PersonView:
    """The administrator, whom the inspection of 2021 found without a programme."""
    return make_person("administrator", name="Pip Ashgrove")


def _values(person_id: UUID, days: int = 10, **other: Any) -> dict[str, Any]:
    values = {
        "person": person_id,
        "subject": "fire_safety",
        "course": "Fire safety, Kettle Training",
        "completed_on": timezone.localdate() - timedelta(days=days),
        "level": None,
        "mark": 92,
        "standing": "confirmed",
    }
    return values | other


def _state(person_id: UUID, subject: str = "fire_safety") -> State:
    return queries.matrix()[1][person_id, subject].state


def test_a_lapse_reaches_the_person_and_the_registered_manager_the_same_day(
    manager: PersonView, pip: PersonView
) -> None:
    """When an administrator's training has run out, the administrator is told and then the registered manager (REQ-06)."""
    actions.record(actor=SEED, values=_values(pip.id, 800))
    assert _state(pip.id) is State.EXPIRED
    at = timezone.now() + timedelta(seconds=1)
    for _ in range(4):
        sweeper.fire_due(at)
        drain(at=at)
        at += timedelta(hours=5)
    told = [(n.step, n.person_id) for n in clock.notices_of("training.renew", duty_id(pip.id, "fire_safety"))]
    assert told[0] == ("overdue", pip.id)
    assert ("manager", manager.id) in told


def test_a_director_is_in_the_matrix_and_cannot_be_taken_out() -> None:
    """A director stands in the matrix as soon as the role is given, with duties, and leaves it only with the role."""
    director = make_person("director", name="Odile Marchbank")
    actions.arrange(actor=SEED)
    assert _state(director.id) is State.MISSING
    assert len(clock.duties(owner_id=director.id, kinds=["training.renew"])) >= 9
    accounts.revoke_role(actor=SEED, grant_id=grant_of(director.id, "director"))
    actions.arrange(actor=SEED)
    assert clock.duties(owner_id=director.id) == []


def test_nobody_records_or_confirms_their_own(manager: PersonView, pip: PersonView) -> None:
    """One's own certificate is handed in with its file and counts when another has seen it; no way around."""
    me, other = Actor.person(pip.id), Actor.person(manager.id)
    with pytest.raises(NotAllowed):
        actions.record(actor=me, values=_values(pip.id))
    upload = SimpleUploadedFile("fire.pdf", PDF)
    browser = Client()
    sign_in(browser, pip.id)
    posted = {k: v for k, v in _values(pip.id).items() if k not in ("person", "standing", "level")}
    assert browser.post("/training/mine/", posted | {"document": upload}).status_code == 302
    (entry,) = queries.certificates()
    assert _state(pip.id) is State.HANDED_IN
    assert [d.kind for d in clock.duties(kinds=["training.confirm"])] == ["training.confirm"]
    with pytest.raises(NotAllowed):
        actions.confirm(actor=me, key=entry.key)
    with pytest.raises(NotAllowed):
        actions.record(actor=me, values=_values(manager.id), key=entry.key, why="Is hers")
    actions.confirm(actor=other, key=entry.key)
    assert _state(pip.id) is State.IN_DATE
    assert clock.duties(kinds=["training.confirm"]) == []
    document = queries.document(entry.key)
    assert document is not None
    assert document.name == "fire.pdf"
    answer = browser.get(f"/training/certificates/{entry.key}/document/")
    assert answer.content == PDF
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_file_that_is_no_certificate_is_refused(pip: PersonView) -> None:
    """A page of script named .pdf is refused at its field, and nothing is written."""
    browser = Client()
    sign_in(browser, pip.id)
    posted = {k: v for k, v in _values(pip.id).items() if k not in ("person", "standing", "level")}
    upload = SimpleUploadedFile("fire.pdf", b"<script>alert(1)</script>", content_type="application/pdf")
    answer = browser.post("/training/mine/", posted | {"document": upload})
    assert answer.status_code == 422
    assert "Only PDF, JPEG and PNG" in answer.content.decode()
    assert Certificate.objects.count() == 0


def test_the_interval_that_acts_decides(pip: PersonView) -> None:
    """A shorter interval makes a certificate run out, and arranging moves its duty (thresholds)."""
    actions.record(actor=SEED, values=_values(pip.id, 400))
    assert _state(pip.id) is State.IN_DATE
    with thresholds.overridden({"training.fire_safety": 12}):
        assert _state(pip.id) is State.EXPIRED
        actions.arrange(actor=SEED)
        duty = clock.duty("training.renew", duty_id(pip.id, "fire_safety"))
    assert duty is not None
    assert duty.due_at < timezone.now()


def test_a_mark_below_the_pass_mark_is_refused(pip: PersonView) -> None:
    """A certificate with 79 percent is not taken (REQ-120)."""
    with pytest.raises(BadInput) as refused:
        actions.record(actor=SEED, values=_values(pip.id, mark=79))
    assert set(refused.value.errors) == {"mark"}


def test_certificates_are_written_once(pip: PersonView) -> None:
    """The database refuses to change or remove a certificate; a withdrawn one stays readable."""
    key = actions.record(actor=SEED, values=_values(pip.id))
    with pytest.raises(DatabaseError), transaction.atomic():
        Certificate.objects.filter(key=key).update(mark=100)
    actions.withdraw(actor=SEED, key=key, why="Somebody else's")
    assert queries.certificates() == []
    assert len(queries.versions(key)) == 2
    assert _state(pip.id) is State.MISSING


def test_an_export_of_certificates_imports_as_no_change(manager: PersonView, pip: PersonView) -> None:
    """The export of all certificates is taken back as the same, line by line."""
    actions.record(actor=SEED, values=_values(pip.id, course="=Course; “fire”"))
    actions.record(actor=SEED, values=_values(manager.id, subject="safeguarding_adults", level=2, mark=None))
    content = "".join(sheet_lines(REGISTER, queries.certificates())).encode()
    rows = read_sheet(REGISTER, content)
    verdicts = sheets_actions.import_sheet(actor=SEED, register=REGISTER, rows=rows, why="x")
    assert [v.state for v in verdicts] == [VerdictState.SAME] * 2
    assert Certificate.objects.count() == 2


def test_what_is_out_of_date_can_be_asked_by_the_gates(pip: PersonView, manager: PersonView) -> None:
    """For each person asked, what has run out; what is only soon or within the time for beginners is not in it."""
    actions.record(actor=SEED, values=_values(pip.id, 800))
    late = queries.lapsed([pip.id, manager.id], timezone.now())
    assert [s.subject for s in late[pip.id]] == ["fire_safety"]
    assert late[manager.id] == ()


def test_evidence_is_as_at_and_known_by(pip: PersonView) -> None:
    """A certificate recorded today for last week counts as at last week, and was not known then."""
    before = timezone.now() - timedelta(days=5)
    actions.record(actor=SEED, values=_values(pip.id, 20), valid_from=before)
    at = timezone.now()
    now = Asked(at - timedelta(days=30), at, at, at)
    assert "Pip Ashgrove" in {row[0] for row in evidence.matrix(now).rows}
    assert ("Fire safety", "in date") in {(row[2], row[3]) for row in evidence.matrix(now).rows}
    unknown = Asked(at - timedelta(days=30), at, at, before)
    assert ("Fire safety", "missing") in {(row[2], row[3]) for row in evidence.matrix(unknown).rows}


def test_the_pages_of_training(manager: PersonView, pip: PersonView) -> None:
    """Matrix, year ahead, person and certificate are drawn; a duty leads to its person's page."""
    key = actions.record(actor=SEED, values=_values(pip.id, 800))
    browser = Client()
    sign_in(browser, manager.id)
    matrix = browser.get("/training/").content.decode()
    assert "1 person is behind in 1 training" in matrix
    assert "Pip Ashgrove" in matrix
    assert "below the floor" in matrix
    assert "Fire safety" in browser.get("/training/year/").content.decode()
    duty = browser.get(f"/training/duties/{duty_id(pip.id, 'fire_safety')}/")
    assert duty.headers["Location"] == f"/training/people/{pip.id}/"
    assert browser.get(duty.headers["Location"]).status_code == 200
    page = browser.get(f"/training/certificates/{key}/").content.decode()
    assert "has run out" in page
    upload = SimpleUploadedFile("c.png", b"\x89PNG\r\n\x1a\n0000")
    assert browser.post(f"/training/certificates/{key}/attach/", {"document": upload}).status_code == 302
    assert queries.document(key) is not None
    outsider = make_person("external_reviewer")
    other = Client()
    sign_in(other, outsider.id)
    assert other.get("/training/mine/").status_code == 200
    assert other.get(f"/training/people/{pip.id}/").status_code == 403
    assert other.get(f"/training/certificates/{key}/document/").status_code == 404
