"""Addresses of peer review."""

from django.urls import path

from overread.journey.review import pages

app_name = "review"
urlpatterns = [
    path("reviews/", pages.listing, name="list"),
    path("reviews/<uuid:review_id>/", pages.one, name="one"),
    path("reviews/<uuid:review_id>/judge/", pages.judge, name="judge"),
    path("reviews/<uuid:review_id>/reflect/", pages.reflect, name="reflect"),
    path("reviews/<uuid:review_id>/route/", pages.route, name="route"),
    path("reviews/draws/<uuid:draw_id>/", pages.draw, name="draw"),
    path("reviews/profile/<uuid:person_id>/", pages.profile, name="profile"),
    path("reviews/bundles/<uuid:bundle_id>/", pages.bundle, name="bundle"),
    path("external/", pages.outside, name="outside"),
    path("external/<uuid:bundle_id>/", pages.outside_one, name="outside_one"),
    path("external/<uuid:bundle_id>/images.zip", pages.outside_images, name="outside_images"),
]
