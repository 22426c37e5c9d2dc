"""Bandit as a process: files in, its results, counts and complaints out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from overreach.model.errors import OverreachError
from overreach.model.terms import Severity
from overreach.target.process import last_words, started, tool

TIMEOUT_SECONDS = 300.0
_START = "import sys; sys.argv[0] = 'bandit'; from bandit.cli.main import main; main()"


@dataclass(frozen=True, slots=True)
class Result:
    """One place that Bandit points at."""

    test_id: str
    """For example `B608`."""
    test_name: str
    file: Path
    line: int
    """From 1."""
    severity: Severity
    text: str
    more: str
    """Address of the rule's explanation."""


@dataclass(frozen=True, slots=True)
class Report:
    """What Bandit said of some files."""

    results: tuple[Result, ...]
    lines: Mapping[Path, int]
    """File -> lines of code; a file that Bandit was given and did not read is missing."""
    excused: int
    """Places that a `# nosec` comment took out."""
    errors: tuple[tuple[Path, str], ...]
    """Files that could not be read as Python, with the reason."""


def run_bandit(files: Sequence[Path]) -> Report:
    """Bandit over some files, by its own defaults and no configuration of the files' owner.

    Raises OverreachError where Bandit does not start, hangs or gives no report.
    """
    with TemporaryDirectory(prefix="overreach-scan-") as scratch:
        folder = Path(scratch)
        report, words = folder / "bandit.json", folder / "bandit.log"
        # Files are named one by one and nothing is excluded: a folder called `.tox` must hide nothing.
        options = ["-q", "-f", "json", "-o", str(report), "-x", os.devnull, "--exit-zero"]
        command = tool(_START, *options, "--", *(str(file.resolve()) for file in files))
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        with started("bandit", command, folder=folder, output=words, environment=environment) as process:
            try:
                process.wait(TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                message = f"bandit did not finish within {TIMEOUT_SECONDS:.0f} seconds"
                raise OverreachError(message, "scan fewer files at a time") from None
        try:
            return _report(orjson.loads(report.read_bytes()))
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            message = f"bandit gave no report: {last_words(words)}"
            raise OverreachError(message, "install the project again: `make setup`") from None


def _report(answer: dict[str, Any]) -> Report:
    metrics = {name: counts for name, counts in answer["metrics"].items() if name != "_totals"}
    totals = answer["metrics"]["_totals"]
    return Report(
        results=tuple(_result(result) for result in answer["results"]),
        lines={Path(name): counts["loc"] for name, counts in metrics.items()},
        excused=totals["nosec"] + totals["skipped_tests"],
        errors=tuple((Path(error["filename"]), str(error["reason"])) for error in answer["errors"]),
    )


def _result(result: dict[str, Any]) -> Result:
    return Result(
        test_id=result["test_id"],
        test_name=result["test_name"],
        file=Path(result["filename"]),
        line=result["line_number"],
        severity=Severity(result["issue_severity"].lower()),
        text=result["issue_text"],
        more=result["more_info"],
    )
