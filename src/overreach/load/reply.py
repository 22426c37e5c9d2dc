"""What a habit sees of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.model.probe import Observation


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int
    """HTTP status; 0 where no whole head of an answer came."""
    observation: Observation | None
    """How it was judged; None where answers are not."""
    number: bytes
    """Record number of the child asked about."""
    body: bytes

    @property
    def done(self) -> bool:
        """Whether the target says that it did as it was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - acknowledged, in HTTP

    def shows(self, child: int) -> bool:
        """Whether the answer holds the record of the child asked about."""
        if self.observation is None:
            return self.number in self.body
        return any(each.child == child for each in self.observation.disclosures)
