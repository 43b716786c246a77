"""Who may read, and equipped how, joined: the gates of workstations, training and staff files, kinds of duties, the menu, and what is kept hourly."""

from overread.foundation.clock.kinds import register_duty_kind
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.ui import slots
from overread.foundation.ui.slots import NavEntry
from overread.foundation.work.actor import Actor
from overread.foundation.work.duties import register_duty
from overread.governance.credentials import actions as credentials_actions
from overread.governance.credentials import queries as credentials
from overread.governance.equipment import actions as equipment_actions
from overread.governance.equipment import queries as equipment
from overread.governance.training import queries as training

KEEPING = Actor.system("register")
REMINDERS = ("credential.reminder_1", "credential.reminder_2", "credential.reminder_3")
DISPLAY_DUTIES = (
    ("equipment.acceptance", "Have a display's acceptance test done"),
    ("equipment.measured", "Have a display measured"),
    ("equipment.full", "Have a display's full test done"),
)

READER_DUTIES = (
    ("credentials.registration-check", "Look a reader up in the regulator's register"),
    ("credentials.privilege", "Renew or end a reader's privilege"),
    ("credentials.indemnity", "Renew the indemnity"),
    ("credentials.dbs", "Renew the DBS check"),
    ("credentials.appraisal", "Have the appraisal"),
    ("credentials.revalidation", "Be revalidated"),
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
        label="My credentials",
        url_name="credentials:mine",
        icon="person-badge",
        order=14,
        permission="read.claim",
    ),
    NavEntry(
        label="Readers",
        url_name="credentials:register",
        icon="person-vcard",
        order=51,
        group="Governance",
        permission="governance.manage",
        also=("credentials:person", "credentials:overrides"),
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
        credentials_actions.keep(actor=KEEPING)
        equipment_actions.keep(actor=KEEPING)
    return False


def join() -> None:
    """Join everything; called once by site/wiring.py."""
    credentials.register_gates("equipment", equipment.gates)
    credentials.register_gates("training", training.gates)
    credentials.register_gates("people", credentials.file_gates)
    for name, words in READER_DUTIES:
        register_duty_kind(name, words, "credentials:thing", reminder_days)
    register_duty_kind("credentials.evidence", "Record what a certificate says", "credentials:thing", tuple)
    for name, words in DISPLAY_DUTIES:
        register_duty_kind(name, words, "equipment:display", reminder_days)
    register_duty_kind("equipment.put-right", "Put a display right", "equipment:register", tuple, with_subject=False)
    register_duty("registers.keep", 3600.0, keep_registers, alone=True)
    for entry in ENTRIES:
        slots.register_nav(entry)
