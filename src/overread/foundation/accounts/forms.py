"""Forms of signing in, enrolling and one's own account."""

from typing import Any
from uuid import UUID

from allauth.account.forms import LoginForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from overread.foundation.accounts import codes, rules, throttle
from overread.foundation.ui.forms import OverreadForm

WAIT = "Too many wrong codes. Wait 15 minutes, or use your passkey now."


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        login, password = self.fields["login"], self.fields["password"]
        login.label, password.label, password.help_text = "E-mail", "Password", ""
        login.widget.attrs = {"autocomplete": "username webauthn", "autofocus": True}
        login.error_messages = {"required": "Write your e-mail.", "invalid": "This is not an e-mail address."}
        password.widget.attrs = {"autocomplete": "current-password"}
        password.error_messages = {"required": "Write your password."}


class SecondStepForm(AuthenticateForm):  # type: ignore[misc]
    """The code of the authenticator app, or a recovery code; each works once."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        error_messages={"required": "Write the code."},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "or-code-input"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Check the code and take it, unless too many were wrong."""
        code: str = self.cleaned_data["code"]
        factor = checked_code(self.user.pk, code)
        if factor is None:
            raise get_adapter().validation_error("incorrect_code")
        factor.user = self.user
        self.authenticator = factor
        return code


def checked_code(person_id: UUID, code: str) -> Any:
    """The factor that a typed code belongs to, which is now used; None when wrong; counts wrong ones.

    Raises:
        ValidationError: five wrong codes in 15 minutes.
    """
    at = timezone.now()
    if not throttle.code_may_try(person_id, at):
        raise ValidationError(WAIT)
    factor = codes.take(person_id, code, at)
    if factor is not None:
        throttle.code_worked(person_id)
    return factor


class NewPasswordForm(OverreadForm):
    """A new password, once: people see what they type with their password manager's button."""

    password = forms.CharField(
        label="New password",
        strip=False,
        max_length=200,
        help_text="At least 12 characters, not in lists of leaked passwords. Four unrelated words are easy to keep in mind.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same again",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Refuse a short, known or personal one."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        values = super().clean() or {}
        if values.get("password") and values.get("again") and values["password"] != values["again"]:
            self.add_error("again", "The two are not the same. Type the new password again.")
        return values


class CodeForm(OverreadForm):
    """Six digits of an authenticator app."""

    code = forms.CharField(
        label="Code from the app",
        max_length=10,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "or-code-input"}
        ),
    )


class PinForm(OverreadForm):
    """A signing PIN, twice."""

    pin = forms.CharField(
        label="Signing PIN",
        max_length=12,
        help_text="6 to 12 digits. You type it for each report you sign; nobody else may know it.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    pin_again = forms.CharField(
        label="The same PIN again",
        max_length=12,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_pin(self) -> str:
        """Refuse one that is easy to guess."""
        fault = rules.pin_fault(self.cleaned_data["pin"])
        if fault:
            raise ValidationError(fault)
        return str(self.cleaned_data["pin"])

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        values = super().clean() or {}
        if values.get("pin") and values.get("pin_again") and values["pin"] != values["pin_again"]:
            self.add_error("pin_again", "The two are not the same. Type the PIN again.")
        return values


class UnlockForm(OverreadForm):
    """One factor that opens a locked session: the password or a code."""

    secret = forms.CharField(
        label="Password, or code from your app",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


def _role_choices(client_side: bool) -> list[tuple[str, str]]:
    return [(r.value, words) for r, words in rules.ROLE_WORDS.items() if (r in rules.CLIENT_ROLES) == client_side]


class InviteForm(OverreadForm):
    """A new person, with the first role."""

    full_name = forms.CharField(label="Name", max_length=150, help_text="As it stands on reports, with title.")
    email = forms.EmailField(label="E-mail", help_text="The name of the account. No mail is sent from here.")
    role = forms.ChoiceField(label="First role", choices=[])
    client = forms.ChoiceField(label="Client", required=False, choices=[], help_text="For client roles only.")

    def __init__(self, *args: Any, clients: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prepare_role_fields(self, clients)


class GrantForm(OverreadForm):
    """One more role for a person."""

    role = forms.ChoiceField(label="Role", choices=[])
    client = forms.ChoiceField(label="Client", required=False, choices=[], help_text="For client roles only.")

    def __init__(self, *args: Any, clients: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prepare_role_fields(self, clients)


def prepare_role_fields(form: forms.Form, clients: list[tuple[str, str]]) -> None:
    """Fill the choices of role and client."""
    role, client = form.fields["role"], form.fields["client"]
    role.choices = [("The provider", _role_choices(False)), ("A client", _role_choices(True))]  # type: ignore[attr-defined]
    client.choices = [("", "none"), *clients]  # type: ignore[attr-defined]
