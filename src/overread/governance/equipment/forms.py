"""Forms of equipment."""

from collections.abc import Iterable
from typing import Any

from django import forms

from overread.foundation.ui.forms import OverreadForm
from overread.governance.equipment.rules import KIND_WORDS

Choices = Iterable[tuple[str, str]]


class WorkstationForm(OverreadForm):
    """A place to read at."""

    name = forms.CharField(label="Name", max_length=80, help_text="What people call it, such as Reading desk 2.")
    place = forms.CharField(label="Place", max_length=120, required=False)
    owner = forms.ChoiceField(label="Who reads there", required=False, help_text="Nobody named: every reader may.")

    def __init__(self, *args: Any, readers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "Every reader"), *readers]  # type: ignore[attr-defined]


class DisplayForm(OverreadForm):
    """A display of a workstation."""

    make = forms.CharField(label="Make", max_length=60)
    model = forms.CharField(label="Model", max_length=60)
    serial = forms.CharField(label="Serial number", max_length=60)
    width_px = forms.IntegerField(label="Width in pixels")
    height_px = forms.IntegerField(label="Height in pixels")
    sensor = forms.CharField(label="Its own sensor", max_length=60, required=False)
    diagnostic = forms.BooleanField(label="Reports are read on it", required=False, initial=True)


class MeasureForm(OverreadForm):
    """A measured test; what it means is judged by the thresholds."""

    kind = forms.ChoiceField(label="Kind of test", choices=[(str(k), w) for k, w in KIND_WORDS.items()])
    tested_on = forms.DateField(label="Measured on", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    tested_by = forms.CharField(label="Measured by", max_length=120)
    lmax = forms.FloatField(label="Highest luminance, cd/m2")
    lmin = forms.FloatField(label="Lowest luminance, cd/m2")
    gsdf_error = forms.FloatField(label="Largest error against the greyscale standard, %")
    uniformity = forms.FloatField(label="Largest deviation over the display, %")
    ambient_lux = forms.FloatField(label="Light in the room, lux", required=False)
    words = forms.CharField(
        label="Instrument, certificate, what was put right",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SeatForm(OverreadForm):
    """Which workstation this browser is."""

    workstation = forms.ChoiceField(label="I sit at", widget=forms.RadioSelect)
    remember = forms.BooleanField(
        label="Remember this browser",
        required=False,
        help_text="Only on the computer that stands there. It is then known without asking.",
    )

    def __init__(self, *args: Any, desks: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workstation"].choices = list(desks)  # type: ignore[attr-defined]
