"""Addresses of the register of readers."""

from django.urls import include, path

from overread.foundation.registers.paths import sheet_paths
from overread.governance.credentials import pages

app_name = "credentials"
urlpatterns = [
    path("credentials/", pages.register, name="register"),
    path("credentials/me/", pages.mine, name="mine"),
    path("credentials/overrides/", pages.overrides, name="overrides"),
    path("credentials/overrides/<uuid:key>/withdraw/", pages.withdraw, name="withdraw"),
    path("credentials/thing/<uuid:key>/", pages.thing, name="thing"),
    path("credentials/certificates/<uuid:certificate_id>/", pages.certificate, name="certificate"),
    path("credentials/certificates/<uuid:certificate_id>/seen/", pages.see_certificate, name="see_certificate"),
    path("credentials/people/<uuid:person_id>/", pages.person, name="person"),
    path("credentials/people/<uuid:person_id>/certificates/", pages.send, name="send"),
    path("credentials/people/<uuid:person_id>/override/", pages.override, name="override"),
    path("credentials/people/<uuid:person_id>/release/", pages.release, name="release"),
    path("credentials/people/<uuid:person_id>/record/<slug:what>/", pages.record, name="record"),
    path("credentials/people/<uuid:person_id>/end/<slug:what>/", pages.end, name="end"),
    *(
        path(f"credentials/{what}/", include((sheet_paths(sheet, ""), what), namespace=what))
        for what, sheet in pages.SHEETS.items()
    ),
]
