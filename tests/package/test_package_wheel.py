"""What users install: one package, its pack inside, and a command that works far from any checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 240

# One worker builds the wheel once.
pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout with the tools of this environment: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `overreach` command of an environment with this wheel and our libraries, but not our checkout."""
    folder = tmp_path_factory.mktemp("clean") / "env"
    venv.create(folder, with_pip=False, symlinks=True)
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # A plain line in a .pth file adds a folder to the path without running the .pth files in it, so the
    # editable install of the checkout stays out of sight.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = folder / "bin" / "overreach"
    command.write_text(f"#!{folder / 'bin' / 'python'}\nfrom overreach.cli.main import run\nrun()\n")
    command.chmod(0o755)
    return command


def start(command: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder of its own, with nothing of the checkout in the environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV"))}
    # Tools that the audit starts by name are those of the libraries' environment.
    path = f"{command.parent}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(command), *words],
        cwd=folder,
        env={**kept, "PATH": path},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_the_wheel_holds_one_package_and_nothing_beside_it(wheel: Path) -> None:
    """Installing Overreach adds one name to the user's environment."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"overreach"}


@pytest.mark.parametrize(
    "name",
    [
        "overreach/py.typed",
        "overreach/_pack/pyproject.toml",
        "overreach/_pack/scenarios/policy.cedar",
        "overreach/_pack/generators/small_england.py",
        "overreach/_pack/load/people.py",
        "overreach/_pack/load/habits/practitioner.py",
        "overreach/_pack/load/wire/leak_watch.py",
        "overreach/_pack/NOTICE",
    ],
)
def test_the_wheel_carries_this_pack(wheel: Path, name: str) -> None:
    """Policy, recipe, load and templates travel with the engine."""
    with zipfile.ZipFile(wheel) as archive:
        assert name in archive.namelist()


def test_the_wheel_carries_no_run_and_no_test(wheel: Path) -> None:
    """Output of audits, tests of the engine and caches stay at home."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    wrong = ("reports/runs", "__pycache__", "overreach/tests", ".hypothesis")
    assert [name for name in names if any(part in name for part in wrong)] == []


def test_the_licence_travels_with_the_wheel(wheel: Path) -> None:
    """LICENSE and NOTICE are in the metadata."""
    with zipfile.ZipFile(wheel) as archive:
        licences = {Path(name).name for name in archive.namelist() if "/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}


def test_the_installed_package_is_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    """The clean environment imports the wheel: otherwise the next test would prove nothing."""
    asked = subprocess.run(
        [str(installed.parent / "python"), "-c", "import overreach; print(overreach.__file__)"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(asked.stdout.strip()).is_relative_to(installed.parent.parent)


def test_an_audit_runs_from_a_plain_install(installed: Path, tmp_path: Path) -> None:
    """`overreach audit` outside the checkout uses the pack it carries and writes its run."""
    done = start(
        installed,
        tmp_path,
        *("audit", "--children", "200", "--users", "160", "--seed", "7"),
        *("--only", "scenarios,outside,scan", "--examples", "1", "--out", "runs", "--json"),
    )
    # A part of an audit cannot prove everything, so 3 is right as well; a finding or a refusal is not.
    assert done.returncode in {0, 3}, done.stderr
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode
    folder = tmp_path / told["folder"]
    assert folder.parent == tmp_path / "runs"
    assert (folder / "report.html").is_file()
    assert start(installed, tmp_path, "verify", str(folder)).returncode == 0


def test_a_plain_install_lists_the_faults(installed: Path, tmp_path: Path) -> None:
    """The quickest sign that everything was packed."""
    done = start(installed, tmp_path, "faults")
    assert done.returncode == 0, done.stderr
    assert "shield-ignored-in-view" in done.stdout
