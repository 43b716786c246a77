"""Addresses of browser uploads."""

from django.urls import path

from overread.edge.intake import pages

app_name = "intake"
urlpatterns = [
    path("send/", pages.upload, name="upload"),
    path("send/begin/", pages.begin, name="begin"),
    path("send/<uuid:upload_id>/file/", pages.file, name="file"),
    path("send/<uuid:upload_id>/finish/", pages.finish, name="finish"),
    path("send/<uuid:upload_id>/", pages.receipt, name="receipt"),
]
