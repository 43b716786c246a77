"""The limits of accounts that act now: thresholds as values for the rules."""

from overread.foundation.accounts.rules import Limit, Limits
from overread.foundation.thresholds import current


def limits() -> Limits:
    """Of sessions, links, proofs and PINs."""
    return Limits(
        idle_lock=current.duration("accounts.idle_lock"),
        portal_idle_lock=current.duration("accounts.portal_idle_lock"),
        session_end=current.duration("accounts.session_end"),
        enrolment_end=current.duration("accounts.enrolment_end"),
        mfa_fresh=current.duration("accounts.mfa_fresh"),
        link_life=current.duration("accounts.link_life"),
        presence_life=current.duration("accounts.presence_life"),
        pin_tries=current.whole("accounts.pin_tries"),
        pin_lock=current.duration("accounts.pin_lock"),
        sessions=current.whole("accounts.sessions"),
    )


def of_tries(name: str) -> Limit:
    """How often one may be wrong in a window, by the threshold's name."""
    return Limit(current.whole(name), current.duration("accounts.limit_window"))
