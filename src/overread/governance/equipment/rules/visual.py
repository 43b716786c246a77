"""The daily look at a test pattern: what is asked, which digits hide in it, what fails. Pure (REQ-61).

It is a check that nothing has changed since the display was measured, by eye, and no measurement. Three digits of faint
contrast stand in the pattern (5 % on black, 1 % on mid grey, 95 % on white); who does not see them cannot type them.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

QUESTIONS: Final[dict[str, str]] = {
    "ramp": "The two ramps run evenly from black to white, without steps or bands",
    "lines": "The fine lines can be told apart at the side and in all four corners",
    "clean": "No stains, dead pixels, flicker or reflections, and the frame is whole on all four sides",
}
"""What a reader says yes to, per display."""


@dataclass(frozen=True)
class DisplayAnswers:
    """What a reader answered for one display.

    Attributes:
        name: of the display, for people.
        digits: as typed.
        yes: keys of QUESTIONS that were said yes to.
    """

    name: str
    digits: str
    yes: frozenset[str]


def digits_for(secret: bytes, display: str, turn: str) -> str:
    """The three digits that hide in a pattern, from a secret, the display and a number of the page that showed it."""
    found = hmac.new(secret, f"{display} {turn}".encode(), hashlib.sha256).digest()
    return "".join(str(byte % 10) for byte in found[:3])


def visual_faults(answers: Iterable[DisplayAnswers], expected: Mapping[str, str], *, dim: bool) -> tuple[str, ...]:
    """What did not pass; nothing when every display did.

    Args:
        answers: of each diagnostic display.
        expected: the digits of each display, by name.
        dim: the room was said to be dim, without light on the displays.
    """
    given = {a.name: a for a in answers}
    faults = [] if dim else ["the room is not dim"]
    for name, digits in expected.items():
        found = given.get(name)
        if found is None:
            faults.append(f"{name} was not looked at")
            continue
        seen = "".join(c for c in found.digits if c in "0123456789")
        places = ("dark", "middle", "bright")
        if len(seen) != len(digits):
            faults.append(f"{name}: not all of the faint digits were seen")
        else:
            missed = [p for p, a, b in zip(places, seen, digits, strict=True) if a != b]
            faults += [
                f"{name}: the faint digit on {'black' if p == 'dark' else 'grey' if p == 'middle' else 'white'} was not seen"
                for p in missed
            ]
        faults += [f"{name}: {_short(key)}" for key in QUESTIONS if key not in found.yes]
    return tuple(faults)


def _short(key: str) -> str:
    return {
        "ramp": "steps or bands in the ramps",
        "lines": "fine lines run together",
        "clean": "stains, flicker, reflections or a cut frame",
    }[key]
