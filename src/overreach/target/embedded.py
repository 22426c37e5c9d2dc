"""The reference registry as a process of its own, which never outlives the audit."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from overreach.model.errors import TargetError

START_SECONDS = 60.0
LOADED_A_SECOND = 500_000  # bytes of a population, on a slow machine
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Running:
    """A registry that answers."""

    url: str
    folder: Path
    """Where its database and its backup lie."""
    database: Path
    pid: int


@contextlib.contextmanager
def registry(  # noqa: PLR0913 - what `overreach serve` takes
    population: Path,
    folder: Path,
    *,
    secret_file: Path,
    faults: Sequence[str] = (),
    switches: Mapping[str, str],
    port: int = 0,
    host: str = "127.0.0.1",
    database: Path | None = None,
    pristine: Path | None = None,
    minting: bool = False,
) -> Iterator[Running]:
    """Start `overreach serve` over a population, give it while it answers, and stop it whatever happens.

    `host` is the address at which it listens. `database` is one that was made of this population under this secret, or
    is to be made; one of `folder` without. `pristine` is one that nobody works with, or is to be made: a new database
    starts as its copy. `minting` lets sessions be minted beside it. TargetError with the registry's own last words
    where it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = database or folder / "registry.sqlite"
    patience = START_SECONDS if database.exists() else START_SECONDS + _bytes_of(population) / LOADED_A_SECOND
    command = [sys.executable, "-m", "overreach", "serve", "--json"]
    command += ["--population", str(population), "--database", str(database)]
    command += ["--secret-file", str(secret_file), "--host", host, "--port", str(port), "--password-cost", "low"]
    # A sweep asks far more than a user would: the throttle has tests of its own.
    command += ["--throttle", "off"]
    if pristine is not None:
        command += ["--pristine", str(pristine)]
    if minting:
        command.append("--minting")
    for name, value in switches.items():
        command += ["--switch", f"{name}={value}"]
    for fault in faults:
        command += ["--fault", fault]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**os.environ, "OVERREACH_PARENT_DEATH": "1"},
            # A Ctrl-C at the terminal is for the audit, which then stops the registry in its own time.
            start_new_session=True,
        )
        try:
            yield Running(_address(process, complaints, patience), folder, database, process.pid)
        finally:
            _stop(process)


def _bytes_of(population: Path) -> int:
    return sum(file.stat().st_size for file in population.glob("*/*.parquet"))


def _address(process: subprocess.Popen[bytes], complaints: IO[bytes], patience: float) -> str:
    assert process.stdout is not None  # noqa: S101 - Popen was given a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        ready = selector.select(patience)
    line = process.stdout.readline() if ready else b""
    try:
        return str(json.loads(line)["url"])
    except (json.JSONDecodeError, KeyError, TypeError):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        ended = process.poll()
        _stop(process)
        complaints.seek(0)
        words = complaints.read().decode(errors="replace").strip()
        silence = f"it ended with status {ended}" if ended is not None else f"no answer within {patience:.0f} seconds"
        reason = words.removeprefix("overreach: ") or silence
        first, _, remedy = reason.partition("\n")
        message = f"the registry did not start: {first}"
        raise TargetError(message, remedy.strip()) from None


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()
