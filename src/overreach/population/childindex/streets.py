"""Streets with canary postcodes: those of an authority together, as numbers until texts are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from overreach.population import canaries
from overreach.population.childindex.columns import coded, rows
from overreach.population.childindex.phrases import LOCALITIES, STREETS
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.texts import joined, texts_at
from overreach.population.sampling import Draws, Ints, quota

_FEWEST = 2  # streets in an authority besides those for its families
_LOCALITIES = 6  # localities of an authority, at least
_STREETS_PER_LOCALITY = 40

Small = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Streets:
    """One row a street."""

    first: Ints
    """Row of each authority's first street."""
    count: Ints
    """How many streets each authority has."""
    name: Small
    """Number in `overreach.population.childindex.phrases.STREETS`."""
    locality: Small
    """Number in `LOCALITIES`."""
    outward: Small
    """Row in `outward_codes`."""
    inward: Small
    """Number of the inward part (`overreach.population.canaries.inward_part`)."""
    outward_codes: pa.StringArray

    def within(self, draws: Draws, authority: Ints) -> Ints:
        """A street in each of the given authorities."""
        return self.first[authority] + draws.below_each(self.count[authority])

    def authority(self, street: Ints) -> Ints:
        """The authority of each street."""
        return np.searchsorted(self.first, street, side="right").astype(np.int64) - 1

    def columns(self, street: Ints) -> dict[str, pa.Array[Any]]:
        """`street`, `locality`, `postcode` and `authority` of each street, as columns of addresses."""
        outward = texts_at(self.outward_codes, self.outward[street])
        inward = coded(
            self.inward[street].astype(np.int64), [canaries.inward_part(n) for n in range(canaries.INWARD_PARTS)]
        )
        return {
            "street": STREETS.texts(self.name[street].astype(np.int64)),
            "locality": LOCALITIES.texts(self.locality[street].astype(np.int64)),
            "postcode": joined(outward, inward, joint=" "),
            "authority": rows(self.authority(street)),
        }


def lay_streets(setting: Setting) -> Streets:
    """As many streets in each authority as its families need, by the published sizes of families."""
    draws, sizes = setting.draws("streets"), setting.figures.family_sizes
    children = int((sizes * np.arange(1, len(sizes) + 1)).sum())
    families = quota(setting.weights, setting.order.children * int(sizes.sum()) // children)
    count = _FEWEST + families // setting.judgement.households_per_street
    total = int(count.sum())
    codes, outward = _outward(draws, setting, count)
    return Streets(
        first=np.cumsum(count) - count,
        count=count,
        name=draws.below(STREETS.size, total).astype(np.int16),
        locality=_localities(draws, count).astype(np.int16),
        outward=outward,
        inward=draws.below(canaries.INWARD_PARTS, total).astype(np.int16),
        outward_codes=codes,
    )


def _outward(draws: Draws, setting: Setting, count: Ints) -> tuple[pa.StringArray, Small]:
    """Outward parts by their shares in each authority; the first so many thousand fit 16 bits."""
    codes: list[str] = []
    drawn: list[Ints] = []
    for authority, streets in zip(setting.authorities, count.tolist(), strict=True):
        weights = np.array([weight for _, weight in authority.outward_codes], dtype=np.int64)
        drawn.append(len(codes) + draws.weighted(weights, streets))
        codes += [code for code, _ in authority.outward_codes]
    return pa.array(codes, pa.string()), np.concatenate(drawn).astype(np.int16)


def _localities(draws: Draws, count: Ints) -> Ints:
    """Localities that no other authority has, until the names come round again."""
    number = np.maximum(_LOCALITIES, count // _STREETS_PER_LOCALITY)
    names = LOCALITIES.draw(draws, int(number.sum()))
    authority = np.repeat(np.arange(len(count), dtype=np.int64), count)
    first = np.cumsum(number) - number
    return names[first[authority] + draws.below_each(number[authority])]
