"""Forms of risks besides the common one."""

from django import forms

from overread.foundation.ui.forms import OverreadForm
from overread.governance.risks.rules import IMPACT, LIKELIHOOD


def _scale(words: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(number, f"{number} {word}") for number, word in enumerate(words, 1)]


class ReviewForm(OverreadForm):
    """What a review found."""

    residual_likelihood = forms.TypedChoiceField(label="Likelihood now", choices=_scale(LIKELIHOOD), coerce=int)
    residual_impact = forms.TypedChoiceField(label="Impact now", choices=_scale(IMPACT), coerce=int)
    what = forms.CharField(
        label="What did you look at, and what did you find?", max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )
    seen = forms.UUIDField(widget=forms.HiddenInput)
