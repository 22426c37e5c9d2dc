"""Shards: runs of whole consecutive parts, so that several machines can draw one population."""

from __future__ import annotations

import re
from dataclasses import dataclass

from overreach.model.errors import PopulationError


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` runs of parts, as even as whole parts allow; together they are all parts, each once."""

    index: int
    """1 to `of`."""
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that `i/n` stands for; PopulationError for any other text."""
        found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        if found is None:
            message = f"`{text}` is not a shard"
            raise PopulationError(message, "write i/n: --shard 2/4 is the second of four")
        index, of = (int(each) for each in found.groups())
        if not 1 <= index <= of:
            message = f"there is no shard `{text}`"
            raise PopulationError(
                message, f"shards count from 1: 1/{of} to {of}/{of}" if of else "ask for at least 1/1"
            )
        return cls(index, of)

    def numbers(self, parts: int) -> range:
        """The parts of this shard, of `parts`; PopulationError where there are fewer parts than shards."""
        if self.of > parts:
            message = f"`{self.of}` shards are more than the population has parts"
            raise PopulationError(message, f"a part is never divided: ask for at most {parts}")
        size, larger = divmod(parts, self.of)
        first = (self.index - 1) * size + min(self.index - 1, larger)
        return range(first, first + size + (self.index <= larger))


WHOLE = Shard(1, 1)
"""Every part."""
