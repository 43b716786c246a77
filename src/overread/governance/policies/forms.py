"""Forms of policies besides the common one."""

from django import forms

from overread.foundation.ui.forms import OverreadForm


class ReviewForm(OverreadForm):
    """That a policy was looked at and may stay."""

    what = forms.CharField(label="What did you look at?", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
