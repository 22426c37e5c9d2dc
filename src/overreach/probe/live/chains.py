"""Chains of permitted steps, walked on a running system: does it let them through, and where does it stop them.

A walk writes: every one has a target of its own, started over the population and thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from overreach.model.decision import Claims
from overreach.model.errors import TargetError
from overreach.model.terms import LOCATING, Action, facets_of, mask_of
from overreach.pack.config import Operation, Pack
from overreach.pack.steps import Approval
from overreach.policy.rules import SYSTEM
from overreach.probe.live.asking import Asker, CannotAskError, Reply, asking
from overreach.probe.live.people import People, into_for, people_for
from overreach.probe.session import Bench
from overreach.reach.closure import Chain, Taken

_NOTHING_TO_SHOW = "no such record has a value that could be shown"
_TRIES = 6  # groups of people that a refused chain is walked with
_MOST_CHILDREN = 100_000
MOST = 30  # chains walked in one run

Progress = Callable[[str, int, int], None]


class Ending(StrEnum):
    """How a walk ended."""

    WENT_THROUGH = "went through"
    """The facet was disclosed in the end: the system lets happen what the policy permits step by step."""
    REFUSED = "refused"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Walked:
    """One chain, and how far the system let it go."""

    chain: Chain
    ending: Ending
    at: int
    """The step that was refused or could not be taken, from 1; the reading comes after the last step."""
    why: str
    people: People | None
    """None where nobody walked it: for want of an operation, or of a record with a value that could be shown."""
    opened: int
    """Mask of the chain's facets that were read in the end."""
    before: tuple[Reply, ...]
    """The reader's own attempt before the first step."""
    replies: tuple[Reply, ...]
    """The steps and the reading, in order."""
    tries: int
    """How many groups of people it was walked with."""


class _StoppedError(Exception):
    """The system refused a step."""

    def __init__(self, at: int, why: str, ending: Ending = Ending.REFUSED) -> None:
        super().__init__(why)
        self.at, self.why, self.ending = at, why, ending


def refuse_unfit(pack: Pack, children: int) -> None:
    """TargetError for a target that is not started by Overreach: nothing that is kept is written to.

    Likewise for more children than a target can be loaded with again and again.
    """
    if pack.target.kind != "embedded":
        message = f"steps write, and a target of kind `{pack.target.kind}` is not thrown away afterwards"
        raise TargetError(message, "leave out --live, or describe a target that Overreach starts itself")
    if children > _MOST_CHILDREN:
        message = f"a target is loaded for every walk, and `{children:,}` children are too many"
        raise TargetError(message, f"generate a population of at most {_MOST_CHILDREN:,} children")


def groups_of(chains: Sequence[Chain]) -> list[tuple[Chain, ...]]:
    """Chains by the same steps to the same facets of those that find a child; such facets first, then the shortest."""
    groups: dict[tuple[object, ...], list[Chain]] = {}
    for chain in chains:
        steps = tuple((taken.name, taken.user == chain.other, tuple(taken.to.items())) for taken in chain.steps)
        groups.setdefault((_locating(chain), steps, chain.rung), []).append(chain)
    ordered = sorted(groups.values(), key=lambda group: (not _locating(group[0]), len(group[0].steps)))
    return [tuple(group) for group in ordered]


def walk(
    bench: Bench, groups: Sequence[Sequence[Chain]], progress: Progress, faults: Sequence[str] = ()
) -> Iterator[Walked]:
    """Walk one chain of each group, refused ones with other people of the group as well."""
    refuse_unfit(bench.pack, bench.population.children_count)
    for number, group in enumerate(groups):
        progress("walking chains", number, len(groups))
        yield _walk_group(bench, group, faults)


def _walk_group(bench: Bench, group: Sequence[Chain], faults: Sequence[str]) -> Walked:
    best: Walked | None = None
    for at, taken in enumerate(group[0].steps, start=1):
        try:
            _operations(bench.pack, taken)
        except CannotAskError as error:  # nothing that is started would change it
            return Walked(group[0], Ending.UNPROVEN, at, str(error), None, 0, (), (), 0)
    for tries, (chain, people) in enumerate(islice(_candidates(bench, group), _TRIES), start=1):
        with asking(bench, faults) as asker:
            walked = _Walk(asker, chain, people).walked()
        # Of several refused ones that counts which came farthest, and of equals the one of the people nearest to going.
        if best is None or _rank(walked) >= _rank(best):
            best = walked
        best = replace(best, tries=tries)
        if walked.ending is Ending.WENT_THROUGH:
            return best
    return best or Walked(group[0], Ending.UNPROVEN, 0, _NOTHING_TO_SHOW, None, 0, (), (), 0)


def _candidates(bench: Bench, group: Sequence[Chain]) -> Iterator[tuple[Chain, People]]:
    """The first chain with its people and others in their places, then the first of each other role."""
    roles: set[str] = set()
    for chain in group:
        if chain.role not in roles:
            for people in people_for(bench, chain):
                roles.add(chain.role)
                yield chain, people


def _rank(walked: Walked) -> tuple[int, int]:
    order = (Ending.UNPROVEN, Ending.REFUSED, Ending.WENT_THROUGH)
    return order.index(walked.ending), walked.at


