"""Forms of peer review."""

from typing import Any

from django import forms

from overread.foundation.ui.forms import OverreadForm
from overread.journey.escalation.queries import category_words
from overread.journey.review.actions import NO_ALERT
from overread.journey.review.rules.grades import CAUSES, RADPEER, UK


class GradeForm(OverreadForm):
    """A judgement on both scales."""

    uk = forms.TypedChoiceField(label="Five points", choices=[("", "Choose"), *UK], coerce=int)
    radpeer = forms.ChoiceField(label="RADPEER", choices=[("", "Choose"), *RADPEER])
    cause = forms.ChoiceField(
        label="What the difference comes from", choices=[("", "No difference"), *CAUSES], required=False
    )
    comment = forms.CharField(
        label="What you see otherwise",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The author learns from these words. No names.",
    )


class JudgeForm(GradeForm):
    """The same by a reader here, who can raise an alert at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        raised = [(str(code), f"Raise now: {words}") for code, words in category_words().items()]
        choices = [("", "Not decided"), (NO_ALERT, "The client needs no alert"), *raised]
        self.fields["alert"] = forms.ChoiceField(
            label="Alert to the client, for grades 2 and 1",
            required=False,
            choices=choices,
            help_text="Raise it now when the patient may be at risk; when it is read again, a decision is needed.",
        )


class ReflectForm(OverreadForm):
    """What the author says."""

    accepts = forms.TypedChoiceField(
        label="Do you see it now as well?",
        choices=[("yes", "Yes, I accept the difference"), ("no", "No, it shall be arbitrated")],
        coerce=lambda value: value == "yes",
    )
    text = forms.CharField(
        label="What do you take from it, or see otherwise?", max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class RouteForm(OverreadForm):
    """Where a review is done."""

    why = forms.CharField(label="Why?", max_length=500)


class ReleaseForm(OverreadForm):
    """The words of a bundle, looked at by a person."""

    question = forms.CharField(label="Question", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    text = forms.CharField(label="Report", widget=forms.Textarea(attrs={"rows": 14}))
    earlier = forms.CharField(label="Earlier judgements", required=False, widget=forms.Textarea(attrs={"rows": 5}))
    looked = forms.BooleanField(label="I have read all of it: nothing names a patient, a person or a place")
