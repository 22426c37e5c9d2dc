"""Writing population folders: whole or recognisably not, and gone on with where they stopped."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.population.conftest import LIBRARY, Library
from tests.population.held_pack import content

from overreach.model.errors import PopulationError
from overreach.population.manifest import Manifest
from overreach.population.parts import Receipt, draw_part, to_parquet
from overreach.population.recipe import Order, Recipe
from overreach.population.shards import Shard
from overreach.population.stamp import Stamp
from overreach.population.store import Population
from overreach.population.unfinished import begin, finish, order_file
from overreach.population.writing import generate

ORDER = Order(20, 3, 7)
PARTS = 4
RECIPE = Recipe("library", Library, LIBRARY, min_children=2)


def _leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _begun(out: Path, *parts: int) -> Path:
    """An unfinished population of which these parts are whole."""
    plan = RECIPE.plan(ORDER)
    begin(out, Stamp.of(RECIPE, ORDER, plan, None))
    for part in parts:
        draw_part(plan, part, out)
    return out


def test_the_same_order_gives_the_same_bytes(library: Recipe, tmp_path: Path) -> None:
    """The same order gives the same bytes."""
    one, two = (generate(library, ORDER, tmp_path / name) for name in ("one", "two"))
    assert one == two
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_the_manifest_tells_of_the_files_as_they_are_on_disk(library: Recipe, tmp_path: Path) -> None:
    """Hashes are made of what is written, not of what is read back: they must agree."""
    manifest = generate(library, ORDER, tmp_path / "out")
    for name, entry in manifest.files.items():
        data = (tmp_path / "out" / name).read_bytes()
        assert (entry.sha256, entry.size) == (hashlib.sha256(data).hexdigest(), len(data))
        assert entry.rows == pq.read_metadata(tmp_path / "out" / name).num_rows
    assert list(manifest.files) == sorted(manifest.files)


def test_a_folder_that_is_not_empty_is_never_written_to(library: Recipe, tmp_path: Path) -> None:
    """A folder that is not empty is never written to."""
    (tmp_path / "mine.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(PopulationError, match="not empty"):
        generate(library, ORDER, tmp_path)
    assert _leftovers(tmp_path) == ["mine.txt"]


def test_a_whole_population_is_never_written_to(library: Recipe, tmp_path: Path) -> None:
    """Not even by the same order."""
    generate(library, ORDER, tmp_path / "out")
    before = content(tmp_path / "out")
    with pytest.raises(PopulationError, match="not empty"):
        generate(library, ORDER, tmp_path / "out")
    assert content(tmp_path / "out") == before


def test_an_empty_folder_is_filled(library: Recipe, tmp_path: Path) -> None:
    """Also where a process was killed before it had written what it began."""
    (tmp_path / "out" / "unfinished").mkdir(parents=True)
    generate(library, ORDER, tmp_path / "out")
    assert Population.open(tmp_path / "out").children_count == 20
    assert _leftovers(tmp_path / "out") == ["librarians", "manifest.json", "readers"]


def test_an_interrupt_leaves_what_is_whole_to_go_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing reads it as a population; the same order makes it whole."""
    out = tmp_path / "out"

    def interrupt(_: Manifest) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Manifest, "to_json", interrupt)
        with pytest.raises(KeyboardInterrupt):
            generate(RECIPE, ORDER, out)
    with pytest.raises(PopulationError, match="is not a whole population: 4 of 4 parts are written") as caught:
        Population.open(out)
    assert caught.value.remedy.startswith("go on with `overreach generate library --children 20 --users 3 --seed 7 ")
    seen: list[tuple[int, int]] = []
    again = generate(RECIPE, ORDER, out, lambda done, of: seen.append((done, of)))
    assert seen == [(PARTS, PARTS)]
    assert again == generate(RECIPE, ORDER, tmp_path / "other")
    assert content(out) == content(tmp_path / "other")


@pytest.mark.parametrize("existed", [False, True])
def test_a_stop_before_any_part_is_whole_leaves_nothing_behind(tmp_path: Path, *, existed: bool) -> None:
    """An empty folder that was there before stays."""
    if existed:
        (tmp_path / "out").mkdir()

    class Broken(Library):
        def part(self, number: int) -> Any:  # noqa: ANN401, ARG002 - never returns
            (tmp_path / "out" / "readers").mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(Recipe("library", Broken, LIBRARY), ORDER, tmp_path / "out")
    assert _leftovers(tmp_path) == (["out"] if existed else [])


def test_a_run_that_stops_after_another_one_has_finished_leaves_the_population_whole(tmp_path: Path) -> None:
    """The receipts are gone by then: the first run must not take the folder for one without a whole part."""
    out = tmp_path / "out"

    class Overtaken(Library):
        def part(self, number: int) -> Any:  # noqa: ANN401, ARG002 - never returns
            generate(RECIPE, ORDER, out)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(Recipe("library", Overtaken, LIBRARY, min_children=2), ORDER, out)
    assert Population.open(out).meta == generate(RECIPE, ORDER, tmp_path / "other")
    assert content(out) == content(tmp_path / "other")


