"""The options of `overreach reach` that ask for another look than the counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import click

from overreach.cli.looks import hazards as hazards_look
from overreach.cli.looks import steps as steps_look
from overreach.cli.looks import stolen as stolen_look
from overreach.cli.looks import whatif as whatif_look
from overreach.cli.options import switches_of
from overreach.model.terms import ExitCode
from overreach.pack.config import Pack
from overreach.policy.load import Policy
from overreach.population.store import Population
from overreach.report.reach.alternatives import Question


class _Look(Protocol):
    """What every look can do."""

    def as_json(self) -> dict[str, Any]:
        """All of it."""

    def show(self) -> None:
        """The most of it, as tables."""


_OPTIONS = (
    click.option(
        "--what-if",
        "what_if",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Who gains and who loses under another policy, or under a few changed ones.",
    ),
    click.option(
        "--switch", "switches", multiple=True, metavar="G3=own", help="Who gains and who loses under another switch."
    ),
    click.option("--steps", is_flag=True, help="Permitted steps to what a role cannot read directly."),
    click.option("--live", is_flag=True, help="With --steps: walk the chains on the pack's target."),
    click.option("--stolen", is_flag=True, help="What stolen accounts open, and how few open every child."),
    click.option("--hazards", is_flag=True, help="What is permitted and harmful: one record tells what another hides."),
)


def look_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that can take other looks."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Chosen:
    """The look that was asked for; click.UsageError for two at a time."""

    what_if: Path | None
    switches: Sequence[str]
    steps: bool
    live: bool
    stolen: bool
    hazards: bool

    def __post_init__(self) -> None:
        """One look at a time."""
        asked = [self.what_if is not None or bool(self.switches), self.steps, self.stolen, self.hazards]
        if sum(asked) > 1:
            message = "--what-if, --steps, --stolen and --hazards are asked for one at a time"
            raise click.UsageError(message)
        if self.live and not self.steps:
            message = "--live walks the chains of --steps: ask for both"
            raise click.UsageError(message)

    @property
    def any(self) -> bool:
        """Whether one was asked for at all."""
        return self.what_if is not None or bool(self.switches) or self.steps or self.stolen or self.hazards

    def questions(self, pack: Pack) -> tuple[Question, ...]:
        """The other policy that is asked about, if any."""
        if self.what_if is None and not self.switches:
            return ()
        return (Question(self.what_if, switches_of(pack, self.switches)),)

    def show(self, pack: Pack, policy: Policy, population: Population, *, as_json: bool) -> None:
        """Take the look and print it; ends with exit code 3 where chains were to be walked and could not be."""
        found = self._taken(pack, policy, population)
        if as_json:
            click.echo(json.dumps(found.as_json()))
        else:
            found.show()
        if isinstance(found, steps_look.Look) and found.unproven:
            click.get_current_context().exit(ExitCode.UNPROVEN)

    def _taken(self, pack: Pack, policy: Policy, population: Population) -> _Look:
        if self.steps:
            return steps_look.look(pack, policy, population, live=self.live)
        if self.stolen:
            return stolen_look.look(pack, policy, population)
        if self.hazards:
            return hazards_look.look(pack, policy, population)
        return whatif_look.look(pack, policy, population, self.what_if, switches_of(pack, self.switches))
