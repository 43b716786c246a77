"""What allauth asks us: how secrets are kept, who may sign in, and what happens then."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from overread.foundation.accounts import cipher, queries, sessions, throttle

WRONG = "E-mail or password is not right."
WAIT = "Too many failed sign-ins. Wait 15 minutes, or use your passkey now."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in: no self-registration, no mail, counted failures, one message for all of them."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "too_many_login_attempts": WAIT,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes their own account."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail leaves by edge/notify only."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Mail leaves by edge/notify only."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Only our own words are shown: allauth's success messages are dropped."""
        level = kwargs.get("level", args[1] if len(args) > 1 else messages.INFO)
        if level >= messages.WARNING and kwargs.get("message"):
            messages.error(args[0], "That passkey did not open an account. Try again, or use password and code.")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse, without looking at the password, when this account or address has failed too often."""
        email, address = credentials.get("email", ""), sessions.address_of(request)
        if not throttle.sign_in_may_try(email, address, timezone.now()):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Check the password; a closed account reads like a wrong password."""
        person = super().authenticate(request, **credentials)
        email, address = credentials.get("email", ""), sessions.address_of(request)
        if person is None or not person.is_active:
            return None
        throttle.sign_in_worked(email, address)
        return person

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Refuse closed accounts, and people who have no second factor: a new link is their only way in."""
        if user.is_active and queries.has_second_factor(user.pk):
            return None
        clear_login(request)
        messages.error(
            request,
            "This account cannot sign in. If your first sign-in was not finished, ask your manager for a new link.",
        )
        return HttpResponseRedirect(reverse("account_login"))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Begin the web session with the factor that was used."""
        records = get_authentication_records(request, user)
        method = next((str(r.get("type", "")) for r in reversed(records) if r.get("method") == "mfa"), "")
        sessions.begin(request, user.pk, method)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: secrets closed at rest, passkeys in our name."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right, or was used before. Wait for the next one, then type it.",
    }

    def encrypt(self, text: str) -> str:
        """Close a secret with the installation's key."""
        return cipher.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret."""
        return cipher.decrypt(encrypted_text)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Mail leaves by edge/notify only."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Who asks for the passkey: the host that the browser sees."""
        return {"id": context.request.get_host().rpartition(":")[0] or context.request.get_host(), "name": "Overread"}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """For whom a passkey is."""
        person_id: UUID = user.pk
        return {"id": person_id.hex.encode(), "display_name": user.full_name, "name": user.email}


def totp_address(email: str, secret: str) -> str:
    """What the square code holds for an authenticator app (the otpauth scheme)."""
    return f"otpauth://totp/{quote(f'Overread:{email}')}?secret={secret}&issuer=Overread"


def square_code(text: str) -> str:
    """A QR code as one SVG path, drawn by attributes only, so that it passes the content security policy."""
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    code.make(fit=True)
    cells = code.get_matrix()
    size = len(cells)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(cells) for x, dark in enumerate(row) if dark)
    return (
        f'<svg class="or-qr" viewBox="0 0 {size} {size}" width="168" height="168" role="img" '
        f'aria-label="Code for the authenticator app" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#13202b"/></svg>'
    )
