"""Addresses of cases."""

from django.urls import path

from overread.journey.case import pages

app_name = "case"
urlpatterns = [
    path("cases/", pages.case_list, name="list"),
    path("cases/turnaround/", pages.turnaround_panel, name="turnaround"),
    path("cases/export/", pages.case_export, name="export"),
    path("cases/<uuid:case_id>/", pages.case_detail, name="detail"),
    path("cases/<uuid:case_id>/do/<slug:verb>/", pages.case_do, name="do"),
]
