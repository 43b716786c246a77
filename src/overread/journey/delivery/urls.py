"""Addresses of delivery and the portal."""

from django.urls import path

from overread.journey.delivery import pages

app_name = "delivery"
urlpatterns = [
    path("today/", pages.today, name="today"),
    path("manager/", pages.manager, name="manager"),
    path("deliveries/failed/", pages.failed, name="failed"),
    path("deliveries/<uuid:delivery_id>/again/", pages.resend, name="resend"),
    path("reports/<uuid:report_id>/recall/", pages.recall, name="recall"),
    path("reports/<uuid:report_id>/deliveries/", pages.report_panel, name="report_panel"),
    path("cases/<uuid:case_id>/deliveries/", pages.case_panel, name="case_panel"),
    path("portal/", pages.portal, name="portal"),
    path("portal/reports/<uuid:report_id>/", pages.portal_report, name="portal_report"),
    path("portal/reports/<uuid:report_id>/report.pdf", pages.portal_pdf, name="portal_pdf"),
]
