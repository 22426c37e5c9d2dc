"""Running the scenarios: pytest as a process of its own, which never outlives the one that started it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO

from overreach.model.errors import OverreachError, SyntheticOnlyError
from overreach.probe.session import VARIABLE, SessionFile
from overreach.scenario.results import EXAMPLES, FILE, ScenarioResult, read

OUTPUT = "scenarios.log"
STOP_SECONDS = 10.0
_PLUGIN = "overreach.scenario.plugin"
_USAGE = 4
_RAN = {0, 1}  # pytest: all passed, some failed


def run_scenarios(
    session_file: Path,
    session: SessionFile,
    examples: int | None,
    arguments: Sequence[str] = (),
    *,
    show: bool = False,
) -> ScenarioResult:
    """Run the scenarios of a session's pack against its target; `examples` a test, or as the profile says.

    Pytest's own words go to `scenarios.log` in the results folder, or where `show` says so to the terminal.
    SyntheticOnlyError where an answer could concern a real person.
    """
    results = Path(session.results)
    (results / FILE).unlink(missing_ok=True)
    log = results / OUTPUT
    with log.open("wb") as output:
        status = _run(command(session, arguments), _environment(session_file, examples), None if show else output)
    result = read(results)
    if result.halted:
        raise SyntheticOnlyError(result.halted, "point the audit at a system that holds synthetic records only")
    if status == _USAGE:
        message = "pytest does not accept these arguments"
        raise OverreachError(message, "`overreach test` passes on what it does not know: see `pytest --help`")
    if status not in _RAN and not result.errors:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or [f"status {status}"]
        result = replace(result, errors=(("scenarios", f"pytest did not finish: {last[0].strip('= ')}"),))
    return result


def command(session: SessionFile, arguments: Sequence[str]) -> list[str]:
    """The command line of pytest."""
    scenarios = Path(session.pack) / "scenarios"
    words = [sys.executable, "-m", "overreach.scenario.child", str(scenarios), f"--rootdir={session.pack}"]
    words += ["--import-mode=importlib", "-p", "no:cacheprovider", "--tb=short", "--color=no", "-q"]
    # The child has imported us before pytest could rewrite our asserts: there are none.
    words += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    if not any(argument.startswith("--hypothesis-seed") for argument in arguments):
        words.append(f"--hypothesis-seed={session.seed}")
    if not entry_points(group="pytest11", name="overreach"):
        words += ["-p", _PLUGIN]
    return [*words, *arguments]


def _environment(session_file: Path, examples: int | None) -> dict[str, str]:
    # A user's own pytest habits must not change what an audit does.
    dropped = {"PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", EXAMPLES}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    asked = {} if examples is None else {EXAMPLES: str(examples)}
    return {**kept, **asked, VARIABLE: str(session_file), "PYTHONDONTWRITEBYTECODE": "1"}


def _run(words: Sequence[str], environment: dict[str, str], output: IO[bytes] | None) -> int:
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=environment,
        # A Ctrl-C at the terminal is for the command, which then stops pytest in its own time.
        start_new_session=True,
    )
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
