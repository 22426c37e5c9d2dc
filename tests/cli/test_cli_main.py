"""Every error is one clear line with what to do, and a code that reads neither as proof nor as a finding."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from overreach.model.terms import ExitCode

ROOT = Path(__file__).parents[2]
SMALL = ("--children", "200", "--users", "160")


def overreach(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder of its own."""
    environment = {key: value for key, value in os.environ.items() if key != "OVERREACH_DEBUG"}
    return subprocess.run(
        [sys.executable, "-m", "overreach", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment,
        timeout=120,
    )


def refused(done: subprocess.CompletedProcess[str], told: str) -> None:
    """One line that says what is wrong, at most one that says what to do, and exit 2."""
    lines = done.stderr.strip().splitlines()
    assert done.returncode == ExitCode.USAGE, done.stderr
    assert lines[0].startswith("overreach: ")
    assert told in lines[0]
    assert not lines[0].endswith(".")
    assert len(lines) <= 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of this repository's pack, to be spoilt."""
    folder = tmp_path / "pack"
    folder.mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in ("scenarios", "generators", "load", "reports/templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("audti",), "audti"),
        (("audit", "--onyl", "sweep"), "--onyl"),
        (("audit", "--only", "swep"), "no part is called `swep`"),
        (("audit", "--recipe", "nope"), "no recipe is called `nope`"),
        (("audit", "--switch", "G1"), "`G1` is not of the form NAME=VALUE"),
        (("audit", *SMALL, "--switch", "G9=yes"), "no switch is called `G9`"),
        (("audit", *SMALL, "--only", "scan", "--fault", "nope"), "no fault is called `nope`"),
        (("audit", "--children", "0"), "--children"),
        (("load", "--duration", "soon"), "`soon` is not a duration"),
        (("load", "--users", "999999"), "ceiling"),
    ],
)
def test_what_is_not_known_is_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """Whichever word it is."""
    refused(overreach(*arguments, folder=tmp_path), told)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    """In the line below."""
    done = overreach("audit", "--only", "swep", folder=tmp_path)
    assert done.stderr.splitlines()[1] == "  known: sweep, scenarios, load, wire, outside, scan"


def test_an_unknown_facet_of_the_pack_is_told(tmp_path: Path, pack: Path) -> None:
    """With the known ones."""
    file = pack / "pyproject.toml"
    file.write_text(file.read_text().replace("whereabouts = [\n", "wereabouts = [\n", 1))
    done = overreach("reach", "--pack", str(pack), folder=tmp_path)
    refused(done, "no facet is called `wereabouts`")
    assert "whereabouts" in done.stderr.splitlines()[1]


def test_a_policy_that_does_not_parse_is_told_with_its_file(tmp_path: Path, pack: Path) -> None:
    """Before anything is started."""
    with (pack / "scenarios" / "policy.cedar").open("a") as file:
        file.write('\n@id("broken") permit (principal, action resource);\n')
    done = overreach("audit", "--pack", str(pack), *SMALL, folder=tmp_path)
    refused(done, "policy.cedar")


def test_a_folder_that_is_no_population_is_told(tmp_path: Path) -> None:
    """An empty folder has no manifest."""
    (tmp_path / "people").mkdir()
    refused(overreach("audit", "--population", "people", folder=tmp_path), "`people` is not a whole population")


def test_a_folder_that_is_no_pack_is_told(tmp_path: Path) -> None:
    """With how to name one."""
    (tmp_path / "empty").mkdir()
    refused(overreach("audit", "--pack", "empty", folder=tmp_path), "is not a pack")


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """And no half-made run is left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = overreach("audit", *SMALL, "--only", "scan", "--port", port, "--out", "runs", folder=tmp_path)
    refused(done, port)
    runs = tmp_path / "runs"
    assert not runs.exists() or list(runs.iterdir()) == []


def test_an_internal_error_is_one_line_and_exit_2(tmp_path: Path, pack: Path) -> None:
    """A defect must not read as a finding; asked for, the trace is shown."""
    (pack / "generators" / "small_england.py").write_text(
        "from dataclasses import replace\n"
        "import importlib.util as u\n"
        f"s = u.spec_from_file_location('whole', {str(ROOT / 'generators' / 'small_england.py')!r})\n"
        "m = u.module_from_spec(s)\ns.loader.exec_module(m)\n"
        "def broken(order):\n    raise RuntimeError('a defect')\n"
        "for name, value in vars(m).items():\n"
        "    if type(value).__name__ == 'Recipe':\n        globals()[name] = replace(value, plan=broken)\n"
    )
    done = overreach("audit", "--pack", str(pack), *SMALL, folder=tmp_path)
    refused(done, "internal error: RuntimeError: a defect")
    assert "OVERREACH_DEBUG=1" in done.stderr.splitlines()[1]


def test_a_reader_that_went_away_is_not_complained_about(tmp_path: Path) -> None:
    """`overreach reach | head` says nothing on standard error."""
    command = [sys.executable, "-m", "overreach", "reach", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        complaints = running.stderr.read()
    assert complaints == b""


@pytest.mark.parametrize("arguments", [("--version",), ("audit", "--help")])
def test_help_and_version_are_told_with_exit_0(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """On standard output."""
    done = overreach(*arguments, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "overreach" in done.stdout
