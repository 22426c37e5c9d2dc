"""A pack: the folder that holds what is asked, of whom, how hard, how it is told; and its configuration."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from pathlib import Path

from overreach.model.decision import Claims, RungContext
from overreach.model.errors import PackError, UnknownNameError
from overreach.model.terms import Action, Facet, Rung, Severity
from overreach.pack.alerts import AlertEntry, alert_entry
from overreach.pack.events import check_events
from overreach.pack.fields import Fields, paths_of
from overreach.pack.listening import LOOPBACK, listen_of
from overreach.pack.load import LoadConfig, load_of
from overreach.pack.steps import Step, steps_of
from overreach.pack.sweep import SweepConfig, sweep_of


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a user can ask of the target: a request template, and which facets its answer may carry."""

    name: str
    method: str
    path: str
    """Template: `{child.NAME}` is replaced by that field of the child; see `target.operations`."""
    body: Mapping[str, str]
    """Template of the JSON body."""
    claims: Mapping[str, str]
    """Name of a claim -> member of the body that carries it."""
    facets: Mapping[Facet, tuple[str, ...]]
    """Facet -> paths in the answer at which its values may stand."""
    by: tuple[Facet, ...]
    """The facets that a search names; empty for anything but a search."""
    action: Action | None
    raises: Rung | None
    ends: Rung | None
    writes: bool
    flags: Mapping[str, bool] = field(default_factory=dict)
    """Members of the JSON body that are true or false."""
    pages: str = ""
    """Where the answer of a search says of how many pages it is the first; empty where it holds all that was found."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Where in an entry of the target's log each value stands: paths such as `$.agent[0].name`."""

    id: str
    user: str
    operation: str
    query: str
    """An object, or a text that holds one as JSON, in base64 or not."""
    results: str
    """The record numbers that were answered."""
    request_id: str


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """The running system, as the pack describes it."""

    kind: str
    """`embedded` starts the reference registry; `http` names a running one."""
    base_url: str
    allow_hosts: tuple[str, ...]
    activate: tuple[str, str]
    """Method and path of activating an account."""
    sign_in: tuple[str, str]
    mint: tuple[str, ...]
    """Command that opens sessions without signing in; empty where the target has none."""
    log: tuple[str, str]
    alerts: tuple[str, str]
    log_role: str
    """Role whose member reads log and alerts."""
    log_entry: LogEntry
    alert_entry: AlertEntry
    live_files: tuple[str, ...]
    """Patterns of the files in which the target keeps its live records; copies elsewhere are findings."""
    operations: Mapping[str, Operation]
    listen: str = LOOPBACK
    """Address at which an embedded registry listens: loopback, or one of `allow_hosts` on purpose."""

    def operation(self, name: str) -> Operation:
        """The operation of that name; UnknownNameError lists the known ones."""
        if name not in self.operations:
            raise UnknownNameError("operation", name, list(self.operations))
        return self.operations[name]

    @property
    def raising(self) -> dict[Rung, Action]:
        """The action by which a rung is reached, where an operation says so."""
        operations = self.operations.values()
        return {each.raises: each.action for each in operations if each.raises is not None and each.action is not None}

    @property
    def watching(self) -> frozenset[tuple[str, str]]:
        """Method and path of reading log and alerts, without a query."""
        return frozenset((method, path.partition("?")[0]) for method, path in (self.log, self.alerts))


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder with its configuration, read and checked."""

    root: Path
    population: str
    children: int
    users: int
    seed: int
    fail_on: Severity
    switches: Mapping[str, str]
    rungs: tuple[RungContext, ...]
    sweep: SweepConfig
    load: LoadConfig
    target: TargetConfig
    steps: tuple[Step, ...]

    @property
    def scenarios(self) -> Path:
        """Folder of the policy and the scenarios."""
        return self.root / "scenarios"

    @property
    def templates(self) -> Path:
        """Folder of the report's templates; those that come with Overreach where the pack has none."""
        own = self.root / "reports" / "templates"
        return own if own.is_dir() else built_in() / "reports" / "templates"

    @classmethod
    def read(cls, root: Path) -> Pack:
        """The pack in `root`; PackError names the key that cannot be used."""
        file = root / "pyproject.toml"
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))["tool"]["overreach"]
        except (OSError, KeyError) as error:
            message = f"`{root}` is not a pack: no [tool.overreach] in its pyproject.toml"
            raise PackError(message, "name one with --pack FOLDER") from error
        except tomllib.TOMLDecodeError as error:
            message = f"`{file}` does not parse: {error}"
            raise PackError(message, "mend the file") from error
        fields = Fields(table, "tool.overreach")
        target = _target(fields.section("target"))
        pack = cls(
            root=root,
            population=fields.text("population"),
            children=fields.count("children"),
            users=fields.count("users"),
            seed=fields.whole("seed", 2007),
            fail_on=fields.choice("fail_on", Severity, Severity.LOW),
            switches={name: str(value) for name, value in fields.table("switches").items()},
            rungs=_rungs(fields),
            sweep=sweep_of(fields.section("sweep")),
            load=load_of(fields.section("load")),
            target=target,
            steps=steps_of(fields.sections("steps"), target.operations),
        )
        fields.finish()
        check_events(pack.load.events, target.operations)
        return pack


