"""Forms of reporting."""

from collections.abc import Iterable
from typing import Any

from django import forms

from overread.foundation.thresholds import current as thresholds
from overread.foundation.ui.forms import OverreadForm
from overread.journey.reporting.rules import CORRECTION_CODES, GRADES, LABELS


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
    preliminary = forms.BooleanField(
        label="Sign as preliminary",
        required=False,
        help_text="It says so on every page. The clock runs on until you sign the final one.",
    )

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


SIDES = [("", "No side"), ("left", "Left"), ("right", "Right"), ("both", "Both sides")]
TALL = {"findings": 8, "conclusion": 4, "volume": 11, "teeth": 4}


class CorrectionForm(OverreadForm):
    """A corrected text with its reason; `s_` begins the name of each section, `a_` that of an answer to a check."""

    based_on_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    seen_sha256 = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    code = forms.ChoiceField(label="Why it is corrected", choices=[("", "Choose one"), *CORRECTION_CODES.items()])
    reason = forms.CharField(
        label="In a sentence",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands on page 1 of the new version; the client reads it",
    )
    category = forms.ChoiceField(label="Alert", choices=_categories)
    finding = forms.CharField(label="Finding to alert", required=False, max_length=500)
    side = forms.ChoiceField(required=False, choices=SIDES)
    gate_reason = forms.CharField(label="Why you sign all the same", required=False, max_length=500)
    pin = forms.CharField(
        label="Signing PIN",
        max_length=32,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, names: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = tuple(names)
        for name in self.names:
            self.fields[f"s_{name}"] = _section(name)

    def written(self) -> dict[str, str]:
        """The sections as typed."""
        return {name: str(self[f"s_{name}"].value() or "") for name in self.names}

    def answers(self) -> dict[str, str]:
        """The answers to checks, by code."""
        return {k[2:][:60]: str(v)[:1000] for k, v in self.data.items() if k.startswith("a_")}

    def clean(self) -> dict[str, object]:
        """An alert needs its finding; a signature needs its PIN."""
        found = super().clean() or {}
        if found.get("category") not in {"", "none", None} and not str(found.get("finding", "")).strip():
            self.add_error("finding", "Write what was found: whoever takes the alert reads these words.")
        if "sign" in self.data and not found.get("pin"):
            self.add_error("pin", "Enter your signing PIN.")
        return found


def _section(name: str) -> forms.Field:
    if name == "grade":
        grades = [("", "Choose one"), *((words, words) for words in GRADES.values())]
        return forms.ChoiceField(label=LABELS[name], choices=grades, required=False)
    tall = forms.Textarea(attrs={"rows": TALL.get(name, 2)})
    return forms.CharField(label=LABELS[name], max_length=20_000, required=False, widget=tall, strip=False)
