"""What Z3 is asked can be interrupted, and an interrupt is never taken for a question that is too hard."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from overreach.policy.prove_solver import Effort, Solver, Wish, library


def _hard(places: int = 8) -> list[object]:
    """More pigeons than holes: nothing that a solver of truth values is quick at."""
    z3 = library()
    sits = [[z3.Bool(f"{bird}-{hole}") for hole in range(places)] for bird in range(places + 1)]
    alone = [
        z3.Or(z3.Not(sits[one][hole]), z3.Not(sits[two][hole]))
        for hole in range(places)
        for one in range(places + 1)
        for two in range(one)
    ]
    return [*alone, *(z3.Or(*row) for row in sits)]


@pytest.mark.parametrize("smallest", [False, True])
def test_an_interrupt_is_no_question_that_is_too_hard(*, smallest: bool) -> None:
    """It ends the run; it neither goes unheard nor counts as work that the limit did not allow."""
    effort = Effort()
    solver = Solver(_hard(), effort)
    soon = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT))
    soon.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            _ = solver.smallest([], [Wish(library().Bool("0-0"), 1)]) if smallest else solver.possible()
    finally:
        soon.join()
    assert effort.gave_up == 0
