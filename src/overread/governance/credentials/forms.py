"""Forms of the register of readers: what is recorded, overrides, certificates."""

from collections.abc import Iterable
from typing import Any

from django import forms

from overread.foundation.ui.forms import OverreadForm
from overread.governance.credentials.rules import CERTIFICATES, MODALITIES, READ_TYPES, SCOPE_WORDS


def _day(label: str, *, required: bool = True, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more
    )


def _many(label: str, choices: Iterable[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=list(choices), widget=forms.CheckboxSelectMultiple)


class RegistrationForm(OverreadForm):
    """What a regulator's register showed on a day."""

    body = forms.ChoiceField(label="Register", choices=[("GMC", "GMC"), ("GDC", "GDC")])
    number = forms.CharField(label="Number", max_length=20)
    checked_on = _day("Looked up on")
    licence = forms.BooleanField(label="Licence to practise", required=False)
    specialist = forms.BooleanField(label="On the specialist register or list", required=False)
    failed = forms.BooleanField(
        label="NOT in good standing", required=False, help_text="Stops all reading at once, and the reader is told."
    )
    detail = forms.CharField(label="What it showed", max_length=300, required=False)


class PrivilegeForm(OverreadForm):
    """What a reader may read, and for whom."""

    for_client = forms.ChoiceField(label="For", required=False)
    modalities = _many("Modalities", MODALITIES)
    read_types = _many("Kinds of read", READ_TYPES)
    regions = forms.CharField(label="Only these regions", required=False, help_text="Parted by commas; empty for all.")
    scope = forms.ChoiceField(
        label="Cone-beam CT", required=False, choices=[(str(k), w) for k, w in SCOPE_WORDS.items()]
    )
    ends_on = _day("Last day", required=False, help_text="Empty: until it is ended.")

    def __init__(self, *args: Any, clients: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["for_client"].choices = [("", "Every client"), *clients]  # type: ignore[attr-defined]


class IndemnityForm(OverreadForm):
    """A certificate of indemnity."""

    insurer = forms.CharField(label="Insurer", max_length=120)
    policy_number = forms.CharField(label="Policy number", max_length=60, required=False)
    modalities = _many("Covers", MODALITIES)
    teleradiology = forms.BooleanField(label="Covers teleradiology", required=False)
    jurisdiction = forms.CharField(label="Jurisdiction", max_length=120)
    limit_pounds = forms.IntegerField(label="Limit of one claim, pounds")
    starts_on = _day("First day")
    expires_on = _day("Last day")


class DbsForm(OverreadForm):
    """A check by the Disclosure and Barring Service."""

    level = forms.CharField(label="Level", max_length=40, help_text="Such as enhanced.")
    number = forms.CharField(label="Certificate number", max_length=40, required=False)
    issued_on = _day("Issued on")
    renew_by = _day("Renew by")


class AppraisalForm(OverreadForm):
    """A whole-practice appraisal."""

    held_on = _day("Held on")
    appraiser = forms.CharField(label="Appraiser", max_length=120)
    teleradiology = forms.BooleanField(label="It covered the work done here", required=False)
    designated_body = forms.CharField(label="Designated body", max_length=120)
    responsible_officer = forms.CharField(label="Responsible officer", max_length=120)


class RevalidationForm(OverreadForm):
    """A doctor's revalidation."""

    last_on = _day("Last revalidated on", required=False)
    due_on = _day("Due on")


class AuditForm(OverreadForm):
    """How far a new reader's entry audit has come."""

    cross_sectional = forms.IntegerField(label="Reports audited", min_value=0)
    auditors = forms.CharField(label="Auditors", help_text="Parted by commas; at least two.")
    external = forms.BooleanField(label="They come from outside", required=False)
    outcome = forms.CharField(label="What they found", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    passed = forms.BooleanField(label="They let the reader pass", required=False, initial=True)


class OverrideForm(OverreadForm):
    """The registered manager lets a reader pass a soft gate for a time."""

    gate = forms.ChoiceField(label="Gate")
    why = forms.CharField(
        label="Why this reader may read all the same",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands on every report signed under it.",
    )
    hours = forms.IntegerField(label="Hours", min_value=1, initial=24)

    def __init__(self, *args: Any, gates: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gate"].choices = list(gates)  # type: ignore[attr-defined]


class CertificateForm(OverreadForm):
    """A file that shows what is on record."""

    what = forms.ChoiceField(label="What it is", choices=list(CERTIFICATES.items()))
    file = forms.FileField(label="File", help_text="PDF, JPEG or PNG.")
