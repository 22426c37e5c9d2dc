"""The second oracle: cedarpy decides a sample of cells again, and agrees or stops the run."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import Claims, Decision
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Facet
from overreach.policy.classwise import ClassGrid
from overreach.policy.columns import RELATIONS
from overreach.policy.facts import Classes, People, read_facts
from overreach.policy.oracle import Oracle, Question
from overreach.policy.rules import ACTIONS, CHILD, SYSTEM

#: cedarpy's answers are kept as JSON: a batch bounds the memory of a large sample.
_BATCH = 2000


def agree(grid: ClassGrid, people: People, cells: NDArray[np.void], sample: int, seed: int) -> int:
    """Decide `sample` random (cell, facet or action, claims decided so far) by cedarpy; how many agreed.

    Cells are drawn with equal chances, so that rare ones are asked too. PolicyError names the first
    difference in effect or deciding policies.
    """
    draw = random.Random(seed)  # noqa: S311 - a reproducible sample, nothing secret
    if not len(cells):
        return 0
    claims = grid.known_claims or (Claims(),)
    users, children = _facts(people, "users", grid.users), _facts(people, "children", grid.children)
    shape = people.shape
    oracle = Oracle(grid.policy, shape.area_attribute, shape.involved_attribute)
    agreed = 0
    while agreed < sample:
        asked: list[tuple[tuple[int, int, int], Question]] = []
        for _ in range(min(_BATCH, sample - agreed)):
            cell = cells[draw.randrange(len(cells))]
            relation = (bool(cell["in_area"]), bool(cell["involved"]))
            place = (int(cell["user_class"]), int(cell["child_class"]), RELATIONS.index(relation))
            what = _thing(draw.choice(_askable(grid)))
            about = children[place[1]] if CHILD in grid.policy.subjects[what.value] else None
            question = Question(users[place[0]], about, what, draw.choice(claims), relation)
            asked.append((place, question))
        for (place, question), decision in zip(asked, oracle.decide_all([q for _, q in asked]), strict=True):
            _compare(grid, place, question, decision)
            agreed += 1
    return agreed


def _askable(grid: ClassGrid) -> list[str]:
    return [name for name in ACTIONS if grid.policy.subjects[name]]


def _thing(name: str) -> Facet | Action:
    return Facet(name) if name in set(Facet) else Action(name)


def _compare(grid: ClassGrid, place: tuple[int, int, int], question: Question, decision: Decision) -> None:
    kind = CHILD if question.resource is not None else SYSTEM
    ours = grid.decide_class(question.what, kind, question.claims, place)
    if ours != decision:
        role = question.principal.get("role")
        message = (
            f"two readings of the policy differ on `{question.what}` by `{role}` with {question.claims}: "
            f"columns {_say(ours)}, cedarpy {_say(decision)}; child: {question.resource}, "
            f"in area, involved: {question.relation}"
        )
        raise PolicyError(message, "this is a defect of Overreach: nothing it says of this policy can be trusted")


def _say(decision: Decision) -> str:
    return f"{'allow' if decision.allowed else 'deny'} ({', '.join(decision.policies) or 'by default'})"


def _facts(people: People, table: str, classes: Classes) -> list[dict[str, object]]:
    """All facts of one row of each class: the schema wants also those that the policy never reads."""
    shape = people.shape
    facts = shape.user_facts if table == "users" else shape.child_facts
    others = [name for name in facts if name not in classes.attributes]
    some = np.full(len(classes), -1, dtype=np.int64)
    some[classes.of] = np.arange(len(classes.of))
    rows = {number: row for number, row in enumerate(some.tolist()) if row >= 0}
    wanted = sorted(rows.values())
    found = read_facts(people, table, facts, others, wanted).to_pylist()
    by_row = dict(zip(wanted, found, strict=True))
    return [
        {
            **{k: v for k, v in by_row.get(rows.get(number, -1), {}).items() if k in others},
            **classes.as_mapping(number),
        }
        for number in range(len(classes))
    ]
