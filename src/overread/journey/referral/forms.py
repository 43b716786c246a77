"""The referral form."""

from django import forms

from overread.foundation.ui.forms import OverreadForm

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
    issuer = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
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


class UnmatchForm(OverreadForm):
    """Why a match was wrong."""

    reason = forms.CharField(max_length=300)
