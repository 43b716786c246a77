"""The first sign-in: link, password, second factor, signing PIN, recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth import login, logout
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from overread.foundation.accounts import actions, codes, passkeys, queries, rules, sessions
from overread.foundation.accounts.adapters import square_code, totp_address
from overread.foundation.accounts.cipher import decrypt, encrypt
from overread.foundation.accounts.doors import to_sign_in
from overread.foundation.accounts.forms import CodeForm, NewPasswordForm, PinForm
from overread.foundation.accounts.models import Person
from overread.foundation.accounts.pins import new_pin
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Refused

BACKEND = "overread.foundation.accounts.backends.PersonBackend"
TOTP_KEY = "overread.totp"
LINK = Actor.system("enrolment link")


@never_cache
def enrol(request: HttpRequest, token: str) -> HttpResponseBase:
    """Open an enrolment link: choose a password. The link is used up when the password is taken."""
    view = queries.open_link(token, timezone.now())
    if view is None:
        return render(request, "accounts/link_closed.html", status=410)
    person = Person.objects.get(id=view.id)
    form = NewPasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        hashed = make_password(form.cleaned_data["password"])
        with open_scope(Scope.provider(), opened_by="web"):
            actions.use_link(actor=LINK, token=token, password_hash=hashed)
        logout(request)
        login(request, Person.objects.get(id=view.id), backend=BACKEND)
        sessions.begin(request, view.id, "")
        return HttpResponseRedirect(reverse("accounts:secure"))
    return render(request, "accounts/enrol.html", {"form": form, "person": view, "steps": _steps(view, "password")})


def _steps(view: queries.PersonView, current: str) -> list[dict[str, str]]:
    """The steps on the left, each with its state."""
    wanted = [
        ("password", "Password", "at least 12 characters, not in known leaks"),
        ("factor", "Second factor", "passkey or authenticator app, to sign in"),
    ]
    if view.roles & rules.SIGNING_ROLES:
        wanted.append(("pin", "Signing PIN", "typed for each report you sign"))
    wanted.append(("codes", "Recovery codes", "for the day the phone is lost"))
    names = [key for key, _, _ in wanted]
    here = names.index(current)
    return [
        {
            "number": str(i + 1),
            "title": title,
            "text": text,
            "state": "done" if i < here else "cur" if i == here else "",
        }
        for i, (_, title, text) in enumerate(wanted)
    ]


def _enrolling(request: HttpRequest) -> queries.PersonView | None:
    """The person who is setting up their proofs in this session."""
    web_session = getattr(request, "web_session", None)
    if web_session is None or web_session.state is not rules.SessionState.enrolling:
        return None
    return queries.person(web_session.person_id)


def _missing(view: queries.PersonView) -> str:
    if not queries.has_second_factor(view.id):
        return "factor"
    if view.roles & rules.SIGNING_ROLES and not queries.has_pin(view.id):
        return "pin"
    return "codes"


@never_cache
def secure(request: HttpRequest) -> HttpResponseBase:
    """What is still to be set up; the only page open until all of it is."""
    view = _enrolling(request)
    if view is None:
        return HttpResponseRedirect("/") if request.user.is_authenticated else to_sign_in(request)
    return _draw(request, view)


def _draw(request: HttpRequest, view: queries.PersonView, **forms: Any) -> HttpResponseBase:
    current = _missing(view)
    secret = totp_secret(request)
    factors = queries.factors_of(view.id)
    context = {
        "person": view,
        "steps": _steps(view, current),
        "current": current,
        "passkeys": [f for f in factors if f.kind == Authenticator.Type.WEBAUTHN],
        "app": next((f for f in factors if f.kind == Authenticator.Type.TOTP), None),
        "code_form": CodeForm(),
        "pin_form": PinForm(),
        "square": mark_safe(square_code(totp_address(view.email, secret))),  # noqa: S308  # drawn by us from a base32 text
        "secret": spaced(secret),
        "codes": recovery_codes(view) if current == "codes" else (),
        **forms,
    }
    return render(request, "accounts/secure.html", context)


def totp_secret(request: HttpRequest) -> str:
    """The secret that this browser is being shown, closed in its session until a code proves it."""
    kept = request.session.get(TOTP_KEY)
    if kept:
        return decrypt(kept)
    secret: str = generate_totp_secret()
    request.session[TOTP_KEY] = encrypt(secret)
    return secret


def spaced(secret: str) -> str:
    """A key in groups of four, to be typed."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def recovery_codes(view: queries.PersonView) -> tuple[str, ...]:
    """The ten codes, while the person is enrolling; afterwards they are shown nowhere."""
    row = Authenticator.objects.filter(user_id=view.id, type=Authenticator.Type.RECOVERY_CODES).first()
    return grouped(row.wrap().get_unused_codes()) if row else ()


