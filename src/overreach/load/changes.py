"""Facts that change while many ask: when each change took hold, and the answers that may have met one.

An answer about a child whom an event may befall, or about one tied to it, is not judged at once but held back: only
when all processes have ended is it known which changes it met (`load.settle`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from overreach.load import record
from overreach.model.probe import Answer, Observation, Probe
from overreach.probe.record import from_json


@dataclass(frozen=True, slots=True)
class Change:
    """An event took hold at some moment between two times, in seconds since the epoch."""

    event: str
    """Name of its kind in the pack."""
    child: int
    into: int | None
    """Of a merge: the child whose record stays."""
    to: int | None
    """Of a move: the user whose area became responsible; None where nobody told of it who knew."""
    sent: float
    done: float | None
    """When it was acknowledged; None where that is not known: it may have taken hold at any time, or never."""
    refused: bool = False
    """Whether the answer says that nothing was done: then it never happened."""


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that is judged later."""

    observation: Observation
    """As judged by the facts of the start."""
    answer: Answer
    began: float
    ended: float
    carried: bool = True
    """Whether the request states its claims itself; otherwise the session was told of them before."""
    declared: float | None = None
    """When it was told, in seconds since the epoch: when that was sent."""
    declared_by: float | None = None
    """When that was answered, or given up."""

    @property
    def probe(self) -> Probe:
        """What was asked."""
        return self.observation.probe


_TIMES = ("began", "ended", "carried", "declared", "declared_by")


class Unsettled:
    """The changes and the answers held back of one process, as lines in files."""

    def __init__(self, folder: Path, part: int, slack: float = 0.0) -> None:
        """`slack` is how many seconds the clocks of two processes may differ."""
        self._changes, self._held = (folder / name.format(part) for name in (record.CHANGES, record.HELD))
        self._slack = slack
        for file in (self._changes, self._held):
            file.touch()

    def hold(self, held: Held) -> None:
        """Keep an answer until every change is known."""
        answer = held.answer
        value = {
            "observation": held.observation,
            "answer": {"status": answer.status, "headers": answer.headers, "seconds": answer.seconds},
            "body": base64.b64encode(answer.body).decode(),
            "error": answer.error,
            **{name: getattr(held, name) for name in _TIMES},
        }
        _append(self._held, value)

    def note(self, change: Change) -> None:
        """Keep a change: when it is asked for, lest it be cut off, and again with what was answered."""
        done = None if change.done is None else change.done + self._slack
        _append(self._changes, asdict(replace(change, sent=change.sent - self._slack, done=done)))


def read_changes(folder: Path) -> list[Change]:
    """What took hold, or may have, of what every process noted, by time; what was noted again stands once."""
    noted: dict[tuple[str, int], list[Change]] = {}
    for value in _values(folder, record.CHANGES):
        change = Change(**value)
        noted.setdefault((change.event, change.child), []).append(change)
    # The first acknowledgement counts; without one, the last word.
    found = (next((each for each in some if each.done is not None), some[-1]) for some in noted.values())
    return sorted((change for change in found if not change.refused), key=lambda change: change.sent)


def read_held(folder: Path) -> Iterator[Held]:
    """The answers that every process held back, one after the other: all at once they may be large."""
    return map(_held, _values(folder, record.HELD))


def _held(value: dict[str, Any]) -> Held:
    parts = value["answer"]
    headers = tuple((name, text) for name, text in parts["headers"])
    answer = Answer(parts["status"], headers, base64.b64decode(value["body"]), parts["seconds"], value["error"])
    times = {name: value[name] for name in _TIMES}
    return Held(from_json(value["observation"]), answer, **times)


def _append(file: Path, value: dict[str, Any]) -> None:
    with file.open("ab") as lines:
        lines.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def _values(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for file in record.files(folder, name):
        with file.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):  # else it was cut off by a kill
                    yield orjson.loads(line)
