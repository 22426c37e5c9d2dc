"""Populations to describe: the library of the population tests, with measures and cohorts of a test's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from tests.population.conftest import LIBRARY, Library

from overreach.model.population import Measure
from overreach.population.recipe import Order, Recipe, Tables
from overreach.population.store import Population
from overreach.population.writing import generate

BY_NAME = "SELECT name AS category, count(*) AS count FROM readers GROUP BY name ORDER BY name"


def measure(counted: str, figures: Mapping[str, int] | None = None, title: str = "Readers by name") -> Measure:
    """A measure of readers."""
    return Measure(title, "readers", counted, figures or {}, "modelling choice")


@dataclass(frozen=True, slots=True)
class Described(Library):
    """The library with other measures, and further tables in part 0."""

    own: Mapping[str, Measure]
    further: Tables

    @property
    def measures(self) -> Mapping[str, Measure]:
        """Those of the test."""
        return self.own

    def part(self, number: int) -> Tables:
        """As in the library."""
        tables = dict(Library.part(self, number))
        return {**tables, **self.further} if number == 0 else tables


def library(folder: Path, own: Mapping[str, Measure], further: Tables | None = None) -> Population:
    """Twenty readers, every other called Ann, and three librarians, in four parts in a new folder."""
    recipe = Recipe(name="library", plan=lambda order: Described(order, own, further or {}), shape=LIBRARY)
    generate(recipe, Order(20, 3, 7), folder)
    return Population.open(folder)


def cohorts(*rows: tuple[str, int | None, str]) -> pa.Table:
    """A table of cohorts: name, reader, note."""
    names, readers, notes = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "cohort": pa.array(names, pa.string()),
            "reader": pa.array(readers, pa.int64()),
            "note": pa.array(notes, pa.string()),
        }
    )
