"""Signing in and out, and the lock."""

from typing import Any

from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from overread.foundation.accounts import actions, passkeys, queries, sessions, throttle
from overread.foundation.accounts.doors import anyone, signed_in, to_sign_in
from overread.foundation.accounts.forms import UnlockForm, checked_code
from overread.foundation.accounts.models import Person
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor

UNLOCK = "unlock"
CLEAR = '"cache", "storage"'  # not "cookies": which workstation a browser is outlives who sat at it


class SignIn(LoginView):  # type: ignore[misc]
    """E-mail and password, or a passkey."""

    template_name = "accounts/sign_in.html"


@method_decorator(never_cache, name="dispatch")
class SecondStep(AuthenticateView):  # type: ignore[misc]
    """The second step after the password."""

    template_name = "accounts/second_step.html"


class PasskeySignIn(LoginWebAuthnView):  # type: ignore[misc]
    """A passkey alone: it is the device and the finger, so it counts as both steps."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, and back to where the person was going."""
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=get_next_redirect_url(self.request))
        answer: HttpResponse = flows.perform_passwordless_login(self.request, passkey, login)
        return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session and empty what the browser keeps of this site."""
    view = sessions.current(request) if request.user.is_authenticated else None
    if view is not None:
        with open_scope(Scope.provider(), opened_by="web"):
            actions.end_session(actor=Actor.person(view.person_id), session_id=view.id, why="signed out")
    logout(request)
    response = HttpResponseRedirect(reverse("account_login"))
    response["Clear-Site-Data"] = CLEAR
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        response.delete_cookie(name, samesite="Lax")
    return response


def safe_next(request: HttpRequest) -> str:
    """Where to go on; never to another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()) else "/"


@never_cache
@require_http_methods(["GET", "POST"])
def locked(request: HttpRequest) -> HttpResponseBase:
    """The lock: work is kept, one factor opens it again."""
    view = sessions.current(request) if request.user.is_authenticated else None
    if view is None:
        return to_sign_in(request)
    person = Person.objects.get(id=view.person_id)
    form = UnlockForm(request.POST if request.method == "POST" and "credential" not in request.POST else None)
    method = _unlocking_factor(request, person, form) if request.method == "POST" else ""
    if method:
        with open_scope(Scope.provider(), opened_by="web"):
            actions.unlock_session(actor=Actor.person(person.id), session_id=view.id, method=method)
        sessions.proved(request)
        return HttpResponseRedirect(safe_next(request))
    kinds = {f.kind for f in queries.factors_of(person.id)}
    context = {"form": form, "name": person.full_name, "next": safe_next(request), "passkey": "webauthn" in kinds}
    return render(request, "accounts/locked.html", context)


def _unlocking_factor(request: HttpRequest, person: Person, form: UnlockForm) -> str:
    if "credential" in request.POST:
        return "passkey" if passkeys.touch_matches(person, request.POST["credential"], UNLOCK) else ""
    if not form.is_valid():
        return ""
    secret = form.cleaned_data["secret"]
    try:
        if checked_code(person.id, secret) is not None:
            return "code"
        if check_password(secret, person.password):
            throttle.code_worked(person.id)
            return "password"
    except ValidationError as wait:
        form.add_error("secret", wait)
        return ""
    form.add_error("secret", "This is neither your password nor a code that still works.")
    return ""


@require_POST
def locked_begin(request: HttpRequest) -> HttpResponseBase:
    """Options for a passkey that opens the lock."""
    if not request.user.is_authenticated:
        return JsonResponse({"message": "Sign in first."}, status=401)
    return JsonResponse(passkeys.touch_options(sessions.own(request), UNLOCK))


@require_POST
@signed_in
def alive(request: HttpRequest) -> HttpResponseBase:
    """Work that makes no requests of its own (a running dictation, scrolling through images) says it goes on."""
    return HttpResponse(status=204)


@anyone
def lost(request: HttpRequest) -> HttpResponseBase:
    """What to do without the passkey, the app or the password."""
    return render(request, "accounts/lost.html")
