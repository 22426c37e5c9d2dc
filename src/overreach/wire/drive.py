"""Driving mitmproxy: a reverse proxy before the target that watches everything that crosses it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep
from urllib.parse import urlsplit

import orjson

from overreach.model.errors import SyntheticOnlyError, TargetError
from overreach.model.finding import BlastRadius, Finding, NotExamined, Witness
from overreach.model.review import Control, PartSummary
from overreach.model.terms import Facet, Kind, Part
from overreach.probe.session import VARIABLE, SessionFile
from overreach.target.process import last_words, started, stop, tool
from overreach.wire import record

START_SECONDS = 60.0
ASK_SECONDS = 1.0
STOP_SECONDS = 45.0  # longer than the watcher may take to judge what waits
TOLERATED = 0.01  # share of requests whose connection may break before the part is unproven
_LOOK_SECONDS = 0.02
_START = "import sys; sys.argv[0] = 'mitmdump'; from mitmproxy.tools.main import mitmdump; mitmdump()"
_OPTIONS = {
    "flow_detail": "0",
    "termlog_verbosity": "error",
    "onboarding": "false",
    "connection_strategy": "lazy",
    "http2": "false",
    "rawtcp": "false",
    "websocket": "false",
}


@dataclass(frozen=True, slots=True)
class WireResult:
    """What crossed the wire, and what was wrong with it."""

    flows: int
    """Requests that came."""
    judged: int
    failed: int
    """Requests that could not be judged."""
    observations: Path
    """Lines, one an exchange of a user of this run."""
    findings: tuple[Finding, ...]
    """What broke a rule of the wire; what broke the policy stands in the observations."""
    controls: tuple[Control, ...]
    not_examined: tuple[NotExamined, ...]
    summary: PartSummary


class Watch:
    """A running watcher; send traffic to `url`."""

    def __init__(self, url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.url = url
        self._process = process
        self._folder = folder
        self._began = perf_counter()

    def result(self) -> WireResult:
        """Stop watching and conclude; SyntheticOnlyError where an answer could have concerned a real person."""
        end = monotonic() + STOP_SECONDS
        while self._process.poll() is None and monotonic() < end:
            # Asked again and again: while hundreds of connections close at once, the pipe by which the event loop
            # learns of signals is full, and one that comes just then is lost.
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ASK_SECONDS)
        stop(self._process)
        return conclude(self._folder, perf_counter() - self._began)


@contextlib.contextmanager
def watch(session_file: Path, session: SessionFile, upstream: str) -> Iterator[Watch]:
    """Put mitmproxy before `upstream`, with the pack's addon; it is stopped and reaped on leaving.

    Raises TargetError where `upstream` is not an allowed host, or mitmproxy does not start. Call it from a thread
    that outlives the traffic: mitmproxy dies with it.
    """
    host = urlsplit(upstream).hostname
    if host not in session.allow_hosts:
        message = f"host `{host}` is not in allow_hosts"
        raise TargetError(message, "add it to [tool.overreach.target] if it is a test system of yours")
    addon = Path(session.pack) / "load" / "wire" / "leak_watch.py"
    if not addon.is_file():
        message = f"no content file `{addon}`"
        raise TargetError(message, "copy load/wire/leak_watch.py from Overreach's own pack")
    folder = record.folder_of(session.results)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (record.READY, record.SUMMARY, record.LEAKS, record.OBSERVATIONS):
        (folder / name).unlink(missing_ok=True)
    words = folder / "mitmproxy.log"
    command = _command(addon, upstream, folder)
    # What mitmproxy reads from a home folder or a proxy setting of the user's has no business here.
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    environment |= {VARIABLE: str(session_file.resolve()), "HOME": str(folder)}
    with started("mitmproxy", command, folder=folder, output=words, environment=environment) as process:
        port = _port(process, folder / record.READY, words)
        yield Watch(f"http://127.0.0.1:{port}", process, folder)


def _command(addon: Path, upstream: str, folder: Path) -> list[str]:
    options = {**_OPTIONS, "confdir": str(folder.resolve() / "mitmproxy")}
    arguments = ["--quiet", "--mode", f"reverse:{upstream}", "--listen-host", "127.0.0.1", "--listen-port", "0"]
    for name, value in options.items():
        arguments += ["--set", f"{name}={value}"]
    return tool(_START, *arguments, "--scripts", str(addon.resolve()))


def _port(process: subprocess.Popen[bytes], ready: Path, words: Path) -> int:
    end = monotonic() + START_SECONDS
    while monotonic() < end and process.poll() is None:
        if ready.exists():
            return int(orjson.loads(ready.read_bytes())["port"])
        sleep(_LOOK_SECONDS)
    ended = process.poll()
    stop(process)
    silence = f"no answer within {START_SECONDS:.0f} seconds" if ended is None else f"it ended with status {ended}"
    message = f"mitmproxy did not start: {last_words(words) or silence}"
    raise TargetError(message, "start the audit again; if it happens again, look for what ends it (memory?)")


def conclude(folder: Path, seconds: float) -> WireResult:
    """The result of a watcher that has ended, from its files; SyntheticOnlyError where it stopped the run."""
    summary = record.read_summary(folder)
    if summary is not None and summary.stopped:
        raise SyntheticOnlyError(summary.stopped, "nothing of the answer was kept")
    findings = gather(record.read_leaks(folder / record.LEAKS))
    told = summary or record.Summary()
    figures = (
        ("requests watched", f"{told.flows:,}"),
        ("answers judged", f"{told.judged:,}"),
        ("not judged", f"{told.failed:,}"),
        ("requests without a session", f"{told.strangers:,}"),
    )
    return WireResult(
        flows=told.flows,
        judged=told.judged,
        failed=told.failed,
        observations=folder / record.OBSERVATIONS,
        findings=findings,
        controls=(_control(summary),),
        not_examined=tuple(_gaps(summary)),
        summary=PartSummary(Part.WIRE, ran=summary is not None, seconds=seconds, figures=figures),
    )


def _control(summary: record.Summary | None) -> Control:
    seen = summary.permitted if summary else 0
    words = f"{seen:,} permitted answers were read on the wire"
    return Control("wire: permitted canary", passed=seen > 0, detail=words if seen else f"{words}: unproven")


def _gaps(summary: record.Summary | None) -> Iterator[NotExamined]:
    if summary is None:
        yield NotExamined(Part.WIRE, "all traffic", "the watcher did not come to its end", count=1, blocking=True)
        return
    for reason, count in sorted(summary.reasons.items()):
        # An error of the watcher's own hides what it hides: fail closed. A connection now and then may break.
        blocking = reason != record.BROKEN or count > summary.flows * TOLERATED
        yield NotExamined(Part.WIRE, "answers on the wire", reason, count, blocking)
    if not summary.permitted:
        reason = "no permitted answer was read: silence proves nothing"
        yield NotExamined(Part.WIRE, "all traffic", reason, count=max(summary.flows, 1), blocking=True)


def gather(leaks: Iterable[record.LeakRecord]) -> tuple[Finding, ...]:
    """One finding for each rule and place, worst first."""
    groups: dict[tuple[str, str], list[record.LeakRecord]] = defaultdict(list)
    for leak in leaks:
        groups[leak.rule, leak.place].append(leak)
    found = [_finding(same) for same in groups.values()]
    return tuple(sorted(found, key=lambda finding: (-finding.severity.height, finding.key)))


def _finding(leaks: list[record.LeakRecord]) -> Finding:
    first = min(leaks, key=lambda leak: (leak.user is None, leak.user or 0, len(leak.request)))
    users = {leak.user for leak in leaks if leak.user is not None}
    children = {child for leak in leaks for child in leak.children}
    facets = {facet for leak in leaks for facet in leak.facets}
    whom = f" of record {first.number}" if first.number else ""
    who = f"{first.username} ({first.role.replace('_', ' ')})" if first.username else "a request without a session"
    return Finding(
        key=f"wire:{first.rule}:{first.place}",
        kind=Kind.WIRE,
        title=f"{first.title} ({first.place})",
        rule=first.breaks,
        severity=first.severity,
        roles=tuple(sorted({leak.role for leak in leaks if leak.user is not None})),
        facets=tuple(facet for facet in Facet if facet in facets),
        subject=first.rule.replace("-", " "),
        parts=(Part.WIRE,),
        witness=Witness(
            part=Part.WIRE,
            summary=f"{who} asked `{first.place}`{whom}: {first.detail}",
            request=first.request,
            answer=first.detail,
            user=first.username,
            child=first.number,
        ),
        blast=BlastRadius(seen_users=len(users), seen_children=len(children)),
        remedy=first.remedy,
    )
