"""Addresses of clients."""

from django.urls import path

from overread.foundation.clients import pages

app_name = "clients"
urlpatterns = [
    path("clients/", pages.listing, name="list"),
    path("clients/new/", pages.new, name="new"),
    path("clients/<uuid:client_id>/", pages.detail, name="detail"),
    path("clients/<uuid:client_id>/nodes/", pages.add_node, name="add_node"),
    path("clients/<uuid:client_id>/nodes/<uuid:ae_id>/refuse/", pages.refuse_node, name="refuse_node"),
    path("clients/<uuid:client_id>/sites/", pages.add_site, name="add_site"),
    path("clients/<uuid:client_id>/sites/<uuid:site_id>/", pages.site, name="site"),
    path("clients/<uuid:client_id>/tokens/", pages.make_token, name="make_token"),
    path("clients/<uuid:client_id>/tokens/<uuid:token_id>/end/", pages.end_token, name="end_token"),
    path("clients/<uuid:client_id>/standing/", pages.standing, name="standing"),
    path("organisation/", pages.own, name="own"),
]
