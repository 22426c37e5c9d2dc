"""Opening population folders."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from overreach.model.errors import PopulationError
from overreach.population.recipe import Recipe
from overreach.population.store import Population

_SIZED_BY_A_TEXT = {"sha256": "", "rows": 1, "bytes": "1"}


def _leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_written_population_opens_with_what_was_asked_for(readers: Population) -> None:
    """A written population opens with what was asked for."""
    assert (readers.children_count, readers.users_count, readers.meta.seed) == (20, 3, 7)
    assert readers.meta.as_of == date(2009, 5, 18)
    assert readers.tables == ("librarians", "readers")
    assert readers.table("readers").num_rows == 20
    assert _leftovers(readers.path.parent) == ["library"]


def test_the_shape_comes_back_as_it_was(readers: Population, library: Recipe) -> None:
    """The shape comes back as it was."""
    assert readers.shape == library.shape


def test_queries_know_the_day_of_the_population_and_take_parameters(readers: Population) -> None:
    """Queries know the day of the population and take parameters."""
    sql = "SELECT count(*) AS n FROM readers WHERE joined <= $as_of AND branch = $branch"
    assert readers.query(sql, branch=1).to_pylist() == [{"n": 7}]


def test_sql_of_a_manifest_can_read_no_other_file(readers: Population, tmp_path: Path) -> None:
    """Sql of a manifest can read no other file."""
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(Exception, match="disabled"):
        readers.query(f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")  # noqa: S608 - the point of the test


def test_an_unknown_table_lists_the_known_ones(readers: Population) -> None:
    """An unknown table lists the known ones."""
    with pytest.raises(PopulationError, match="no table `books`") as caught:
        readers.table("books")
    assert caught.value.remedy == "known: librarians, readers"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "is not a whole population"),
        (lambda folder: (folder / "readers" / "00002.parquet").unlink(), "is missing"),
        (lambda folder: _flip(folder / "readers" / "00002.parquet"), "was changed"),
        (lambda folder: _cut(folder / "readers" / "00002.parquet"), "was changed"),
        (lambda folder: _cut(folder / "manifest.json"), "cannot be read as a manifest"),
        (lambda folder: _edit(folder, "layout", 1), "has layout `1`"),
        (lambda folder: _edit(folder, "digest", "0" * 64), "does not agree with its own digest"),
        (lambda folder: _rename(folder, "../readers/00001.parquet"), "cannot be read as a manifest"),
        (lambda folder: _rename(folder, "/etc/00001.parquet"), "cannot be read as a manifest"),
        (lambda folder: _rename(folder, "readers/*.parquet"), "cannot be read as a manifest"),
        (lambda folder: _rename(folder, 'x" AS SELECT 1; --/00001.parquet'), "cannot be read as a manifest"),
        (lambda folder: _edit(folder, "files", {"readers/00001.parquet": _SIZED_BY_A_TEXT}), "cannot be read as a"),
        (lambda folder: (folder / "manifest.json").write_text("[" * 100_000), "cannot be read as a manifest"),
        (lambda folder: _edit(folder, "shape", []), "cannot be read as a manifest"),
        (lambda folder: _edit(folder, "children", 19), "does not agree with its own digest"),
        (lambda folder: _edit(folder, "users", 4), "does not agree with its own digest"),
        (lambda folder: _edit(folder, "seed", 8), "does not agree with its own digest"),
        (lambda folder: _edit(folder, "recipe", "archive"), "does not agree with its own digest"),
        (lambda folder: _edit(folder, "as_of", "2009-05-19"), "does not agree with its own digest"),
        (lambda folder: _edit_shape(folder, "areas", "SELECT 0 AS area"), "does not agree with its own digest"),
        (lambda folder: _edit_shape(folder, "hazards", {}), "does not agree with its own digest"),
        (lambda folder: _edit_shape(folder, "facet_values", {}), "does not agree with its own digest"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused(readers: Population, damage: object, said: str) -> None:
    """A folder that is not whole is refused."""
    damage(readers.path)  # type: ignore[operator]
    with pytest.raises(PopulationError, match=said) as caught:
        Population.open(readers.path)
    assert "\n" not in caught.value.message
    assert caught.value.remedy


def test_a_folder_that_does_not_exist_or_is_a_file_is_refused(tmp_path: Path) -> None:
    """A folder that does not exist or is a file is refused."""
    with pytest.raises(PopulationError, match="does not exist"):
        Population.open(tmp_path / "nowhere")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(PopulationError, match="is not a folder"):
        Population.open(tmp_path / "file")


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def _edit(folder: Path, key: str, value: object) -> None:
    file = folder / "manifest.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(document | {key: value}), encoding="utf-8")


def _edit_shape(folder: Path, key: str, value: object) -> None:
    shape = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["shape"]
    assert shape[key] != value
    _edit(folder, "shape", shape | {key: value})


def _rename(folder: Path, name: str) -> None:
    files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    files[name] = files.pop("readers/00001.parquet")
    _edit(folder, "files", files)


def test_look_ups_are_never_kept_in_the_population_itself(readers: Population) -> None:
    """Its folder is never changed."""
    for inside in (readers.path, readers.path / "kept", readers.path / ".." / readers.path.name):
        with pytest.raises(PopulationError, match="never changed"):
            Population.open(readers.path, inside)


class _Interrupted:
    """A DuckDB that is interrupted in the middle of a query, and tells it in its own way."""

    def sql(self, _sql: str, **_: object) -> None:
        """As duckdb 1.x does."""
        message = "Query interrupted"
        raise RuntimeError(message)


def test_an_interrupt_in_a_query_is_one(readers: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB tells it as a RuntimeError, which would read as a mistake of ours."""
    monkeypatch.setitem(vars(readers), "_database", _Interrupted())
    with pytest.raises(KeyboardInterrupt):
        readers.query("SELECT 1 AS n")
