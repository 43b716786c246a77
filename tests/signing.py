"""How a test gets a report signed: a reader claims, writes and signs, and channels keep what they are given."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.work import channels
from overread.foundation.work.actor import Actor
from overread.foundation.work.channels import Outcome, Outgoing
from overread.journey.allocation import actions as allocation
from overread.journey.reporting import actions as reporting
from overread.journey.reporting.rules import canonical_text, report_purpose, text_hash
from tests.world import World

SECTIONS = {
    "indication": "Fall, GCS 14.",
    "technique": "CT head without contrast.",
    "comparison": "None.",
    "findings": "Acute left subdural haematoma, 14 mm, with midline shift to the right of 6 mm.",
    "conclusion": "Acute left subdural haematoma.",
    "recommendation": "Urgent neurosurgical referral.",
    "limitations": "None.",
}
REGIONS = ("Teeth", "Jaws", "Sinuses", "Nasal cavity", "Airway", "Jaw joints", "Spine", "Carotid region", "Skull base")
_SEEN = "\n".join(f"{region}: nothing abnormal." for region in REGIONS[:-1])
VOLUME = f"""The entire volume was reviewed.
{_SEEN}
Skull base: not in the field of view.
Not covered by the field of view: skull base."""
CBCT_SECTIONS = {
    "indication": "Implant planning, tooth 36.",
    "technique": "CBCT of both jaws, 8 x 8 cm, voxel 0.2 mm.",
    "quality": "Good. No motion, no metal artefact at the site.",
    "comparison": "None.",
    "teeth": "36: missing, implant planned. Ridge 7.6 mm wide, 13.4 mm high above the canal.",
    "volume": VOLUME,
    "findings": "The mandibular canal runs 13.4 mm below the crest at the planned site.",
    "conclusion": "Bone is sufficient for an implant at 36.",
    "recommendation": "None.",
    "limitations": "Grey values are not Hounsfield units.",
}
OPINION_SECTIONS = {
    "question": "Is the lesion of the left temporal lobe a glioma?",
    "original": "Dr Peregrine Holt, Westmoor Hospital, 02 Mar 2026.",
    "technique": "MR head with and without contrast.",
    "comparison": "None.",
    "findings": "Lesion of 14 mm in the left temporal lobe without enhancement or mass effect.",
    "grade": "3 of 5: disagreement of debatable importance; harm is unlikely.",
    "difference": "The report calls it a glioma; the pattern is that of an enlarged perivascular space.",
    "conclusion": "Enlarged perivascular space of the left temporal lobe, no glioma.",
    "recommendation": "One follow-up MR in 12 months.",
    "limitations": "None.",
}
ALERT = {"category": "critical", "finding": "Acute subdural haematoma", "side": "left"}


class Post:
    """Channels that keep what they were given, and answer as told."""

    def __init__(self) -> None:
        self.sent: dict[str, list[Outgoing]] = {"email": [], "dicom": []}
        self.answer = Outcome(state="accepted", detail="taken")

    def channel(self, name: str) -> Any:
        """A channel that keeps what it is given under a name."""

        def send(outgoing: Outgoing) -> Outcome:
            self.sent[name].append(outgoing)
            return self.answer

        return send


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """A store of its own and two channels that keep what is sent."""
    use(LocalStore(tmp_path / "blobs", 0))
    made = Post()
    before = dict(channels._CHANNELS)
    for name in made.sent:
        channels.register(name, made.channel(name))
    yield made
    channels._CHANNELS.clear()
    channels._CHANNELS.update(before)


def claimed(world: World, reader: str = "reader") -> UUID:
    """An urgent read of NORTH that a reader has claimed."""
    ready = world.ready_case(priority="urgent")
    with world.scope("NORTH"):
        allocation.claim(actor=world.actor(reader), read_id=ready.read_id)
    return ready.read_id


def written(world: World, read_id: UUID, sections: dict[str, str] = SECTIONS, reader: str = "reader") -> int:
    """A draft with these sections; returns its version. A scope must be open."""
    actor = world.actor(reader)
    reporting.begin(actor=actor, read_id=read_id, sections={})
    return reporting.save_draft(actor=actor, read_id=read_id, version=1, sections=sections, answers={})


def sign(
    world: World,
    read_id: UUID,
    version: int,
    *,
    sections: dict[str, str] = SECTIONS,
    alert: dict[str, str] | None = ALERT,
) -> UUID:
    """Sign what was written, with an alert unless that is None; returns the signed version."""
    actor = world.actor("reader")
    seen = text_hash(canonical_text(sections))
    return reporting.sign(
        actor=actor,
        read_id=read_id,
        version=version,
        seen_sha256=seen,
        presence_token=proof(actor, report_purpose(seen)),
        alert=alert,
    )


def proof(actor: Actor, purpose: str) -> str:
    """A token that the actor was there, for one purpose."""
    assert actor.person_id is not None
    sign_in(Client(), actor.person_id)
    return accounts.confirm_presence(actor=actor, method="pin", secret="482913", purpose=purpose).token
