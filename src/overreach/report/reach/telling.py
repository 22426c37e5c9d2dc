"""Exact reach in one sentence, in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from overreach.model.exact import LadderStep
from overreach.model.review import Exposure, RoleSummary
from overreach.model.terms import Facet, Rung
from overreach.report.reach.pictures import guarded
from overreach.report.wording import children, number, users, words


def answer(
    steps: Iterable[LadderStep], exposures: Iterable[Exposure], roles: Sequence[RoleSummary], classes: Sequence[str]
) -> str:
    """Who can open the whereabouts of the record class that is looked at first."""
    name = guarded(classes)
    if name is None:
        return "By policy alone: no record classes, so no answer in a sentence"
    own = [step for step in steps if step.record_class == name and step.facet is Facet.WHEREABOUTS]
    top = max((step.rung.height for step in own), default=0)
    reaching = [step for step in own if step.rung.height == top and step.children]
    if not reaching:
        return f"By policy alone none of {number(len(roles))} roles can open the whereabouts of {words(name)} children"
    calm = {step.role for step in own if step.rung.height < Rung.OVERRIDE.height and step.children}
    some = next((one for one in exposures if (one.facet, one.group) == (Facet.WHEREABOUTS, name)), None)
    reached = "" if some is None else f", {children(sum(many for count, many in some.counts if count))}"
    return (
        f"By policy alone {number(len(reaching))} of {number(len(roles))} roles can open the whereabouts of"
        f" {words(name)} children, {number(len(calm)) if calm else 'none'} of them without breaking a glass:"
        f" {users(sum(step.users for step in reaching))}{reached}"
    )
