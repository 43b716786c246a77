"""Verbs of accounts."""

from overread.foundation.accounts.actions.enrolment import (
    enrol_directly,
    finish_enrolment,
    make_enrolment_link,
    use_link,
)
from overread.foundation.accounts.actions.factors import (
    add_passkey,
    add_totp,
    change_password,
    remove_factor,
    renew_recovery_codes,
    set_pin,
)
from overread.foundation.accounts.actions.people import (
    create_person,
    deactivate,
    grant_role,
    invite,
    reactivate,
    revoke_role,
)
from overread.foundation.accounts.actions.presence import confirm_presence, use_presence
from overread.foundation.accounts.actions.sessions import (
    end_other_sessions,
    end_session,
    end_sessions,
    lock_session,
    start_session,
    unlock_session,
)

__all__ = [
    "add_passkey",
    "add_totp",
    "change_password",
    "confirm_presence",
    "create_person",
    "deactivate",
    "end_other_sessions",
    "end_session",
    "end_sessions",
    "enrol_directly",
    "finish_enrolment",
    "grant_role",
    "invite",
    "lock_session",
    "make_enrolment_link",
    "reactivate",
    "remove_factor",
    "renew_recovery_codes",
    "revoke_role",
    "set_pin",
    "start_session",
    "unlock_session",
    "use_link",
    "use_presence",
]
