"""The field of view of a dental volume decides who may read it, asked on every way to a report (REQ-81).

Not covered here: the boundaries of the rule itself (journey/case/tests/test_dental.py), which are asked again below
through worklist and claim; and how a header is measured (journey/archive/tests/test_extent.py).
"""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.refusals import NotAllowed
from overread.governance.credentials import actions as credentials
from overread.governance.credentials.models import Privilege
from overread.journey.allocation import actions as allocation
from overread.journey.allocation import queries
from overread.journey.archive.models import Series
from overread.journey.case.rules import field_mm
from overread.journey.case.tests.test_dental import FIELDS
from tests.journeys.house import House, house, text_of
from tests.journeys.test_pages import _saved, _signing
from tests.signing import CBCT_SECTIONS
from tests.world import ReadyCase, world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]
ONLY = "Only a dental and maxillofacial radiologist or a radiologist registered with the GMC reads this volume"


def _scope_of(house: House, scope: str, reader: str = "reader") -> None:
    """Let a reader's privileges say this of cone-beam CT."""
    person_id = house.world.people[reader].id
    with open_scope(Scope.provider(), opened_by="test"):
        held = Privilege.objects.filter(person_id=person_id).latest("recorded_at")
        credentials.record_privilege(
            actor=house.world.actor("manager"),
            person_id=person_id,
            modalities=tuple(held.modalities),
            read_types=tuple(held.read_types),
            scope=scope,
            key=held.key,
        )


def _volume(house: House, diameter: str = "8", height: str = "8", region: str = "lower-jaw", **more: Any) -> ReadyCase:
    return house.world.ready_case(
        "SOUTH",
        modality="CBCT",
        body_part="JAW",
        procedure="CBCT jaw",
        region=region,
        field_diameter_mm=field_mm(diameter),
        field_height_mm=field_mm(height),
        **more,
    )


def _measured(house: House, made: ReadyCase, across: float, height: float) -> None:
    """The images of a case say how much they show."""
    with house.world.scope("SOUTH"):
        Series.objects.filter(study_id=made.study_id).update(across_mm=across, low_mm=0.0, high_mm=height)


@pytest.mark.parametrize(("diameter", "height", "region", "dento_alveolar"), FIELDS)
def test_each_boundary_of_the_rule_decides_worklist_and_claim(
    house: House, diameter: str, height: str, region: str, dento_alveolar: bool
) -> None:
    """A reader of teeth and jaws may claim a volume of 8.0 cm and not one of 8.1 cm, in every case of the rule (REQ-81)."""
    _scope_of(house, "dento_alveolar")
    made = _volume(house, diameter, height, region)
    why = house.get("reader", f"/worklist/{made.read_id}/why/")
    assert (ONLY in why) is not dento_alveolar
    house.post("reader", f"/read/{made.read_id}/claim/", status=302 if dento_alveolar else 403)


def test_a_large_volume_is_refused_on_every_way_to_a_report_with_its_reason(house: House) -> None:
    """Worklist, claim, take-over, images and signature refuse an urgent volume of 16 cm too, and say why (REQ-81, H12)."""
    made = _volume(house, "16", "10", priority="emergency")
    read = f"/read/{made.read_id}/"
    house.post("reader", f"{read}claim/")
    _saved(house, read, CBCT_SECTIONS)
    fields = _signing(house, read)
    _scope_of(house, "dento_alveolar", "reader2")
    _volume(house, "17", "10", priority="emergency")
    assert "17 x 10 cm is larger than 8 cm" in house.get("reader2", "/worklist/?view=all")
    refused = text_of(house.post("reader2", f"{read}take-over/", {"reason": "I am free now"}, 403))
    assert ONLY in refused
    _scope_of(house, "dento_alveolar")
    house.get("reader", f"{read}coverage/", 404)
    page = text_of(house.post("reader", f"{read}sign/", {**fields, "gate_reason": "The patient waits in pain."}, 422))
    assert "You may not sign this report" in page
    assert "16 x 10 cm" in page
    _scope_of(house, "gmc_radiologist")
    assert "since its field of view of 16 x 10 cm" in house.get("reader", f"/worklist/{made.read_id}/why/")
    house.post("reader", f"{read}sign/", fields)


def test_the_larger_of_form_and_images_counts_and_the_difference_is_said(house: House) -> None:
    """A form that says 6 x 6 cm does not make a volume of 15 cm small; the page says what differs (REQ-81)."""
    _scope_of(house, "dento_alveolar")
    made = _volume(house, "6", "6")
    _measured(house, made, 150.2, 90.0)
    assert "The form says 6 x 6 cm, the images measure 15 x 9 cm; the larger counts" in house.get(
        "reader", f"/worklist/{made.read_id}/why/"
    )
    house.post("reader", f"/read/{made.read_id}/claim/", status=403)
    house.post("reader2", f"/read/{made.read_id}/claim/")
    assert "the images measure 15 x 9 cm" in house.get("reader2", f"/read/{made.read_id}/")
    larger_form = _volume(house, "12", "8")
    _measured(house, larger_form, 60.0, 60.0)
    house.post("reader", f"/read/{larger_form.read_id}/claim/", status=403)


def test_one_voxel_more_on_each_side_does_not_make_a_volume_large(house: House) -> None:
    """A volume of 8 cm that is stored as 401 voxels of 0.2 mm is still one of 8 cm, and nobody is told of a difference."""
    _scope_of(house, "dento_alveolar")
    made = _volume(house)
    _measured(house, made, 80.2, 80.2)
    assert "the larger counts" not in house.get("reader", f"/worklist/{made.read_id}/why/")
    house.post("reader", f"/read/{made.read_id}/claim/")


def test_a_privilege_alone_makes_nobody_a_dental_radiologist(house: House) -> None:
    """A scope that no register bears out opens no large volume; an entry as specialist with the GDC does (REQ-81, REQ-91)."""
    _scope_of(house, "dmf_radiologist")
    made = _volume(house, "16", "10")
    house.post("reader", f"/read/{made.read_id}/claim/", status=403)
    with open_scope(Scope.provider(), opened_by="test"):
        credentials.record_registration(
            actor=house.world.actor("manager"),
            person_id=house.world.people["reader"].id,
            body="GDC",
            number="261234",
            checked_on=timezone.localdate(),
            licence=True,
            specialist=True,
            valid_from=timezone.now() - timedelta(days=1),
        )
    house.post("reader", f"/read/{made.read_id}/claim/")


def test_other_examinations_are_not_asked_for_a_field_of_view(house: House) -> None:
    """A head CT has no such gate, so that a reader without cone-beam training reads it as before."""
    reader: UUID = house.world.people["reader"].id
    _scope_of(house, "dento_alveolar")
    made = house.world.ready_case("NORTH")
    with house.world.scope("NORTH"):
        assert "field-of-view" not in {r.gate for r in queries.gates(made.read_id, reader)}
        allocation.claim(actor=house.world.actor("reader"), read_id=made.read_id)
    dental = _volume(house, "9", "4")
    with house.world.scope("SOUTH"):
        gate = {r.gate: r for r in queries.gates(dental.read_id, reader)}["field-of-view"]
        assert gate.hard
        with pytest.raises(NotAllowed, match=re.escape("9 x 4 cm is larger than 8 cm")):
            allocation.claim(actor=house.world.actor("reader"), read_id=dental.read_id)
