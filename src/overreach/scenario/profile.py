"""What makes a test a scenario: its number, its rules, and Hypothesis settings that suit a running system."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from hypothesis import HealthCheck, Phase, core, settings
from hypothesis.errors import UnsatisfiedAssumption

from overreach.scenario.results import EXAMPLES

MARK = "overreach_scenario"

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass(slots=True)
class Scenario:
    """What a test is to an audit."""

    number: int
    """Number in the list of scenarios (docs/reference/scenarios.md)."""
    rules: str
    """The rules it rests on, with spaces between."""
    examples: int = 0
    """How often its body ran, shrinking included."""


def scenario(number: int, rules: str) -> Callable[[Test], Test]:
    """Make a test a scenario; stands above `@given`.

    A failing scenario becomes a finding that names `rules`. The test may be any pytest function; with Hypothesis it
    gets settings for a running system: no deadline (a request takes what it takes), no example database (a run
    depends on its seed alone), and no search for an explanation (it would repeat requests for nothing).
    """

    def mark(test: Test) -> Test:
        about = Scenario(number, rules)
        hypothesis = getattr(test, "hypothesis", None)
        if hypothesis is None:
            marked = cast("Test", _counted(test, about))
        else:
            hypothesis.inner_test = _counted(hypothesis.inner_test, about)
            marked = running_system()(test)
        setattr(marked, MARK, about)
        return marked

    return mark


def running_system() -> settings:
    """Settings for tests that ask a running system.

    Without `--hypothesis-seed` the choice of examples follows from each test's own text.
    """
    asked = os.environ.get(EXAMPLES)
    return settings(
        max_examples=int(asked) if asked else settings().max_examples,
        deadline=None,
        database=None,
        derandomize=core.global_force_seed is None,
        print_blob=False,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[
            HealthCheck.too_slow,  # an example is several requests to another process
            HealthCheck.filter_too_much,  # a small population may hold few members of a rare cell
        ],
    )


def scenario_of(test: object) -> Scenario | None:
    """What a test function is to an audit; None for any other test."""
    return getattr(test, MARK, None)


def _counted(body: Callable[..., None], about: Scenario) -> Callable[..., None]:
    @functools.wraps(body)
    def counted(*arguments: Any, **named: Any) -> None:  # noqa: ANN401 - whatever fixtures and draws there are
        about.examples += 1
        try:
            body(*arguments, **named)
        except UnsatisfiedAssumption:
            about.examples -= 1
            raise

    return counted