OTHER = Receipt(99, {}).to_json()
DAMAGE: dict[str, Callable[[Path, int], object]] = {
    "nothing": lambda out, part: None,  # noqa: ARG005 - all take the same
    "no receipt": lambda out, part: (out / "unfinished" / f"{part:05d}.json").unlink(),
    "half a receipt": lambda out, part: _cut(out / "unfinished" / f"{part:05d}.json"),
    "another receipt": lambda out, part: (out / "unfinished" / f"{part:05d}.json").write_text(OTHER, encoding="utf-8"),
    "no file": lambda out, part: _file(out, part).unlink(),
    "a shorter file": lambda out, part: _cut(_file(out, part)),
    "other bytes": lambda out, part: _flip(_file(out, part)),
    "half a file beside": lambda out, part: (out / "unfinished" / f"{part:032x}.partial").write_bytes(b"x"),
}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(sorted(DAMAGE)), min_size=PARTS, max_size=PARTS))
def test_whatever_an_interrupted_run_left_the_same_order_makes_the_same_bytes(damage: list[str]) -> None:
    """Only parts whose receipt and files agree are not drawn again."""
    with TemporaryDirectory() as folder:
        out = _begun(Path(folder) / "out", *range(PARTS))
        for part, what in enumerate(damage):
            DAMAGE[what](out, part)
        seen: list[int] = []
        generate(RECIPE, ORDER, out, lambda done, _of: seen.append(done))
        assert seen[0] == sum(what in {"nothing", "half a file beside"} for what in damage)
        generate(RECIPE, ORDER, Path(folder) / "other")
        assert content(out) == content(Path(folder) / "other")


def test_a_run_killed_after_the_manifest_left_a_whole_population(tmp_path: Path) -> None:
    """Its leavings do not disturb, and the same command takes them away."""
    out = _begun(tmp_path / "out", *range(PARTS))
    shutil.copytree(out / "unfinished", tmp_path / "kept")
    generate(RECIPE, ORDER, out)
    whole = content(out)
    shutil.copytree(tmp_path / "kept", out / "unfinished")
    assert Population.open(out).children_count == 20
    generate(RECIPE, ORDER, out)
    assert content(out) == whole


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Order(21, 3, 7), "holds an unfinished population of another order"),
        (Order(20, 4, 7), "holds an unfinished population of another order"),
        (Order(20, 3, 8), "holds an unfinished population of another order"),
    ],
)
def test_an_unfinished_population_of_another_order_is_not_touched(tmp_path: Path, other: Order, said: str) -> None:
    """The remedy is the command that goes on with it."""
    out = _begun(tmp_path / "out", 0, 2)
    before = content(out)
    with pytest.raises(PopulationError, match=said) as caught:
        generate(RECIPE, other, out)
    assert "--children 20 --users 3 --seed 7" in caught.value.remedy
    assert content(out) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"versions": {"overreach": "0.0.1"}}, "was begun with overreach `0.0.1`, and here is `"),
        ({"sources": "0" * 64}, "was begun with other source files of the recipe"),
        ({"parts": 5}, "was begun with other source files of the recipe"),
        ({"parts": "many"}, "cannot be read"),
        ({"unknown": 1}, "cannot be read"),
    ],
)
def test_an_unfinished_population_of_other_code_is_not_touched(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    """Parts that belong together have one version of everything that their bytes depend on."""
    out = _begun(tmp_path / "out", 0, 2)
    file = order_file(out)
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | change), encoding="utf-8")
    before = content(out)
    with pytest.raises(PopulationError, match=said):
        generate(RECIPE, ORDER, out)
    assert content(out) == before


@pytest.mark.parametrize("name", ["mine.txt", "readers/mine.txt", "unfinished/mine.txt", "mine/00000.csv"])
def test_an_unfinished_population_with_anything_foreign_in_it_is_not_touched(tmp_path: Path, name: str) -> None:
    """Somebody keeps something there."""
    out = _begun(tmp_path / "out", 0, 2)
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text("precious", encoding="utf-8")
    before = content(out)
    with pytest.raises(PopulationError, match="is no part of the unfinished population"):
        generate(RECIPE, ORDER, out)
    assert content(out) == before


def test_two_shards_that_end_at_once_agree(tmp_path: Path) -> None:
    """The one that is slower finds the population whole."""
    out = _begun(tmp_path / "out", *range(PARTS))

    class Slower(Library):
        @property
        def measures(self) -> Any:  # noqa: ANN401 - a mapping
            if not (out / "manifest.json").exists() and len(asked) > 1:
                generate(RECIPE, ORDER, out)
            asked.append(1)
            return Library.measures.fget(self)  # type: ignore[attr-defined]

    asked: list[int] = []
    slow = generate(Recipe("library", Slower, LIBRARY, min_children=2), ORDER, out)
    assert slow == Manifest.read(out)
    assert _leftovers(out) == ["librarians", "manifest.json", "readers"]


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.population.conftest import LIBRARY, Library
from overreach.model.errors import PopulationError
from overreach.population.recipe import Order, Recipe
from overreach.population.writing import generate
recipe = Recipe("library", Library, LIBRARY)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    generate(recipe, Order(20, 3, 7), Path(sys.argv[2]))
except PopulationError as error:
    print(error.message)
    print(error.remedy)
