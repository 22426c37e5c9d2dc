"""`overreach load`: many authorised users at once, every answer judged."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import orjson

from overreach.audit.conclude import Live
from overreach.audit.options import Options
from overreach.audit.run import run_load_only
from overreach.cli.fleet import Address, be_worker, fleet_of, fleet_options, refuse_contradictions
from overreach.cli.looks.load import show_finding, show_load, write_pages
from overreach.cli.looks.watchers import show
from overreach.cli.options import (
    fault_option,
    json_option,
    pack_option,
    shown_progress,
    switch_option,
    switches_of,
    the_pack,
)
from overreach.load.drive import within_ceilings
from overreach.load.keep import PAGE, WHOLE
from overreach.model.errors import OverreachError
from overreach.model.finding import Finding
from overreach.model.terms import ExitCode, Part, Severity, Verdict
from overreach.pack.fields import seconds_of
from overreach.probe.workspace import Prepared
from overreach.report.load.reading import read
from overreach.report.load.telling import answer


class Share(click.ParamType):  # type: ignore[type-arg] # generic in the stubs only
    """A share between 0 and 1, or `all`."""

    name = "share"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share as a number; a usage error for anything else."""
        try:
            share = 1.0 if value == "all" else float(str(value))
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(f"`{value}` is not a share between 0 and 1, or `all`", param, ctx)
        return share


LINES_EVERY = 10.0  # seconds, where standard error is no terminal
SHARE = Share()
SPARE = 1.25  # users generated for each one wanted: some accounts are closed, lapsed or suspended


class _Asked(NamedTuple):
    """The options of the command line."""

    pack_folder: Path | None
    users: int | None
    duration: str | None
    rate: float | None
    processes: int
    sign_in: float | None
    out: Path | None
    web: int | None
    population: Path | None
    prepared: Path | None
    kept: Path | None
    html: Path | None
    seed: int | None
    master: Address | None
    worker: Address | None
    workers: int
    key_file: Path | None
    faults: tuple[str, ...]
    switches: tuple[str, ...]


@click.command()
@pack_option
@click.option("--users", type=click.IntRange(1), help="Users at once; as the pack says otherwise.")
@click.option("--duration", help="How long all of them work, as 30s or 2m; as the pack says otherwise.")
@click.option("--rate", type=click.FloatRange(1), help="Requests a second that all users together aim at.")
@click.option("--processes", type=click.IntRange(1), default=1, help="Processes that share the users; one by default.")
@click.option(
    "--sign-in",
    type=SHARE,
    help="Who signs in as anybody would, as a share of the users or `all`; the sessions of the others are minted.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Keep the record of the load here.")
@click.option("--web", type=click.IntRange(1, 65535), help="Show Locust's own page on this port of this machine.")
@click.option("--population", type=click.Path(path_type=Path), help="A population folder; generated otherwise.")
@click.option(
    "--prepared",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep here what takes long to make of a population, and take it from here the next time.",
)
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a page of it, too."
)
@click.option(
    "--show",
    "kept",
    type=click.Path(path_type=Path, file_okay=False),
    help="Show the load that was kept in this folder instead; no other option counts but --html and --pack.",
)
@click.option("--seed", type=click.IntRange(0), help="Seed of everything that is drawn.")
@fleet_options
@fault_option
@switch_option
@json_option
def command(*, as_json: bool, **asked: Any) -> int:  # noqa: ANN401 - each option has a type of its own, see _Asked
    """Let many authorised users work at once, judge every answer, and compare what they did with the log.

    Each is a member of the population, signed in as itself. Stops by itself; ceilings stand in the pack.
    """
    refuse_contradictions(asked)
    words = _Asked(**asked)
    if words.worker is not None:
        pack, places = the_pack(words.pack_folder), (words.population, words.prepared)
        return be_worker(pack, words.worker, words.key_file, places, as_json=as_json)
    if words.html is not None and not words.html.resolve().parent.is_dir():
        message = f"no folder `{words.html.resolve().parent}` for `{words.html.name}`"
        raise OverreachError(message, "make it, or name another file with --html")
    if words.kept is not None:
        return _show_kept(words, words.kept, as_json=as_json)
    options = _options(words)
    with shown_progress(lines=0 if as_json else LINES_EVERY) as progress:
        live = run_load_only(options, progress)
    code = _tell(live, options.load_users, as_json=as_json)
    if live.parts.under_load is not None:
        kept = None if options.load_out is None else options.load_out / PAGE
        files = [file for file in (words.html, kept) if file is not None]
        write_pages(live.parts.under_load, options.pack, files, live.secrets)
    return code


def _show_kept(asked: _Asked, folder: Path, *, as_json: bool) -> int:
    """Tell what was kept of a load, and write its page again."""
    load = read(folder)
    write_pages(load, the_pack(asked.pack_folder), [asked.html] if asked.html else [])
    if as_json:
        click.echo((folder / WHOLE).read_bytes())
        return ExitCode.CLEAN
    click.echo(answer(load))
    show_load(load)
    for finding in load.findings:
        show_finding(finding, finding.summary)
    return ExitCode.CLEAN


