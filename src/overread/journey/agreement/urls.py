"""Addresses of agreements."""

from django.urls import path

from overread.journey.agreement import pages

app_name = "agreement"
urlpatterns = [path("clients/<uuid:client_id>/agreement/", pages.detail, name="detail")]
