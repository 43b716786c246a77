"""The two pages that belong to the shell itself: the root, which leads home, and the bell that is asked for again."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from overread.foundation.accounts.doors import signed_in
from overread.foundation.ui import slots


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """GET /: to the page where this person's day begins; a role without one gets a page that says so."""
    url = slots.home_for(request)
    if url == request.path:
        return render(request, "ui/no_home.html")
    return HttpResponseRedirect(url)


@signed_in
def live(request: HttpRequest) -> HttpResponse:
    """GET /ui/live/: the bell and the clock that matters most. Being asked for it does not count as being at work."""
    return render(request, "ui/live.html")


app_name = "shell"
urlpatterns = [path("", home, name="home"), path("ui/live/", live, name="live")]
