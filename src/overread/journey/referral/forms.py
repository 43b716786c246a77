"""The referral form."""

from collections.abc import Mapping
from typing import Any

from django import forms

from overread.foundation.ui.forms import OverreadForm
from overread.journey.case.rules import DENTAL_PURPOSES, REGIONS
from overread.journey.referral.rules import REVIEW_PURPOSES

PRIORITIES = (("routine", "Routine"), ("urgent", "Urgent"), ("emergency", "Emergency"))
MODALITIES = (("CT", "CT"), ("MR", "MRI"), ("CBCT", "Dental cone-beam CT"))
SIDES = (("", "No side"), ("L", "Left"), ("R", "Right"), ("B", "Both sides"))
SEXES = (("", "Not given"), ("F", "Female"), ("M", "Male"), ("O", "Other"))


class SeveralFiles(forms.ClearableFileInput):
    """A file field that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; empty is allowed."""

    def clean(self, data: object, initial: object = None) -> list[object]:
        """Each file by itself."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(each, initial) for each in given]


class ReferralForm(OverreadForm):
    """What the reader needs to know, in the order in which a referrer thinks of it."""

    question = forms.CharField(
        label="Clinical question",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the report must answer",
    )
    history = forms.CharField(
        label="History", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    modality = forms.ChoiceField(choices=MODALITIES)
    procedure = forms.CharField(label="Examination", max_length=200, help_text="For example CT head without contrast")
    laterality = forms.ChoiceField(label="Side", choices=SIDES, required=False)
    body_part = forms.CharField(required=False, max_length=64)
    priority = forms.ChoiceField(choices=PRIORITIES)
    family = forms.CharField(label="Family name", max_length=100)
    given = forms.CharField(label="Given names", max_length=100, required=False)
    birth_date = forms.DateField(label="Date of birth", widget=forms.DateInput(attrs={"type": "date"}))
    sex = forms.ChoiceField(choices=SEXES, required=False)
    nhs_number = forms.CharField(
        label="NHS number", required=False, max_length=16, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    identifier = forms.CharField(label="Hospital number", required=False, max_length=64)
    issuer = forms.CharField(
        label="Issued by",
        required=False,
        max_length=64,
        help_text="Whose hospital number it is, as your scanner sends it; leave it empty when you have only one kind",
    )
    accession = forms.CharField(
        label="Accession number",
        required=False,
        max_length=64,
        help_text="With it the images find this referral by themselves",
    )
    images_expected = forms.IntegerField(label="Number of images", required=False, min_value=1, max_value=100_000)
    referrer_name = forms.CharField(label="Referrer", max_length=200)
    referrer_contact = forms.CharField(
        label="Telephone for urgent findings", required=False, max_length=200, help_text="Needed for urgent work"
    )
    documents = FilesField(
        required=False,
        widget=SeveralFiles(attrs={"multiple": True, "accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text="Letters and earlier reports: PDF, JPEG or PNG",
    )


class DentalForm(ReferralForm):
    """What a dental cone-beam volume needs besides: what for, where, which teeth, how large, how made (REQ-80)."""

    purpose = forms.ChoiceField(label="What it is for", choices=[("", "Choose one"), *DENTAL_PURPOSES.items()])
    region = forms.ChoiceField(label="What it shows", choices=[("", "Choose one"), *REGIONS.items()])
    teeth = forms.CharField(
        required=False, max_length=200, help_text="FDI numbers, such as 46, 47. Leave empty when it is about no tooth."
    )
    deciduous_retained = forms.ChoiceField(
        label="Retained deciduous teeth",
        choices=[("", "None"), ("yes", "Yes, this adult has kept some")],
        required=False,
    )
    field_diameter = forms.CharField(
        label="Field of view, diameter in cm", max_length=8, help_text="It decides who may read the volume"
    )
    field_height = forms.CharField(label="Field of view, height in cm", max_length=8)
    voxel = forms.CharField(label="Voxel size in mm", required=False, max_length=8)
    scanner = forms.CharField(required=False, max_length=100)
    dose = forms.CharField(label="Dose-area product in mGy cm\u00b2", required=False, max_length=10)
    referrer_number = forms.CharField(label="Referrer's GDC or GMC number", max_length=10)
    entitled = forms.ChoiceField(
        label="Entitled to refer under your IR(ME)R procedures", choices=[("", "Choose one"), ("yes", "Yes")]
    )


class OriginalFields(forms.Form):
    """The report that a second opinion or a review is about; mixed into the form of the examination."""

    review_purpose = forms.ChoiceField(
        label="What the review is for", choices=[("", "Choose one"), *REVIEW_PURPOSES.items()], required=False
    )
    outside_report = forms.FileField(
        label="The report in question",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text="PDF, JPEG or PNG. It stays as it is.",
    )
    original_words = forms.CharField(
        label="Or its words", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 5})
    )
    original_author = forms.CharField(label="Who wrote it", required=False, max_length=200)
    original_organisation = forms.CharField(label="Where", required=False, max_length=200)
    original_date = forms.CharField(
        label="Date of that report", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    original_case = forms.CharField(
        label="Our case number, if we wrote it", required=False, max_length=16, help_text="Such as C-26-004182"
    )


class OpinionForm(OriginalFields, ReferralForm):
    """A second opinion or a review of a CT or MRI report."""


class DentalOpinionForm(OriginalFields, DentalForm):
    """A second opinion or a review of a dental report."""


def form_for(*, dental: bool, primary: bool) -> type[ReferralForm]:
    """The form of a kind of work."""
    if primary:
        return DentalForm if dental else ReferralForm
    return DentalOpinionForm if dental else OpinionForm


class UnmatchForm(OverreadForm):
    """Why a match was wrong."""

    reason = forms.CharField(max_length=300)


class QuestionForm(OverreadForm):
    """A question about a case; our people say for which agreed reason the clock stands meanwhile."""

    subject = forms.CharField(label="What it is about", max_length=200, help_text="In a few words")
    text = forms.CharField(label="Question", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.ChoiceField(label="The clock", required=False)

    def __init__(self, codes: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", "Runs on"),
            *((code, f"Stands: {words}") for code, words in codes.items()),
        ]


class AnswerForm(OverreadForm):
    """A message in a thread."""

    text = forms.CharField(label="Answer", max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
