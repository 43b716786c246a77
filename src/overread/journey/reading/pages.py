"""The reading room, and what its script sends: signs of life, images displayed, key images."""

import base64
import binascii
import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts import sessions
from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.work.actor import Actor
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import BadInput, NotFound
from overread.journey.allocation import actions as allocation
from overread.journey.allocation import queries as claims
from overread.journey.case import queries as cases
from overread.journey.reading import actions, queries
from overread.journey.reading.rules import KEYS, picture_fault


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body or b"{}")
    except ValueError as error:
        raise BadInput("The page sent something that is not JSON.") from error
    if not isinstance(found, dict):
        raise BadInput("The page sent something that is not an object.")
    return found


@require_GET
@needs("read.claim")
def room(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """The reading room of a read that this person holds or signed; else the page says whose it is and why."""
    card = cases.read_card(read_id)
    if card is None:
        raise NotFound
    person_id = _actor(request).person_id
    access = queries.access(read_id, person_id) if person_id else None
    context: dict[str, Any] = {"card": card, "banner": cases.banner(card.case_id), "read_id": read_id}
    claim = claims.claim_of(read_id)
    if access is None or person_id is None:
        context |= {"claim": claim, "reasons": claims.why(read_id, person_id) if person_id else ()}
        return render(request, "reading/not_yours.html", context, status=200)
    opened(actor=_actor(request), kind="read", subject_id=read_id, client_id=access.client_id, case_id=access.case_id)
    mine = claims.holds(read_id, person_id)
    context |= {
        "access": access,
        "claim": claim if mine else None,
        "priors": [s for s in access.studies if s.role == "prior"],
        "next_read": _next(read_id, person_id) if mine else None,
        "keys": KEYS,
        "volume": claims.volume_words(read_id),
    }
    return render(request, "reading/room.html", context)


def _next(read_id: UUID, person_id: UUID) -> UUID | None:
    for card in cases.read_cards(states=("available",)):
        if card.read_id != read_id and not claims.in_the_way(card.read_id, person_id):
            return card.read_id
    return None


@require_POST
@needs("read.claim")
def beat(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """A sign of life of the open room; 409 when the claim was lost. Says also when the session locks, for the warning."""
    allocation.beat(actor=_actor(request), read_id=read_id)
    claim = claims.claim_of(read_id)
    session = sessions.current(request)  # read again: this very request may have counted as activity
    left = (session.locks_at - timezone.now()).total_seconds() if session and session.locks_at else None
    return JsonResponse(
        {
            "until": claim.lease_until.isoformat() if claim else None,
            "locks_in": left,
            "may_stay": bool(session and session.may_rest_longer),
        }
    )


@require_POST
@needs("read.claim")
def displayed(request: HttpRequest, read_id: UUID) -> HttpResponseBase:
    """Images that the viewer has displayed."""
    sent = _json(request).get("instances", [])
    uids = {str(each.get("sop", "")) for each in sent if isinstance(each, dict)}
    actions.record_displayed(actor=_actor(request), read_id=read_id, sop_uids=uids)
    return coverage(request, read_id)


@require_http_methods(["GET", "POST"])
@needs("read.claim")
def coverage(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """How much of each series was displayed."""
    person_id = _actor(request).person_id
    if person_id is None or queries.access(read_id, person_id) is None:
        raise NotFound
    return render(request, "reading/_coverage.html", {"series": queries.coverage(read_id, person_id)})


def _frame(sent: dict[str, Any]) -> int:
    try:
        frame = int(sent.get("frame") or 1)
    except (TypeError, ValueError) as error:
        raise BadInput("The key image's frame is no number.") from error
    if not 1 <= frame < 2**31:
        raise BadInput("The key image's frame is no number of a frame.")
    return frame


def _picture(sent: dict[str, Any]) -> dict[str, Any]:
    text = str(sent.get("picture", "") or sent.get("png", ""))
    _, _, encoded = text.partition("base64,")
    try:
        data = base64.b64decode(encoded or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("The key image's picture cannot be read.") from error
    if not data:
        return {}
    fault = picture_fault(data)
    if fault:
        raise BadInput(fault)
    ref = current().put(data)
    return {"key": ref.key, "sha256": ref.sha256, "length": ref.length}


@require_POST
@needs("read.claim")
def keep_key_image(request: HttpRequest, read_id: UUID) -> HttpResponseBase:
    """Keep a key image that the viewer made."""
    sent = _json(request)
    person_id = _actor(request).person_id
    if person_id is None or queries.access(read_id, person_id) is None:
        raise NotFound
    measured = sent.get("measurement") or {}
    words = f"{sent.get('seriesWords', '')}, image {sent.get('imageNumber', '')} of {sent.get('imageCount', '')}"
    if isinstance(measured, dict) and measured.get("words"):
        words = f"{measured['words']}. {words}"
    actions.keep_key_image(
        actor=_actor(request),
        read_id=read_id,
        sop_uid=str(sent.get("sop", "")),
        frame=_frame(sent),
        view={name: sent.get(name) for name in ("voi", "invert", "camera", "reformatted")},
        words=words,
        picture=_picture(sent),
    )
    return key_images(request, read_id)


@require_http_methods(["GET", "POST"])
@needs("read.claim")
def key_images(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """The strip of key images."""
    person_id = _actor(request).person_id
    if person_id is None or queries.access(read_id, person_id) is None:
        raise NotFound
    return render(request, "reading/_key_images.html", {"images": queries.key_images(read_id), "read_id": read_id})


@require_POST
@needs("read.claim")
def remove_key_image(request: HttpRequest, read_id: UUID, number: int) -> HttpResponseBase:
    """Take a key image away."""
    actions.remove_key_image(actor=_actor(request), read_id=read_id, number=number)
    return key_images(request, read_id)


@require_GET
@needs("read.claim")
def picture(request: HttpRequest, read_id: UUID, number: int) -> HttpResponse:
    """A key image's picture."""
    person_id = _actor(request).person_id
    found = queries.key_image(read_id, number)
    if person_id is None or queries.access(read_id, person_id) is None or found is None or not found.picture_key:
        raise NotFound
    data = current().read_range(found.picture_key, 0, found.picture_length)
    kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    return HttpResponse(data, content_type=kind, headers={"Cache-Control": "no-store"})


@require_POST
@needs("read.claim")
def claim(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """Claim a read and open its room."""
    allocation.claim(actor=_actor(request), read_id=read_id)
    return redirect(reverse("reading:room", args=[read_id]))


@require_POST
@needs("read.claim")
def hand_back(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """Give the read back and go to the worklist."""
    allocation.hand_back(actor=_actor(request), read_id=read_id, reason=request.POST.get("reason", ""))
    return redirect("allocation:worklist")


@require_POST
@needs("read.claim")
def take_over(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """Take a read over from another reader, with a reason."""
    allocation.take_over(actor=_actor(request), read_id=read_id, reason=request.POST.get("reason", ""))
    return redirect(reverse("reading:room", args=[read_id]))
