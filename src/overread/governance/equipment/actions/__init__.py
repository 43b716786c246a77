"""Verbs of equipment, by subject: the register, tests and looks, browsers and seats, duties."""

from overread.governance.equipment.actions.checking import record_look, record_test
from overread.governance.equipment.actions.duties import FOLLOWING, keep
from overread.governance.equipment.actions.register import (
    end_display,
    end_workstation,
    record_display,
    record_workstation,
)
from overread.governance.equipment.actions.sitting import end_device, remember_device, take_seat

__all__ = [
    "FOLLOWING",
    "end_device",
    "end_display",
    "end_workstation",
    "keep",
    "record_display",
    "record_look",
    "record_test",
    "record_workstation",
    "remember_device",
    "take_seat",
]
