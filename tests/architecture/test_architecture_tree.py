"""What a committed file may not hold, and what the tree must."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SELF = Path(__file__)

# Written in pieces, so that this file does not match itself.
REGISTRY = re.compile(
    r"https?://[^\s\"']*(?:/simple\b|/packages/[0-9a-f]{2}/|/-/[a-z0-9.-]+\.tgz)|--(?:extra-)?index-url\s+\S*://"
)
MACHINE_PATH = re.compile(r"(?<![A-Za-z.\w~<>}])/(?:work|root|home/[a-z]\w*|Users/\w+)/\w")
NOT_TEXT = re.compile(r"\.(?:csv|png|svg|parquet|gz|ico|woff2?)$")


def committed() -> list[Path]:
    """Every file under version control, or about to be."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def matches(pattern: re.Pattern[str]) -> list[str]:
    """Place and text of every match in a committed text file."""
    found = []
    for path in committed():
        if NOT_TEXT.search(path.name) or path == SELF:
            continue
        text = path.read_text(errors="replace")
        found += [
            f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()}"
            for hit in pattern.finditer(text)
        ]
    return found


def test_no_committed_file_names_a_package_registry() -> None:
    """Libraries come from whatever registry the user's pip is set to; the lock holds hashes only."""
    assert not matches(REGISTRY)


def test_no_committed_file_holds_a_path_of_somebodys_machine() -> None:
    """Paths are relative to the checkout or given by the user."""
    assert not matches(MACHINE_PATH)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "LICENSE",
        "NOTICE",
        "Makefile",
        "mkdocs.yml",
        "requirements.lock",
        ".ci/run",
        ".github/workflows/ci.yml",
        "src/overreach/py.typed",
    ],
)
def test_the_house_is_complete(name: str) -> None:
    """The files that a newcomer, a packager or a pipeline looks for are there and not empty."""
    path = ROOT / name
    assert path.is_file()
    assert path.stat().st_size > 0 or path.name == "py.typed"


def test_the_shell_scripts_parse() -> None:
    """`sh -n` accepts every script that make or the pipeline calls."""
    shell = [path for path in sorted((ROOT / "scripts").iterdir()) if path.is_file() and not path.suffix]
    for script in [*shell, ROOT / ".ci" / "run"]:
        subprocess.run(["sh", "-n", str(script)], check=True)


def test_every_line_of_the_lock_is_a_pinned_library_or_its_hash() -> None:
    """Nothing in the lock floats, and each library has at least one hash."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._-]*==\S+( ; .+)? \\", line) for line in pins)
    assert len(pins) <= sum("--hash=sha256:" in line for line in lines)


def test_test_modules_have_names_of_their_own() -> None:
    """The test folders are no packages, so two modules of one name would shadow each other."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))
