"""The standing of a part's records: shielded, archived, kept beyond 18, looked after, adopted; each by quota."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overreach.population.childindex.families import Families
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.portion import Portion
from overreach.population.sampling import Draws, Flags, Ints

# The first archived records, so that a small world has every edge of it; the shielded ones come first.
_FIRST_YEARS = (1, 2, 1, 6, 2, 1, 3)
GROWN = 18
"""Years: records go to the archive, or stay with consent (rule R16)."""
_YEARS = 6  # in the archive (rule R16)
CONSENTING = 25 - GROWN
"""Years, from 18 on, for which a record may stay with consent (rule R16)."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How many records of each standing a part has."""

    shielded: int
    beside_sibling: int
    """Of the shielded, those whose siblings are not."""
    pairs: int
    """Pairs of siblings both of whom are shielded."""
    archived: int
    archived_shielded: int
    staying: int
    staying_before: int
    """Those of the parts before it."""
    looked_after: int
    adopted: int
    renamed: int
    """The adopted included."""
    renamed_shielded: int

    @classmethod
    def of(cls, judgement: Judgement, portion: Portion) -> Shares:
        """The part's shares of what the whole has."""
        children, cut, part = portion.children, portion.cut, portion.part
        shielded, archived = judgement.shielded.of(children), judgement.archived.of(children)
        hidden = judgement.archived_shielded.of(archived)
        counts = {
            "shielded": shielded,
            "beside_sibling": max(2, shielded * judgement.shielded_beside_sibling // 100),
            "pairs": max(1, shielded * judgement.shielded_pairs // 100),
            "archived": archived,
            "archived_shielded": min(hidden, archived),
            "staying": judgement.staying.of(children),
            "looked_after": judgement.looked_after.of(children),
            "adopted": judgement.adopted.of(children),
            "renamed": judgement.former_names.of(children),
            "renamed_shielded": judgement.former_names_shielded.of(shielded),
        }
        portions = {name: cut.portion(count, part) for name, count in counts.items()}
        return cls(**portions, staying_before=counts["staying"] * (part - 1) // cut.parts)


@dataclass(frozen=True, slots=True)
class Standing:
    """One row a child."""

    shielded: Flags
    beside_sibling: Flags
    """Shielded while a sibling at the same address is not."""
    archive_year: Ints
    """0 for a live record, else 1 to 6."""
    grown: Ints
    """Age of those who are 18 or older: in the archive, or staying with consent; 0 for the others."""
    looked_after: Flags
    adopted: Flags
    renamed: Flags
    """Has a former name; the adopted all have."""
    twins: Ints
    """Families of two shielded children who are to be twins: one in each part."""

    @property
    def live(self) -> Flags:
        """Not archived."""
        return np.equal(self.archive_year, 0)


def draw_standing(draws: Draws, shares: Shares, families: Families) -> Standing:
    """Standing of every child of the part."""
    children = families.children
    shielded, beside, alone, pairs = _shield(draws, shares, families)
    archive_year = _archive(draws, shares, families, shielded, alone)
    grown = np.where(archive_year > 0, GROWN - 1 + archive_year, 0)
    plain = families.only & ~shielded & (archive_year == 0)
    staying = draws.some(plain, shares.staying)
    # The oldest first: the last day of staying is an edge.
    turn = (shares.staying_before + np.arange(len(staying))) % CONSENTING
    grown[staying] = GROWN + CONSENTING - 1 - turn
    young = grown == 0
    looked_after = np.zeros(children, dtype=np.bool_)
    looked_after[draws.some(families.only & young, shares.looked_after)] = True
    renamed, adopted = _rename(draws, shares, shielded, young, archive_year > 0)
    return Standing(
        shielded=shielded,
        beside_sibling=beside,
        archive_year=archive_year,
        grown=grown,
        looked_after=looked_after,
        adopted=adopted,
        renamed=renamed,
        twins=pairs[:1],
    )


def _shield(draws: Draws, shares: Shares, families: Families) -> tuple[Flags, Flags, Ints, Ints]:
    """Shielded children, those beside an unshielded sibling, the rows of those without any, and families of pairs."""
    alone_count = max(0, shares.shielded - shares.beside_sibling - 2 * shares.pairs)
    order = draws.order(families.count)
    size = families.sizes[order]
    twos = order[size == 2]  # noqa: PLR2004 - two siblings
    pairs = twos[: shares.pairs]
    # Of every size as families are: were they all of two children, a larger family would show that nobody is hidden.
    several = order[(size > 1) & ~np.isin(order, pairs)][: shares.beside_sibling]
    alone = _from_many_places(order[size == 1], families.authority, alone_count // 2)[:alone_count]
    eldest = families.eldest
    shielded, beside = np.zeros((2, families.children), dtype=np.bool_)
    shielded[eldest[alone]] = True
    shielded[eldest[pairs]] = shielded[eldest[pairs] + 1] = True
    one_of = eldest[several] + draws.below_each(families.sizes[several])
    shielded[one_of] = beside[one_of] = True
    return shielded, beside, eldest[alone], pairs


def _from_many_places(families: Ints, authority: Ints, places: int) -> Ints:
    """The same families, the first of them in as many as `places` different authorities."""
    first = np.sort(np.unique(authority[families], return_index=True)[1])[:places]
    rest = np.delete(np.arange(len(families)), first)
    reordered: Ints = families[np.r_[first, rest]]
    return reordered


def _archive(draws: Draws, shares: Shares, families: Families, shielded: Flags, alone: Ints) -> Ints:
    """Years in the archive: 0 for a live record. A shield survives archiving (rule R15)."""
    hidden = min(shares.archived_shielded, len(alone) // 2)
    candidates = (families.place == 0) & ~families.having(shielded)[families.family]
    rows = np.r_[alone[len(alone) - hidden :], draws.some(candidates, shares.archived - hidden)]
    years = np.arange(len(rows)) % _YEARS + 1
    years[: len(_FIRST_YEARS)] = _FIRST_YEARS[: len(rows)]
    archive_year = np.zeros(families.children, dtype=np.int64)
    archive_year[rows] = years
    return archive_year


def _rename(draws: Draws, shares: Shares, shielded: Flags, young: Flags, archived: Flags) -> tuple[Flags, Flags]:
    """Children with a former name, and the adopted among them."""
    hidden = draws.some(shielded & young, shares.renamed_shielded)
    old = draws.some(~shielded & archived, 1)
    others = draws.some(~shielded & young, max(0, shares.renamed - len(hidden) - len(old)))
    renamed, adopted = np.zeros((2, len(shielded)), dtype=np.bool_)
    renamed[np.r_[hidden, old, others]] = True
    hidden_adopted = hidden[: -(-len(hidden) // 3)]
    adopted[hidden_adopted] = True
    adopted[others[: max(0, shares.adopted - len(hidden_adopted))]] = True
    return renamed, adopted
