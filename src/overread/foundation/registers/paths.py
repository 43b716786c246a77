"""The addresses of a register."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods

from overread.foundation.accounts.doors import needs
from overread.foundation.registers import pages, sheet_pages
from overread.foundation.registers.register import Register

View = Callable[..., HttpResponseBase]
read_or_write = require_http_methods(["GET", "POST"])


def door(register: Register, permission: str, view: Callable[..., HttpResponseBase]) -> View:
    """A page of this register behind its permission."""

    def bound(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(register, request, *args, **kwargs)

    update_wrapper(bound, view)
    return needs(permission)(bound)


def register_paths(register: Register, place: str) -> list[URLPattern]:
    """Addresses below `place`, such as "risks/"; names list, export, new, import, entry, change, end and history.

    An area adds its own before these; a permission for writing is asked for as well by every form.
    """
    see, manage = partial(door, register, register.see), partial(door, register, register.manage)
    found = [
        path(place, read_or_write(see(pages.list_page)), name="list"),
        path(f"{place}export/", require_GET(see(sheet_pages.export_page)), name="export"),
        path(f"{place}import/", read_or_write(manage(sheet_pages.import_page)), name="import"),
        path(f"{place}<uuid:key>/", require_GET(see(pages.entry_page)), name="entry"),
        path(f"{place}<uuid:key>/history/", require_GET(see(pages.history_page)), name="history"),
        path(f"{place}<uuid:key>/change/", read_or_write(manage(pages.change_page)), name="change"),
    ]
    if not register.new_url:
        found.append(path(f"{place}new/", read_or_write(manage(pages.new_page)), name="new"))
    if register.end is not None:
        found.append(path(f"{place}<uuid:key>/end/", read_or_write(manage(pages.end_page)), name="end"))
    return found


def sheet_paths(register: Register, place: str) -> list[URLPattern]:
    """Export and import of a list that an area draws itself, below `place`; names export and import."""
    see, manage = partial(door, register, register.see), partial(door, register, register.manage)
    return [
        path(f"{place}export/", require_GET(see(sheet_pages.export_page)), name="export"),
        path(f"{place}import/", read_or_write(manage(sheet_pages.import_page)), name="import"),
    ]
