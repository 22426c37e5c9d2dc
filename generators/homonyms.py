"""People of one name, so that a system can be asked whether it keeps them apart.

Shielded children have namesakes born on the same day who are not shielded, twins are frequent, and few of the
children have a middle name to tell them apart. All of it is a modelling choice; the rest is as in `small_england.py`.
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
    shielded=Quota(1_000, at_least=12),
    shielded_beside_sibling=10,
    shielded_pairs=5,
    homonyms=Quota(700, at_least=4),
    gaps=(0, 0, 0, 1, 1, 2, 2, 3),
    middle_names=10,
)

recipe = index_of_children("homonyms", JUDGEMENT, HERE / "data")
