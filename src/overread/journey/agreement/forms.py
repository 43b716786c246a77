"""The form in which the terms of an agreement are changed, whole, as they shall be."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from overread.foundation.ui.forms import OverreadForm
from overread.journey.agreement.rules import (
    CHANNEL_WORDS,
    CONTACT_CHANNELS,
    DEFAULT_PAUSES,
    MODALITIES,
    MODALITY_WORDS,
    NATION_WORDS,
    PRIORITIES,
    REACHED_BY,
    READ_TYPE_WORDS,
    Contact,
    Peer,
    ReadType,
    Rung,
    Terms,
    kind_words,
)

OWN_TIMES = (ReadType.SECOND_OPINION.value, ReadType.CLINICAL_REVIEW.value, *MODALITIES)
SPARE_CONTACTS, SPARE_RUNGS = 2, 2
PLAIN = ("adult_age", "preliminary", "recall_seconds", "quiet_seconds", "retention_years", "nation")
SEVERAL = ("read_types", "modalities", "channels")
PEER = ("aet", "host", "port", "tls")


def _minutes(title: str, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(label=title, min_value=1, required=required)


class TermsForm(OverreadForm):
    """All terms of one agreement. Rows of contacts and rungs that are left empty are left out.

    Args:
        base: the terms from which the form starts; what it does not ask, such as the time zone, is kept from them.
        people: who signs in for the client, as (id, name).
    """

    read_types = forms.MultipleChoiceField(
        label="Kinds of work",
        choices=[(k.value, w) for k, w in READ_TYPE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    modalities = forms.MultipleChoiceField(
        label="Examinations",
        choices=list(MODALITY_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    adult_age = forms.IntegerField(label="Youngest age, years")
    preliminary = forms.BooleanField(label="Preliminary reports may be sent", required=False)
    channels = forms.MultipleChoiceField(
        label="Reports go to",
        choices=list(CHANNEL_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    aet = forms.CharField(label="AE title of the DICOM node", max_length=16, required=False)
    host = forms.CharField(label="Host", max_length=200, required=False)
    port = forms.IntegerField(label="Port", required=False)
    tls = forms.BooleanField(label="TLS", required=False)
    recall_seconds = forms.IntegerField(label="A signed report waits, seconds", help_text="A critical one never waits")
    quiet_seconds = forms.IntegerField(
        label="A study is whole after, seconds", help_text="Without an image, where no number was declared"
    )
    retention_years = forms.IntegerField(label="Images are kept, years")
    nation = forms.ChoiceField(
        label="Bank holidays of", choices=list(NATION_WORDS.items()), help_text="They decide what a working day is"
    )
    starts_on = forms.DateField(
        label="Holds from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: from its approval",
    )
    reason = forms.CharField(label="Why it changes", max_length=300, help_text="Both sides read it")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, base: Terms, people: Sequence[tuple[UUID, str]], *args: Any, **kwargs: Any) -> None:
        self.base = base
        self._people = [("", "Nobody who signs in"), *((str(key), name) for key, name in people)]
        super().__init__(*args, initial=_initial(base), **kwargs)
        self._contact_ids = self._ids_of_contacts()
        self._add_times()
        self._add_contacts()
        self._add_rungs()
        for code in {**DEFAULT_PAUSES, **base.pause_codes}:
            self.fields[f"pause_{code}"] = forms.CharField(
                label=f"Reason “{code}”",
                required=False,
                max_length=120,
                initial=base.pause_codes.get(code, ""),
                help_text="Empty: not agreed",
            )

    def _ids_of_contacts(self) -> list[UUID]:
        """Those of the base, then fresh ones; a posted form brings its own, so that its rungs name the same people."""
        fresh = [c.id for c in self.base.contacts] + [uuid4() for _ in range(SPARE_CONTACTS)]
        if not self.is_bound:
            return fresh
        return [_id(self.data.get(f"c{i}_id", "")) or key for i, key in enumerate(fresh)]

    def _add_times(self) -> None:
        for priority in PRIORITIES:
            self.fields[f"t_{priority}"] = _minutes(f"{priority.capitalize()}, minutes", required=True)
            self.fields[f"t_{priority}"].initial = self.base.priorities.get(priority)
        for kind in OWN_TIMES:
            for priority in PRIORITIES:
                name = f"t_{kind}_{priority}"
                self.fields[name] = _minutes(f"{kind_words(kind)}, {priority}, minutes")
                self.fields[name].initial = self.base.other_times.get(kind, {}).get(priority)

    def _add_contacts(self) -> None:
        held = {c.id: c for c in self.base.contacts}
        for i, key in enumerate(self._contact_ids):
            one, n = held.get(key), i + 1
            made: dict[str, forms.Field] = {
                "id": forms.UUIDField(widget=forms.HiddenInput, initial=key, required=False),
                "name": forms.CharField(label=f"Name of contact {n}", max_length=100, required=False),
                "role": forms.CharField(label=f"Role of contact {n}", max_length=100, required=False),
                "channel": forms.ChoiceField(
                    label=f"Contact {n} is reached by", choices=[(c, REACHED_BY[c]) for c in CONTACT_CHANNELS]
                ),
                "address": forms.CharField(label=f"Number or address of contact {n}", max_length=200, required=False),
                "person_id": forms.ChoiceField(label=f"Contact {n} signs in as", choices=self._people, required=False),
                "out_of_hours": forms.BooleanField(label=f"Contact {n} answers day and night", required=False),
            }
            for name, field in made.items():
                if one is not None and name != "id":
                    value = getattr(one, name)
                    field.initial = str(value) if name == "person_id" and value else value
                self.fields[f"c{i}_{name}"] = field

    def _add_rungs(self) -> None:
        names = {c.id: c.name for c in self.base.contacts}
        choices = [
            ("", "Nobody"),
            *((str(key), f"Contact {i + 1}: {names.get(key, 'new')}") for i, key in enumerate(self._contact_ids)),
        ]
        ladder = sorted(self.base.ladder, key=lambda r: r.order)
        for i in range(len(ladder) + SPARE_RUNGS):
            held = ladder[i] if i < len(ladder) else None
            who = forms.ChoiceField(label=f"Rung {i + 1} tells", choices=choices, required=False)
            wait = _minutes(f"Rung {i + 1} waits, minutes")
            if held:
                who.initial, wait.initial = str(held.contact_id), held.wait_minutes
            self.fields[f"r{i}_contact"], self.fields[f"r{i}_wait"] = who, wait

    def _bound(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def contact_rows(self) -> Iterator[tuple[int, forms.BoundField, list[forms.BoundField]]]:
        """For the page: number, the hidden id and the fields of each contact."""
        for i in range(len(self._contact_ids)):
            names = ("name", "role", "channel", "address", "person_id", "out_of_hours")
            yield i + 1, self[f"c{i}_id"], self._bound(*(f"c{i}_{name}" for name in names))

    def rung_rows(self) -> Iterator[list[forms.BoundField]]:
        """For the page: the fields of each rung."""
        count = sum(name.endswith("_wait") for name in self.fields)
        return (self._bound(f"r{i}_contact", f"r{i}_wait") for i in range(count))

    def time_fields(self) -> list[forms.BoundField]:
        """For the page: the times that hold for all work."""
        return self._bound(*(f"t_{p}" for p in PRIORITIES))

    def own_times(self) -> Iterator[tuple[str, bool, list[forms.BoundField]]]:
        """For the page: the kinds of work and examinations that may have times of their own, and whether one has."""
        for kind in OWN_TIMES:
            bound = self._bound(*(f"t_{kind}_{p}" for p in PRIORITIES))
            yield kind_words(kind), any(b.value() or b.errors for b in bound), bound

    def pause_fields(self) -> list[forms.BoundField]:
        """For the page: the reasons for which the clock stands still."""
        return self._bound(*(name for name in self.fields if name.startswith("pause_")))

    def starts_at(self) -> datetime | None:
        """The moment from which the change shall hold: the start of its day here; None: from its approval."""
        day = self.cleaned_data["starts_on"]
        if day is None or day == timezone.localdate():
            return None
        return timezone.make_aware(datetime.combine(day, time.min))

    def terms(self) -> Terms:
        """The terms as the form says them; whether they may be saved is judged by the rules."""
        said = self.cleaned_data
        pauses = {n.removeprefix("pause_"): w.strip() for n, w in said.items() if n.startswith("pause_") and w.strip()}
        peer = Peer(said["aet"].strip(), said["host"].strip(), said["port"] or 0, said["tls"])
        own = {kind: self._table(f"{kind}_") for kind in OWN_TIMES}
        asked: dict[str, Any] = {name: said[name] for name in PLAIN}
        asked |= {name: tuple(said[name]) for name in SEVERAL}
        return replace(
            self.base,
            **asked,
            priorities=self._table(""),
            other_times={kind: table for kind, table in own.items() if table},
            contacts=tuple(self._contacts()),
            ladder=tuple(self._ladder()),
            dicom_peer=peer if peer.aet or peer.host or peer.port else None,
            pause_codes=pauses,
        )

    def _table(self, kind: str) -> dict[str, int]:
        found = {p: self.cleaned_data[f"t_{kind}{p}"] for p in PRIORITIES}
        return {p: minutes for p, minutes in found.items() if minutes}

    def _contacts(self) -> Iterator[Contact]:
        for i, key in enumerate(self._contact_ids):
            said = {name: self.cleaned_data[f"c{i}_{name}"] for name in ("name", "role", "channel", "address")}
            if not (said["name"].strip() or said["address"].strip()):
                continue
            tidied = {name: text.strip() for name, text in said.items()}
            person = _id(self.cleaned_data[f"c{i}_person_id"])
            yield Contact(key, **tidied, person_id=person, out_of_hours=self.cleaned_data[f"c{i}_out_of_hours"])

    def _ladder(self) -> Iterator[Rung]:
        place = 0
        for i in range(sum(name.endswith("_wait") for name in self.fields)):
            who, wait = _id(self.cleaned_data[f"r{i}_contact"]), self.cleaned_data[f"r{i}_wait"]
            if who is not None:
                place += 1
                yield Rung(place, who, wait or 0)


class AnswerForm(OverreadForm):
    """Why a change is sent back."""

    answer = forms.CharField(label="Why it is sent back", max_length=300)


def _id(text: str) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _initial(base: Terms) -> dict[str, Any]:
    peer = {name: getattr(base.dicom_peer, name) for name in PEER} if base.dicom_peer else {}
    return {**{name: getattr(base, name) for name in PLAIN}, **{n: list(getattr(base, n)) for n in SEVERAL}, **peer}
