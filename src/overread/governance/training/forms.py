"""Forms of training besides the common ones."""

from django import forms

from overread.foundation.registers.forms import form_field
from overread.foundation.registers.rules import Field
from overread.foundation.ui.forms import OverreadForm
from overread.governance.training.rules import FIELDS

OWN = ("subject", "course", "completed_on", "level", "mark")


def _column(name: str) -> Field:
    return next(f for f in FIELDS if f.name == name)


class HandInForm(OverreadForm):
    """One's own certificate with its file."""

    document = forms.FileField(
        label="Certificate",
        help_text="PDF, JPEG or PNG, at most 10 MB.",
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in OWN:
            self.fields[name] = form_field(_column(name))
        self.order_fields([*OWN, "document"])
