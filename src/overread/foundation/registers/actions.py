"""The verb that takes a file into a register: every line or none."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Register
from overread.foundation.registers.rules import changed_names
from overread.foundation.registers.sheets import SheetRow
from overread.foundation.registers.verdicts import Verdict, VerdictState, digest
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, Refused


def _titles(register: Register, names: Sequence[str]) -> str:
    return ", ".join(register.field(name).title for name in names)


def _refusal(register: Register, refused: Refused) -> tuple[str, ...]:
    errors = getattr(refused, "errors", {})
    known = {f.name: f.title for f in register.fields}
    return tuple(f"{known.get(name, name)}: {text}" for name, text in errors.items()) or (refused.message,)


def _faults(register: Register, row: SheetRow) -> tuple[str, ...]:
    known = {f.name: f.title for f in register.fields}
    return tuple(f"{known[name]}: {text}" if name else text for name, text in row.faults.items())


def _take(register: Register, actor: Actor, row: SheetRow, held: dict[str, Entry], why: str) -> Verdict:
    """Take one line; what it says is written, but can still be undone by the caller."""
    before = held.get(row.reference.casefold())
    verdict = Verdict(row.line, row.reference, VerdictState.REFUSED, ())
    if row.faults:
        return replace(verdict, details=_faults(register, row))
    if row.reference and before is None:
        said = f"There is no {row.reference} in this register, or it stands twice. Leave the reference empty to add it."
        return replace(verdict, details=(said,))
    values = {f.name: before[f.name] if before else f.empty for f in register.fields} | dict(row.values)
    key: UUID | None = None
    changed: Sequence[str] = ()
    if before is not None:
        del held[row.reference.casefold()]
        changed = changed_names(register.fields, before.values, values)
        if not changed:
            return replace(verdict, state=VerdictState.SAME)
        key = before.key
    try:
        with transaction.atomic():
            register.record(actor=actor, values=values, key=key, why=why)
    except Refused as refused:
        return replace(verdict, details=_refusal(register, refused))
    if key is None:
        return replace(verdict, state=VerdictState.NEW)
    return replace(verdict, state=VerdictState.CHANGED, details=(_titles(register, changed),))


def _take_all(register: Register, actor: Actor, rows: Sequence[SheetRow], why: str) -> list[Verdict]:
    held = {register.reference(e).casefold(): e for e in register.read()}
    with register.together(actor):
        return [_take(register, actor, row, held, why) for row in rows]


def _tried(register: Register, actor: Actor, rows: Sequence[SheetRow], why: str) -> list[Verdict]:
    with transaction.atomic():
        verdicts = _take_all(register, actor, rows, why)
        transaction.set_rollback(True)
    return verdicts


@action("registers.try_sheet")
def try_sheet(*, actor: Actor, register: Register, rows: Sequence[SheetRow], why: str) -> list[Verdict]:
    """What would become of every line: the verbs of the register are really done, and then all of it is undone.

    Nothing remains but a note that somebody tried.
    """
    verdicts = _tried(register, actor, rows, why)
    note(subject=("register", register.name), words="sheet-tried", facts={"lines": len(verdicts)})
    return verdicts


@action("registers.import_sheet")
def import_sheet(
    *, actor: Actor, register: Register, rows: Sequence[SheetRow], why: str, shown: str = ""
) -> list[Verdict]:
    """Take every line of a file, or none.

    Args:
        rows: from `sheets.read_sheet`.
        why: the reason, written with every change.
        shown: the digest of the verdicts that the person has seen; "" asks for none.

    Raises:
        BadInput: a line is refused; nothing is written.
        Conflict: the register changed since the verdicts were shown; nothing is written.
    """
    verdicts = _take_all(register, actor, rows, why)
    refused = [v for v in verdicts if v.state is VerdictState.REFUSED]
    if refused:
        raise BadInput(f"Nothing was imported, because {len(refused)} lines are refused.")
    if shown and digest(verdicts) != shown:
        raise Conflict("The register changed since you looked. Nothing was imported; look at the lines again.")
    counts: dict[str, Any] = {str(s): sum(v.state is s for v in verdicts) for s in VerdictState}
    note(subject=("register", register.name), words="sheet-imported", facts=counts)
    return verdicts
