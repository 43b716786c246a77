"""Addresses of the interface itself."""

from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from overread.foundation.ui import gallery

app_name = "ui"
urlpatterns = [
    path("ui/gallery/", gallery.gallery, name="gallery"),
    # Asked for by browsers that show something without a head of ours: a text, a JSON answer, a PDF.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("ui/favicon.svg")), name="favicon"),
]
