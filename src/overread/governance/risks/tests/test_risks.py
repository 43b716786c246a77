"""The risk register over the wired product, and with it what every register has: history, export, import, pages."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.tests.people import SEED, make_person, sign_in
from overread.foundation.clock import queries as clock
from overread.foundation.clock import sweeper
from overread.foundation.clock.rules import DutyStep, StepKind, day_of, end_of_day, step_after, waking
from overread.foundation.ledger import queries as ledger
from overread.foundation.registers import actions as sheets_actions
from overread.foundation.registers.sheets import read_sheet, sheet_lines
from overread.foundation.registers.verdicts import VerdictState, digest
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict
from overread.foundation.work.running import drain
from overread.governance.risks import actions, queries
from overread.governance.risks.models import Risk
from overread.governance.risks.pages import REGISTER
from tests.world import join_house

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house() -> Iterator[None]:
    join_house()
    with open_scope(Scope.provider(), opened_by="test"):
        yield


@pytest.fixture
def owner() -> PersonView:
    """Who looks after the risks."""
    return make_person("administrator", name="Pip Ashgrove")


def _values(owner: PersonView, **other: Any) -> dict[str, Any]:
    values = {
        "title": "A critical finding is not acknowledged",
        "description": "The client's line is not answered at night; a patient is treated too late.",
        "category": "clinical",
        "likelihood": 4,
        "impact": 5,
        "controls": "A ladder of named people, tested each month.",
        "residual_likelihood": 2,
        "residual_impact": 5,
        "action": "",
        "owner": owner.id,
        "reviewed_on": timezone.localdate(),
    }
    return values | other


def _record(owner: PersonView, **other: Any) -> UUID:
    return actions.record(actor=SEED, values=_values(owner, **other))


def _sheet() -> bytes:
    return "".join(sheet_lines(REGISTER, queries.risks())).encode()


def _cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _bytes(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def test_a_risk_sets_the_duty_of_its_review_by_its_score(owner: PersonView) -> None:
    """A medium risk is due for its owner in three months; after a review at a high score, in one (REQ-05)."""
    key = _record(owner)
    duty = clock.duty("risks.review", key)
    assert duty is not None
    assert (duty.owner_id, timezone.localtime(duty.due_at).date()) == (owner.id, queries.next_review(_entry(key)))
    actions.review(actor=SEED, key=key, residual_likelihood=4, residual_impact=5, what="Two nights without an answer")
    sooner = clock.duty("risks.review", key)
    assert sooner is not None
    assert sooner.due_at < duty.due_at
    assert queries.versions(key)[-1].why == "Reviewed: Two nights without an answer"


def _entry(key: UUID) -> Any:
    entry = queries.risk(key)
    assert entry is not None
    return entry


def test_an_overdue_review_reaches_the_registered_manager_on_the_same_day(owner: PersonView) -> None:
    """The morning after the last day the owner is told, and the registered manager within the same day (REQ-05)."""
    manager = make_person("registered_manager", name="Imogen Vantry")
    key = _record(owner, reviewed_on=timezone.localdate() - timedelta(days=150))
    at = timezone.now() + timedelta(seconds=1)
    for _ in range(4):
        sweeper.fire_due(at)
        drain(at=at)
        at += timedelta(hours=5)
    told = [(n.step, n.person_id) for n in clock.notices_of("risks.review", key)]
    assert told[0] == ("overdue", owner.id)
    assert {("manager", owner.id), ("manager", manager.id)} <= set(told)
    overdue = DutyStep(waking(end_of_day(queries.next_review(_entry(key)))), StepKind.OVERDUE)
    due, four = end_of_day(queries.next_review(_entry(key))), timedelta(hours=4)
    following = step_after(overdue, due, queries.reminders(), overdue.at, to_manager=four)
    assert following.kind is StepKind.MANAGER
    assert day_of(following.at) == day_of(overdue.at)


def test_an_interval_that_changes_moves_every_duty(owner: PersonView) -> None:
    """When the provider decides a shorter interval, arranging moves the duties that are there."""
    key = _record(owner)
    before = clock.duty("risks.review", key)
    with thresholds.overridden({"risk.review_medium": 1}):
        actions.arrange(actor=SEED)
    after = clock.duty("risks.review", key)
    assert before is not None
    assert after is not None
    assert after.due_at < before.due_at


def test_a_closed_risk_is_due_no_more_and_stays_readable(owner: PersonView) -> None:
    """A risk ends with its reason; its duty ends; yesterday's register still holds it."""
    key = actions.record(actor=SEED, values=_values(owner), valid_from=timezone.now() - timedelta(days=3))
    with pytest.raises(BadInput):
        actions.close(actor=SEED, key=key, why=" ")
    actions.close(actor=SEED, key=key, why="The service was given up")
    assert queries.risks() == []
    assert clock.duty("risks.review", key) is None
    assert len(queries.risks(at=timezone.now() - timedelta(days=1))) == 1
    assert [v.why for v in queries.versions(key)] == ["", "The service was given up"]


