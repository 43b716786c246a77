"""Addresses of the interface itself."""

from django.urls import path

from overread.foundation.ui import gallery

app_name = "ui"
urlpatterns = [path("ui/gallery/", gallery.gallery, name="gallery")]
