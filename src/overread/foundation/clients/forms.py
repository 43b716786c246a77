"""Forms of the clients' pages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from overread.foundation.clients.rules import Kind, TokenScope
from overread.foundation.ui.forms import OverreadForm

KIND_WORDS = {Kind.HOSPITAL: "Hospital", Kind.CLINIC: "Clinic", Kind.DENTAL: "Dental practice"}
SCOPE_WORDS = {
    TokenScope.STORE: "Send images",
    TokenScope.READ: "Find and fetch its own images",
    TokenScope.ORDER: "Send and follow referrals and answer questions",
    TokenScope.REPORT: "Fetch signed reports and see alerts",
}


class ClientForm(OverreadForm):
    """A new client."""

    code = forms.CharField(
        label="Code", max_length=32, help_text="Capital letters and digits; part of addresses, never changed"
    )
    name = forms.CharField(label="Name", max_length=200, help_text="As people say it")
    kind = forms.ChoiceField(label="Kind", choices=[(k.value, words) for k, words in KIND_WORDS.items()])


class NodeForm(OverreadForm):
    """A DICOM node that may send as the client."""

    def __init__(self, sites: Sequence[tuple[UUID, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Not said"), *((str(key), name) for key, name in sites)]
        self.fields["site_id"] = forms.TypedChoiceField(
            label="Stands at", choices=choices, coerce=UUID, empty_value=None, required=False
        )

    aet = forms.CharField(label="AE title", max_length=16, help_text="As the scanner or archive calls itself")
    cidr = forms.CharField(label="Calls from", max_length=64, help_text="An address or a network, such as 10.20.0.0/16")


class SiteForm(OverreadForm):
    """A place from which studies come."""

    code = forms.CharField(label="Code", max_length=32, help_text="Capital letters and digits; never changed")
    name = forms.CharField(label="Name", max_length=200, help_text="As people say it")


class SiteChangeForm(OverreadForm):
    """Another name for a place, and why; or why it is closed or taken again."""

    name = forms.CharField(label="Name", max_length=200, required=False)
    why = forms.CharField(label="Why", max_length=300)


class TokenForm(OverreadForm):
    """A token for a machine of the client."""

    name = forms.CharField(label="For which machine", max_length=100)
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(s.value, words) for s, words in SCOPE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
