"""Forms of reporting."""

from django import forms

from overread.foundation.thresholds import current as thresholds
from overread.foundation.ui.forms import OverreadForm


def _categories() -> list[tuple[str, str]]:
    return [
        ("", "Choose one"),
        ("none", "No alert: nothing here needs somebody to act sooner than the report"),
        ("critical", "Critical: a life may hang on the next hour"),
        ("urgent", f"Urgent: within {thresholds.words('escalation.urgent')}"),
        ("cancer", "Cancer: new, or come back"),
        ("significant-unexpected", "Significant and unexpected"),
    ]


class SignForm(OverreadForm):
    """The signature: an alert category must be chosen, and the signer must prove to be there."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    category = forms.ChoiceField(label="Alert", choices=_categories)
    finding = forms.CharField(
        label="Finding to alert", required=False, max_length=500, help_text="In a few words, with its side"
    )
    side = forms.ChoiceField(
        required=False, choices=[("", "No side"), ("left", "Left"), ("right", "Right"), ("both", "Both sides")]
    )
    gate_reason = forms.CharField(
        label="Why you sign all the same",
        required=False,
        max_length=500,
        help_text="It stands on the report, and the registered manager is told at once",
    )
    pin = forms.CharField(
        label="Signing PIN",
        max_length=32,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        """An alert needs its finding; a signature needs a PIN or a passkey."""
        found = super().clean() or {}
        if found.get("category") not in {"", "none", None} and not str(found.get("finding", "")).strip():
            self.add_error("finding", "Write what was found: whoever takes the alert reads these words.")
        if not found.get("pin") and not found.get("passkey"):
            self.add_error("pin", "Enter your signing PIN, or touch your passkey.")
        return found


class AddendumForm(OverreadForm):
    """An addendum to a signed version."""

    text = forms.CharField(label="Addendum", max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))
    based_on_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    category = forms.ChoiceField(label="Alert", choices=_categories)
    finding = forms.CharField(label="Finding to alert", required=False, max_length=500)
    side = forms.ChoiceField(
        required=False, choices=[("", "No side"), ("left", "Left"), ("right", "Right"), ("both", "Both sides")]
    )
    gate_reason = forms.CharField(
        label="Why you sign all the same",
        required=False,
        max_length=500,
        help_text="It stands on the report, and the registered manager is told at once",
    )
    pin = forms.CharField(label="Signing PIN", max_length=32, widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