def grouped(recovery: Any) -> tuple[str, ...]:
    """Codes as people copy them: 1234-5678."""
    return tuple(f"{code[:4]}-{code[4:]}" for code in recovery)


@require_POST
def secure_totp(request: HttpRequest) -> HttpResponseBase:
    """Keep the authenticator app that has just shown a right code."""
    view = _enrolling(request)
    if view is None:
        return to_sign_in(request)
    form = CodeForm(request.POST)
    if not form.is_valid() or not keep_totp(request, form.cleaned_data["code"]):
        if not form.errors:
            form.add_error(
                "code", "This code does not fit. Check that the phone's clock is right, then type the next code."
            )
        return _draw(request, view, code_form=form)
    return HttpResponseRedirect(reverse("accounts:secure"))


def keep_totp(request: HttpRequest, code: str) -> bool:
    """Check a code of the shown secret and keep the factor; False when the code is wrong."""
    person_id, secret = sessions.own_id(request), totp_secret(request)
    if not codes.take_first(person_id, secret, code, timezone.now()):
        return False
    with open_scope(Scope.provider(), opened_by="web"):
        keep = sessions.session_id_of(request)
        actions.add_totp(actor=Actor.person(person_id), person_id=person_id, secret=secret, keep=keep)
    request.session.pop(TOTP_KEY, None)
    sessions.keep_signed_in(request)
    return True


@require_POST
def secure_passkey_begin(request: HttpRequest) -> HttpResponseBase:
    """Options to make a passkey."""
    if _enrolling(request) is None:
        return JsonResponse({"message": "Open your enrolment link again."}, status=403)
    return JsonResponse(passkeys.registration_options(sessions.own(request)))


@require_POST
def secure_passkey(request: HttpRequest) -> HttpResponseBase:
    """Keep a passkey that has just been made."""
    view = _enrolling(request)
    if view is None:
        return to_sign_in(request)
    if not keep_passkey(request):
        return _draw(request, view, passkey_failed=True)
    return HttpResponseRedirect(reverse("accounts:secure"))


def keep_passkey(request: HttpRequest) -> bool:
    """Verify the browser's answer and keep the passkey; False when it does not hold."""
    credential = passkeys.registered(request.POST.get("credential", ""))
    if credential is None:
        return False
    person_id = sessions.own_id(request)
    with open_scope(Scope.provider(), opened_by="web"):
        actions.add_passkey(
            actor=Actor.person(person_id),
            person_id=person_id,
            name=request.POST.get("name", "").strip() or "Passkey",
            credential=credential,
            keep=sessions.session_id_of(request),
        )
    sessions.keep_signed_in(request)
    return True


@require_POST
def secure_pin(request: HttpRequest) -> HttpResponseBase:
    """Set the signing PIN."""
    view = _enrolling(request)
    if view is None:
        return to_sign_in(request)
    form = PinForm(request.POST)
    if form.is_valid():
        with open_scope(Scope.provider(), opened_by="web"):
            actions.set_pin(
                actor=Actor.person(view.id), person_id=view.id, pin=new_pin(view.id, form.cleaned_data["pin"])
            )
        return HttpResponseRedirect(reverse("accounts:secure"))
    return _draw(request, view, pin_form=form)


@require_POST
def secure_codes(request: HttpRequest) -> HttpResponseBase:
    """The codes are kept: the whole product opens."""
    view = _enrolling(request)
    if view is None:
        return to_sign_in(request)
    if request.POST.get("kept") != "on":
        return _draw(request, view, not_kept=True)
    session_id = sessions.session_id_of(request)
    try:
        with open_scope(Scope.provider(), opened_by="web"):
            actions.finish_enrolment(actor=Actor.person(view.id), person_id=view.id, session_id=session_id)  # type: ignore[arg-type]
    except Refused:
        return HttpResponseRedirect(reverse("accounts:secure"))
    request.session.cycle_key()
    sessions.proved(request)
    return HttpResponseRedirect("/")