def _options(asked: _Asked) -> Options:
    """What the command line asks for, within the ceilings of the pack."""
    pack = the_pack(asked.pack_folder)
    users = asked.users or pack.load.users
    seconds = seconds_of(asked.duration) if asked.duration else pack.load.seconds
    within_ceilings(pack.load, users, seconds, asked.rate or 0.0)
    return Options(
        pack=pack,
        population=asked.population,
        recipe=pack.population,
        children=pack.children,
        users=max(pack.users, int(users * SPARE)),
        seed=pack.seed if asked.seed is None else asked.seed,
        faults=asked.faults,
        switches=switches_of(pack, asked.switches),
        parts=frozenset({Part.LOAD}),
        runs=Path("reports/runs"),
        port=0,
        fail_on=Severity.LOW,
        load_users=users,
        load_seconds=seconds,
        examples=1,
        command=_command(asked, users, seconds),
        load_rate=asked.rate or 0.0,
        load_processes=asked.processes,
        web=asked.web or 0,
        sign_in=asked.sign_in,
        load_out=asked.out,
        prepared=Prepared(asked.prepared) if asked.prepared else None,
        fleet=fleet_of(asked.master, asked.workers, asked.key_file),
    )


def _of_fleet(asked: _Asked) -> dict[str, object]:
    if asked.master is None:
        return {}
    host = f"[{asked.master.host}]" if ":" in asked.master.host else asked.master.host
    return {"--master": f"{host}:{asked.master.port}", "--workers": asked.workers, "--key-file": asked.key_file}


def _command(asked: _Asked, users: int, seconds: float) -> str:
    """The command that makes such a load again, whatever the pack's own sizes become."""
    words = ["overreach", "load", "--users", str(users), "--duration", f"{seconds:g}s"]
    given = {
        "--rate": asked.rate,
        "--processes": asked.processes if asked.processes > 1 else None,
        "--sign-in": asked.sign_in,
        "--population": asked.population,
        **_of_fleet(asked),
        "--seed": asked.seed,
    }
    words += [str(word) for name, value in given.items() if value is not None for word in (name, value)]
    words += [word for fault in asked.faults for word in ("--fault", fault)]
    words += [word for switch in asked.switches for word in ("--switch", switch)]
    return shlex.join(words)


def _tell(live: Live, wanted: int, *, as_json: bool) -> int:
    """Print the figures and what was found; the exit code."""
    findings = live.gatherer.findings({})
    figures = _figures(live)
    if as_json:
        _tell_programs(live, figures, findings)
    else:
        _tell_people(live, figures, findings)
    if findings:
        return ExitCode.FINDINGS
    gaps = [(gap.what, gap.reason) for outcome in live.parts.outcomes for gap in outcome.not_examined]
    gaps += [
        (each.name, each.detail) for outcome in live.parts.outcomes for each in outcome.controls if not each.passed
    ]
    for what, why in gaps:
        click.echo(f"unproven: {what}: {why}", err=True)
    proven = live.parts.log is not None and not figures["unproven"] and figures["users"] >= wanted
    return ExitCode.CLEAN if proven and not gaps else ExitCode.UNPROVEN


def _tell_programs(live: Live, figures: Mapping[str, Any], findings: Sequence[Finding]) -> None:
    watchers, seen = live.parts.watchers, live.parts.under_load
    told: dict[str, object] = {"watchers": watchers and watchers.to_json(), "findings": findings}
    if seen is not None:
        told |= {"sightings": seen.sightings, "events": dict(seen.events)}
    click.echo(orjson.dumps({**figures, **told}, option=orjson.OPT_INDENT_2))


def _tell_people(live: Live, figures: Mapping[str, Any], findings: Sequence[Finding]) -> None:
    for name, figure in figures.items():
        click.echo(f"{name.replace('_', ' '):<20} {figure:,}")
    if live.parts.watchers is not None:
        show(live.parts.watchers)
    if live.parts.under_load is not None:
        show_load(live.parts.under_load)
    for finding in findings:
        show_finding(finding, finding.witness.summary)


def _figures(live: Live) -> dict[str, Any]:
    """What can be told in figures; nothing of the log where it could not be compared."""
    load, log = live.parts.load, live.parts.log
    if load is None:
        message = "there was no load"
        raise AssertionError(message)
    verdicts = live.listener.verdicts
    fleet = {"workers": load.workers, "reassigned": load.reassigned} if load.workers else {}
    names = ("rows", "missing", "extra", "repeated", "wrong_user")
    return fleet | {
        "users": load.users,
        "requests": load.requests,
        "overreach": verdicts[Part.LOAD, Verdict.OVERREACH],
        "underreach": verdicts[Part.LOAD, Verdict.UNDERREACH],
        "unproven": verdicts[Part.LOAD, Verdict.UNPROVEN],
        **({} if log is None else {f"log_{name}": getattr(log, name) for name in names}),
        "bytes_per_user": round(load.bytes_per_user),
        "requests_per_second": round(load.rate, 1),
        "spawn_seconds": round(load.spawn_seconds, 1),
        "checked_twice": load.checked,
        "processes": load.processes,
        "heartbeats_missed": load.heartbeats_missed,
    }
