"""The three-minute form."""

from typing import Any

from django import forms

from overread.foundation.registers.forms import form_field
from overread.foundation.ui.forms import OverreadForm
from overread.governance.incidents.rules import REPORTED


class ReportForm(OverreadForm):
    """What anybody can say within three minutes (REQ-18)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in REPORTED:
            made = form_field(column)
            if column.name in ("what", "at_once"):
                made.widget = forms.Textarea(attrs={"rows": 3})
            self.fields[column.name] = made
