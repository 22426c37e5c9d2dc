"""What the driver orders of the loading process, and what that process reports: files in the session's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import orjson

ORDER = "order.json"
OBSERVATIONS = "observations.jsonl"
SUMMARY = "summary.json"


def folder_of(results: str) -> Path:
    """Where the load part reports, in the folder of a session."""
    return Path(results) / "load"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done."""

    users: int
    """Alive at once."""
    seconds: float
    """For which they work after the last of them had an answer."""
    part: int = 0
    """Which share of the members this process takes: `part` of `parts`, from 0."""
    parts: int = 1

    def write(self, folder: Path) -> None:
        """Leave the order for the loading process."""
        (folder / ORDER).write_bytes(orjson.dumps(self))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The order of the driver."""
        return cls(**orjson.loads((folder / ORDER).read_bytes()))


@dataclass(slots=True)
class Summary:
    """What was done; without it the part is unproven."""

    users: int = 0
    """Users alive at once who each had at least one answer."""
    asked: int = 0
    """Requests that were to be sent."""
    requests: int = 0
    """Answers judged."""
    seconds: float = 0.0
    """From the moment when the last user had an answer."""
    spawn_seconds: float = 0.0
    """From the first user to that moment."""
    rate: float = 0.0
    """Answers a second in `seconds`."""
    refused: int = 0
    """Members whom the policy lets sign in and the target refused."""
    throttled: int = 0
    """Answers that asked for patience, and got it."""
    checked: int = 0
    """Answers whose decision was made again by cedarpy."""
    bytes_before: int = 0
    """Proportional set size of the process before the first user."""
    bytes_after: int = 0
    """The same when the last user had had an answer."""
    permitted: int = 0
    """Answers in which something was disclosed and all of it was permitted."""
    failures: dict[str, int] = field(default_factory=dict)
    """Errors of the loading process itself -> how many."""
    latency: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """Operation -> seconds under which 50, 95 and 99 % of the answers came."""
    stopped: str = ""
    """Why the run must stop; empty where it need not."""
    remedy: str = ""
    real_person: bool = False
    """Whether it stopped because an answer could have concerned a real person."""

    def write(self, folder: Path) -> None:
        """Write the summary in one step: there is a whole one or none."""
        part = folder / f"{SUMMARY}.part"
        part.write_bytes(orjson.dumps(asdict(self)))
        part.replace(folder / SUMMARY)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The summary; None where the process did not come to its end."""
        try:
            value: Mapping[str, object] = orjson.loads((folder / SUMMARY).read_bytes())
            return cls(**value)  # type: ignore[arg-type] # checked by whoever wrote it: the same class
        except (OSError, orjson.JSONDecodeError, TypeError):
            return None
