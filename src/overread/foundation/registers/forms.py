"""The form of an entry, made from the columns of its register; the verb has the last word on every value."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.rules import LONDON, LONG, SHORT, Field, Kind
from overread.foundation.ui.forms import OverreadForm

DAY = {"type": "date"}
MOMENT = {"type": "datetime-local"}


def _people(keep: Any = None) -> list[tuple[str, str]]:
    found = [p for p in accounts.people() if (p.active and not p.is_client_side) or p.id == keep]
    return [("", "Choose a person"), *((str(p.id), p.full_name) for p in found)]


def _choices(field: Field) -> list[tuple[str, str]]:
    return [("", "Choose"), *field.choices]


def _as_id(text: str) -> UUID | None:
    return UUID(text) if text else None


def form_field(field: Field, keep: Any = None) -> forms.Field:
    """The form field of a column.

    Args:
        field: the column.
        keep: the value it has now, so that a person who has left can stay.
    """
    common: dict[str, Any] = {"label": field.title, "required": field.required, "help_text": field.help}
    if field.kind is Kind.TEXT:
        return forms.CharField(max_length=field.most or SHORT, **common)
    if field.kind is Kind.LONG:
        return forms.CharField(max_length=field.most or LONG, widget=forms.Textarea(attrs={"rows": 5}), **common)
    if field.kind is Kind.CHOICE:
        return forms.ChoiceField(choices=_choices(field), **common)
    if field.kind is Kind.CHOICES:
        return forms.MultipleChoiceField(choices=field.choices, widget=forms.CheckboxSelectMultiple, **common)
    if field.kind is Kind.WHOLE:
        return forms.IntegerField(min_value=field.least, max_value=field.most, **common)
    if field.kind is Kind.DAY:
        return forms.DateField(widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), **common)
    if field.kind is Kind.MOMENT:
        widget = forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M")
        return forms.DateTimeField(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **common)
    if field.kind is Kind.YES:
        return forms.BooleanField(**(common | {"required": False}))
    return forms.TypedChoiceField(choices=_people(keep), coerce=_as_id, empty_value=None, **common)


class EntryForm(OverreadForm):
    """An entry: its columns, then the reason and since when."""

    def __init__(self, columns: Sequence[Field], entry: Entry | None, *args: Any, **kwargs: Any) -> None:
        self._columns = tuple(columns)
        super().__init__(*args, **kwargs)
        for column in self._columns:
            self.fields[column.name] = form_field(column, entry[column.name] if entry else None)
        if entry is not None:
            self.fields["why"] = forms.CharField(label="Why does this change?", max_length=500)
            self.fields["seen"] = forms.UUIDField(widget=forms.HiddenInput, initial=entry.version)
        self.fields["valid_from"] = forms.DateField(
            label="Since",
            required=False,
            widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
            help_text="Empty means from now. An earlier day is shown as written later.",
        )

    def values(self) -> dict[str, Any]:
        """What was entered, by name of the column."""
        return {column.name: self.cleaned_data.get(column.name) for column in self._columns}

    @property
    def since(self) -> datetime | None:
        """The beginning of the day from which it holds."""
        day = self.cleaned_data.get("valid_from")
        return datetime.combine(day, time(), LONDON) if day and day != timezone.localdate() else None


def initial(columns: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of an entry as a form shows them."""
    shown = {}
    for column in columns:
        value = values.get(column.name, column.empty)
        if column.kind is Kind.PERSON:
            value = str(value) if value else ""
        if column.kind is Kind.MOMENT and value:
            value = timezone.localtime(value)
        shown[column.name] = list(value) if isinstance(value, tuple) else value
    return shown


class EndForm(OverreadForm):
    """Why an entry ends."""

    why = forms.CharField(label="Why does this end?", max_length=500)


class SheetForm(OverreadForm):
    """A file to be looked at, and why it is imported."""

    sheet = forms.FileField(
        label="CSV file", widget=forms.FileInput(attrs={"accept": ".csv,text/csv", "class": "form-control"})
    )
    why = forms.CharField(
        label="Why", max_length=500, help_text="Written with every change, for example “Yearly review of all risks”."
    )

    def __init__(self, *args: Any, why: bool = True, **kwargs: Any) -> None:
        """`why`: whether the register keeps a reason with each version."""
        super().__init__(*args, **kwargs)
        if not why:
            del self.fields["why"]
