"""Chains of permitted steps are walked to their end, or to where the running system stops them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from overreach.model.errors import TargetError
from overreach.model.terms import Action, Facet, Rung
from overreach.probe.live.chains import Ending, Walked, groups_of, refuse_unfit, walk
from overreach.probe.live.people import People, people_for
from overreach.probe.session import Bench
from overreach.reach.closure import Chain, closure

RAISING = {Rung.DECLARED: Action.DECLARE, Rung.OVERRIDE: Action.OVERRIDE}


@pytest.fixture(scope="module")
def groups(bench: Bench) -> list[tuple[Chain, ...]]:
    """Every kind of chain in the world."""
    return groups_of(closure(bench.grid, bench.pack.steps, RAISING))


def _of(groups: Sequence[tuple[Chain, ...]], role: str, *steps: str) -> tuple[Chain, ...]:
    """The chains of some steps, of which the last appointment is to a post."""
    for group in groups:
        taken = group[0].steps
        posts = [step.to["role"] for step in taken if "role" in step.to]
        if tuple(step.name for step in taken) == steps and posts[-1:] == ([role] if role else []):
            return group
    message = f"no chain of {steps} to {role}"
    raise AssertionError(message)


def _walked(bench: Bench, *chains: Chain, fault: str = "") -> Walked:
    told: list[str] = []
    (walked,) = walk(bench, [chains], lambda text, _done, _total: told.append(text), [fault] if fault else [])
    assert told == ["walking chains"]
    return walked


def test_chains_of_the_same_steps_to_the_same_facets_are_one_kind(groups: list[tuple[Chain, ...]]) -> None:
    """Kinds that lead to where a child is come first, then the shortest."""
    assert len({(group[0].steps[0].name, len(group[0].steps)) for group in groups}) > 1
    assert sum(map(len, groups)) > len(groups)
    locating = [Facet.WHEREABOUTS in group[0].facets or Facet.CONTACTS in group[0].facets for group in groups]
    assert locating == sorted(locating, reverse=True)


def test_a_child_that_both_authorities_move_is_read_by_the_new_one(
    bench: Bench, groups: list[tuple[Chain, ...]]
) -> None:
    """Offered, accepted, read: each request and its answer, and nothing was shown before."""
    walked = _walked(bench, *_of(groups, "", "move"))
    assert walked.ending is Ending.WENT_THROUGH, walked
    assert [(reply.operation, reply.status) for reply in walked.replies] == [
        ("move", 202),
        ("accept a move", 200),
        ("view", 200),
    ]
    assert walked.opened == walked.replies[-1].opened & sum(facet.bit for facet in walked.chain.facets)
    assert not any(reply.opened & walked.opened for reply in walked.before)
    assert walked.at == 2
    assert len({reply.username for reply in walked.replies}) == 2


def test_a_post_that_only_the_central_team_gives_is_refused_to_the_areas_team(
    bench: Bench, groups: list[tuple[Chain, ...]]
) -> None:
    """The policy, in which no user is a resource, permits what the registry refuses."""
    group = _of(groups, "management_team", "grant a right", "move")
    walked = _walked(bench, next(chain for chain in group if list(people_for(bench, chain))))
    assert (walked.ending, walked.at) == (Ending.REFUSED, 1), walked
    assert walked.replies[-1].status in {403, 404}
    assert walked.opened == 0


def test_a_refused_chain_is_walked_with_others_whom_the_policy_permits_the_same(
    bench: Bench, groups: list[tuple[Chain, ...]]
) -> None:
    """One who has all areas of the reader, or one of another role."""
    chain = next(chain for group in groups for chain in group if chain.role == "fire_strategy_officer")
    people = list(people_for(bench, chain))
    assert people[0] == People(chain.user, chain.child, chain.other)
    roles = [bench.population.user_fields(one.other)["role"] for one in people if one.other is not None]
    assert {"management_team", "central_team"} <= set(roles)
    walked = _walked(bench, chain)
    assert walked.ending is Ending.WENT_THROUGH, walked
    assert walked.tries <= len(people)


def test_what_is_shown_without_any_step_proves_nothing_of_the_steps(
    bench: Bench, groups: list[tuple[Chain, ...]]
) -> None:
    """A registry that forgets its mask."""
    chain = next(
        chain
        for chain in _of(groups, "child_protection_worker", "grant a right")
        if chain.role == "social_worker" and chain.record_class == "shielded"
    )
    walked = _walked(bench, chain, fault="shield-ignored-in-view")
    assert (walked.ending, walked.why) == (Ending.UNPROVEN, "it is shown without any step"), walked
    assert walked.replies == ()


def test_a_step_without_an_operation_is_unproven(bench: Bench, groups: list[tuple[Chain, ...]]) -> None:
    """It is named, with the facts that would change where each has an operation of its own."""
    chain = _of(groups, "social_worker", "grant a right")[0]
    (taken,) = chain.steps
    exported = replace(chain, steps=(replace(taken, name="export", to={}),))
    walked = _walked(bench, exported)
    assert (walked.ending, walked.at) == (Ending.UNPROVEN, 1)
    assert walked.why == "the pack has no operation that takes the step `export`"
    accredited = replace(chain, steps=(replace(taken, name="put an account in order", to={"accredited": True}),))
    assert _walked(bench, accredited).why.endswith("the step `put an account in order` (accredited)")


def test_a_chain_to_what_no_record_has_is_not_started(bench: Bench, groups: list[tuple[Chain, ...]]) -> None:
    """There is nothing that could be shown in the end."""
    chain = _of(groups, "social_worker", "grant a right")[0]
    walked = _walked(bench, replace(chain, facets=()))
    assert (walked.ending, walked.people, walked.tries) == (Ending.UNPROVEN, None, 0)
    assert walked.why == "no such record has a value that could be shown"


def test_a_target_that_is_kept_or_too_large_is_refused_before_anything_is_asked(bench: Bench) -> None:
    """Steps write, and every walk has a target of its own."""
    pack = replace(bench.pack, target=replace(bench.pack.target, kind="http"))
    with pytest.raises(TargetError, match="steps write, and a target of kind `http` is not thrown away"):
        refuse_unfit(pack, 200)
    with pytest.raises(TargetError, match="`11,000,000` children are too many"):
        refuse_unfit(bench.pack, 11_000_000)
    refuse_unfit(bench.pack, 200)
