"""Addresses of equipment."""

from django.urls import include, path

from overread.foundation.registers.paths import sheet_paths
from overread.governance.equipment import pages

CHOSEN, cookie_name = pages.CHOSEN, pages.cookie_name

app_name = "equipment"
urlpatterns = [
    path("equipment/", pages.register, name="register"),
    path("equipment/sit/", pages.sit, name="sit"),
    path("equipment/check/", pages.check, name="check"),
    path("equipment/displays/<uuid:display_id>/", pages.display, name="display"),
    path("equipment/displays/<uuid:display_id>/pattern.png", pages.picture, name="pattern"),
    path("equipment/<uuid:workstation_id>/", pages.workstation, name="workstation"),
    path("equipment/<uuid:workstation_id>/change/", pages.change, name="change"),
    *(
        path(f"equipment/{what}s/", include((sheet_paths(sheet, ""), what), namespace=what))
        for what, sheet in pages.SHEETS.items()
    ),
]
