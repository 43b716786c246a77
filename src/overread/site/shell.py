"""The pages that belong to the shell itself: the root, which leads home, the bell that is asked for again, and the search."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from overread.foundation.accounts.doors import needs, signed_in
from overread.foundation.ui import slots
from overread.journey.case.queries.search import CaseSearch, search

LEAST = 3  # characters, below which a search would list everybody
SHOWN = 12


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


@require_POST
@needs("case.see")
def find(request: HttpRequest) -> HttpResponse:
    """POST /find/ q: cases of a patient, by accession, referral or case number, within the person's scope.

    The text is never part of an address. Asked by the search box it answers with the list of hits, else with a page.
    """
    text = request.POST.get("q", "").strip()
    rows, more = search(CaseSearch(text=text), limit=SHOWN) if len(text) >= LEAST else ([], False)
    part = request.headers.get("HX-Request") == "true"
    context = {"rows": rows, "more": more, "short": len(text) < LEAST, "text": text}
    return render(request, "site/_hits.html" if part else "site/find.html", context)


app_name = "shell"
urlpatterns = [path("", home, name="home"), path("ui/live/", live, name="live"), path("find/", find, name="find")]
