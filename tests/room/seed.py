"""Fill an installation for tests of the reading room: `python -m tests.room.seed FOLDER` prints what there is as JSON.

A process of its own, so that the service under test runs on an installation and not on the database of the tests. Images
are generated, their bytes lie in the installation's own store, and readers come with a session that has a second factor.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from tests.world import World

PLAIN = 16
IMAGES = 8
PEOPLE = "Quillfeather Marrowby Tansley Oxbow Penhallow Sorrel Wick Yarrow Upshire Kestrel Dunmow Farthing Garrick Hollin Ivens Jessop"


def _prepare(folder: Path) -> None:
    os.environ["OVERREAD_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "overread.site.settings"
    from overread.site.commands.install import make_secrets
    from overread.site.commands.prepared import set_up

    make_secrets(folder)
    (folder / "demo").touch()
    set_up(str(folder))
    from overread.site.installation import migrate

    migrate()


def _objects(series: Any, source: Path, *, absent: bool = False) -> tuple[Any, ...]:
    """The stored objects of a generated series; `absent` names bytes that are not in the store."""
    from django.utils import timezone

    from overread.foundation.blobs.current import current
    from overread.journey.archive.rules import StoredObject
    from tests.viewer import phantom

    found = []
    for path in phantom.make(source, series):
        ref = current().put(path.read_bytes())
        ds = phantom.read(path)
        found.append(
            StoredObject(
                sop_uid=ds.SOPInstanceUID,
                sop_class=ds.SOPClassUID,
                study_uid=ds.StudyInstanceUID,
                series_uid=ds.SeriesInstanceUID,
                transfer_syntax=ds.file_meta.TransferSyntaxUID,
                key=f"sha256/00/00/{uuid4().hex}" if absent else ref.key,
                sha256=ref.sha256,
                length=ref.length,
                received_at=timezone.now(),
                source="NORTH_CT2",
                identifier=f"H{series.study:06d}",
                study_date=date(int(series.date[:4]), int(series.date[4:6]), int(series.date[6:])),
                modality="CT",
                study_description="CT head",
                series_description=series.description,
                series_number=series.number,
                number=ds.InstanceNumber,
                rows=ds.Rows,
                columns=ds.Columns,
            )
        )
    return tuple(found)


class Filling:
    """Makes cases with images that exist, one after another."""

    def __init__(self, world: World, source: Path) -> None:
        self.world, self.source = world, source
        self.study = 0

    def series(self, **changes: Any) -> Any:
        """The next generated series."""
        from tests.viewer import phantom

        self.study += 1
        return replace(phantom.Series(self.study, 2, "Axial 5 mm", "H31s", IMAGES, 5.0, "20261118"), **changes)

    def index(self, code: str, objects: tuple[Any, ...]) -> UUID:
        """Put objects into a client's archive; returns the study's id."""
        from overread.journey.archive import actions as archive
        from tests.world import SEED

        with self.world.scope(code):
            return archive.index(actor=SEED, client_id=self.world.clients[code], objects=objects).study_ids[0]

    def case(
        self, name: str, code: str = "NORTH", *, absent: bool = False, prior: bool = False, **changes: Any
    ) -> dict[str, str]:
        """A case of a person of this family name whose read can be claimed; what a test must know of it."""
        from django.utils import timezone

        from overread.journey.archive import actions as archive
        from overread.journey.case import actions as case
        from overread.journey.case import queries as cases
        from tests.viewer import phantom
        from tests.world import SEED

        series = self.series(**changes)
        study_id = self.index(code, _objects(series, self.source, absent=absent))
        patient_id = self.world.register(code, family=name, identifier=f"P{series.study:06d}")
        modality = "CBCT" if code == "SOUTH" else "CT"
        with self.world.scope(code):
            archive.set_patient(actor=SEED, study_id=study_id, patient_id=patient_id)
            case_id = case.open_case(
                actor=SEED,
                client_id=self.world.clients[code],
                priority="routine",
                patient_id=patient_id,
                modality=modality,
                body_part="HEAD",
                procedure="CT head",
                question=f"Fall of {series.study} steps. Bleed?",
                accession=f"ACC-{series.study:04d}",
                referral_id=uuid4(),
                referral_number=f"R-{series.study:04d}",
            )
            facts = self.world.facts(study_id)
            case.attach_study(actor=SEED, case_id=case_id, study_id=study_id, facts=facts, complete_at=timezone.now())
        if prior:
            self.prior(code, case_id)
        with self.world.scope(code):
            view = cases.case(case_id)
            assert view is not None
            return {
                "read": str(cases.reads_of(case_id)[0].id),
                "case": str(case_id),
                "number": view.number,
                "family": name,
                "study": phantom.study_uid(series.study),
                "sop": f"{phantom.ROOT}.{series.study}.2.1",
            }

    def prior(self, code: str, case_id: UUID) -> None:
        """An earlier study of the same person, attached as prior."""
        from overread.journey.case import actions as case
        from tests.world import SEED

        study_id = self.index(code, _objects(self.series(date="20240302", collection=False), self.source))
        with self.world.scope(code):
            facts = self.world.facts(study_id)
            case.attach_study(actor=SEED, case_id=case_id, study_id=study_id, facts=facts, role="prior")


def _session(world: World, name: str) -> str:
    from django.test import Client

    from overread.foundation.accounts.tests.people import sign_in
    from tests.desks import sit

    browser = Client()
    sign_in(browser, world.people[name].id)
    sit(browser, world.people[name].id)
    return str(browser.session.session_key)


def main(folder: Path) -> None:
    """Make and fill an installation, and say what is in it."""
    _prepare(folder)
    from tests.world import build

    world = build()
    with tempfile.TemporaryDirectory() as source:
        filling = Filling(world, Path(source))
        made: dict[str, Any] = {
            "plain": [filling.case(name) for name in PEOPLE.split()[:PLAIN]],
            "prior": filling.case("Withycombe", prior=True),
            "south": filling.case("Rosewarne", "SOUTH"),
            "absent": filling.case("Lostwith", absent=True),
            "tilted": filling.case("Slantworth", tilt=15.0),
        }
    made["sessions"] = {name: _session(world, name) for name in ("reader", "reader2")}
    made["people"] = {name: str(view.id) for name, view in world.people.items()}
    print(json.dumps(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
