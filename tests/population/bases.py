"""Bases of indices of children to test on, from a village to the nation."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from overreach.model.canary import Minter, TokenKind
from overreach.pack.content import load_module
from overreach.population.childindex.figures import Figures
from overreach.population.childindex.judgement import Judgement
from overreach.population.childindex.part_zero import Base
from overreach.population.childindex.part_zero_tables import tables
from overreach.population.childindex.portion import CHILDREN, STRIDE
from overreach.population.childindex.setting import Setting
from overreach.population.lexicon import Lexicon
from overreach.population.minting import mint_many
from overreach.population.recipe import Order
from overreach.population.sampling import Ints

GENERATORS = Path(__file__).parents[2] / "generators"
JUDGEMENT: Judgement = load_module(GENERATORS / "small_england.py").JUDGEMENT
FIGURES = Figures.read(GENERATORS / "data")

VILLAGE = Order(200, 160, 2007)
NATION = Order(11_000_000, 330_000, 2007)

orders = st.builds(Order, children=st.integers(60, 4_000), users=st.integers(60, 2_000), seed=st.integers(0, 9))


def setting(order: Order) -> Setting:
    """The setting of small_england; schools of life's size for a nation."""
    judgement = JUDGEMENT
    if order.children >= NATION.children:
        judgement = replace(
            judgement,
            primary_pupils_per_school=222,
            secondary_pupils_per_school=1_200,
            children_per_practice=1_325,
            households_per_street=25,
        )
    return Setting.of(judgement, FIGURES, order)


@cache
def lexicon() -> Lexicon:
    """The names of the recipe."""
    return Lexicon.read(GENERATORS / "data", JUDGEMENT.double_surnames)


def sizes(order: Order) -> Ints:
    """Children of each part."""
    full, rest = divmod(order.children, CHILDREN)
    return np.array([CHILDREN] * full + [rest] * (rest > 0), dtype=np.int64)


def fresh_base(order: Order) -> Base:
    """A base drawn anew."""
    return Base.lay(setting(order), lexicon(), sizes(order))


base = cache(fresh_base)


@cache
def tables_of(order: Order) -> dict[str, pa.Table]:
    """The tables of part 0."""
    return fresh_tables(base(order))


def fresh_tables(of: Base) -> dict[str, pa.Table]:
    """The tables of part 0 drawn anew, the address of a tied family being the one of its number."""
    minter = Minter(of.setting.order.seed)
    return tables(
        of,
        lambda rows: mint_many(minter, TokenKind.PLACE, rows, capital=True),
        lambda part, number: part * STRIDE + number,
    )
