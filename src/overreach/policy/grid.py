"""Every decision of a policy over a population, in columns: user class x child class x relation x claims.

A decision is looked up, not computed, once its claims have been seen; `check` lets cedarpy decide a sample
again, and any difference stops the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overreach.model.decision import Claims, Decision, RungContext
from overreach.model.errors import PolicyError
from overreach.model.terms import Action, Facet
from overreach.policy.check import agree
from overreach.policy.classwise import ClassGrid
from overreach.policy.columns import RELATIONS
from overreach.policy.facts import Classes, People, read_classes
from overreach.policy.load import Policy
from overreach.policy.oracle import ROLE
from overreach.policy.relations import Ints, Keep, Relations, made_now
from overreach.policy.rules import CHILD, SYSTEM

#: One row a cell that occurs: its key, its classes, its relation and how many pairs it has.
CELL: Final = np.dtype(
    [
        ("cell", np.int64),
        ("user_class", np.int32),
        ("child_class", np.int32),
        ("in_area", np.bool_),
        ("involved", np.bool_),
        ("pairs", np.int64),
    ]
)


class Grid(ClassGrid):
    """The policy over one population. Build it with `Grid.build`."""

    def __init__(
        self,
        policy: Policy,
        users: Classes,
        children: Classes,
        rungs: Sequence[RungContext],
        relations: Relations,
    ) -> None:
        super().__init__(policy, users, children)
        self.people = relations.people
        self.rungs = tuple(rungs)
        self.relations = relations
        self._decisions: dict[tuple[int, str, Claims], Decision] = {}

    @classmethod
    def build(
        cls,
        policy: Policy,
        population: People,
        rungs: Sequence[RungContext],
        beside: Sequence[Policy] = (),
        keep: Keep = made_now,
    ) -> Grid:
        """Decide everything at the claims of these rungs; other claims are decided when first asked.

        Classes are told apart by what the policies `beside` read, too, so that they can be compared with this one.
        `keep` may share the involvements between processes.

        PolicyError where the population lacks a fact, knows a role that the schema does not, or the policy
        cannot be evaluated on some class.
        """
        shape = population.shape
        policies = (policy, *beside)
        for each in policies:
            _same_relations(each, population)
        asking = sorted({ROLE, *(name for each in policies for name in each.attributes("principal"))})
        asked = sorted({name for each in policies for name in each.attributes("resource")})
        users = read_classes(population, "users", shape.user_facts, asking)
        area, responsible = shape.area_attribute
        authority = {responsible: policy.schema.sets[area]} if area in policy.schema.sets else {}
        children = read_classes(population, "children", shape.child_facts, asked, authority)
        grid = cls(policy, users, children, rungs, Relations(population, keep))
        grid._same_roles()
        for context in rungs:
            grid.masks(context.claims)
        return grid

    @property
    def user_class(self) -> NDArray[np.int32]:
        """User -> user class."""
        return self.users.of

    @property
    def child_class(self) -> NDArray[np.int32]:
        """Child -> child class."""
        return self.children.of

    @cached_property
    def roles(self) -> dict[str, Ints]:
        """Role -> its user classes, in the order of the roles' names."""
        place = self.users.attributes.index(ROLE)
        roles = np.array([str(facts[place]) for facts in self.users.facts])
        return {str(role): np.flatnonzero(roles == role) for role in sorted(set(roles.tolist()))}

    def facets(self, user: int, child: int, claims: Claims) -> int:
        """Mask of the facets of this child that this user may read with these claims."""
        masks = self._masks.get(claims)
        if masks is None:
            masks = self.masks(claims)
        place = self.users.of.item(user), self.children.of.item(child), self.relations.number(user, child)
        return masks.item(place)

    def facets_many(self, users: Ints, children: Ints, claims: Claims) -> NDArray[np.int32]:
        """Masks of many pairs; arrays are broadcast against each other."""
        relation = self.relations.numbers(users, children)
        return self.masks(claims)[self.users.of[users], self.children.of[children], relation]

    def allows(self, user: int, child: int | None, action: Action, claims: Claims) -> bool:
        """Whether this user may do this; the child counts only where the action is one about a child."""
        return self.decision(user, child, action, claims).allowed

    def decision(self, user: int, child: int | None, what: Facet | Action, claims: Claims) -> Decision:
        """Allow or deny, the policies that decided, and the duties owed.

        PolicyError where `what` is asked of a child and none is given, or the schema does not know it.
        """
        name = what.value
        kinds = self.policy.subjects.get(name, frozenset())
        if child is None or CHILD not in kinds:
            if SYSTEM not in kinds:
                message = f"`{name}` is asked of a child, and none is given"
                raise PolicyError(message, "give the child's row number")
            cell, place, kind = -1 - int(self.users.of[user]), (int(self.users.of[user]), 0, 0), SYSTEM
        else:
            place = (
                int(self.users.of[user]),
                int(self.children.of[child]),
                self.relations.number(user, child),
            )
            cell, kind = self._key(*place), CHILD
        found = self._decisions.get((cell, name, claims))
        if found is None:
            found = self._decisions[cell, name, claims] = self.decide_class(what, kind, claims, place)
        return found

    def relation(self, user: int, child: int) -> tuple[bool, bool]:
        """(in area, involved)."""
        return RELATIONS[self.relations.number(user, child)]

    def classes_of(self, user: int, child: int) -> tuple[str, ...]:
        """Record classes of the pair, in the order of `classes.cedar`."""
        place = (self.users.of[user], self.children.of[child], self.relations.number(user, child))
        holds = self.class_members()
        return tuple(name for number, name in enumerate(self.policy.classes) if holds[(number, *place)])

    def cell(self, user: int, child: int) -> int:
        """Key of (user class, child class, relation): pairs that the policy cannot tell apart share it."""
        number = self.relations.number(user, child)
        return self._key(int(self.users.of[user]), int(self.children.of[child]), number)

    def set_child(self, child: int, **facts: Any) -> None:  # noqa: ANN401 - facts are of the recipe's types
        """Note that facts of a child have changed; its pairs are decided by the new ones from now on.

        Facts are named as the Cedar attributes; one that the policy never reads changes nothing. PolicyError
        for one that the population does not have.
        """
        area = self.people.shape.area_attribute[1]
        known = {*self.people.shape.child_facts, area}
        for name in facts:
            if name not in known:
                message = f"no fact of a child is called `{name}`"
                raise PolicyError(message, f"known: {', '.join(sorted(known))}")
        if area in facts:
            self.relations.move(child, facts[area])
        if self.children.change(child, {k: v for k, v in facts.items() if k in self.children.attributes}):
            self.forget()

    def cells(self, pairs: Ints | None = None) -> NDArray[np.void]:
        """The cells that occur, as an array of `CELL`, with the exact number of their pairs.

        `pairs` is (user class, child class, relation) -> pairs, where they have been counted already.
        """
        counts = self.relations.pair_counts(self.users, self.children) if pairs is None else pairs
        user, child, relation = np.nonzero(counts)
        cells = np.zeros(len(user), dtype=CELL)
        cells["cell"] = (child * len(self.users) + user) * len(RELATIONS) + relation
        cells["user_class"], cells["child_class"] = user, child
        flags = np.array(RELATIONS)
        cells["in_area"], cells["involved"] = flags[relation, 0], flags[relation, 1]
        cells["pairs"] = counts[user, child, relation]
        return cells

    def check(self, sample: int, seed: int, pairs: Ints | None = None) -> int:
        """Let cedarpy decide a random sample again; how many decisions agreed (all: else PolicyError).

        `pairs` as for `cells`.
        """
        return agree(self, self.people, self.cells(pairs), sample, seed)

    def _key(self, user_class: int, child_class: int, relation: int) -> int:
        """User classes never grow in number, so keys stay what they are when child classes do."""
        return (child_class * len(self.users) + user_class) * len(RELATIONS) + relation

    def _same_roles(self) -> None:
        known = self.policy.schema.enumerations.get("Role")
        for facts in self.users.facts:
            role = facts[self.users.attributes.index(ROLE)]
            if known is not None and role not in known:
                message = f"the population has users of role `{role}`, which the policy does not know"
                raise PolicyError(message, f"name it in `{self.policy.schema.file}`, and say what it may read")


def _same_relations(policy: Policy, people: People) -> None:
    """The sets that the policy tests must be those that the population gives."""
    area, involved = people.shape.area_attribute, people.shape.involved_attribute
    for test in policy.area_tests() - {area}:
        message = f"the policy compares `{test[0]}` with `{test[1]}`, the population `{area[0]}` with `{area[1]}`"
        raise PolicyError(message, "use the same attributes in both")
    for name in policy.involvement_tests() - {involved}:
        message = f"the policy tests involvement by `{name}`, the population has `{involved}`"
        raise PolicyError(message, "use the same attribute in both")
