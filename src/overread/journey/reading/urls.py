"""Addresses of the reading room."""

from django.urls import path

from overread.journey.reading import pages

app_name = "reading"
urlpatterns = [
    path("read/<uuid:read_id>/", pages.room, name="room"),
    path("read/<uuid:read_id>/beat/", pages.beat, name="beat"),
    path("read/<uuid:read_id>/displayed/", pages.displayed, name="displayed"),
    path("read/<uuid:read_id>/coverage/", pages.coverage, name="coverage"),
    path("read/<uuid:read_id>/key-images/", pages.key_images, name="key_images"),
    path("read/<uuid:read_id>/key-images/keep/", pages.keep_key_image, name="keep_key_image"),
    path("read/<uuid:read_id>/key-images/<int:number>.image", pages.picture, name="picture"),
    path("read/<uuid:read_id>/key-images/<int:number>/remove/", pages.remove_key_image, name="remove_key_image"),
    path("read/<uuid:read_id>/claim/", pages.claim, name="claim"),
    path("read/<uuid:read_id>/hand-back/", pages.hand_back, name="hand_back"),
    path("read/<uuid:read_id>/take-over/", pages.take_over, name="take_over"),
]
