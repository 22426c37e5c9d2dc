"""The standing of records: shielded, archived, looked after, adopted; each by quota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.layout import NEVER
from overreach.population.sampling import Draws, Flags, Ints
from overreach.population.siblings import Siblings

# The first archived records, so that a small world has both sorts; the shielded ones come first.
_FIRST_YEARS = (1, 2, 1, 3, 2, 1)
_YEARS = 6


@dataclass(frozen=True, slots=True)
class Standing:
    """One row a child."""

    shielded: Flags
    shielded_since: Ints
    """Days since 1970-01-01, or `NEVER`."""
    beside_sibling: Flags
    """Shielded while a sibling at the same address is not."""
    archive_year: Ints
    looked_after: Flags
    adopted: Flags
    renamed: Flags
    """Has a former name; the adopted all have."""
    born: Ints
    """Date of birth: those of archived records are of grown people."""

    @property
    def live(self) -> Flags:
        """Not archived."""
        return np.equal(self.archive_year, 0)


def draw_standing(draws: Draws, judgement: Judgement, siblings: Siblings, authority: Ints) -> Standing:
    """Standing of every child; `authority` is that of each family."""
    children = len(siblings.family)
    shielded, beside, alone = _shield(draws, judgement, siblings, authority)
    archive_year = _archive(draws, judgement, siblings, shielded, alone)
    live = archive_year == 0
    looked_after = np.zeros(children, dtype=np.bool_)
    single = siblings.sizes[siblings.family] == 1
    looked_after[_some(draws, single & live, judgement.looked_after.of(children))] = True
    renamed, adopted = _rename(draws, judgement, shielded, live)
    return Standing(
        shielded=shielded,
        shielded_since=_since(draws, judgement, shielded),
        beside_sibling=beside,
        archive_year=archive_year,
        looked_after=looked_after,
        adopted=adopted,
        renamed=renamed,
        born=_grown(draws, judgement, siblings, archive_year),
    )


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _some(draws: Draws, among: Flags, count: int) -> Ints:
    return draws.shuffled(np.flatnonzero(among))[:count]


def _shield(draws: Draws, judgement: Judgement, siblings: Siblings, authority: Ints) -> tuple[Flags, Flags, Ints]:
    """Shielded children, those beside an unshielded sibling, and the rows of those without any sibling."""
    children = len(siblings.family)
    total = judgement.shielded.of(children)
    beside_count = max(2, total * judgement.shielded_beside_sibling // 100)
    pair_count = max(1, total * judgement.shielded_pairs // 100)
    alone_count = total - beside_count - 2 * pair_count
    order = draws.order(siblings.families)
    size = siblings.sizes[order]
    pairs = order[size == 2][:pair_count]  # noqa: PLR2004 - two siblings
    several = order[(size > 1) & ~np.isin(order, pairs)][:beside_count]
    alone = _from_many_places(order[size == 1], authority, alone_count // 2)[:alone_count]
    eldest = siblings.eldest
    shielded, beside = np.zeros((2, children), dtype=np.bool_)
    shielded[eldest[alone]] = True
    shielded[eldest[pairs]] = shielded[eldest[pairs] + 1] = True
    one_of = eldest[several] + draws.below_each(siblings.sizes[several])
    shielded[one_of] = beside[one_of] = True
    return shielded, beside, eldest[alone]


def _from_many_places(families: Ints, authority: Ints, places: int) -> Ints:
    """The same families, the first of them in as many as `places` different authorities."""
    first = np.sort(np.unique(authority[families], return_index=True)[1])[:places]
    rest = np.delete(np.arange(len(families)), first)
    reordered: Ints = families[np.r_[first, rest]]
    return reordered


def _archive(draws: Draws, judgement: Judgement, siblings: Siblings, shielded: Flags, alone: Ints) -> Ints:
    """Years in the archive: 0 for a live record. A shield survives archiving (rule R15)."""
    total = judgement.archived.of(len(siblings.family))
    hidden = min(judgement.archived_shielded.of(total), total, len(alone) // 2)
    family_shielded = np.bincount(siblings.family, weights=shielded) > 0
    candidates = (siblings.place == 0) & ~family_shielded[siblings.family]
    rows = np.r_[alone[len(alone) - hidden :], _some(draws, candidates, total - hidden)]
    years = np.arange(len(rows)) % _YEARS + 1
    years[: len(_FIRST_YEARS)] = _FIRST_YEARS[: len(rows)]
    archive_year = np.zeros(len(siblings.family), dtype=np.int64)
    archive_year[rows] = years
    return archive_year


def _grown(draws: Draws, judgement: Judgement, siblings: Siblings, archive_year: Ints) -> Ints:
    """Records are archived at 18 (rule R16): in its first archive year, a record's owner is 18 years old."""
    age = 17 + archive_year
    born = days(judgement.as_of) - age * 1461 // 4 - draws.below(364, len(age))
    return np.where(archive_year > 0, born, siblings.born)


def _rename(draws: Draws, judgement: Judgement, shielded: Flags, live: Flags) -> tuple[Flags, Flags]:
    """Children with a former name, and the adopted among them."""
    children = len(shielded)
    hidden = _some(draws, shielded & live, judgement.former_names_shielded.of(int(shielded.sum())))
    archived = _some(draws, ~shielded & ~live, 1)
    number = judgement.former_names.of(children) - len(hidden) - len(archived)
    others = _some(draws, ~shielded & live, max(0, number))
    renamed, adopted = np.zeros((2, children), dtype=np.bool_)
    renamed[np.r_[hidden, archived, others]] = True
    hidden_adopted = hidden[: max(1, len(hidden) // 3)]
    adopted[hidden_adopted] = True
    adopted[others[: judgement.adopted.of(children) - len(hidden_adopted)]] = True
    return renamed, adopted


def _since(draws: Draws, judgement: Judgement, shielded: Flags) -> Ints:
    began, today = days(judgement.shielding_began), days(judgement.as_of)
    return np.where(shielded, draws.between(began, today - 1, len(shielded)), NEVER)
