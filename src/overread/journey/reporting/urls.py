"""Addresses of reporting."""

from django.urls import path

from overread.journey.reporting import pages

app_name = "reporting"
urlpatterns = [
    path("reports/under-override/<uuid:key>/", pages.under_override, name="under_override"),
    path("read/<uuid:read_id>/report/", pages.editor, name="editor"),
    path("read/<uuid:read_id>/original/", pages.original, name="original"),
    path("read/<uuid:read_id>/report/save/", pages.save, name="save"),
    path("read/<uuid:read_id>/sign/", pages.sign, name="sign"),
    path("reports/<uuid:report_id>/", pages.report, name="report"),
    path("reports/<uuid:report_id>/addendum/", pages.addend, name="addend"),
    path("reports/<uuid:report_id>/correct/", pages.correct, name="correct"),
    path("reports/<uuid:report_id>/report.pdf", pages.pdf, name="pdf"),
    path("cases/<uuid:case_id>/reports/", pages.case_panel, name="case_panel"),
    path("reports/<uuid:report_id>/gates/seen/", pages.see_mark, name="see_mark"),
]
