"""Families that move, so that a system can be asked whether a shield travels with them and rights end.

Many records are in mid-handover between authorities (rule R18), most families have lived elsewhere, and more
half-siblings live across a border. All of it is a modelling choice; the rest is as in `small_england.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from overreach.pack.content import load_module
from overreach.population.childindex.builder import index_of_children
from overreach.population.childindex.judgement import Judgement
from overreach.population.sampling import Quota

HERE = Path(__file__).parent
SMALL: Judgement = load_module(HERE / "small_england.py").JUDGEMENT

JUDGEMENT = replace(
    SMALL,
    movers=Quota(2_000, at_least=8),
    former_addresses=Quota(6_000),
    whereabouts_statements=Quota(100, at_least=1),
    half_siblings=Quota(600, at_least=8),
    several_areas=Quota(1_000, at_least=8),
)

recipe = index_of_children("movers", JUDGEMENT, HERE / "data")
