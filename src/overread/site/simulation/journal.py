"""What the simulation saw: who did what, and every mail that left, each with its time."""

from dataclasses import dataclass, field
from datetime import datetime

from overread.foundation.work import channels
from overread.foundation.work.channels import Outcome, Outgoing
from overread.site.simulation.moved_time import MovedTime


@dataclass(frozen=True)
class Line:
    """One thing that happened. `what` is a stable word, `words` tell it."""

    at: datetime
    who: str
    what: str
    words: str = ""


@dataclass(frozen=True)
class Mail:
    """A mail as it left."""

    at: datetime
    to: str
    subject: str
    text: str = ""


@dataclass
class Journal:
    """Lines and mails, in order. It stands in for the ways out: it takes what is sent and keeps whom it was for."""

    clock: MovedTime
    lines: list[Line] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)

    def note(self, who: str, what: str, words: str = "") -> None:
        """Write a line with the present."""
        self.lines.append(Line(self.clock.now, who, what, words))

    def of(self, what: str) -> list[Line]:
        """The lines of one kind."""
        return [line for line in self.lines if line.what == what]

    def mailed(self, to: str, containing: str = "") -> list[Mail]:
        """The mails to somebody whose subject or text holds a text, whatever its case."""
        wanted = containing.casefold()
        return [m for m in self.mails if m.to == to and wanted in f"{m.subject}\n{m.text}".casefold()]

    def take_post(self) -> None:
        """From now on nothing leaves this process: mails and DICOM objects are taken, and mails kept."""
        channels.register("email", self._email)
        channels.register("dicom", self._dicom)

    def _email(self, outgoing: Outgoing) -> Outcome:
        self.mails.append(
            Mail(
                self.clock.now,
                outgoing.to,
                str(outgoing.payload.get("subject", "")),
                str(outgoing.payload.get("text", "")),
            )
        )
        return Outcome(state="accepted", detail="taken", remote_id=outgoing.key)

    def _dicom(self, outgoing: Outgoing) -> Outcome:
        return Outcome(state="accepted", detail="taken", remote_id=outgoing.key)
