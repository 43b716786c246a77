"""Forms of the case pages."""

from django import forms

from overread.foundation.ui.forms import OverreadForm
from overread.journey.case.rules import Priority

PRIORITY_CHOICES = [(p.value, p.value.capitalize()) for p in Priority]


class ReasonForm(OverreadForm):
    """Why a case is held or cancelled."""

    reason = forms.CharField(label="Why", max_length=200)


class PriorityForm(OverreadForm):
    """Another priority, with the reason when it is lower."""

    priority = forms.ChoiceField(label="Priority", choices=PRIORITY_CHOICES)
    reason = forms.CharField(label="Reason", required=False, max_length=200, help_text="Needed to lower it.")


class PauseForm(OverreadForm):
    """One of the reasons agreed with the client for letting the clock stand."""

    reason = forms.ChoiceField(label="Agreed reason")

    def __init__(self, *args: object, codes: dict[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = list(codes.items())  # type: ignore[attr-defined]
