"""Pages of the register of readers: the register, a reader, one's own, overrides, certificates."""

from overread.governance.credentials.pages.files import certificate, see_certificate, send
from overread.governance.credentials.pages.passing import override, overrides, withdraw
from overread.governance.credentials.pages.readers import end, mine, person, record, register, release, thing
from overread.governance.credentials.pages.sheets import SHEETS

__all__ = [
    "SHEETS",
    "certificate",
    "end",
    "mine",
    "override",
    "overrides",
    "person",
    "record",
    "register",
    "release",
    "see_certificate",
    "send",
    "thing",
    "withdraw",
]
