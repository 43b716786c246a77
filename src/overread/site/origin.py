"""Which case the page is about that somebody comes from; a report of an incident is filled from it."""

import re
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest

from overread.journey.case import queries as cases

_CASE = re.compile(r"^/cases/([0-9a-f-]{36})/")
_READ = re.compile(r"^/read/([0-9a-f-]{36})/")


def case_of(request: HttpRequest) -> str:
    """The number of the case whose page, or whose reading room, one comes from; "" for any other page.

    Only what the person may see: the scope of the page decides.
    """
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.get_host():
        return ""
    if found := _CASE.match(came.path):
        case = cases.case(UUID(found[1]))
    elif found := _READ.match(came.path):
        read = cases.read(UUID(found[1]))
        case = cases.case(read.case_id) if read else None
    else:
        case = None
    return case.number if case else ""
