"""Sign-in codes of a demonstration, for `overread demo code NAME`."""

from django.conf import settings
from django.utils import timezone

from overread.foundation.accounts import codes, queries
from overread.foundation.work.refusals import NotAllowed, NotFound

LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


def demo_code(name: str) -> str:
    """A code of a demo person's authenticator app that works now.

    Args:
        name: the person's e-mail, its part before the @, or their full name; capitals do not count.

    Raises:
        NotAllowed: the installation is not marked demo, or is served beyond this machine.
        NotFound: no one person answers to this name, or they have no app.
    """
    host = settings.OVERREAD_URL.partition("://")[2].rpartition(":")[0] or settings.OVERREAD_URL.partition("://")[2]
    if not settings.OVERREAD_DEMO or host.strip("/") not in LOOPBACK:
        raise NotAllowed("Codes are printed only for a demonstration on this machine.", code="not-demo")
    wanted = name.strip().lower()
    found = [p for p in queries.people() if wanted in {p.email, p.email.partition("@")[0], p.full_name.lower()}]
    code = codes.next_code(found[0].id, timezone.now()) if len(found) == 1 else None
    if code is None:
        raise NotFound(f"No one person here is called {name}, or they have no authenticator app.")
    return code
