"""Forms of reception's pages."""

from django import forms

from overread.foundation.ui.forms import OverreadForm


class ReleaseForm(OverreadForm):
    """The client's word on a held study."""

    birth_date = forms.DateField(
        label="Date of birth from the client",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}),
    )
    evidence = forms.CharField(
        label="Who confirmed it, and how", max_length=500, help_text="For example: Tamsin Reed, by telephone, 14:20."
    )


class ReturnForm(OverreadForm):
    """Why a study is not taken."""

    reason = forms.CharField(label="Why it is returned", max_length=500, help_text="The client reads this.")


class QuarantineForm(OverreadForm):
    """Why an object is let in or set aside."""

    reason = forms.CharField(label="Why", max_length=500)
