"""What every page gets: theme, time, menu, bell and clock. Nothing is computed until a template draws it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from overread.foundation.ui import slots

CHOICE_COOKIE = "or_theme"  # what the person chose: light, dark or auto
SCHEME_COOKIE = "or_scheme"  # what their system said the last time: light or dark


def theme_of(request: HttpRequest) -> tuple[str, str]:
    """The person's choice (light, dark, auto) and the theme to draw now (light, dark)."""
    choice = request.COOKIES.get(CHOICE_COOKIE, "auto")
    if choice in ("light", "dark"):
        return choice, choice
    return "auto", "dark" if request.COOKIES.get(SCHEME_COOKIE) == "dark" else "light"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the shell; reading rooms are dark unless the person chose light."""
    choice, theme = theme_of(request)
    return {
        "ui_now": timezone.now(),
        "ui_theme": theme,
        "ui_theme_choice": choice,
        "ui_room_theme": "light" if choice == "light" else "dark",
        "ui_nav": SimpleLazyObject(lambda: slots.nav_for(request)),
        "ui_bell": SimpleLazyObject(lambda: slots.bell_for(request)),
        "ui_bell_shown": slots.BELL_SHOWN,
        "ui_clock": SimpleLazyObject(lambda: slots.clock_for(request)),
        "ui_foot": SimpleLazyObject(lambda: slots.foot_for(request)),
        "ui_search": SimpleLazyObject(lambda: slots.search_for(request)),
        "ui_live_url": slots.live_address(),
        "ui_home": SimpleLazyObject(lambda: slots.home_for(request)),
        "ui_person": getattr(request, "person_view", None),
        "ui_demo": bool(getattr(settings, "OVERREAD_DEMO", False)),
        "ui_provider": str(getattr(settings, "OVERREAD_PROVIDER_NAME", "")),
        "ui_urgent_phone": str(getattr(settings, "OVERREAD_URGENT_PHONE", "")),
    }
