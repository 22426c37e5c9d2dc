"""From what is amiss in the log to violations, each with a probe: the request made again, or made of the row."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.load.comparing import Amiss
from overreach.load.ledger import Ledger
from overreach.model.decision import Claims
from overreach.model.probe import Probe, Request, Violation
from overreach.model.terms import Duty, Part, Rung
from overreach.probe.judge import place_of
from overreach.probe.logbook import ROW, unmet, with_query
from overreach.probe.session import Bench
from overreach.target.operations import render


@dataclass(frozen=True, slots=True)
class Blame:
    """Makes the violation of whatever is amiss."""

    bench: Bench
    ledger: Ledger
    part: Part
    """Which part of the audit the load is."""
    reader: int
    """Row number of the user who read the log: stands for whoever a row names who is nobody of the population."""

    def of(self, amiss: Amiss) -> tuple[Probe, Violation]:
        """The probe that shows it, and the duty that was not met."""
        duty = Duty.ALERT if amiss.alert else Duty.LOG
        if amiss.place is None:
            probe = self._of_row(amiss)
            return probe, unmet(probe, duty, self._place_of_row(amiss), amiss.detail)
        probe = self.sent(amiss.place)
        place = place_of(self.bench.pack.target.operation(probe.operation))
        return probe, unmet(probe, duty, place, amiss.detail, found=bool(self.ledger.counts[amiss.place]))

    def sent(self, place: int) -> Probe:
        """The request of an answer, made again: the same child, operation and claims give the same request."""
        ledger, user = self.ledger, self.ledger.user(place)
        operation = self.bench.pack.target.operation(ledger.operations[ledger.operation[place]])
        reason, carried = ledger.claim(place)
        claims, child = Claims(reason=reason), int(ledger.child[place])
        request_id = f"load-{user}-{ledger.number(place)}"
        request = None
        if child >= 0:
            stated = claims if carried else Claims()
            request = render(operation, self.bench.population.child_fields(child), stated, request_id)
        return Probe(
            part=self.part,
            operation=operation.name,
            user=user,
            role=self._role(user),
            child=child if child >= 0 else None,
            rung=Rung.DECLARED if reason else Rung.OPEN,
            claims=claims,
            request=request or Request(operation.method, operation.path, "", request_id),
            by=operation.by,
        )

    def _of_row(self, amiss: Amiss) -> Probe:
        """Nobody sent a request: the probe reads the row, and is of the user whom the row concerns."""
        row = amiss.row or {}
        user = self.reader if amiss.user is None else amiss.user
        number = next(iter(row.get("results", ())), "")
        method, path = self.bench.pack.target.log
        before = f"after={int(row['id']) - 1}&limit=1" if str(row.get("id", "")).isdecimal() else ""
        return Probe(
            part=self.part,
            operation=ROW,
            user=user,
            role=self._role(user),
            child=self.bench.population.child_by_number(number),
            rung=Rung.OPEN,
            claims=Claims(),
            request=Request(method, with_query(path, before), "", str(row.get("request_id", ""))),
        )

    def _place_of_row(self, amiss: Amiss) -> str:
        """The endpoint that the row names, or the log itself where the pack knows no operation of that name."""
        target = self.bench.pack.target
        named = str((amiss.row or {}).get("operation", ""))
        method, path = target.log
        return (
            place_of(target.operations[named]) if named in target.operations else f"{method} {path.partition('?')[0]}"
        )

    def _role(self, user: int) -> str:
        return str(self.bench.population.user_fields(user)["role"])
