"""Names that break parsers, so that a system can be asked whether it holds them, finds them and hides them.

Half of the families have names with apostrophes, from right to left, with combining marks, very long, made of
markup or of formulas, or that read as nothing. All of it is a modelling choice; the rest is as in
`small_england.py`.
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
    hostile_names=Quota(5_000),
    hostile_any_script=True,
    delivered_variants=Quota(200, at_least=4),
)

recipe = index_of_children("hostile_text", JUDGEMENT, HERE / "data")
