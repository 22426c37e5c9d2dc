"""Options that several commands share, and how progress is shown."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from overreach.model.errors import OverreachError
from overreach.model.terms import Part
from overreach.pack.config import Pack, find_pack

pack_option = click.option(
    "--pack",
    "pack_folder",
    type=click.Path(path_type=Path),
    help="Folder of the pack; found from here upwards otherwise.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
fault_option = click.option(
    "--fault", "faults", multiple=True, metavar="NAME", help="Break the reference registry: NAME or FILE.py::NAME."
)
switch_option = click.option(
    "--switch",
    "switches",
    multiple=True,
    metavar="G1=yes",
    help="Set an open question of the law, for policy and registry.",
)


def switches_of(pack: Pack, given: Sequence[str]) -> dict[str, str]:
    """The pack's switches with those of the command line; OverreachError for one that is not NAME=VALUE."""
    switches = dict(pack.switches)
    for text in given:
        name, separator, value = text.partition("=")
        if not separator:
            message = f"`{text}` is not of the form NAME=VALUE"
            raise OverreachError(message, f"known switches: {', '.join(sorted(switches))}")
        switches[name] = value
    return switches


def parts_of(names: Sequence[str], known: Sequence[Part]) -> frozenset[Part]:
    """The parts named, all of them where none is; OverreachError lists the known ones."""
    wanted = [name for text in names for name in text.split(",") if name]
    by_name = {part.value: part for part in known}
    for name in wanted:
        if name not in by_name:
            message = f"no part is called `{name}`"
            raise OverreachError(message, f"known: {', '.join(by_name)}")
    return frozenset(by_name[name] for name in wanted) if wanted else frozenset(known)


def the_pack(folder: Path | None) -> Pack:
    """The pack that a command works on."""
    return find_pack(folder)


@contextlib.contextmanager
def shown_progress(lines: float = 0.0) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error where that is a terminal.

    Elsewhere silence; or, with `lines`, a line whenever something else is done, and one so many seconds after the last.
    What stands before the first colon says what is done.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(lines).show if lines else _silent
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(text: str, done: int, total: int) -> None:
            what = text.partition(":")[0]
            if what not in tasks:
                tasks[what] = progress.add_task(text, total=total)
            for other, task in tasks.items():
                progress.update(task, visible=other == what)
            progress.update(tasks[what], description=text, completed=done, total=total)

        yield show


class _Lines:
    """Progress as lines of plain text."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._said: tuple[str, float] = ("", 0.0)

    def show(self, text: str, _done: int, _total: int) -> None:
        """Say it, unless the same was said not long ago."""
        what, now = text.partition(":")[0], time.monotonic()
        last, at = self._said
        if what != last or now - at >= self._every:
            click.echo(text.replace("\n", ", "), err=True)
            self._said = (what, now)


def _silent(_text: str, _done: int, _total: int) -> None:
    """For whoever does not watch."""


def refuse_inside(file: Path, folder: Path) -> None:
    """OverreachError where a file to be written is a folder, or lies in the population that is read."""
    if file.is_dir():
        message = f"`{file}` is a folder"
        raise OverreachError(message, "name a file in it")
    if file.resolve().is_relative_to(folder.resolve()):
        message = f"`{file}` lies in the population"
        raise OverreachError(message, "name a file outside of it: a population is never changed")
