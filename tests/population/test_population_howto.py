"""The suite of docs/how-to/test-your-own-rules.md passes, and fails where a rule forgets something."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from overreach.probe.session import Bench

DOCUMENT = Path(__file__).parents[2] / "docs" / "how-to" / "test-your-own-rules.md"


@pytest.fixture
def suite(bench: Bench, tmp_path: Path) -> Path:
    """The files of the document beside a population."""
    for name, code in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(code)
    (tmp_path / "people").symlink_to(bench.population.path)
    return tmp_path


def run_suite(suite: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the suite as its owner would."""
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",
        "--hypothesis-seed=1",
        *more,
    ]
    return subprocess.run(words, cwd=suite, capture_output=True, text=True, timeout=60, check=False)


def test_the_suite_of_the_document_passes(suite: Path) -> None:
    """Four tests of a rule that is right."""
    done = run_suite(suite)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_a_rule_that_forgets_the_shield_is_found(suite: Path) -> None:
    """By the tests that ask for what is denied."""
    rule = suite / "register.py"
    rule.write_text(rule.read_text(encoding="utf-8").replace('facts["shielded"] or ', ""), encoding="utf-8")
    done = run_suite(suite, "-k", "denies")
    assert done.returncode == 1
    assert "FAILED test_register.py::test_nobody_reads_an_address_that_the_policy_denies" in done.stdout
