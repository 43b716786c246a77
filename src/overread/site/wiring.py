"""The only place that joins what does not know each other: reactions, channels, duties, scope doors, slots."""

from overread.foundation.tenancy.scope import allow_openers

# The doors through which a scope may be opened (DESIGN 3, tenancy).
SCOPE_OPENERS = ("web", "token", "dicom", "mllp", "drop", "one-time-link", "worker", "command")


def wire() -> None:
    """Join everything; called once by every process."""
    allow_openers(SCOPE_OPENERS)
