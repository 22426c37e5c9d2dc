"""What is lost with a worker of a fleet: never silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from overreach.load import record
from overreach.load.journal import read_answers
from overreach.model.finding import NotExamined
from overreach.model.terms import Part


@dataclass(frozen=True, slots=True)
class Loss:
    """A worker that was given up."""

    users: Sequence[int]
    """Whose row numbers in the population."""
    since: float
    """Seconds since the epoch: what they asked later is not known."""
    reassigned: int
    """How many of them went on with another worker."""

    def write(self, folder: Path, part: int) -> None:
        """Leave it beside the files of that part."""
        record.replace_json(folder / record.LOST.format(part), asdict(self))


def shared_out(users: Sequence[int], among: int) -> list[list[int]]:
    """The users in as many lists of nearly the same length."""
    return [list(users[start::among]) for start in range(among)]


def losses(folder: Path) -> dict[int, Loss]:
    """Part -> what was lost with it."""
    files = record.files(folder, record.LOST)
    return {int(file.stem.rpartition("-")[2]): Loss(**orjson.loads(file.read_bytes())) for file in files}


def received(folder: Path, part: int) -> int:
    """Answers of a lost part that had come before."""
    file = folder / record.ANSWERS.format(part)
    return sum(1 for _ in read_answers(file)) if file.exists() else 0


def gaps(folder: Path) -> Iterator[NotExamined]:
    """What is unproven because of it."""
    for loss in losses(folder).values():
        since = datetime.fromtimestamp(loss.since, UTC)
        reason = f"their worker was lost: nothing is known of it after {since:%H:%M:%S} UTC"
        if loss.reassigned < len(loss.users):
            reason += f"; {loss.reassigned} of them went on elsewhere"
        yield NotExamined(Part.LOAD, "users of a lost worker", reason, len(loss.users), blocking=True)
