"""The gates that workstation and displays keep. Pure (REQ-24, REQ-61, REQ-64, H12, H33).

Soft, so that an urgent or opened read may be signed with a reason: no workstation, no look at the pattern today, a look that
failed, a test that is overdue or to be put right. Hard: a display whose highest luminance was measured below the floor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from overread.governance.credentials.rules import Reason
from overread.governance.equipment.rules.measured import DisplayFacts, Limits, display_faults

LOOK, TESTS, FLOOR = "display", "display-test", "display-floor"


@dataclass(frozen=True)
class DeskFacts:
    """Where a reader sits now.

    Attributes:
        name: of the workstation; "" when nobody has named it.
        displays: its diagnostic displays.
        look: whether the reader's last look at the pattern today passed; None when there was none.
        look_words: when it was, or what failed.
    """

    name: str = ""
    displays: tuple[DisplayFacts, ...] = ()
    look: bool | None = None
    look_words: str = ""


def desk_reasons(facts: DeskFacts, limits: Limits, today: date) -> tuple[Reason, ...]:
    """Every gate of the place where a reader sits."""
    if not facts.name:
        return (Reason(False, "No registered workstation is chosen", LOOK, hard=False),)
    if not facts.displays:
        return (Reason(False, f"{facts.name} has no display for reading on record", LOOK, hard=False),)
    faults = [fault for display in facts.displays for fault in display_faults(display, limits, today)]
    soft = [fault.words for fault in faults if not fault.hard]
    names = " and ".join(display.name for display in facts.displays)
    tests = Reason(not soft, soft[0] if soft else f"{names}: accepted, measured and tested in date", TESTS, hard=False)
    hard = tuple(Reason(False, fault.words, FLOOR) for fault in faults if fault.hard)
    return (*hard, _look(facts), tests)


def _look(facts: DeskFacts) -> Reason:
    if facts.look is None:
        return Reason(False, f"The display check of {facts.name} has not been done today", LOOK, hard=False)
    if not facts.look:
        return Reason(False, f"Today's display check of {facts.name} failed: {facts.look_words}", LOOK, hard=False)
    return Reason(True, f"Display check of {facts.name} passed {facts.look_words}", LOOK, hard=False)


def first_words(faults: Iterable[str]) -> str:
    """The first two faults of a list for a line of text, and how many more there are."""
    found = list(faults)
    more = f" and {len(found[2:])} more" if found[2:] else ""
    return "; ".join(found[:2]) + more
