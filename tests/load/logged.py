"""A load as its processes leave it, and the rows that an honest log has of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from overreach.load import record
from overreach.load.comparing import Amiss, Comparison, Reading
from overreach.load.journal import Journal, Row, write_people
from overreach.load.ledger import Ledger
from overreach.model.terms import Verdict
from overreach.pack.config import Pack
from overreach.probe.logbook import of_this_run

ROOT = Path(__file__).parents[2]
OPERATIONS = Pack.read(ROOT).target.operations
POPULATION = 8
USERNAMES = pa.array([f"user{number}" for number in range(POPULATION)], pa.string())
LogRow = dict[str, Any]


def answer(user: int, number: int, status: int = 200, found: Sequence[int] = (), operation: str = "view") -> Row:
    """One answer; a 401 is the refusal of somebody who had signed out."""
    return Row(
        1.0, 0.5, user, number, None, operation, None, carried=True, status=status, verdict=Verdict.HELD,
        permitted=bool(found), found=found,
    )  # fmt: skip


def logged(row: Row) -> LogRow:
    """The row that the log should have of it."""
    return named(f"load-{row.user}-{row.number}", f"user{row.user}", [f"n{child}" for child in row.found])


def named(request_id: str, user: str, results: Sequence[str] = ()) -> LogRow:
    """A row of the log."""
    return {"id": "7", "user": user, "operation": "view", "results": list(results), "request_id": request_id}


@dataclass
class Load:
    """What the users of a load sent."""

    answers: Sequence[Row]
    asked: dict[int, int] = field(default_factory=dict)
    """User -> requests, of everybody who took part."""
    lost: frozenset[int] = frozenset()

    def ledger(self, folder: Path, parts: int = 1) -> Ledger:
        """The ledger of the files that `parts` processes leave in a folder."""
        for part in range(parts):
            book = Journal(folder / record.ANSWERS.format(part), list(OPERATIONS), ["welfare"])
            for row in self.answers[part::parts]:
                book.add(row)
            book.close()
        people = [(user, "practitioner", None, asked) for user, asked in self.asked.items()]
        write_people(folder / record.PEOPLE.format(0), people)
        lost = np.zeros(POPULATION, dtype=np.bool_)
        lost[sorted(self.lost)] = True
        return Ledger.read(folder, lost)


def comparison(ledger: Ledger, told: list[Amiss], stays: Mapping[int, int] | None = None) -> Comparison:
    """Compares with a log in which child 3 has the number `n3`."""
    reading = Reading(USERNAMES, lambda number: int(number[1:]), of_this_run, stays or {})
    return Comparison(ledger, reading, ledger.owe_alert(OPERATIONS), told.append)
