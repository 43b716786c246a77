"""The provider's own thresholds: taken at the start of a process, refused when they are not safe, told to the ledger."""

from datetime import date
from pathlib import Path

from django.utils import timezone

from overread.foundation.ledger import queries as ledger
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current
from overread.foundation.thresholds.current import FILE_NAME, Edition
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor

PROCESS = Actor.system("thresholds")
SUBJECT = ("thresholds", "acting")


def on_disk(folder: Path, today: date | None = None) -> Edition:
    """What the installation's folder says now.

    Args:
        folder: of the installation; its thresholds.toml may be absent.
        today: the day on which decisions are looked at; None for the present one.

    Raises:
        Refused: the provider's file is malformed, incomplete or not safe.
    """
    return current.with_decisions(folder / FILE_NAME, today or timezone.localdate())


def take(folder: Path) -> None:
    """Let the installation's thresholds act in this process.

    Raises:
        Refused: as `on_disk`.
    """
    current.use(on_disk(folder))


def last_recorded() -> str:
    """The hash of the thresholds that the ledger knows to have acted last, or ""; needs a scope of the provider."""
    entries = ledger.entries_about(*SUBJECT, None)
    newest = max(entries, key=lambda entry: entry.id, default=None)
    return str(newest.facts.get("sha256", "")) if newest else ""


@action("thresholds.act")
def record(*, actor: Actor, edition: Edition) -> None:
    """Write that other thresholds act from now on: their hash, and the names of those that the provider decided."""
    note(subject=SUBJECT, facts={"sha256": edition.sha256, "changed": ", ".join(edition.changed)})


def record_if_new() -> bool:
    """Record the acting thresholds unless they are the last recorded ones. Returns whether an entry was written."""
    edition = current.edition()
    with open_scope(Scope.provider(), opened_by="worker"):
        if last_recorded() == edition.sha256:
            return False
        record(actor=PROCESS, edition=edition)
    return True
