"""Who may read, and equipped how, joined: the gates of workstations, kinds of duties, the menu, and what is kept hourly."""

from overread.foundation.clock.kinds import register_duty_kind
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.ui import slots
from overread.foundation.ui.slots import NavEntry
from overread.foundation.work.actor import Actor
from overread.foundation.work.duties import register_duty
from overread.governance.credentials import queries as credentials
from overread.governance.equipment import actions as equipment_actions
from overread.governance.equipment import queries as equipment

KEEPING = Actor.system("register")
REMINDERS = ("credential.reminder_1", "credential.reminder_2", "credential.reminder_3")
DISPLAY_DUTIES = (
    ("equipment.acceptance", "Have a display's acceptance test done"),
    ("equipment.measured", "Have a display measured"),
    ("equipment.full", "Have a display's full test done"),
)

ENTRIES = (
    NavEntry(
        label="Display check",
        url_name="equipment:check",
        icon="brightness-high",
        order=12,
        permission="read.claim",
        also=("equipment:sit",),
    ),
    NavEntry(
        label="Equipment",
        url_name="equipment:register",
        icon="display",
        order=52,
        group="Governance",
        permission="governance.see",
        also=("equipment:workstation", "equipment:display"),
    ),
)


def reminder_days() -> list[int]:
    """How many days before its last day something is said to run out."""
    return [thresholds.whole(name) for name in REMINDERS]


def keep_registers() -> bool:
    """Make duties what rows and thresholds ask for now: a threshold may have moved, a person may have left."""
    with open_scope(Scope.provider(), opened_by="worker"):
        equipment_actions.keep(actor=KEEPING)
    return False


def join() -> None:
    """Join everything; called once by site/wiring.py."""
    credentials.register_gates("equipment", equipment.gates)
    for name, words in DISPLAY_DUTIES:
        register_duty_kind(name, words, "equipment:display", reminder_days)
    register_duty_kind("equipment.put-right", "Put a display right", "equipment:register", tuple, with_subject=False)
    register_duty("registers.keep", 3600.0, keep_registers, alone=True)
    for entry in ENTRIES:
        slots.register_nav(entry)
