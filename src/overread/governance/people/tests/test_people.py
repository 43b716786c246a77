"""Staff files over the wired product: who sees, who keeps, what is missing, who is told."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.tests.people import SEED, make_person, sign_in
from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.clock import queries as clock
from overread.foundation.ledger import queries as ledger
from overread.foundation.ledger.evidence import Asked
from overread.foundation.registers import actions as sheets_actions
from overread.foundation.registers.sheets import read_sheet, sheet_lines
from overread.foundation.registers.verdicts import VerdictState
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed
from overread.governance.people import actions, evidence, queries, rules
from overread.governance.people.models import Paper
from overread.governance.people.pages import PAPERS, POSTS
from tests.world import join_house

pytestmark = pytest.mark.django_db
SECRET = "Epilepsy, well controlled"


@pytest.fixture(autouse=True)
def _house(tmp_path: Path) -> Iterator[None]:
    join_house()
    use(LocalStore(tmp_path / "blobs", 0))
    with open_scope(Scope.provider(), opened_by="test"):
        yield


@pytest.fixture
def manager() -> PersonView:
    """The registered manager, who keeps the files."""
    return make_person("registered_manager", name="Imogen Vantry")


@pytest.fixture
def pip() -> PersonView:
    """The administrator, whose file it is."""
    return make_person("administrator", name="Pip Ashgrove")


def _paper(person_id: UUID, item: str = "health", **other: Any) -> dict[str, Any]:
    values = {
        "person": person_id,
        "item": item,
        "held": "seen",
        "seen_on": timezone.localdate() - timedelta(days=3),
        "detail": SECRET,
        "expires_on": None,
    }
    return values | other


def _post(person_id: UUID, **other: Any) -> dict[str, Any]:
    values = {
        "person": person_id,
        "post": "Administrator",
        "basis": "employee",
        "started_on": date(2024, 5, 1),
        "left_on": None,
        "leaving": "",
    }
    return values | other


def _fill(person: PersonView) -> None:
    actions.record_post(actor=SEED, values=_post(person.id))
    for item in rules.asked(person.roles):
        expires_on = timezone.localdate() + timedelta(days=300) if item.expires else None
        actions.record_paper(actor=SEED, values=_paper(person.id, item.code, expires_on=expires_on))


def test_a_file_that_is_not_whole_is_a_duty_until_it_is(manager: PersonView, pip: PersonView) -> None:
    """Everybody with a role has a file, begun or not; what is missing is a duty that ends with the last paper (REQ-08)."""
    actions.arrange(actor=SEED)
    duty = clock.duty("people.complete", pip.id)
    assert duty is not None
    assert "Health" not in duty.title
    _fill(pip)
    assert clock.duty("people.complete", pip.id) is None
    file = queries.file(pip.id)
    assert file is not None
    assert (file.percent, file.missing) == (100, ())
    assert len(clock.duties(kinds=["people.expires"])) == 1


def test_nobody_keeps_their_own_file_and_a_directors_keeps_the_managers(manager: PersonView) -> None:
    """The manager cannot write their own papers; the duty for their file is a director's."""
    director = make_person("director", name="Odile Marchbank")
    me = Actor.person(manager.id)
    with pytest.raises(NotAllowed):
        actions.record_paper(actor=me, values=_paper(manager.id))
    with pytest.raises(NotAllowed):
        actions.record_post(actor=me, values=_post(manager.id))
    actions.record_paper(actor=Actor.person(director.id), values=_paper(manager.id))
    duty = clock.duty("people.complete", manager.id)
    assert duty is not None
    assert duty.owner_id == director.id


def test_only_who_may_sees_a_file_and_every_look_is_written_down(manager: PersonView, pip: PersonView) -> None:
    """Manager and director see files, others are refused; each sees their own without its content; looks are in the ledger."""
    key = actions.record_paper(actor=SEED, values=_paper(pip.id))
    for role, status in (("radiologist", 403), ("clinical_lead", 403), ("ig_lead", 403), ("director", 200)):
        other = Client()
        sign_in(other, make_person(role).id)
        for address in ("/staff/", f"/staff/{pip.id}/", f"/staff/papers/{key}/", "/staff/papers/export/"):
            assert (role, address, other.get(address).status_code) == (role, address, status)
    browser = Client()
    sign_in(browser, pip.id)
    assert browser.get(f"/staff/papers/{key}/").status_code == 403
    own = browser.get("/staff/mine/").content.decode()
    assert "Your staff file" in own
    assert SECRET not in own
    keeper = Client()
    sign_in(keeper, manager.id)
    assert SECRET in keeper.get(f"/staff/papers/{key}/").content.decode()
    assert SECRET in keeper.get(f"/staff/papers/{key}/history/").content.decode()
    looks = [e for e in ledger.entries_about("person", str(pip.id), None) if e.verb == "people.open_file"]
    assert len([e for e in looks if Actor.person(manager.id).text in str(e)]) == 2
    assert SECRET not in "".join(str(e) for e in looks)


