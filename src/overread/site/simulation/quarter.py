"""The quarter: arrivals and their readers, alerts and who takes them, what lapses and who mends it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from overread.foundation.ledger.sealer import seal_once
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.refusals import NotAllowed
from overread.governance.credentials import actions as credentials
from overread.site.registers import arrange_all
from overread.site.simulation import casework
from overread.site.simulation.agenda import Agenda
from overread.site.simulation.casework import Work
from overread.site.simulation.governed import Governed
from overread.site.simulation.house import House, build_house, let_them_read
from overread.site.simulation.journal import Journal
from overread.site.simulation.judged import Judging
from overread.site.simulation.moved_time import MovedTime, moved_time
from overread.site.simulation.plan import Arrival, Plan

OTHER = {"maren": "tobias", "tobias": "maren"}
MINUTES_TO_TAKE = 7
CHECKED_BEFORE = timedelta(days=75)
CHECKED_AGAIN_AFTER = timedelta(days=23)
INDEMNITY_ENDS_AFTER = timedelta(weeks=5)
INDEMNITY_RENEWED_AFTER = timedelta(weeks=6, days=2)
REASON = "Urgent, and the other reader is not at work."


@dataclass
class Quarter:
    """A quarter while it runs."""

    plan: Plan
    clock: MovedTime
    journal: Journal
    house: House
    agenda: Agenda
    judging: Judging | None = None

    def arrive(self, arrival: Arrival) -> None:
        """A case comes in; its reader will be ready for it after some time."""
        work = casework.arrive(self.house, arrival)
        self.journal.note("client", "arrival", f"{arrival.kind} {arrival.priority}")
        ready = self.clock.now + timedelta(minutes=arrival.read_minutes)
        self.agenda.at(ready, lambda: self.read(work, arrival.reader))

    def read(self, work: Work, short: str) -> None:
        """The reader reads; where a gate is shut the other one does, and when both are shut out it is tried next day."""
        for reader in (short, OTHER[short]):
            if self.plan.away(reader, self.clock.now.date()):
                continue
            if self._signed(work, reader):
                return
        self.journal.note(short, "nobody", work.arrival.kind)
        self.agenda.at(self.clock.now + timedelta(days=1), lambda: self.read(work, short))

    def _signed(self, work: Work, reader: str) -> bool:
        urgent = work.arrival.priority != "routine"
        try:
            _, needed = casework.read(self.house, work, reader, reason=REASON if urgent else "")
        except NotAllowed as refused:
            self.journal.note(reader, "gate", refused.message)
            return False
        self.journal.note(reader, "signed", work.arrival.kind)
        if needed:
            self.journal.note(reader, "passed", REASON)
        if work.arrival.critical:
            self.agenda.at(self.clock.now + timedelta(minutes=MINUTES_TO_TAKE), lambda: self.take_alert(work))
        return True

    def take_alert(self, work: Work) -> None:
        """The referring doctor takes the alert in the portal."""
        casework.take_alerts(self.house, self.journal, work.client_id, work.case_id, "alert-taken")

    def check_register(self, short: str, today: date) -> None:
        """The manager looks at the regulator's register, later than the 90 days allow."""
        with open_scope(Scope.everything(), opened_by="command"):
            credentials.record_registration(
                actor=self.house.actor("imogen"),
                person_id=self.house.people[short],
                body="GMC",
                number="7000001",
                licence=True,
                specialist=True,
                checked_on=today,
                key=self.house.registrations[short],
            )
        self.journal.note("imogen", "register-checked", short)

    def renew_indemnity(self, short: str, today: date) -> None:
        """The manager records the certificate that should have come earlier."""
        with open_scope(Scope.everything(), opened_by="command"):
            credentials.record_indemnity(
                actor=self.house.actor("imogen"),
                person_id=self.house.people[short],
                insurer="Harbour Mutual (invented)",
                modalities=("CBCT", "CT", "MR"),
                teleradiology=True,
                jurisdiction="England and Wales",
                limit_pounds=10_000_000,
                starts_on=today,
                expires_on=today + timedelta(days=364),
            )
        self.journal.note("imogen", "indemnity-renewed", short)


def play(plan: Plan, folder: Path) -> Quarter:
    """Play a quarter on an empty installation whose store and wiring are joined.

    Args:
        plan: what will happen.
        folder: of the installation.

    Returns:
        The quarter as it ended, with its journal.

    Raises:
        RuntimeError: the database's clock cannot be moved.
        Refused: a verb refused what the plan says people do; that is a fault of the product or of the plan.
    """
    start = datetime.combine(plan.first, time(6), UTC)
    with moved_time(start) as clock:
        journal = Journal(clock)
        journal.take_post()
        house = build_house(folder)
        let_them_read(
            house,
            plan.first,
            maren_checked=plan.first - CHECKED_BEFORE,
            tobias_indemnity_ends=plan.first + INDEMNITY_ENDS_AFTER,
        )
        quarter = Quarter(plan, clock, journal, house, Agenda(clock))
        for arrival in plan.arrivals:
            quarter.agenda.at(arrival.at, partial(quarter.arrive, arrival))
        checked = start + CHECKED_AGAIN_AFTER
        quarter.agenda.at(checked, lambda: quarter.check_register("maren", checked.date()))
        Governed(house, quarter.agenda, journal, plan.first).begin()
        quarter.judging = Judging(house, quarter.agenda, journal, plan)
        quarter.judging.begin()
        for day in range((plan.last - plan.first).days + 1):
            quarter.agenda.at(start + timedelta(days=day), arrange_all)
        renewed = start + INDEMNITY_RENEWED_AFTER
        quarter.agenda.at(renewed, lambda: quarter.renew_indemnity("tobias", renewed.date()))
        quarter.agenda.run(datetime.combine(plan.last, time(23, 59), UTC))
        while seal_once():
            pass
    return quarter
