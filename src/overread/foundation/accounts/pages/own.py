"""One's own account: ways to sign in, sessions, password, signing PIN, recovery codes, and proofs of presence."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from overread.foundation.accounts import actions, passkeys, queries, rules, sessions
from overread.foundation.accounts.adapters import square_code, totp_address
from overread.foundation.accounts.doors import signed_in
from overread.foundation.accounts.forms import CodeForm, NewPasswordForm, PinForm
from overread.foundation.accounts.models import Person
from overread.foundation.accounts.pages.enrol import grouped, keep_passkey, keep_totp, spaced, totp_secret
from overread.foundation.accounts.pins import new_pin
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Refused

View = Callable[..., HttpResponseBase]


def _actor(request: HttpRequest) -> Actor:
    return sessions.own_actor(request)


def _own_id(request: HttpRequest) -> UUID:
    return sessions.own_id(request)


def _home(request: HttpRequest, saved: str = "", refused: str = "") -> HttpResponseRedirect:
    if saved:
        messages.success(request, saved)
    if refused:
        messages.error(request, refused)
    return HttpResponseRedirect(reverse("accounts:me"))


def freshly(view: View) -> View:
    """Changing a proof of identity needs one given less than ten minutes ago: else the lock asks for it first."""

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if sessions.proved_lately(request):
            return view(request, *args, **kwargs)
        session_id = sessions.session_id_of(request)
        if session_id is not None:
            actions.lock_session(actor=_actor(request), session_id=session_id)
        messages.info(request, "Prove once more that it is you, then make the change again. Nothing was changed yet.")
        return HttpResponseRedirect(f"{reverse('accounts:locked')}?next={reverse('accounts:me')}")

    return door


@never_cache
@signed_in
def me(request: HttpRequest) -> HttpResponseBase:
    """My account."""
    return _draw(request)


def _draw(request: HttpRequest, **more: Any) -> HttpResponseBase:
    person_id = _own_id(request)
    person = Person.objects.get(id=person_id)
    factors = queries.factors_of(person_id)
    recovery = Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.RECOVERY_CODES).first()
    view = queries.person(person_id)
    context = {
        "factors": [f for f in factors if f.kind != Authenticator.Type.RECOVERY_CODES],
        "codes_left": len(recovery.wrap().get_unused_codes()) if recovery else 0,
        "sessions": queries.sessions_of(person_id, timezone.now()),
        "this_session": sessions.session_id_of(request),
        "signs": bool(view and view.roles & rules.SIGNING_ROLES),
        "has_pin": queries.has_pin(person_id),
        "password_form": NewPasswordForm(person=person),
        "pin_form": PinForm(),
        **more,
    }
    return render(request, "accounts/me.html", context)


@require_POST
@signed_in
@freshly
def change_password(request: HttpRequest) -> HttpResponseBase:
    """A new password; all other browsers are signed out."""
    person = sessions.own(request)
    form = NewPasswordForm(request.POST, person=person)
    if not form.is_valid():
        return _draw(request, password_form=form)
    hashed = make_password(form.cleaned_data["password"])
    keep = sessions.session_id_of(request)
    actions.change_password(actor=_actor(request), person_id=person.id, password_hash=hashed, keep=keep)
    sessions.keep_signed_in(request)
    return _home(request, "Your password is changed. All other browsers were signed out.")


@never_cache
@signed_in
@freshly
def add_app(request: HttpRequest) -> HttpResponseBase:
    """Set up an authenticator app, or move to another phone."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if keep_totp(request, form.cleaned_data["code"]):
            return _home(request, "The authenticator app is set up. All other browsers were signed out.")
        form.add_error(
            "code", "This code does not fit. Check that the phone's clock is right, then type the next code."
        )
    secret = totp_secret(request)
    square = mark_safe(square_code(totp_address(sessions.own(request).email, secret)))  # noqa: S308  # drawn by us
    context = {"form": form, "secret": spaced(secret), "square": square}
    return render(request, "accounts/add_app.html", context)


@require_POST
@signed_in
@freshly
def passkey_begin(request: HttpRequest) -> HttpResponseBase:
    """Options to make one more passkey."""
    return JsonResponse(passkeys.registration_options(sessions.own(request)))


@require_POST
@signed_in
@freshly
def add_passkey(request: HttpRequest) -> HttpResponseBase:
    """Keep one more passkey."""
    if keep_passkey(request):
        return _home(request, "The passkey is added. All other browsers were signed out.")
    return _home(request, refused="The passkey was not added: its answer did not hold. Try again.")


@require_POST
@signed_in
@freshly
def remove_factor(request: HttpRequest, factor_id: int) -> HttpResponseBase:
    """Take away an app or a passkey."""
    keep = sessions.session_id_of(request)
    try:
        actions.remove_factor(actor=_actor(request), person_id=_own_id(request), factor_id=factor_id, keep=keep)
    except Refused as refused:
        return _home(request, refused=refused.message)
    sessions.keep_signed_in(request)
    return _home(request, "It is taken away. All other browsers were signed out.")


@require_POST
@signed_in
@freshly
def change_pin(request: HttpRequest) -> HttpResponseBase:
    """A new signing PIN."""
    form = PinForm(request.POST)
    if not form.is_valid():
        return _draw(request, pin_form=form)
    actions.set_pin(
        actor=_actor(request), person_id=_own_id(request), pin=new_pin(_own_id(request), form.cleaned_data["pin"])
    )
    return _home(request, "Your signing PIN is changed.")


@require_POST
@never_cache
@signed_in
@freshly
def renew_codes(request: HttpRequest) -> HttpResponseBase:
    """Ten new recovery codes, shown on this answer only."""
    codes = actions.renew_recovery_codes(actor=_actor(request), person_id=_own_id(request))
    return render(request, "accounts/codes.html", {"codes": grouped(codes)})


@require_POST
@signed_in
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponseBase:
    """Sign one of my browsers out."""
    view = queries.session(session_id, timezone.now())
    if view is not None and view.person_id == request.user.pk:
        actions.end_session(actor=_actor(request), session_id=session_id, why="signed out elsewhere")
    return _home(request, "That browser is signed out.")


@require_POST
@signed_in
def end_everywhere(request: HttpRequest) -> HttpResponseBase:
    """Sign out everywhere, here too."""
    actions.end_other_sessions(actor=_actor(request), person_id=_own_id(request), keep=None)
    return HttpResponseRedirect(reverse("account_login"))


@require_POST
@signed_in
def presence_begin(request: HttpRequest) -> HttpResponseBase:
    """Options for a passkey touch that proves presence for one purpose."""
    purpose = request.POST.get("purpose", "")[:200]
    return JsonResponse(passkeys.touch_options(sessions.own(request), purpose))


@require_POST
@signed_in
def presence(request: HttpRequest) -> HttpResponseBase:
    """Prove presence with the signing PIN or a passkey touch; answers a token that works once, for two minutes."""
    try:
        proof = actions.confirm_presence(
            actor=_actor(request),
            method=request.POST.get("method", "pin"),
            secret=request.POST.get("secret", ""),
            purpose=request.POST.get("purpose", "")[:200],
            session_id=sessions.session_id_of(request),
        )
    except Refused as refused:
        return JsonResponse({"message": refused.message, "code": refused.code}, status=refused.status)
    return JsonResponse({"token": proof.token, "at": proof.at.isoformat(), "method": proof.method})
