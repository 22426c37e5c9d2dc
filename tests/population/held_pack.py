"""A pack whose recipe can be held back or made to fail: files beside it say so, to every process that draws."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from overreach.model.errors import PopulationError
from overreach.population.recipe import Order, Plan, Recipe, load_recipe
from overreach.population.unfinished import refuse_unfinished
from overreach.population.work import Job

ROOT = Path(__file__).parents[2]
ORDER = Order(90, 3, 7)
PARTS = 13
PATIENCE = 30.0

RECIPE = """
import sys, time
from pathlib import Path
sys.path.insert(0, ROOT)
from overreach.population.recipe import Recipe
from tests.population.conftest import LIBRARY, Library

HOLD = Path(__file__).parents[1] / "hold"
FAIL = Path(__file__).parents[1] / "fail"
TALK = Path(__file__).parents[1] / "talk"

class Held(Library):
    def part(self, number):
        if TALK.exists():
            print("what a recipe prints")
        while HOLD.exists() and number >= int(HOLD.read_text()):
            time.sleep(0.01)
        if FAIL.exists() and number == int(FAIL.read_text()):
            raise ValueError("two\\nlines")
        return Library.part(self, number)

recipe = Recipe("library", Held, LIBRARY, min_children=2)
"""


@dataclass(frozen=True, slots=True)
class HeldPack:
    """The pack in a folder of its own."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> HeldPack:
        """Write it."""
        (root / "generators").mkdir(parents=True)
        (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
        (root / "generators" / "library.py").write_text(RECIPE.replace("ROOT", repr(str(ROOT))), encoding="utf-8")
        return cls(root)

    def hold(self, part: int) -> None:
        """Let this part and later ones wait until `release`."""
        partial = self.root / "hold.partial"
        partial.write_text(str(part), encoding="utf-8")
        partial.rename(self.root / "hold")

    def release(self) -> None:
        """Let parts go on."""
        (self.root / "hold").unlink()

    def fail(self, part: int) -> None:
        """Let the recipe break down at this part."""
        (self.root / "fail").write_text(str(part), encoding="utf-8")

    def talk(self) -> None:
        """Let the recipe print something for each part."""
        (self.root / "talk").touch()

    def recipe(self) -> Recipe:
        """As the command line loads it."""
        return load_recipe(self.root, "library")

    def plan(self) -> Plan:
        """Of the usual order."""
        return self.recipe().plan(ORDER)

    def job(self, out: Path) -> Job:
        """The usual order, for other processes."""
        return Job(self.root, "library", ORDER, out)

    def command(self, out: Path, *options: str) -> list[str]:
        """The usual order at the command line."""
        start = [sys.executable, "-c", "from overreach.cli.main import run; run()", "generate", "library"]
        size = ("--children", str(ORDER.children), "--users", str(ORDER.users), "--seed", str(ORDER.seed))
        return [*start, *size, "--pack", str(self.root), "--out", str(out), *options]

    def run(self, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """The usual order, waited for."""
        return subprocess.run(
            self.command(out, *options), capture_output=True, text=True, check=False, timeout=PATIENCE, env=plain()
        )

    @contextmanager
    def running(self, out: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The usual order, under way."""
        process = subprocess.Popen(
            self.command(out, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=plain()
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def plain() -> dict[str, str]:
    """The environment, without what would add to a command's output."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OVERREACH")}


def until(true: Callable[[], bool]) -> None:
    """Wait until it is so; AssertionError where it never is."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def receipts(out: Path) -> int:
    """How many parts are whole."""
    return len(list((out / "unfinished").glob("0*.json")))


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def told(out: Path) -> str:
    """What is said of a folder that is not whole, and what to do, as one text."""
    try:
        refuse_unfinished(out)
    except PopulationError as error:
        return f"{error.message}\n{error.remedy}"
    return ""


def figures(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """What a command printed with --json; AssertionError where it failed or said anything else."""
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found
