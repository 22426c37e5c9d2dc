"""How a load is going, from what its processes said of themselves last."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import orjson

from overreach.load import record


@dataclass(frozen=True, slots=True)
class Going:
    """All processes together."""

    users: int
    """Who have had an answer."""
    wanted: int
    rate: float
    """Answers a second, of the last three seconds."""
    p95: float
    """Seconds under which 95 % of them came, in the slowest process."""
    overreach: int
    unproven: int
    passed: float
    """Seconds since everybody was up; 0 until then."""
    seconds: float
    """For which they work from then on."""

    @classmethod
    def read(cls, folder: Path, wanted: int, seconds: float) -> Self:
        """The last words of every process; zeros where none has said anything."""
        said = [orjson.loads(file.read_bytes()) for file in record.files(folder, record.LIVE)]
        return cls(
            users=sum(each["users"] for each in said),
            wanted=wanted,
            rate=sum(each["rate"] for each in said),
            p95=max((each["p95"] for each in said), default=0.0),
            overreach=sum(each["overreach"] for each in said),
            unproven=sum(each.get("unproven", 0) for each in said),
            passed=min(max((each.get("passed", 0.0) for each in said), default=0.0), seconds),
            seconds=seconds,
        )

    @property
    def words(self) -> str:
        """Two lines, the first with how far it is: also for a log, in which they become one."""
        left = f"{self.seconds - self.passed:,.0f} s left" if self.passed else f"{self.seconds:g} s once all are up"
        return (
            f"load: {self.users:,} of {self.wanted:,} users up, {left}\n{self.rate:,.0f} answers a second,"
            f" 95 % within {self.p95 * 1000:,.0f} ms, {self.overreach:,} overreach, {self.unproven:,} unproven"
        )

    @property
    def steps(self) -> tuple[int, int]:
        """How much is done, and how much there is: users until all are up, then seconds."""
        return (int(self.passed), max(int(self.seconds), 1)) if self.passed else (self.users, self.wanted)
