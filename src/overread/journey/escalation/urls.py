"""Addresses of escalation."""

from django.urls import path

from overread.journey.escalation import pages

app_name = "escalation"
urlpatterns = [
    path("alerts/", pages.listing, name="list"),
    path("alerts/<uuid:alert_id>/", pages.detail, name="detail"),
    path("alerts/<uuid:alert_id>/acknowledge/", pages.acknowledge, name="acknowledge"),
    path("alerts/<uuid:alert_id>/told/", pages.acknowledge_told, name="told"),
    path("alerts/<uuid:alert_id>/climb/", pages.climb, name="climb"),
    path("alerts/<uuid:alert_id>/override/", pages.override, name="override"),
    path("alerts/<uuid:alert_id>/calls/<uuid:attempt_id>/", pages.call, name="call"),
    path("portal/alerts/<uuid:alert_id>/", pages.portal, name="portal"),
    path("read/<uuid:read_id>/alert/", pages.raise_from_read, name="raise"),
    path("cases/<uuid:case_id>/alerts/", pages.case_panel, name="case_panel"),
    path("a/<str:token>/", pages.one_time, name="one_time"),
]
