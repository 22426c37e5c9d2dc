"""Z3 behind a few questions: can this be, and what is the smallest way in which it can.

Every question is counted, and answered by True, False or None: where the solver gives up nothing is known, and
nothing is ever taken for proven. Work is bounded by Z3's own resource units, not by time: the same question
ends the same way on every machine.
"""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from overreach.model.errors import PolicyError

#: A term of Z3, whose library ships no types.
Z3 = Any

LIMIT = 20_000_000
"""Resource units for one question; the largest question of a pack of fifty policies takes some 100,000."""


@functools.cache
def library() -> Z3:
    """The module z3; PolicyError where it is not installed."""
    try:
        return importlib.import_module("z3")
    except ImportError as error:
        message = "proving needs the library z3-solver, which is not installed"
        raise PolicyError(message, "pip install 'overreach[prove]'") from error


@dataclass(frozen=True, slots=True)
class Wish:
    """What a small model would rather have."""

    plain: Z3
    """A formula that holds where nothing unusual is chosen."""
    weight: int
    order: Z3 = None
    """A term whose value should be low, all else being equal; None for no such preference."""


@dataclass(slots=True)
class Effort:
    """How much was asked."""

    limit: int = LIMIT
    queries: int = 0
    seconds: float = 0.0
    gave_up: int = 0
    """Questions without an answer."""


class Solver:
    """Questions about one set of assumptions."""

    def __init__(self, assumptions: Iterable[Z3], effort: Effort) -> None:
        z3 = library()
        self._assumptions = list(assumptions)
        self._effort = effort
        self._solver = z3.Solver()
        _bound(self._solver, effort)
        self._solver.add(*self._assumptions)

    def possible(self, *formulas: Z3) -> bool | None:
        """Whether all of them can hold at once; None where the solver gave up."""
        return self._check(self._solver, formulas)[0]

    def smallest(self, formulas: Sequence[Z3], wishes: Sequence[Wish]) -> Z3 | None:
        """The model that grants most of the wishes by weight, then has the lowest `order`; None if none was found.

        A model that may not be the smallest stands in where Z3 gives up on the smallest.
        """
        z3 = library()
        optimiser = z3.Optimize()
        _bound(optimiser, self._effort)
        optimiser.add(*self._assumptions)
        for wish in wishes:
            optimiser.add_soft(wish.plain, wish.weight)
        orders = [wish.order for wish in wishes if wish.order is not None]
        if orders:
            optimiser.minimize(z3.Sum(orders))
        # Of equally small ones always the same, whichever way the solver looks.
        optimiser.minimize(z3.Sum([z3.If(wish.plain, 0, 2**place) for place, wish in enumerate(wishes)]))
        answer, model = self._check(optimiser, formulas)
        return self._check(self._solver, formulas)[1] if answer is None else model

    def _check(self, solver: Z3, formulas: Sequence[Z3]) -> tuple[bool | None, Z3 | None]:
        z3 = library()
        start = time.perf_counter()
        solver.push()
        solver.add(*formulas)
        answer = solver.check()
        model = solver.model() if answer == z3.sat else None
        solver.pop()
        self._effort.queries += 1
        self._effort.seconds += time.perf_counter() - start
        if answer == z3.unknown:
            self._effort.gave_up += 1
            return None, None
        return bool(answer == z3.sat), model


def _bound(solver: Z3, effort: Effort) -> None:
    """So much work for one question, and interrupts are ours: Z3 would give up on the question and swallow them."""
    solver.set("rlimit", effort.limit)
    solver.set("ctrl_c", False)  # noqa: FBT003 - how Z3 takes its settings
