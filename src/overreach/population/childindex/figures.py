"""The published figures that a world is drawn from (generators/data/SOURCES.md)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from overreach.population.sampling import Ints


@dataclass(frozen=True, slots=True)
class Authority:
    """A children's services authority as it was in 2008."""

    name: str
    code: str
    """ONS code; of the first, where the authority was split later."""
    region: str
    children: int
    outward_codes: tuple[tuple[str, int], ...]
    """Outward part of a postcode -> weight."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything read from the data folder."""

    authorities: tuple[Authority, ...]
    ages: Ints
    """Children by single year of age, 0 to 17."""
    boys: Ints
    """Boys among them."""
    family_sizes: Ints
    """Families by number of children; the first entry is families of one."""

    @classmethod
    def read(cls, folder: Path) -> Figures:
        """The figures in a folder of `ages.csv`, `authorities.csv` and so on."""
        ages = _rows(folder / "ages.csv")
        sizes = [row for row in _rows(folder / "households.csv") if row["measure"] == "families_by_children"]
        return cls(
            authorities=_authorities(folder),
            ages=np.array([int(row["children_2008"]) for row in ages], dtype=np.int64),
            boys=np.array([int(row["boys_2008"]) for row in ages], dtype=np.int64),
            family_sizes=np.array([int(row["value"]) for row in sizes], dtype=np.int64),
        )


def _authorities(folder: Path) -> tuple[Authority, ...]:
    members: dict[str, list[dict[str, str]]] = {}
    for row in _rows(folder / "authorities.csv"):
        members.setdefault(row["authority_2008"], []).append(row)
    outward: dict[str, list[tuple[str, int]]] = {}
    for row in _rows(folder / "authority_outcodes.csv"):
        # The shares have four decimals: as whole numbers they can be drawn without floating point.
        share = round(float(row["share_authority"]) * 10_000)
        outward.setdefault(row["gss_code"], []).append((row["outward_code"], max(1, share)))
    return tuple(
        Authority(
            name=name,
            code=rows[0]["gss_code"],
            region=rows[0]["region"],
            children=sum(int(row["children_2008_est"]) for row in rows),
            outward_codes=tuple(pair for row in rows for pair in outward[row["gss_code"]]),
        )
        for name, rows in sorted(members.items())
    )


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
