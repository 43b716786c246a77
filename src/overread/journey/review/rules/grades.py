"""Two scales for one judgement, and what small numbers can say (REQ-72, REQ-76). Pure.

The five points of British audits run from 5, no disagreement, to 1, serious harm; RADPEER (2016) from 1, concur, to 3,
with a for unlikely and b for likely to matter. A pair of grades that contradicts itself is refused.
"""

from math import sqrt
from typing import Final

UK: Final = (
    (5, "5 - I agree"),
    (4, "4 - Difference of wording or style, no effect"),
    (3, "3 - Difference with low likelihood of harm"),
    (2, "2 - Difference with strong likelihood of moderate harm"),
    (1, "1 - Difference with unequivocal potential for serious harm"),
)
RADPEER: Final = (
    ("1", "1 - Concur"),
    ("2a", "2a - Understandable miss, unlikely to matter"),
    ("2b", "2b - Understandable miss, likely to matter"),
    ("3a", "3a - Should usually be made, unlikely to matter"),
    ("3b", "3b - Should usually be made, likely to matter"),
)
PAIRS: Final = {
    5: frozenset({"1"}),
    4: frozenset({"2a", "3a"}),
    3: frozenset({"2a", "3a"}),
    2: frozenset({"2b", "3b"}),
    1: frozenset({"2b", "3b"}),
}
CAUSES: Final = (
    ("perception", "Not seen"),
    ("interpretation", "Seen and judged otherwise"),
    ("communication", "Not said clearly"),
    ("technique", "Technique or image quality"),
    ("history", "Clinical details not known"),
    ("priors", "Earlier studies not used"),
)
AGREES: Final = 5
SERIOUS_FROM: Final = 2
Z: Final = 1.959963984540054


def serious(uk: int) -> bool:
    """Grades 2 and 1 of the five points; the same judgement as 2b and 3b (REQ-73)."""
    return uk <= SERIOUS_FROM


def grade_faults(uk: int, radpeer: str, cause: str, comment: str) -> dict[str, str]:
    """What is wrong with a judgement: scales that contradict each other, a disagreement without cause or words."""
    if uk not in PAIRS:
        return {"uk": "Choose one of the five points."}
    found = {}
    if radpeer not in PAIRS[uk]:
        fits = " or ".join(sorted(PAIRS[uk]))
        found["radpeer"] = f"With {uk} of the five points, RADPEER is {fits}."
    if uk < AGREES and cause not in dict(CAUSES):
        found["cause"] = "Say what the difference comes from."
    if uk < AGREES and not comment.strip():
        found["comment"] = "Say what you see otherwise, so that the author can learn from it."
    return found


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score: honest also for few cases and for none found."""
    if not 0 <= count <= total:
        raise ValueError("A share needs a count from 0 to its total.")
    if not total:
        return 0.0, 1.0
    p, zz = count / total, Z * Z
    middle = (p + zz / (2 * total)) / (1 + zz / total)
    half = Z / (1 + zz / total) * sqrt(p * (1 - p) / total + zz / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)