def test_a_leaver_is_a_duty_to_close_the_account(manager: PersonView, pip: PersonView) -> None:
    """Writing that somebody leaves makes the closing of their account a duty of the day; the reason is kept."""
    key = actions.record_post(actor=SEED, values=_post(pip.id))
    last = timezone.localdate() + timedelta(days=20)
    with pytest.raises(BadInput):
        actions.record_post(actor=SEED, values=_post(pip.id, left_on=last), key=key, why="Gave notice")
    leaving = _post(pip.id, left_on=last, leaving="Moves away")
    actions.record_post(actor=SEED, values=leaving, key=key, why="Gave notice")
    duty = clock.duty("people.leaver", pip.id)
    assert duty is not None
    assert timezone.localtime(duty.due_at).date() == last
    with pytest.raises(BadInput):
        actions.record_post(actor=SEED, values=_post(pip.id))


def test_papers_are_written_once(pip: PersonView) -> None:
    """The database refuses to change or remove a paper; a withdrawn one stays in the history and counts no more."""
    key = actions.record_paper(actor=SEED, values=_paper(pip.id))
    with pytest.raises(DatabaseError), transaction.atomic():
        Paper.objects.filter(key=key).update(detail="Nothing")
    actions.withdraw_paper(actor=SEED, key=key, why="Another person's")
    assert queries.papers() == []
    assert [v.why for v in queries.paper_versions(key)] == ["", "Another person's"]


def test_exports_of_both_registers_import_as_no_change(manager: PersonView, pip: PersonView) -> None:
    """Posts and papers are taken back from their own exports as the same."""
    _fill(pip)
    for register, entries in ((POSTS, queries.posts()), (PAPERS, queries.papers())):
        content = "".join(sheet_lines(register, entries)).encode()
        rows = read_sheet(register, content)
        verdicts = sheets_actions.import_sheet(actor=SEED, register=register, rows=rows, why="x")
        assert {v.state for v in verdicts} == {VerdictState.SAME}
        assert len(verdicts) == len(entries)


def test_evidence_says_what_is_missing_and_never_what_a_paper_says(manager: PersonView, pip: PersonView) -> None:
    """The evidence names missing papers by their title as at a day; no content of a paper is in it."""
    _fill(pip)
    at = timezone.now()
    found = evidence.files(Asked(at - timedelta(days=9), at, at, at))
    assert ("Pip Ashgrove", "Administrator", "100 %", "") in found.rows
    assert any(gap.startswith("Imogen Vantry:") for gap in found.gaps)
    assert SECRET not in str(found)
    unknown = evidence.files(Asked(at - timedelta(days=9), at, at, at - timedelta(minutes=5)))
    assert any(gap.startswith("Pip Ashgrove:") for gap in unknown.gaps)


def test_the_pages_of_staff_files(manager: PersonView, pip: PersonView) -> None:
    """A post and a paper with its scan are put on file on pages, and the overview says what is missing."""
    browser = Client()
    sign_in(browser, manager.id)
    assert "2 of 2 staff files are not whole" in browser.get("/staff/").content.decode()
    posted = {k: v for k, v in _post(pip.id).items() if v is not None}
    assert browser.post("/staff/posts/new/", posted).status_code == 302
    assert browser.get(f"/staff/papers/new/?person={pip.id}&item=health").status_code == 200
    paper = {k: v for k, v in _paper(pip.id).items() if v is not None}
    assert browser.post("/staff/papers/new/", paper | {"held": "not_applicable"}).status_code == 422
    assert browser.post("/staff/papers/new/", paper).status_code == 302
    (entry,) = queries.papers()
    upload = SimpleUploadedFile("scan.jpg", b"\xff\xd8\xff\xe0 JFIF")
    assert browser.post(f"/staff/papers/{entry.key}/attach/", {"document": upload}).status_code == 302
    assert browser.get(f"/staff/papers/{entry.key}/document/").content.startswith(b"\xff\xd8\xff")
    shown = browser.get(f"/staff/{pip.id}/").content.decode()
    assert "Administrator" in shown
    assert "missing" in shown
    assert browser.get("/staff/posts/").status_code == 200
    assert browser.get("/staff/papers/").status_code == 200
