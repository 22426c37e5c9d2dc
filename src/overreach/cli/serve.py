"""`overreach serve`: the reference registry, as a process of its own."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from overreach.cli.faults import told
from overreach.contactpoint.errors import RegistryError

if TYPE_CHECKING:
    from overreach.contactpoint.app import App

PARENT_DEATH = "OVERREACH_PARENT_DEATH"


class _Settings(NamedTuple):
    """What the operator chose, as texts."""

    faults: tuple[str, ...]
    switches: tuple[str, ...]
    password_cost: str
    durability: str
    throttle: str
    minting: bool
    pristine: Path | None


@click.command("serve", short_help="Serve the reference registry over a population.")
@click.option("--population", type=click.Path(path_type=Path), required=True, help="Folder of the population.")
@click.option("--database", type=click.Path(path_type=Path), help="Database file; made where there is none.")
@click.option(
    "--pristine",
    type=click.Path(path_type=Path),
    help="Database as loaded, made where there is none: a new --database starts as its copy.",
)
@click.option("--secret-file", type=click.Path(path_type=Path), help="File with the run's secret.")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="A fault to build in, or FILE.py::NAME.")
@click.option(
    "--switch", "switches", multiple=True, metavar="NAME=VALUE", help="An unsettled question, such as G1=yes."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8008, show_default=True, help="0 is any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--password-cost",
    type=click.Choice(["low", "high"]),
    default="high",
    show_default=True,
    help="Work of argon2id for each password; low is for audits of many users.",
)
@click.option(
    "--durability",
    type=click.Choice(["normal", "full"]),
    default="normal",
    show_default=True,
    help="What a committed answer survives: the process (normal) or a power cut too (full).",
)
@click.option(
    "--throttle",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="Whether a user who asks for too many records has to wait; off is for audits.",
)
@click.option("--minting", is_flag=True, help="Let `overreach mint` open sessions without proof; for loads only.")
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON.")
def command(  # noqa: PLR0913 - one a switch
    *,
    population: Path,
    database: Path | None,
    pristine: Path | None,
    secret_file: Path | None,
    faults: tuple[str, ...],
    switches: tuple[str, ...],
    port: int,
    host: str,
    password_cost: str,
    durability: str,
    throttle: str,
    minting: bool,
    as_json: bool,
) -> None:
    """Serve the reference registry over a population until it is told to stop.

    Prints its address on one line once it answers. Without --database its records lie in a temporary folder.
    """
    # Only this command needs the server: importing it would slow every other one down.
    from overreach.contactpoint import process  # noqa: PLC0415

    if os.environ.get(PARENT_DEATH) == "1":
        process.die_with_parent()
    try:
        with ExitStack() as stack:
            listener = stack.enter_context(process.listen(host, port))
            if database is None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="overreach-registry-"))
                database = Path(folder) / "registry.sqlite"
            settings = _Settings(faults, switches, password_cost, durability, throttle, minting, pristine)
            app = _open(population, database, secret_file, settings)
            stack.callback(app.parts.storage.close)
            url = process.url_of(listener)
            line = json.dumps({"url": url}) if as_json else f"overreach: serving {url}"
            process.run(app, listener, lambda: click.echo(line))
    except RegistryError as error:
        raise told(error) from error
    process.leave()


def _open(
    population: Path,
    database: Path,
    secret_file: Path | None,
    settings: _Settings,
) -> App:
    """The registry over a population."""
    from overreach.contactpoint import registry  # noqa: PLC0415
    from overreach.contactpoint.accounts import PasswordCost  # noqa: PLC0415
    from overreach.contactpoint.facts import Switches  # noqa: PLC0415
    from overreach.contactpoint.fault import find_faults  # noqa: PLC0415
    from overreach.contactpoint.storage import Durability  # noqa: PLC0415
    from overreach.contactpoint.throttle import USUAL  # noqa: PLC0415

    parsed, chosen = Switches.parse(settings.switches), find_faults(settings.faults)
    if secret_file is None:
        secret, kept = registry.own_secret(database.parent)
        click.echo(f"overreach: the run's secret is in {kept}", err=True)
    else:
        secret = registry.read_secret(secret_file)
    if settings.minting:
        click.echo("overreach: minting is on: `overreach mint` opens sessions without proof; for tests only", err=True)
    choices = registry.Choices(
        population,
        database,
        secret,
        parsed,
        PasswordCost(settings.password_cost),
        Durability(settings.durability),
        USUAL if settings.throttle == "on" else None,
        settings.minting,
        settings.pristine,
    )
    with _progress() as progress:
        return registry.open_registry(choices, chosen, progress)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar while a population is loaded, where somebody is watching: what draws it is slow to import."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from overreach.cli.options import shown_progress  # noqa: PLC0415

    with shown_progress() as show:
        yield partial(show, "loading the population")
