"""Sharing the whole's numbers out to its parts, so that the parts' numbers add up exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.sampling import Ints, Quota, quota

CHILDREN = 131_072
"""Children of a part, at most; parts of a population are about equal."""
_FEWEST = 4  # children of an authority, so that the smallest has somebody
STRIDE = 1 << 19
"""Rows of families, addresses and carers that a part may have: those of a part begin at its number times so many."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A population cut into parts 1 to `parts`; what belongs to everybody is part 0."""

    parts: int

    @classmethod
    def of(cls, children: int) -> Cut:
        """As few parts as hold so many children."""
        return cls(max(1, -(-children // CHILDREN)))

    def portion(self, total: int, part: int) -> int:
        """What the part has of a total; the totals of all parts are the whole's."""
        return total * part // self.parts - total * (part - 1) // self.parts

    def portions(self, totals: Ints, part: int) -> Ints:
        """`portion` of each total."""
        return totals * part // self.parts - totals * (part - 1) // self.parts

    def before(self, totals: Ints, part: int) -> int:
        """What the parts before it have, of all totals together."""
        return int((totals * (part - 1) // self.parts).sum())


@dataclass(frozen=True, slots=True)
class Portion:
    """What one part has of the whole's quotas."""

    cut: Cut
    part: int
    children: int
    """Of the whole."""
    families: int
    """Of the whole."""

    def of_children(self, quota: Quota) -> int:
        """The part's portion of a share of all children."""
        return self.cut.portion(quota.of(self.children), self.part)

    def of_families(self, quota: Quota) -> int:
        """The part's portion of a share of all families."""
        return self.cut.portion(quota.of(self.families), self.part)


def family_counts(sizes: Ints, children: int) -> Ints:
    """Families of one child, of two and so on, in the proportion of `sizes`, with exactly so many children in all."""
    number = np.arange(1, len(sizes) + 1, dtype=np.int64)
    families = max(1, children * int(sizes.sum()) // int((sizes * number).sum()))
    counts = quota(sizes, families)
    # Rounding leaves a few children over, or too many: families of one make it good, then the next smallest.
    over = int((counts * number).sum()) - children
    for size in number.tolist():
        if over <= 0:
            break
        fewer = min(int(counts[size - 1]), -(-over // size))
        counts[size - 1] -= fewer
        over -= fewer * size
    counts[0] -= over
    return counts


def children_in(weights: Ints, children: int) -> Ints:
    """Children of each authority in proportion to `weights`; a few in each, as far as there are enough."""
    counts = quota(weights, children)
    counts = np.maximum(counts, min(_FEWEST, children // len(weights)))
    while (over := int(counts.sum()) - children) > 0:
        counts[np.argmax(counts)] -= min(over, _FEWEST)
    return counts
