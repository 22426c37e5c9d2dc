"""Plans worlds of layout 3, an index of children: part 0 is what belongs to everybody, the others are children."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from overreach.model.canary import TokenKind
from overreach.model.population import Measure
from overreach.population.childindex import child_tables, homes, part_zero_tables
from overreach.population.childindex.cohorts import cohorts
from overreach.population.childindex.feeds import deliveries
from overreach.population.childindex.figured import expected
from overreach.population.childindex.figures import Figures
from overreach.population.childindex.frame import Frame
from overreach.population.childindex.judgement import Judgement, Posts
from overreach.population.childindex.measures import measures
from overreach.population.childindex.part import draw_part
from overreach.population.childindex.part_zero import Base
from overreach.population.childindex.portion import STRIDE, Cut, children_in, family_counts
from overreach.population.childindex.posts import Focus
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.shape import SHAPE
from overreach.population.lexicon import Lexicon
from overreach.population.minting import mint_many
from overreach.population.recipe import Order, Plan, Recipe, Tables
from overreach.population.sampling import Flags, Ints

_FEWEST = 60  # children and users, for every kind of record and every post


def index_of_children(name: str, judgement: Judgement, data: Path) -> Recipe:
    """The recipe called `name`: worlds of that judgement, from the figures in the folder `data`."""
    return Recipe(name, plan=_planner(judgement, data), shape=SHAPE, min_children=_FEWEST, min_users=_FEWEST)


def _planner(judgement: Judgement, data: Path) -> Callable[[Order], Plan]:

    @cache
    def figures() -> Figures:
        return Figures.read(data)

    @cache
    def lexicon() -> Lexicon:
        return Lexicon.read(data, judgement.double_surnames)

    def plan(order: Order) -> Plan:
        setting = Setting.of(judgement, figures(), order)
        frame = Frame(
            setting=setting,
            cut=Cut.of(order.children),
            families_of=family_counts(setting.figures.family_sizes, order.children),
            children_in=children_in(setting.weights, order.children),
        )
        return _World(frame, Base.lay(setting, lexicon(), frame.sizes(), _focus(frame)))

    return plan


@dataclass(frozen=True, slots=True)
class _World:
    """The plan of a world."""

    frame: Frame
    base: Base

    @property
    def as_of(self) -> date:
        return self.frame.setting.judgement.as_of

    @property
    def parts(self) -> int:
        return 1 + self.frame.cut.parts

    @property
    def measures(self) -> Mapping[str, Measure]:
        return measures(expected(self.frame))

    def part(self, number: int) -> Tables:
        return _children(self.base, self.frame, number) if number else _everybody(self.base, self.frame)


def _focus(frame: Frame) -> Focus:
    """Where users find something to see: authorities with a shielded child, or one in its first archive year."""
    families, standing = frame.draw_families(1)

    def count(which: Flags) -> Ints:
        found = np.bincount(families.responsible[which], minlength=len(frame.setting.authorities))
        return found.astype(np.int64)

    return {
        Posts.LOCAL: count(standing.shielded & standing.live),
        Posts.ARCHIVE: count(standing.archive_year == 1),
    }


def _everybody(base: Base, frame: Frame) -> Tables:
    minter = frame.setting.minter
    return part_zero_tables.tables(
        base,
        lambda rows: mint_many(minter, TokenKind.PLACE, rows, capital=True),
        lambda part, number: part * STRIDE + number,
    )


def _children(base: Base, frame: Frame, number: int) -> Tables:
    part = draw_part(base, frame, number)
    home = homes.settle(part)
    return {
        "addresses": homes.addresses(part, home),
        "households": child_tables.households(part, home),
        "children": child_tables.children(part, home),
        "former_addresses": child_tables.former_addresses(part, home),
        "former_names": child_tables.former_names(part),
        "carers": child_tables.carers(part),
        "child_carers": child_tables.child_carers(part),
        "services": child_tables.services(part),
        "involvements": child_tables.involvements(part),
        "threats": child_tables.threats(part),
        "deliveries": deliveries(part),
        "cohorts": cohorts(part),
    }
