"""Whether somebody may read, and why or why not: pure (H12, REQ-07, REQ-09, REQ-10, REQ-11, REQ-23, REQ-91)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final

from overread.governance.credentials.rules.dates import last_day_words, months_after
from overread.governance.credentials.rules.facts import (
    SCOPE_WORDS,
    Asked,
    AuditFacts,
    AuditState,
    Body,
    Limits,
    PrivilegeFacts,
    ReaderFacts,
    RegistrationFacts,
    Scope,
)
from overread.governance.credentials.rules.gates import Reason, with_overrides


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _soft(holds: bool, words: str, gate: str) -> Reason:
    return Reason(holds, words, gate, hard=False)


def registration(facts: Iterable[RegistrationFacts], limits: Limits, today: date) -> tuple[Reason, ...]:
    """The hard gate of registration, and the soft one of a check that is too old.

    A register that was checked and did not hold the person stops all reading at once. A check that the office has not
    repeated in time says nothing against the reader, so it stops new routine work only (H33).
    """
    found = sorted(facts, key=lambda f: f.checked_on)
    if not found:
        return (Reason(False, "No registration with the GMC or GDC is on record", "registration"),)
    reasons = [_registered(f) for f in found]
    best = next((r for r in reasons if r.holds), reasons[-1])
    if any(f.failed for f in found):  # a failed check is never outweighed by another register
        best = next(r for r, f in zip(reasons, found, strict=True) if f.failed)
    last_day = found[-1].checked_on + limits.recheck
    old = last_day < today
    words = f"The register was last checked on {_day(found[-1].checked_on)}"
    if old:
        words += f"; it must be checked every {limits.recheck.days} days"
    return (best, _soft(not old, words, "registration-check"))


def _registered(facts: RegistrationFacts) -> Reason:
    checked = f"{facts.body} register, checked on {_day(facts.checked_on)}"
    if facts.failed:
        found = f": {facts.detail}" if facts.detail else ""
        return Reason(
            False, f"The check of the {facts.body} register on {_day(facts.checked_on)} failed{found}", "registration"
        )
    if facts.body == Body.GMC and not facts.licence:
        return Reason(False, f"No licence to practise is on the {checked}", "registration")
    if facts.body == Body.GMC and not facts.specialist:
        return Reason(False, f"No entry as a specialist is on the {checked}", "registration")
    return Reason(True, f"Registered with the {facts.body}, checked on {_day(facts.checked_on)}", "registration")


def privilege(facts: Iterable[PrivilegeFacts], asked: Asked) -> Reason:
    """The hard gate of privilege for client, examination and kind of read (REQ-91)."""
    kind = asked.read_type.replace("_", " ")
    described = (asked.body_part, asked.procedure)
    covered = any(p.covers(asked.client_id, asked.modality, asked.read_type, *described) for p in facts)
    if covered:
        return Reason(True, f"Privileged for {asked.modality} {kind} reads for this client", "privilege")
    return Reason(False, f"No privilege for this {asked.modality} {kind} read for this client is in date", "privilege")


def cbct_scopes(facts: ReaderFacts, asked: Asked) -> frozenset[str]:
    """What the reader's privileges for this very read say of cone-beam CT, as far as a register bears it out (REQ-81).

    "Dental and maxillofacial radiologist" needs an entry as a specialist in the GDC's register, "radiologist registered
    with the GMC" one in the GMC's: a privilege alone makes nobody either.
    """
    described = (asked.body_part, asked.procedure)
    fitting = [p for p in facts.privileges if p.covers(asked.client_id, asked.modality, asked.read_type, *described)]
    good = {f.body for f in facts.registrations if f.specialist and not f.failed}
    return frozenset(p.scope for p in fitting if p.scope and BORNE_OUT_BY.get(p.scope) in (None, *good))


BORNE_OUT_BY: Final[dict[str, str]] = {Scope.DMF_RADIOLOGIST: Body.GDC, Scope.GMC_RADIOLOGIST: Body.GMC}
WHOLE_HEAD: Final = frozenset(BORNE_OUT_BY)
"""Scopes whose readers may read any volume of the head, not only teeth and jaws."""


def field_of_view(facts: ReaderFacts, asked: Asked, *, beyond: str, differ: str = "") -> Reason:
    """The hard gate of a dental volume's field of view (REQ-81).

    Args:
        facts, asked: the reader and the read.
        beyond: why the volume shows more than teeth and jaws, as the journey's rule says it; "" when it does not.
        differ: said besides, when form and images give different sizes.
    """
    scopes = cbct_scopes(facts, asked)
    wide = sorted(SCOPE_WORDS[Scope(s)] for s in scopes & WHOLE_HEAD)
    more = f". {differ}" if differ else ""
    if not beyond:
        return Reason(bool(scopes), f"The volume shows teeth and jaws only{more}", "field-of-view")
    if wide:
        return Reason(True, f"You read it as {' and '.join(wide)}, since {beyond}{more}", "field-of-view")
    words = "Only a dental and maxillofacial radiologist or a radiologist registered with the GMC reads this volume"
    return Reason(False, f"{words}: {beyond}{more}", "field-of-view")


def indemnity(facts: ReaderFacts, modality: str, today: date) -> Reason:
    """The hard gate of indemnity: one that is in date and covers teleradiology and the modality (REQ-11)."""
    begun = [f for f in facts.indemnities if f.starts_on <= today]
    fitting = [f for f in begun if f.teleradiology and modality in f.modalities]
    good = [f for f in fitting if f.expires_on >= today]
    if good:
        last = max(good, key=lambda f: f.expires_on)
        return Reason(True, f"Indemnified by {last.insurer}; {last_day_words(last.expires_on, today)}", "indemnity")
    if fitting:
        last = max(fitting, key=lambda f: f.expires_on)
        return Reason(False, f"The indemnity with {last.insurer} {last_day_words(last.expires_on, today)}", "indemnity")
    if begun:
        return Reason(False, f"No indemnity covers teleradiology of {modality}", "indemnity")
    return Reason(False, "No indemnity is on record", "indemnity")


def entry_audit(facts: Iterable[AuditFacts], limits: Limits) -> Reason:
    """The hard gate of release: nobody reads here before the entry audit has let them (REQ-23)."""
    found = list(facts)
    released = [f for f in found if f.state is AuditState.RELEASED and f.released_on]
    if released:
        last = max(released, key=lambda f: f.released_on or date.min)
        return Reason(True, f"Released after the entry audit on {_day(last.released_on or date.min)}", "entry-audit")
    if any(f.state is AuditState.FAILED for f in found):
        return Reason(False, "The entry audit was not passed", "entry-audit")
    done = max((f.cross_sectional for f in found), default=0)
    words = f"The entry audit is not finished: {done} of {limits.cross_sectional} reports audited, and no release"
    return Reason(False, words, "entry-audit")


def audit_fault(facts: AuditFacts, limits: Limits) -> str:
    """Why a reader may not be released by this audit, or ""."""
    named = {a.strip().casefold() for a in facts.auditors if a.strip()}
    if facts.cross_sectional < limits.cross_sectional:
        return (
            f"At least {limits.cross_sectional} cross-sectional reports must be audited; {facts.cross_sectional} were."
        )
    if len(named) < limits.auditors:
        return f"At least {limits.auditors} different auditors must be named; they may be external."
    return ""


def appraisal(facts: ReaderFacts, limits: Limits, today: date) -> Iterator[Reason]:
    """The soft gates of appraisal and revalidation; they apply to doctors (REQ-10)."""
    if not any(r.body == Body.GMC for r in facts.registrations):
        return
    last = max(facts.appraisals, key=lambda f: f.held_on, default=None)
    if last is None:
        yield _soft(False, "No appraisal is on record", "appraisal")
    elif not last.teleradiology:
        yield _soft(False, f"The appraisal of {_day(last.held_on)} did not cover teleradiology", "appraisal")
    else:
        ends = months_after(last.held_on, limits.appraisal_months)
        yield _soft(ends >= today, f"Appraised on {_day(last.held_on)}; {last_day_words(ends, today)}", "appraisal")
    due = max((f.due_on for f in facts.revalidations), default=None)
    if due is None:
        yield _soft(False, "No date of revalidation is on record", "revalidation")
    else:
        words = f"Revalidation {'was' if due < today else 'is'} due on {_day(due)}"
        yield _soft(due >= today, words, "revalidation")


def dbs(facts: ReaderFacts, today: date) -> Reason:
    """The soft gate of the DBS check and its renewal."""
    last = max(facts.dbs, key=lambda f: f.renew_by, default=None)
    if last is None:
        return _soft(False, "No DBS check is on record", "dbs")
    words = f"DBS check ({last.level}) of {_day(last.issued_on)}; {last_day_words(last.renew_by, today)}"
    return _soft(last.renew_by >= today, words, "dbs")


def staff_file(missing: int) -> Reason:
    """The soft gate of the staff file: it is whole before the first piece of work, and stays so (REQ-08).

    Args:
        missing: how much is missing from it, or has run out; what it is stands in the file, which few may see.
    """
    if not missing:
        return _soft(True, "The staff file is whole", "staff-file")
    words = "1 thing is" if missing == 1 else f"{missing} things are"
    return _soft(False, f"The staff file is not whole: {words} missing or out of date", "staff-file")


def reasons_for(facts: ReaderFacts, asked: Asked, limits: Limits, *, at: datetime, today: date) -> tuple[Reason, ...]:
    """Every gate of one reader for one read, with overrides applied; hard ones first.

    Args:
        facts: all that is on record at that moment.
        asked: the read.
        limits: the numbers to judge by.
        at, today: the moment, and its day in London.
    """
    reasons = [
        *registration(facts.registrations, limits, today),
        privilege(facts.privileges, asked),
        indemnity(facts, asked.modality, today),
        entry_audit(facts.audits, limits),
        *appraisal(facts, limits, today),
        dbs(facts, today),
        *(r for r in facts.others if r.concerns(asked.modality)),
    ]
    acting = with_overrides(reasons, facts.overrides, at)
    return tuple(sorted(acting, key=lambda r: not r.hard))


def reader_reasons(facts: ReaderFacts, limits: Limits, *, at: datetime, today: date) -> tuple[Reason, ...]:
    """Every gate of one reader that does not depend on the read, for the pages about readers."""
    covered = sorted({m for p in facts.privileges for m in p.modalities})
    per_modality = [indemnity(facts, modality, today) for modality in covered]
    unlike = {r.words: r for r in per_modality}
    reasons = [
        *registration(facts.registrations, limits, today),
        Reason(bool(facts.privileges), _privilege_words(facts), "privilege"),
        *(unlike.values() or [indemnity(facts, "", today)]),
        entry_audit(facts.audits, limits),
        *appraisal(facts, limits, today),
        dbs(facts, today),
        *facts.others,
    ]
    return with_overrides(reasons, facts.overrides, at)


def _privilege_words(facts: ReaderFacts) -> str:
    count = len(facts.privileges)
    return f"{count} privilege{'s' if count != 1 else ''} in date" if count else "No privilege is in date"
