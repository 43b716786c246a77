"""Addresses of people's files."""

from django.urls import include, path

from overread.foundation.registers.paths import register_paths
from overread.governance.people import pages

papers = [
    path("staff/papers/<uuid:key>/attach/", pages.attach, name="attach"),
    path("staff/papers/<uuid:key>/document/", pages.document, name="document"),
    *register_paths(pages.PAPERS, "staff/papers/"),
]
files = [
    path("staff/", pages.files, name="files"),
    path("staff/mine/", pages.mine, name="mine"),
    path("staff/<uuid:person_id>/", pages.file, name="file"),
]
urlpatterns = [
    path("", include((papers, "papers"))),
    path("", include((register_paths(pages.POSTS, "staff/posts/"), "posts"))),
    path("", include((files, "people"))),
]
