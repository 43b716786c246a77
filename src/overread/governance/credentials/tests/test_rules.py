"""Who may read: the gates that nobody passes, those with a safe way through, overrides, and days that run out."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from overread.governance.credentials.rules import (
    AppraisalFacts,
    Asked,
    AuditFacts,
    AuditState,
    DbsFacts,
    IndemnityFacts,
    Limits,
    OverrideFacts,
    PrivilegeFacts,
    ReaderFacts,
    Reason,
    RegistrationFacts,
    RevalidationFacts,
    Way,
    audit_fault,
    in_the_way,
    months_after,
    override_fault,
    reasons_for,
    shut,
    staff_file,
    way,
    with_overrides,
)

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = AT.date()
NORTH, SOUTH = uuid.uuid4(), uuid.uuid4()
LIMITS = Limits(timedelta(days=90), 12, 5, 20, 2)
GMC = RegistrationFacts("GMC", "7000001", date(2026, 11, 1))
CT_FOR_NORTH = PrivilegeFacts(NORTH, frozenset({"CT"}), frozenset({"primary"}))
GOOD = ReaderFacts(
    registrations=(GMC,),
    privileges=(CT_FOR_NORTH,),
    indemnities=(IndemnityFacts("Mutual", frozenset({"CT"}), True, 10_000_000, date(2026, 1, 1), date(2026, 12, 31)),),
    dbs=(DbsFacts("enhanced", date(2026, 1, 1), date(2029, 1, 1)),),
    appraisals=(AppraisalFacts(date(2026, 3, 1), True, "Larkfield", "Dr Caspian Thorne"),),
    revalidations=(RevalidationFacts(None, date(2028, 1, 1)),),
    audits=(AuditFacts(AuditState.RELEASED, 20, ("A", "B"), date(2026, 2, 1)),),
)
ASKED = Asked(NORTH, "CT", "primary", "HEAD", "CT head")
BOOLS = st.booleans()
REASONS = st.lists(
    st.builds(Reason, BOOLS, st.just("words"), st.sampled_from(["dbs", "display", "indemnity"]), hard=BOOLS), max_size=6
)


def _with(**changes: Any) -> ReaderFacts:
    return ReaderFacts(**{name: getattr(GOOD, name) for name in ReaderFacts.__dataclass_fields__} | changes)


def _shut(facts: ReaderFacts, asked: Asked = ASKED) -> dict[str, bool]:
    """The gates that are shut, by name, with whether they are hard."""
    return {r.gate: r.hard for r in shut(reasons_for(facts, asked, LIMITS, at=AT, today=TODAY))}


def test_a_reader_in_date_in_everything_finds_every_gate_open() -> None:
    """With everything on record and in date every gate is open, and each says why."""
    reasons = reasons_for(GOOD, ASKED, LIMITS, at=AT, today=TODAY)
    assert [r for r in reasons if not r.holds] == []
    assert {r.gate for r in reasons} == {
        "registration",
        "registration-check",
        "privilege",
        "indemnity",
        "entry-audit",
        "appraisal",
        "revalidation",
        "dbs",
    }
    assert all(r.words for r in reasons)


def test_what_is_missing_shuts_its_own_gate_and_no_other() -> None:
    """Each thing that is not on record shuts its gate; registration, privilege, indemnity and release are hard (H12)."""
    hard = {
        "registrations": "registration",
        "privileges": "privilege",
        "indemnities": "indemnity",
        "audits": "entry-audit",
    }
    soft = {"dbs": "dbs", "appraisals": "appraisal", "revalidations": "revalidation"}
    for field, gate in hard.items():
        found = _shut(_with(**{field: ()}))
        assert found == {gate: True}, field
    for field, gate in soft.items():
        assert _shut(_with(**{field: ()})) == {gate: False}, field


def test_a_failed_check_shuts_registration_whatever_else_is_on_record() -> None:
    """A register check that failed is never outweighed by another registration."""
    failed = RegistrationFacts("GDC", "12345", date(2026, 10, 1), failed=True, detail="suspended")
    assert _shut(_with(registrations=(GMC, failed))) == {"registration": True}


def test_a_doctor_needs_licence_and_specialist_entry_a_dentist_does_not() -> None:
    """The GMC entry counts only with a licence and as a specialist; a GDC entry stands without."""
    without_licence = RegistrationFacts("GMC", "7000001", TODAY, licence=False)
    no_specialist = RegistrationFacts("GMC", "7000001", TODAY, specialist=False)
    dentist = RegistrationFacts("GDC", "12345", TODAY, licence=False, specialist=False)
    assert _shut(_with(registrations=(without_licence,))) == {"registration": True}
    assert _shut(_with(registrations=(no_specialist,))) == {"registration": True}
    assert _shut(_with(registrations=(dentist,))) == {}


@given(st.integers(0, 400))
def test_a_register_is_checked_every_ninety_days(days: int) -> None:
    """A check counts for ninety days; an older one shuts the soft gate only (REQ-09, H33)."""
    facts = _with(registrations=(RegistrationFacts("GMC", "7000001", TODAY - timedelta(days=days)),))
    assert _shut(facts) == ({} if days <= 90 else {"registration-check": False})


@given(st.integers(-400, 400))
def test_indemnity_holds_to_its_last_day(days: int) -> None:
    """The indemnity holds on its last day and not on the next (REQ-11)."""
    held = IndemnityFacts("Mutual", frozenset({"CT"}), True, 1, date(2020, 1, 1), TODAY + timedelta(days=days))
    assert _shut(_with(indemnities=(held,))) == ({} if days >= 0 else {"indemnity": True})


def test_indemnity_covers_only_what_it_names() -> None:
    """An indemnity without teleradiology, or for another modality, or that has not begun, does not hold."""
    base: dict[str, Any] = {
        "insurer": "Mutual",
        "modalities": frozenset({"CT"}),
        "teleradiology": True,
        "limit_pounds": 1,
        "starts_on": date(2026, 1, 1),
        "expires_on": date(2027, 1, 1),
    }
    for change in ({"teleradiology": False}, {"modalities": frozenset({"MR"})}, {"starts_on": date(2026, 12, 1)}):
        assert _shut(_with(indemnities=(IndemnityFacts(**base | change),))) == {"indemnity": True}, change


def test_an_appraisal_must_cover_teleradiology_and_be_of_the_last_year() -> None:
    """The appraisal gate: the last one within twelve months, and of this work (REQ-10)."""
    for held_on, covers, expected in (
        (date(2025, 11, 24), True, {}),
        (date(2025, 11, 23), True, {"appraisal": False}),
        (date(2026, 11, 1), False, {"appraisal": False}),
    ):
        assert _shut(_with(appraisals=(AppraisalFacts(held_on, covers, "L", "T"),))) == expected


@given(
    st.sampled_from([None, NORTH, SOUTH]),
    st.sets(st.sampled_from(["CT", "MR"])),
    st.sampled_from(["CT", "MR"]),
    st.sets(st.sampled_from(["head", "spine", "knee"])),
)
def test_a_privilege_never_reaches_beyond_its_words(
    client: uuid.UUID | None, held: set[str], asked: str, regions: set[str]
) -> None:
    """Whatever the privilege, a read is allowed only if client, modality and region are all in it (REQ-91)."""
    privilege = PrivilegeFacts(client, frozenset(held), frozenset({"primary"}), frozenset(regions))
    open_now = privilege.covers(NORTH, asked, "primary", "HEAD", "CT head without contrast")
    assert open_now == (client in (None, NORTH) and asked in held and (not regions or "head" in regions))


@given(REASONS, BOOLS, BOOLS)
def test_nobody_passes_a_hard_gate_and_no_soft_one_delays_pressing_work(
    reasons: list[Reason], pressing: bool, opened: bool
) -> None:
    """A hard gate shuts always; soft ones shut only routine work that is not opened, else they ask a reason (H12, H33)."""
    hard = any(r.hard and not r.holds for r in reasons)
    soft = any(not r.hard and not r.holds for r in reasons)
    found = way(reasons, pressing=pressing, opened=opened)
    expected = Way.SHUT if hard else Way.OPEN if not soft else Way.WITH_REASON if pressing or opened else Way.SHUT
    assert found is expected
    assert bool(in_the_way(reasons, pressing=pressing, opened=opened)) == (found is Way.SHUT)


@given(REASONS, st.sampled_from(["dbs", "display", "indemnity"]), st.integers(-80, 80))
def test_an_override_opens_its_own_soft_gate_and_only_until_its_end(
    reasons: list[Reason], gate: str, hours: int
) -> None:
    """An override opens exactly the soft gates of its name while it runs; it says so, and never opens a hard one."""
    override = OverrideFacts(uuid.uuid4(), gate, AT + timedelta(hours=hours), "Course booked for Friday", "Imogen")
    for before, after in zip(reasons, with_overrides(reasons, [override], AT), strict=True):
        opened = not before.holds and not before.hard and before.gate == gate and hours > 0
        assert after.holds == (before.holds or opened)
        assert ("Course booked" in after.words) == opened
        assert (after.passed_until is not None) == opened


@given(BOOLS, BOOLS, st.text(max_size=30), st.integers(-10, 200))
def test_an_override_is_refused_for_oneself_for_hard_gates_without_a_reason_and_beyond_its_longest(
    hard: bool, own: bool, why: str, hours: int
) -> None:
    """It is allowed exactly when the gate is soft, the reader another, the reason written and the time within limits."""
    fault = override_fault(
        gate="dbs", hard=hard, own=own, why=why, lasts=timedelta(hours=hours), longest=timedelta(hours=72)
    )
    allowed = not hard and not own and len(why.strip()) >= 10 and 0 < hours <= 72
    assert (fault == "") == allowed


def test_a_gate_of_another_register_counts_for_the_modalities_it_names() -> None:
    """A display too small for plain films shuts nothing for CT."""
    small = Reason(False, "3 megapixels are needed", "display", hard=False, only_for=frozenset({"DX"}))
    assert _shut(_with(others=(small,))) == {}
    every = Reason(False, "No check today", "display", hard=False)
    assert _shut(_with(others=(every,))) == {"display": False}


def test_a_reader_is_released_after_twenty_reports_by_two_auditors() -> None:
    """Nineteen reports, or one auditor named twice, are not enough to release a new reader (REQ-23)."""
    assert audit_fault(AuditFacts(AuditState.UNDER_WAY, 20, ("Quince", "Yarrow")), LIMITS) == ""
    assert audit_fault(AuditFacts(AuditState.UNDER_WAY, 19, ("Quince", "Yarrow")), LIMITS)
    assert audit_fault(AuditFacts(AuditState.UNDER_WAY, 20, ("Quince", " quince")), LIMITS)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_months_are_added_without_leaving_the_month(day: date, months: int) -> None:
    """The result lies that many months on, on the same day or the last of the month."""
    found = months_after(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


@given(st.integers(0, 12), BOOLS, BOOLS)
def test_a_staff_file_that_is_not_whole_holds_routine_work_only(missing: int, pressing: bool, opened: bool) -> None:
    """One missing paper is enough to hold new routine work, none holds nothing; urgent or opened work asks for a reason."""
    reason = staff_file(missing)
    assert (reason.holds, reason.gate, reason.hard) == (missing == 0, "staff-file", False)
    assert missing == 0 or str(missing) in reason.words
    wanted = Way.OPEN if not missing else Way.WITH_REASON if pressing or opened else Way.SHUT
    assert way([reason], pressing=pressing, opened=opened) is wanted
