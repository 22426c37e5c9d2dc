"""A small England, for audits: the same country with fewer people, and more of what an audit asks about.

In England one child of two hundred was shielded: too few to audit in a small world. So what is rare is more frequent
here, and all of it is a modelling choice; everything else is as in `england.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from overreach.pack.content import load_module
from overreach.population.childindex.builder import index_of_children
from overreach.population.childindex.judgement import Judgement, Schooling
from overreach.population.sampling import Quota

HERE = Path(__file__).parent
ENGLAND: Judgement = load_module(HERE / "england.py").JUDGEMENT

JUDGEMENT = replace(
    ENGLAND,
    households_per_street=3,
    shielded=Quota(300, at_least=16),
    staying=Quota(20, at_least=3),
    hostile_names=Quota(30, at_least=2),
    delivered_variants=Quota(5, at_least=2),
    # Fewer and fuller schools and practices than in life would be, so that schoolmates and patients exist.
    primary_pupils_per_school=20,
    secondary_pupils_per_school=40,
    children_per_practice=40,
    further_schools=(
        Schooling("nursery", (3, 4), of_1_000=60, pupils_each=20),
        Schooling("special", (5, 17), of_1_000=13, pupils_each=20),
        Schooling("independent", (5, 17), of_1_000=70, pupils_each=40),
    ),
)

recipe = index_of_children("small_england", JUDGEMENT, HERE / "data")