def test_no_version_can_be_changed_or_removed_in_the_database(owner: PersonView) -> None:
    """The database itself refuses to update or delete a version, whoever asks."""
    key = _record(owner)
    with pytest.raises(DatabaseError), transaction.atomic():
        Risk.objects.filter(key=key).update(title="Nothing happened")
    with pytest.raises(DatabaseError), transaction.atomic():
        Risk.objects.filter(key=key).delete()
    assert _entry(key)["title"] == "A critical finding is not acknowledged"


def test_a_back_dated_entry_changes_as_at_and_not_known_by(owner: PersonView) -> None:
    """What is written today for last week shows in last week's register, and not in what was known last week."""
    week = timezone.now() - timedelta(days=7)
    key = actions.record(actor=SEED, values=_values(owner), valid_from=week - timedelta(days=1))
    assert [e.key for e in queries.risks(at=week)] == [key]
    assert queries.risks(at=week, known_by=week) == []


def test_a_stale_form_and_a_change_without_reason_are_refused(owner: PersonView) -> None:
    """Who writes over a version that they have not seen, or gives no reason, is refused and nothing is written."""
    key = _record(owner)
    seen = _entry(key).version
    changed = _values(owner, residual_likelihood=1)
    with pytest.raises(BadInput):
        actions.record(actor=SEED, values=changed, key=key)
    actions.record(actor=SEED, values=changed, key=key, why="Second line since May", seen=seen)
    with pytest.raises(Conflict):
        actions.record(actor=SEED, values=_values(owner), key=key, why="No", seen=seen)
    with pytest.raises(BadInput, match="Nothing was changed"):
        actions.record(actor=SEED, values=changed, key=key, why="Again")
    assert len(queries.versions(key)) == 2


def test_the_ledger_names_columns_and_never_what_they_say(owner: PersonView) -> None:
    """The ledger entry of a change holds the names of columns and the version's id, no text of the register."""
    _record(owner, title="Secretive title")
    said = "".join(str(e.facts) for e in ledger.entries_about("risks.risk", str(queries.risks()[0].key), None))
    assert "residual_impact" in said
    assert "Secretive" not in said


TRICKY = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n=+-@'\",;\N{FULLWIDTH EQUALS SIGN}"),
    min_size=1,
    max_size=30,
).filter(lambda t: bool(t.strip()))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(TRICKY, TRICKY, st.integers(1, 5)), min_size=1, max_size=4))
def test_an_export_imports_as_no_change(owner: PersonView, texts: list[tuple[str, str, int]]) -> None:
    """Whatever the register holds, importing its own export writes not one version."""
    with transaction.atomic():
        for title, description, score in texts:
            _record(owner, title=title, description=description, likelihood=score, residual_likelihood=1)
        before = Risk.objects.count()
        rows = read_sheet(REGISTER, _sheet())
        verdicts = sheets_actions.import_sheet(actor=SEED, register=REGISTER, rows=rows, why="x")
        assert {v.state for v in verdicts} == {VerdictState.SAME}
        assert len(verdicts) == len(queries.risks())
        assert Risk.objects.count() == before
        transaction.set_rollback(True)