"""


@pytest.mark.parametrize("room", [0, 400, 900, 1_400])
def test_a_full_disk_is_one_clear_line_and_the_run_goes_on_after_making_room(tmp_path: Path, room: int) -> None:
    """A limit on the size of files stands in for a full disk: both fail in the middle of a write."""
    out = tmp_path / "out"
    root = Path(__file__).parents[2]
    arguments = [sys.executable, "-c", FULL_DISK, str(root), str(out), str(room)]
    result = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    message, remedy = result.stdout.splitlines()
    assert message == f"`{out}` cannot be written: file too large", result.stderr
    assert remedy.startswith("make room and run it again")
    assert not (out / "manifest.json").exists()
    assert not list(tmp_path.rglob("*.partial"))
    generate(RECIPE, ORDER, out)
    generate(RECIPE, ORDER, tmp_path / "other")
    assert content(out) == content(tmp_path / "other")


def test_a_place_that_cannot_hold_a_folder_is_refused(library: Recipe, tmp_path: Path) -> None:
    """A place that cannot hold a folder is refused."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(PopulationError, match="cannot be written"):
        generate(library, ORDER, tmp_path / "file" / "out")


@given(st.integers(1, 300), st.integers(1, 300))
def test_shards_are_even_runs_that_together_are_every_part_once(parts: int, of: int) -> None:
    """And no shard is empty."""
    if of > parts:
        with pytest.raises(PopulationError, match=f"`{of}` shards are more than the population has parts") as caught:
            Shard(1, of).numbers(parts)
        assert caught.value.remedy.endswith(f"at most {parts}")
        return
    runs = [Shard.parse(f"{index}/{of}").numbers(parts) for index in range(1, of + 1)]
    assert [part for run in runs for part in run] == list(range(parts))
    assert {len(run) for run in runs} <= {parts // of, -(-parts // of)}


@pytest.mark.parametrize(
    "text", ["", "1", "1/", "/2", "0/4", "5/4", "-1/4", "1/0", "a/b", "1/2/3", " 1/2", "\u0661/\u0662", "1.0/2"]
)
def test_a_text_that_is_no_shard_is_told_with_its_form(text: str) -> None:
    """The value in backticks, and what to write."""
    with pytest.raises(PopulationError, match="shard") as caught:
        Shard.parse(text)
    assert f"`{text}`" in caught.value.message
    assert "1/" in caught.value.remedy or "i/n" in caught.value.remedy


TEXTS = st.one_of(st.none(), st.text(max_size=6))
COLUMNS = {
    "whole": (pa.int64(), st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))),
    "small": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "tiny": (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    "yes": (pa.bool_(), st.one_of(st.none(), st.booleans())),
    "day": (pa.date32(), st.one_of(st.none(), st.dates())),
    "text": (pa.string(), TEXTS),
    "word": (pa.dictionary(pa.int32(), pa.string()), TEXTS),
    "real": (pa.float64(), st.floats(allow_nan=False)),
}
ROWS = st.lists(st.fixed_dictionaries({name: values for name, (_, values) in COLUMNS.items()}), max_size=40)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sets(st.sampled_from(sorted(COLUMNS)), min_size=1))
def test_a_table_comes_back_from_its_bytes_whatever_its_columns(rows: list[dict[str, object]], names: set[str]) -> None:
    """Each type has an encoding of its own, with nulls and without."""
    table = pa.table({name: pa.array([row[name] for row in rows], COLUMNS[name][0]) for name in sorted(names)})
    data = to_parquet(table)
    assert data == to_parquet(table)
    assert pq.read_table(pa.BufferReader(data)).to_pylist() == table.to_pylist()


def test_a_receipt_comes_back_from_its_text(tmp_path: Path) -> None:
    """A receipt comes back from its text."""
    _begun(tmp_path / "out")
    receipt = draw_part(RECIPE.plan(ORDER), 2, tmp_path / "out")
    assert Receipt.from_json(receipt.to_json()) == receipt
    assert receipt.agrees(tmp_path / "out")
    assert not receipt.agrees(tmp_path)


def test_a_manifest_is_placed_only_when_every_table_is_there(tmp_path: Path) -> None:
    """A table that went meanwhile is no whole population."""
    out = _begun(tmp_path / "out", *range(PARTS))
    generate(RECIPE, ORDER, tmp_path / "other")
    shutil.rmtree(out / "librarians")
    with pytest.raises(FileNotFoundError):
        finish(out, Manifest.read(tmp_path / "other"))
    assert not (out / "manifest.json").exists()


def _file(out: Path, part: int) -> Path:
    return next(out.glob(f"[lr]*/{part:05d}.parquet"))


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])
