"""Reads of equipment: the register, where a reader sits, the gates, what a report keeps, duties."""

from overread.governance.equipment.queries.desks import SeatView, Used, gates, seat_of, used_by
from overread.governance.equipment.queries.due import wanted_duties
from overread.governance.equipment.queries.register import (
    DeviceView,
    DisplayView,
    MeasureView,
    VisualView,
    WorkstationView,
    checks_of,
    devices_of,
    display,
    limits,
    may_sit,
    tests_of,
    workstation,
    workstation_of_device,
    workstations,
    workstations_for,
)
from overread.governance.equipment.queries.things import things

__all__ = [
    "DeviceView",
    "DisplayView",
    "MeasureView",
    "SeatView",
    "Used",
    "VisualView",
    "WorkstationView",
    "checks_of",
    "devices_of",
    "display",
    "gates",
    "limits",
    "may_sit",
    "seat_of",
    "tests_of",
    "things",
    "used_by",
    "wanted_duties",
    "workstation",
    "workstation_of_device",
    "workstations",
    "workstations_for",
]