def test_a_trial_says_every_line_and_writes_nothing(owner: PersonView) -> None:
    """The trial judges new, changed, same and refused lines by the register's own verbs and leaves no row behind."""
    _record(owner)
    _record(owner, title="Both readers are ill")
    rows = _cells(_sheet())
    head, first, second = rows
    changed = [*second]
    changed[head.index("Impact with controls")] = "3"
    new = ["", *first[1:]]
    worse = ["", *first[1:]]
    worse[head.index("Likelihood with controls")] = "5"
    bad = ["R-99", *first[1:]]
    sheet = read_sheet(REGISTER, _bytes([head, first, changed, new, worse, bad]))
    before = (Risk.objects.count(), len(clock.duties()))
    verdicts = sheets_actions.try_sheet(actor=SEED, register=REGISTER, rows=sheet, why="Yearly")
    assert [v.state.value for v in verdicts] == ["same", "changed", "new", "refused", "refused"]
    assert verdicts[1].details == ("Impact with controls",)
    assert "cannot be greater" in verdicts[3].details[0]
    assert (Risk.objects.count(), len(clock.duties())) == before
    with pytest.raises(BadInput):
        sheets_actions.import_sheet(actor=SEED, register=REGISTER, rows=sheet, why="Yearly")


def test_an_import_takes_all_lines_or_none(owner: PersonView) -> None:
    """One line that is refused keeps every other line out; without it all are in, each with the reason."""
    _record(owner)
    head, first = _cells(_sheet())
    good, bad = ["", *first[1:]], ["", *first[1:]]
    bad[head.index("Owner")] = "nobody@example.org"
    before = Risk.objects.count()
    for lines in ([good, bad], [bad, good]):
        rows = read_sheet(REGISTER, _bytes([head, *lines]))
        with pytest.raises(BadInput):
            sheets_actions.import_sheet(actor=SEED, register=REGISTER, rows=rows, why="Yearly")
        assert Risk.objects.count() == before
    rows = read_sheet(REGISTER, _bytes([head, good]))
    verdicts = sheets_actions.try_sheet(actor=SEED, register=REGISTER, rows=rows, why="Yearly")
    _record(owner, title="Meanwhile")
    assert sheets_actions.import_sheet(actor=SEED, register=REGISTER, rows=rows, why="Yearly", shown=digest(verdicts))
    assert len(queries.risks()) == 3


def test_a_file_that_is_no_sheet_of_this_register_is_refused_whole(owner: PersonView) -> None:
    """Unknown or missing columns, bytes that are no text and empty files are refused with words."""
    for content in (b"", b"\xff\xfe\x00", b"Reference,Colour\nR-1,red\n", b"Risk\nx\n", b"Reference,Risk,Risk\n,a,b\n"):
        with pytest.raises(BadInput):
            read_sheet(REGISTER, content)


@pytest.fixture
def browser(owner: PersonView) -> Client:
    """The owner, signed in."""
    client = Client()
    sign_in(client, owner.id)
    return client


