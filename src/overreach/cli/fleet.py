"""The options of `overreach load` for several hosts: one master, and workers that join it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
import orjson

from overreach.cli.options import shown_progress
from overreach.load.errand import Master
from overreach.load.outpost import work
from overreach.load.roster import FleetOrder
from overreach.load.sealing import make_key, read_key
from overreach.model.errors import OverreachError
from overreach.model.terms import ExitCode
from overreach.pack.config import Pack
from overreach.population.store import Population
from overreach.probe.workspace import temporary_folder

F = TypeVar("F", bound=Callable[..., Any])
HERE = "127.0.0.1:5557"
ORDERED = ("master", "users", "duration", "rate", "sign_in", "out", "html", "web", "seed", "faults", "switches")
"""What only a master is told."""
LARGEST_PORT = 65534  # Locust's own is the next one


class Address(NamedTuple):
    """A host and one of its ports."""

    host: str
    port: int


class AddressType(click.ParamType):  # type: ignore[type-arg] # generic in the stubs only
    """HOST:PORT; an address of six bytes stands in brackets."""

    name = "host:port"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """The address; a usage error for anything else."""
        if isinstance(value, Address):
            return value
        host, separator, port = str(value).rpartition(":")
        if not separator or not host or not port.isdigit() or not 0 < int(port) <= LARGEST_PORT:
            self.fail(f"`{value}` is not of the form HOST:PORT with a port up to {LARGEST_PORT}", param, ctx)
        return Address(host.strip("[]"), int(port))


ADDRESS = AddressType()


def fleet_options(command: F) -> F:
    """Add the options of a fleet to a command."""
    options = (
        click.option(
            "--master",
            type=ADDRESS,
            is_flag=False,
            flag_value=HERE,
            help=f"Let workers on other hosts share the users: they join here, {HERE} without an address.",
        ),
        click.option("--worker", type=ADDRESS, help="Be one worker of the master at this address."),
        click.option(
            "--workers", type=click.IntRange(1), default=1, help="Workers that the master waits for; one by default."
        ),
        click.option(
            "--key-file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="The key that all hosts of a fleet share; the master makes it where there is none.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def refuse_contradictions(asked: Mapping[str, Any]) -> None:
    """OverreachError where options do not go together."""
    if asked["worker"] is not None:
        given = [name for name in ORDERED if asked.get(name)]
        if given:
            message = f"`--{given[0].replace('_', '-')}` is for the master, and this is a worker"
            raise OverreachError(message, "order the load where --master is given")
    elif asked["master"] is None and (asked["workers"] > 1 or asked["key_file"] is not None):
        option = "--key-file" if asked["key_file"] is not None else "--workers"
        message = f"`{option}` is for a fleet, and neither --master nor --worker is given"
        raise OverreachError(message, "give --master as well, or leave it out")
    elif asked["master"] is not None and asked["processes"] > 1:
        message = f"`{asked['processes']}` processes were asked of a master, which has workers"
        raise OverreachError(message, "give their number with --workers, and start each with --worker HOST:PORT")


def fleet_of(master: Address | None, workers: int, key_file: Path | None) -> FleetOrder | None:
    """The fleet that the command line asks for; None where this machine works alone."""
    if master is None:
        return None
    file = _key_file(key_file)
    if not file.exists():
        make_key(file)
        click.echo(f"overreach: the fleet's key is in {file}: copy it to every worker, and to nobody else", err=True)
    return FleetOrder(master.host, master.port, read_key(file), workers)


def be_worker(
    pack: Pack, master: Address, key_file: Path | None, places: tuple[Path | None, Path | None], *, as_json: bool
) -> int:
    """Work for a master until its load is over, and say what was done; `places` are population and what is prepared."""
    key = read_key(_key_file(key_file))
    population, prepared = places
    if population is None:
        message = "a worker needs the population that the master works with"
        raise OverreachError(message, "copy its folder to this host, and name it with --population DIR")
    with temporary_folder() as folder, shown_progress() as progress:
        lookups = (prepared or folder) / "lookups"
        worked = work(Master(master.host, master.port, key), pack, Population.open(population, lookups), progress)
    if as_json:
        click.echo(orjson.dumps(worked))
    else:
        click.echo(f"worker {worked.part}: {worked.users:,} users, {worked.requests:,} answers judged")
    return ExitCode.CLEAN


def _key_file(file: Path | None) -> Path:
    if file is None:
        message = "a fleet needs a key that its hosts share"
        raise OverreachError(message, "name its file with --key-file FILE: the master makes it, workers get a copy")
    return file
