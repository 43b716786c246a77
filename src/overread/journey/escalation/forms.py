"""Forms of escalation."""

from django import forms

from overread.foundation.ui.forms import OverreadForm
from overread.journey.escalation import queries


def _categories() -> list[tuple[str, str]]:
    return [(str(key), words) for key, words in queries.category_words().items()]


class RaiseForm(OverreadForm):
    """Raise an alert; the finding may follow by telephone."""

    category = forms.ChoiceField(choices=_categories)
    finding = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    side = forms.ChoiceField(
        required=False,
        choices=[("", "No side"), ("left", "Left"), ("right", "Right"), ("both", "Both sides")],
    )


class AcknowledgeForm(OverreadForm):
    """Who takes the alert, in what role, and the finding said back."""

    name = forms.CharField(label="Full name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    role = forms.CharField(label="Role", max_length=200, help_text="For example emergency medicine consultant")
    read_back = forms.CharField(
        label="The finding, said back",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Patient, finding and side in their own words, and what they will do",
    )


class LinkForm(AcknowledgeForm):
    """The same by one-time link; the code is told by telephone."""

    field_order = ("code", "name", "role", "read_back")
    code = forms.CharField(
        label="Code",
        max_length=12,
        help_text="Six digits, told by telephone",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class CallForm(OverreadForm):
    """What came of a telephone call."""

    result = forms.ChoiceField(choices=[("answered", "Answered"), ("no-answer", "No answer")])
    detail = forms.CharField(label="Who answered, and what they said", required=False, max_length=300)


class OverrideForm(OverreadForm):
    """Close without an acknowledgement."""

    reason = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