def _locating(chain: Chain) -> tuple[str, ...]:
    return tuple(facet.value for facet in chain.facets if facet in LOCATING)


def _operations(pack: Pack, taken: Taken) -> list[Operation]:
    """The operations that take a step: one for all of it, or one for each fact that changes."""
    step = next(each for each in pack.steps if each.name == taken.name)
    names = [step.operation] if step.operation else [step.operations.get(fact) for fact in taken.to]
    if not names or None in names:
        facts = "" if not names or not step.operations else f" ({', '.join(taken.to)})"
        message = f"the pack has no operation that takes the step `{taken.name}`{facts}"
        raise CannotAskError(message)
    return [pack.target.operations[name] for name in names if name is not None]


class _Walk:
    """One walk with some people, on a fresh target."""

    def __init__(self, asker: Asker, chain: Chain, people: People) -> None:
        self._asker = asker
        self._chain = chain
        self._people = people
        self._known = {step.name: step for step in asker.bench.pack.steps}
        self._before: list[Reply] = []
        self._replies: list[Reply] = []
        self._wanted = mask_of(chain.facets)

    def walked(self) -> Walked:
        """How it ended."""
        at = 0
        try:
            self._not_before()
            for at, taken in enumerate(self._chain.steps, start=1):
                self._take(at, taken)
            at = len(self._chain.steps) + 1
            opened = self._read(at)
        except _StoppedError as stopped:
            return self._ended(stopped.ending, stopped.at, stopped.why, 0)
        except CannotAskError as error:
            return self._ended(Ending.UNPROVEN, at, str(error), 0)
        names = ", ".join(facet.value for facet in facets_of(opened))
        return self._ended(Ending.WENT_THROUGH, at, f"read in the end: {names}", opened)

    def _ended(self, ending: Ending, at: int, why: str, opened: int) -> Walked:
        return Walked(self._chain, ending, at, why, self._people, opened, tuple(self._before), tuple(self._replies), 1)

    def _not_before(self) -> None:
        """What is shown without any step shows nothing of the steps."""
        bench, people, claims = self._asker.bench, self._people, self._chain.claims
        # An account that is closed at first is signed in to only once it is in order: a refusal is remembered.
        if claims is None or not bench.grid.allows(people.user, None, Action.SIGN_IN, Claims()):
            return
        # Where the glass may not be broken, the record may be shown all the same.
        for each in dict.fromkeys((claims, replace(claims, override=False))):
            self._before += self._asker.read(people.user, people.child, each, self._wanted)
        if any(reply.opened & self._wanted for reply in self._before):
            raise _StoppedError(0, "it is shown without any step", Ending.UNPROVEN)

    def _take(self, at: int, taken: Taken) -> None:
        """Take one step, and have it approved where somebody must."""
        step = self._known[taken.name]
        takes, helps = self._actors(taken)
        for operation in _operations(self._asker.bench.pack, taken):
            reply = self._ask(at, takes, helps, operation, taken)
            if step.approval is not Approval.NONE:
                self._expect(at, reply, waiting=True)
                approving = self._asker.bench.pack.target.operations[step.approves or operation.name]
                if helps is None:
                    message = f"nobody is there to approve step `{step.name}`"
                    raise CannotAskError(message)
                reply = self._ask(at, helps, takes, approving, taken)
            self._expect(at, reply, waiting=False)

    def _actors(self, taken: Taken) -> tuple[int, int | None]:
        """Who takes it, and the other of the two; the chain names the people of its witness."""
        reader, other = self._people.user, self._people.other
        if other is not None and taken.user == self._chain.other:
            return other, reader
        return reader, other

    def _ask(self, at: int, user: int, other: int | None, operation: Operation, taken: Taken) -> Reply:
        bench, child = self._asker.bench, self._people.child
        further = self._asker.further(other, into_for(bench, self._people.user, child), taken.to)
        about = None if bench.policy.subjects[taken.action.value] == {SYSTEM} else child
        replies = self._asker.ask(user, operation, about, taken.claims, further)
        self._replies += replies
        last = replies[-1]
        if last.operation != operation.name and not last.unusable:
            raise _StoppedError(at, f"{last.username} {last.operation}: {last.status}")
        return last

    def _expect(self, at: int, reply: Reply, *, waiting: bool) -> None:
        if reply.unusable:
            raise _StoppedError(at, reply.unusable, Ending.UNPROVEN)
        if not (reply.noted if waiting else reply.done):
            waits = ", it waits for somebody else" if reply.noted else ""
            raise _StoppedError(at, f"{reply.operation} answers {reply.status}{waits}")

    def _read(self, at: int) -> int:
        """Mask of the chain's facets that are shown in the end."""
        if self._chain.claims is None:
            opened = self._replies[-1].opened & self._wanted
            if not opened:
                raise _StoppedError(at - 1, "the step hands nothing over")
            return opened
        replies = self._asker.read(self._people.user, self._people.child, self._chain.claims, self._wanted)
        self._replies += replies
        last = replies[-1]
        if last.unusable and not last.opened & self._wanted:
            raise _StoppedError(at, last.unusable, Ending.UNPROVEN)
        if not last.opened & self._wanted:
            raise _StoppedError(at, f"{last.operation} answers {last.status} without it")
        return last.opened & self._wanted
