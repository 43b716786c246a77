"""Building an inspection pack: every area is asked, for every client, and the files are kept or written to a folder."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from overread.foundation.blobs.current import current
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.inspection import actions, formats, queries
from overread.governance.inspection.events import PackAsked
from overread.governance.inspection.formats import Line, Paper, Table
from overread.governance.inspection.queries import Answer, PackView
from overread.governance.inspection.rules import digest

BUILDER = Actor.system("pack-builder")
ROWS_PRINTED = 60


def _table(one: Answer) -> Table:
    found = one.found
    return Table(
        name=one.fact.name,
        title=one.fact.title,
        headline=found.headline,
        gaps=found.gaps,
        columns=found.columns,
        shown=found.rows[:ROWS_PRINTED],
        count=len(found.rows),
        regulations=", ".join(one.fact.regulations),
    )


def _paper(pack: PackView, given: tuple[Answer, ...], content_sha256: str) -> Paper:
    edition = queries.edition_of(pack.edition)
    views = queries.questions(edition, given, pack.as_at)
    return Paper(
        provider=settings.OVERREAD_PROVIDER_NAME,
        edition=edition.title,
        note=edition.note,
        from_at=pack.from_at,
        to_at=pack.to_at,
        as_at=pack.as_at,
        known_by=pack.known_by,
        content_sha256=content_sha256,
        findings=tuple(_table(a) for a in given if a.fact.first),
        questions=tuple(
            (v.words, tuple(Line(s.statement.words, s.standing.words, s.count, s.newest) for s in v.statements))
            for v in views
        ),
        tables=tuple(_table(a) for a in given if not a.fact.first),
    )


def files_of(pack: PackView) -> tuple[dict[str, bytes], str, tuple[Answer, ...]]:
    """The files of a pack by name, the hash of its content, and the answers in it. Needs a scope of every client.

    The answers are read one after another: what is recorded meanwhile is later than `known_by` and is left out.
    """
    given = queries.answers(pack.period)
    content = queries.content(pack.period, queries.edition_of(pack.edition), given)
    content_sha256 = digest(content)
    files = {"pack.json": content, "pack.pdf": formats.pdf_of(_paper(pack, given, content_sha256))}
    files |= {f"csv/{a.fact.name}.csv": formats.csv_of(a.found.columns, a.found.rows) for a in given}
    files[formats.INDEX] = formats.index_of(files)
    return files, content_sha256, given


def _found(pack_id: UUID) -> PackView:
    pack = queries.pack(pack_id)
    if pack is None:
        raise LookupError("There is no such pack.")
    return pack


def build(event: PackAsked) -> None:
    """Build a pack that was asked for and keep its archive; done twice, it changes nothing."""
    with open_scope(Scope.everything(), opened_by="worker"):
        pack = _found(event.pack_id)
        if pack.built_at is not None:
            return
        files, content_sha256, given = files_of(pack)
        archive = formats.archive_of(files)
        ref = current().put(archive)
        _keep(pack.id, given, content_sha256, ref.key, ref.sha256, ref.length)


def write(pack_id: UUID, folder: Path) -> tuple[str, int]:
    """Write a pack's files into a folder. Returns the hash of its content and how many gaps are in it."""
    with open_scope(Scope.everything(), opened_by="command"):
        pack = _found(pack_id)
        files, content_sha256, given = files_of(pack)
        for name, data in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        index = files[formats.INDEX]
        return content_sha256, _keep(pack_id, given, content_sha256, "", digest(index), len(index))


def _keep(pack_id: UUID, given: tuple[Answer, ...], content_sha256: str, key: str, sha256: str, length: int) -> int:
    gaps = sum(len(a.found.gaps) for a in given)
    actions.keep_pack(
        actor=BUILDER,
        pack_id=pack_id,
        key=key,
        sha256=sha256,
        length=length,
        content_sha256=content_sha256,
        facts=len(given),
        gaps=gaps,
    )
    return gaps
