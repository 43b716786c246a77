"""Pages of equipment: the register, a workstation, where one sits, the daily look at the test pattern, and files."""

from overread.governance.equipment.pages.desks import (
    CHOSEN,
    change,
    check,
    cookie_name,
    display,
    picture,
    register,
    sit,
    workstation,
)
from overread.governance.equipment.pages.sheets import SHEETS

__all__ = [
    "CHOSEN",
    "SHEETS",
    "change",
    "check",
    "cookie_name",
    "display",
    "picture",
    "register",
    "sit",
    "workstation",
]