def test_the_pages_of_a_register(owner: PersonView, browser: Client) -> None:
    """An entry is begun, found, changed, reviewed, read in its history, exported and ended on pages."""
    assert b"Good looks like" in browser.get("/risks/").content
    posted = _values(owner) | {"owner": str(owner.id)}
    wrong = browser.post("/risks/new/", posted | {"title": "", "residual_likelihood": "5"})
    assert wrong.status_code == 422
    assert browser.post("/risks/new/", posted).status_code == 302
    (entry,) = queries.risks()
    page = f"/risks/{entry.key}/"
    assert b"A critical finding" in browser.get("/risks/").content
    changed = posted | {"title": "A finding is not acknowledged", "why": "Shorter", "seen": str(entry.version)}
    assert browser.post(f"{page}change/", changed).status_code == 302
    stale = browser.post(f"{page}change/", changed | {"title": "Another"})
    assert stale.status_code == 422
    assert b"Somebody changed" in stale.content
    seen = str(_entry(entry.key).version)
    review = {"residual_likelihood": 1, "residual_impact": 5, "what": "Ladder tested", "seen": seen}
    assert browser.post(f"{page}review/", review).status_code == 302
    shown = browser.get(page).content.decode()
    assert "Reviewed: Ladder tested" in shown
    history = browser.get(f"{page}history/?as_at={timezone.localdate()}").content.decode()
    assert "Shorter" in history
    assert history.count("Pip Ashgrove") >= 3
    exported = b"".join(browser.get("/risks/export/").streaming_content)  # type: ignore[attr-defined]
    assert owner.email.encode() in exported
    assert browser.post(f"{page}end/", {"why": "Not ours any more"}).status_code == 302
    assert queries.risks() == []
    assert b"This has ended" in browser.get(page).content


def test_a_list_is_narrowed_sorted_and_searched(owner: PersonView, browser: Client) -> None:
    """Overdue risks stand first; filters and order are in the address; the words of a search are not."""
    _record(owner, title="In date")
    _record(owner, title="Long overdue", reviewed_on=date(2025, 1, 1), category="business")

    def listed(address: str) -> list[str]:
        return [line.label for line in browser.get(address).context["lines"]]

    assert "1 risk review is overdue" in browser.get("/risks/").content.decode()
    assert listed("/risks/") == ["Long overdue", "In date"]
    assert listed("/risks/?category=business") == ["Long overdue"]
    assert listed("/risks/?late=yes") == ["Long overdue"]
    assert listed("/risks/?sort=label") == ["In date", "Long overdue"]
    assert listed("/risks/?sort=-label") == ["Long overdue", "In date"]
    found = browser.post("/risks/", {"q": "in dat"}).headers["Location"]
    assert "dat" not in found
    assert listed(found) == ["In date"]
    nothing = browser.post("/risks/", {"q": "xyzzy"}).headers["Location"]
    assert "Nothing fits" in browser.get(nothing).content.decode()


def test_a_file_is_looked_at_and_then_taken_on_pages(owner: PersonView, browser: Client) -> None:
    """The import page shows each line's verdict first; the same file is taken after agreeing, not one that was altered."""
    _record(owner)
    head, first = _cells(_sheet())
    first[head.index("Impact with controls")] = "4"
    upload = SimpleUploadedFile("risks.csv", _bytes([head, first]), content_type="text/csv")
    looked = browser.post("/risks/import/", {"sheet": upload, "why": "Yearly review"})
    assert looked.status_code == 200
    context = looked.context
    assert context["counts"] == {"new": 0, "changed": 1, "same": 0, "refused": 0}
    agreed = {"content": context["content"], "why": "Yearly review", "shown": context["digest"]}
    assert browser.post("/risks/import/", agreed | {"shown": "0" * 64}).status_code == 200
    assert len(queries.versions(queries.risks()[0].key)) == 1
    assert browser.post("/risks/import/", agreed).status_code == 302
    assert [v.why for v in queries.versions(queries.risks()[0].key)] == ["", "Yearly review"]
    assert browser.post("/risks/import/", {"content": "?", "why": "x", "shown": "y"}).status_code == 422


def test_who_may_not_write_reads_only(owner: PersonView) -> None:
    """A radiologist reads the register and cannot write in it."""
    reader = make_person("radiologist")
    client = Client()
    sign_in(client, reader.id)
    key = _record(owner)
    assert client.get(f"/risks/{key}/").status_code == 200
    assert client.get("/risks/new/").status_code == 403
    assert client.post(f"/risks/{key}/review/", {}).status_code == 403
    assert Actor.person(reader.id).person_id == reader.id