def find_pack(start: Path | None = None) -> Pack:
    """The pack at `start`, or the nearest at or above the current folder, or the one of Overreach itself."""
    if start is not None:
        return Pack.read(start.resolve())
    here = Path.cwd()
    for folder in (here, *here.parents):
        file = folder / "pyproject.toml"
        if file.is_file() and "[tool.overreach]" in file.read_text(encoding="utf-8", errors="replace"):
            return Pack.read(folder)
    return Pack.read(built_in())


def built_in() -> Path:
    """Folder of the pack that comes with Overreach: package data of a wheel, or the checkout itself."""
    package = Path(__file__).resolve().parent.parent
    data = package / "_pack"
    return data if data.is_dir() else package.parent.parent


def _rungs(fields: Fields) -> tuple[RungContext, ...]:
    contexts = []
    for section in fields.sections("rungs"):
        rung = section.choice("name", Rung)
        for claims in section.sections("contexts"):
            contexts.append(
                RungContext(
                    rung,
                    Claims(
                        reason=claims.text("reason", "") or None,
                        override=claims.flag("override"),
                        approvals=claims.whole("approvals", 0),
                    ),
                )
            )
            claims.finish()
        section.finish()
    heights = [context.rung.height for context in contexts]
    if not contexts or heights != sorted(heights):
        message = "`tool.overreach.rungs` must name rungs in ascending order"
        raise PackError(message, f"order: {', '.join(Rung)}")
    return tuple(contexts)


def _target(fields: Fields) -> TargetConfig:
    identity, log, outside = (fields.section(name) for name in ("identity", "log", "outside"))
    identity.choice("kind", {"bearer": "bearer"})
    operations: dict[str, Operation] = {}
    for section in fields.sections("operations"):
        operation = _operation(section, operations)
        if operation.name in operations:
            message = f"two operations are called `{operation.name}`"
            raise PackError(message, "give each operation of the target a name of its own")
        operations[operation.name] = operation
    target = TargetConfig(
        kind=fields.choice("kind", {"embedded": "embedded", "http": "http"}),
        base_url=fields.text("base_url", ""),
        allow_hosts=tuple(fields.texts("allow_hosts")),
        activate=identity.request("activate"),
        sign_in=identity.request("sign_in"),
        mint=tuple(identity.texts("mint")),
        log=log.request("read"),
        alerts=log.request("alerts"),
        log_role=log.text("role"),
        log_entry=_log_entry(log.section("entry")),
        alert_entry=alert_entry(log.section("alert")),
        live_files=tuple(outside.texts("live")),
        operations=operations,
        listen=listen_of(fields, fields.texts("allow_hosts")),
    )
    for part in (identity, log, outside, fields):
        part.finish()
    return target


def _log_entry(fields: Fields) -> LogEntry:
    entry = LogEntry(**{each.name: fields.path(each.name) for each in dataclass_fields(LogEntry)})
    fields.finish()
    return entry


def _operation(fields: Fields, known: Mapping[str, Operation]) -> Operation:
    name = fields.text("name")
    like = fields.text("same_facets_as", "")
    if like and like not in known:
        raise UnknownNameError("operation", like, list(known))
    paths = {key: paths_of(name, key, value) for key, value in fields.table("facets").items()}
    unknown = set(paths) - {facet.value for facet in Facet}
    if unknown:
        raise UnknownNameError("facet", min(unknown), [facet.value for facet in Facet])
    method, path = fields.request("request")
    body = fields.table("body")
    operation = Operation(
        name=name,
        method=method,
        path=path,
        body={key: str(value) for key, value in body.items() if not isinstance(value, bool)},
        claims={key: str(value) for key, value in fields.table("claims").items()},
        facets=known[like].facets if like else {Facet(key): value for key, value in paths.items()},
        by=tuple(fields.choice_of(value, "by", Facet) for value in fields.texts("by")),
        action=fields.choice("action", Action, None),
        raises=fields.choice("raises", Rung, None),
        ends=fields.choice("ends", Rung, None),
        writes=fields.flag("writes"),
        flags={key: value for key, value in body.items() if isinstance(value, bool)},
        pages=fields.path("pages", known[like].pages if like else ""),
    )
    fields.finish()
    return operation
