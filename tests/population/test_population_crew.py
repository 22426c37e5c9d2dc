"""Several processes that draw one population: the same bytes, nobody left behind, nothing lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from tests.population.held_pack import ORDER, PARTS, HeldPack, content, figures, gone, receipts, told, until

from overreach.model.errors import PopulationError
from overreach.population.crew import Processes
from overreach.population.manifest import Manifest
from overreach.population.shards import Shard
from overreach.population.store import Population
from overreach.population.writing import draw, generate


@pytest.fixture
def pack(tmp_path: Path) -> HeldPack:
    """A recipe of thirteen parts."""
    return HeldPack.make(tmp_path / "pack")


@pytest.fixture
def alone(pack: HeldPack, tmp_path: Path) -> dict[str, bytes]:
    """What one process writes."""
    generate(pack.recipe(), ORDER, tmp_path / "alone")
    return content(tmp_path / "alone")


def _shard(pack: HeldPack, out: Path, shard: Shard, processes: int) -> Manifest | None:
    crew = Processes(pack.job(out), processes)
    return draw(pack.recipe(), ORDER, out, crew=crew, shard=shard, root=pack.root).manifest


@pytest.mark.parametrize(("processes", "shards"), [(2, 1), (3, 2), (1, 5), (2, PARTS)])
def test_the_bytes_do_not_depend_on_processes_or_shards(
    pack: HeldPack, alone: dict[str, bytes], tmp_path: Path, processes: int, shards: int
) -> None:
    """Manifest and files are the same; only the shard that sees every part whole writes the manifest."""
    made = [_shard(pack, tmp_path / "out", Shard(each, shards), processes) for each in range(1, shards + 1)]
    assert made[:-1] == [None] * (shards - 1)
    assert made[-1] is not None
    assert content(tmp_path / "out") == alone


def test_shards_of_several_machines_are_copied_together(
    pack: HeldPack, alone: dict[str, bytes], tmp_path: Path
) -> None:
    """Then the same command without --shard has nothing left to draw, and writes the manifest."""
    out = tmp_path / "out"
    for each in (2, 1, 3):
        one = tmp_path / f"machine-{each}"
        assert _shard(pack, one, Shard(each, 3), 1) is None
        for name, data in content(one).items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(data)
    done = figures(pack.run(out, "--json"))
    assert (done["whole"], done["resumed"]) == (True, PARTS)
    assert content(out) == alone


def test_a_parent_that_is_killed_leaves_no_child_and_can_be_resumed(
    pack: HeldPack, alone: dict[str, bytes], tmp_path: Path
) -> None:
    """What it leaves is no population to anybody; parts that were whole are not drawn again."""
    out = tmp_path / "out"
    pack.hold(5)
    with pack.running(out, "--processes", "2") as process:
        until(lambda: receipts(out) == 5)
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == 2
        process.kill()
        until(lambda: gone(children))
    assert "5 of 13 parts are written\ngo on with `overreach generate library --children 90" in told(out)
    with pytest.raises(PopulationError, match="is not a whole population"):
        Population.open(out)
    written = {file: file.stat().st_mtime_ns for file in out.glob("*/0000[0-4].parquet")}
    pack.release()
    assert figures(pack.run(out, "--processes", "2", "--json"))["resumed"] == 5
    assert {file: file.stat().st_mtime_ns for file in written} == written
    assert content(out) == alone


def test_an_interrupt_is_one_line_and_leaves_no_child(pack: HeldPack, alone: dict[str, bytes], tmp_path: Path) -> None:
    """Exit code 130; whole parts stay for the next time."""
    out = tmp_path / "out"
    pack.hold(4)
    with pack.running(out, "--processes", "3") as process:
        until(lambda: receipts(out) == 4)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=30)
        assert (process.returncode, printed) == (130, "")
        lines = said.strip().splitlines()
        assert lines[0] == "overreach: interrupted"
        assert len(lines) == 2
        until(lambda: gone(children))
    pack.release()
    assert figures(pack.run(out, "--json"))["resumed"] == 4
    assert content(out) == alone


def test_an_interrupt_before_anything_is_whole_leaves_nothing(pack: HeldPack, tmp_path: Path) -> None:
    """Nothing was begun: no folder stays."""
    out = tmp_path / "out"
    pack.hold(0)
    with pack.running(out, "--processes", "2") as process:
        until((out / "unfinished" / "order.json").is_file)
        until(lambda: len(psutil.Process(process.pid).children()) == 2)
        process.terminate()
        process.communicate(timeout=30)
        assert process.returncode == 130
    assert not out.exists()


def test_a_process_that_is_killed_is_told_and_the_run_can_be_resumed(
    pack: HeldPack, alone: dict[str, bytes], tmp_path: Path
) -> None:
    """As the kernel does where memory is short."""
    out = tmp_path / "out"
    pack.hold(6)
    with pack.running(out, "--processes", "2") as process:
        until(lambda: receipts(out) == 6)
        first, second = psutil.Process(process.pid).children()
        os.kill(second.pid, signal.SIGKILL)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 2
        assert "was killed (signal 9)" in said.splitlines()[0]
        assert len(said.splitlines()) == 2
        until(lambda: gone([first, second]))
    pack.release()
    assert figures(pack.run(out, "--json"))["resumed"] == 6
    assert content(out) == alone


def test_a_recipe_that_breaks_down_is_told_with_its_part(pack: HeldPack, tmp_path: Path) -> None:
    """One line, wherever it was drawn; what a recipe prints does not disturb."""
    pack.talk()
    pack.fail(9)
    done = pack.run(tmp_path / "out", "--processes", "2")
    lines = done.stderr[done.stderr.index("overreach: ") :].splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert lines[0] == "overreach: part `9` cannot be drawn: ValueError: two lines"
    assert len(lines) == 2


def test_few_parts_are_drawn_without_another_process(pack: HeldPack, tmp_path: Path) -> None:
    """Starting one would take longer."""
    pack.hold(1)
    with pack.running(tmp_path / "out", "--processes", "4", "--shard", "1/7") as process:
        until(lambda: receipts(tmp_path / "out") == 1)
        assert psutil.Process(process.pid).children() == []


def test_a_process_whose_pack_differs_is_refused(pack: HeldPack, tmp_path: Path) -> None:
    """A recipe edited while it is being drawn would give parts that do not belong together."""
    out = tmp_path / "out"
    pack.hold(2)
    with pack.running(out, "--processes", "1"):
        until(lambda: receipts(out) == 2)
    recipe = pack.root / "generators" / "library.py"
    recipe.write_text(recipe.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    before = content(out)
    done = pack.run(out)
    assert done.returncode == 2
    assert "was begun with other source files of the recipe" in done.stderr
    assert content(out) == before
