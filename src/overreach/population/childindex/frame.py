"""The whole that the parts of an index of children are cut from: numbers only, known before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.families import Families, draw_families
from overreach.population.childindex.portion import Cut, Portion
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.standing import Shares, Standing, draw_standing
from overreach.population.sampling import Draws, Ints


@dataclass(frozen=True, slots=True)
class Frame:
    """The whole that the parts are cut from."""

    setting: Setting
    cut: Cut
    families_of: Ints
    """Families of one child, of two and so on."""
    children_in: Ints
    """Children of each authority."""

    def draws(self, part: int, stage: str) -> Draws:
        """The stream of a stage of a part."""
        return self.setting.draws(f"part {part}: {stage}")

    @property
    def families(self) -> int:
        """How many families there are."""
        return int(self.families_of.sum())

    def portion(self, part: int) -> Portion:
        """What a part has of the quotas."""
        return Portion(self.cut, part, self.setting.order.children, self.families)

    def before(self, part: int) -> int:
        """Children of the parts before it: the row number of its first."""
        return self.cut.before(self.children_in, part)

    def sizes(self) -> Ints:
        """Children of part 1, of part 2 and so on."""
        starts = [self.before(part) for part in range(1, self.cut.parts + 1)]
        return np.diff([*starts, self.setting.order.children]).astype(np.int64)

    def draw_families(self, part: int) -> tuple[Families, Standing]:
        """Families of a part and the standing of their records, which nothing else has a part in."""
        children_in = self.cut.portions(self.children_in, part)
        counts = self.cut.portions(self.families_of, part)
        # Rounding by size and by authority differ by a few children: families of one make it even.
        counts[0] += int(children_in.sum()) - int((counts * np.arange(1, len(counts) + 1)).sum())
        families = draw_families(self.draws(part, "families"), counts, children_in)
        shares = Shares.of(self.setting.judgement, self.portion(part))
        return families, draw_standing(self.draws(part, "standing"), shares, families)
