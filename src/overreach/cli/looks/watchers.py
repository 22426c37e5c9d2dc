"""`overreach load`: whom the target's own alerts named, by what people did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import click

from overreach.cli.looks.tables import print_table
from overreach.load.watched import HabitWatched, Watchers

_HEADS = ("misuse", "alerts", "people", "began", "named", "soonest", "median", "watched for", "accused")
_FIGURES = 7


def show(watchers: Watchers) -> None:
    """One row for each kind of misuse, and one for everybody else together."""
    print_table(_HEADS, _rows(watchers), _FIGURES)
    told = watchers.named + watchers.honest_accused
    click.echo(
        f"the target's alerts named {watchers.named:,} of {watchers.misusers:,} misusers; "
        f"of the {told:,} people they named, {watchers.honest_accused:,} had done nothing wrong"
    )


def _rows(watchers: Watchers) -> Iterator[tuple[object, ...]]:
    for each in watchers.habits:
        if each.misuse and each.people:
            soonest, median = (None, None) if each.seconds is None else each.seconds[:2]
            times = (_seconds(soonest), _seconds(median), _seconds(each.watched))
            yield each.habit, _kinds([each]), each.people, each.began, each.named, *times, each.accused
    honest = [each for each in watchers.habits if not each.misuse]
    people, accused = sum(each.people for each in honest), sum(each.accused for each in honest)
    yield "all others", _kinds(honest), people, *[""] * 5, accused


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"


def _kinds(habits: Iterable[HabitWatched]) -> str:
    counted: Counter[str] = Counter()
    for each in habits:
        counted.update(each.alerts)
    return ", ".join(f"{count:,} {kind}" for kind, count in sorted(counted.items()))
