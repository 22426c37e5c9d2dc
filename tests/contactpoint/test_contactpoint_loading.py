"""Loading a population: told as it goes on, whole or not at all, and clear about a disk that is full."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.contactpoint.tables import write_population

from overreach.contactpoint import schema
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.folder import open_folder
from overreach.contactpoint.loading import copy, load
from overreach.contactpoint.storage import Storage, facts_of

KIB = 1024
# A loading that is killed by itself at half its way.
KILLED = """
import os, signal, sys
from pathlib import Path
from overreach.contactpoint.folder import open_folder
from overreach.contactpoint.loading import load
half = lambda done, total: os.kill(os.getpid(), signal.SIGKILL) if 2 * done > total else None
load(open_folder(Path(sys.argv[1])), Path(sys.argv[2]), "mark", half)
"""


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A population whose database is larger than any limit of these tests."""
    return write_population(tmp_path_factory.mktemp("larger") / "population", extra=3000)


def test_progress_runs_from_rows_to_indexes_and_ends_with_all(population: Path, tmp_path: Path) -> None:
    """It never goes back, and the last word is that everything is done."""
    told: list[tuple[int, int]] = []
    load(open_folder(population), tmp_path / "registry.sqlite", "mark", lambda *each: told.append(each))
    assert told == sorted(told)
    assert len({total for _, total in told}) == 1
    done, total = told[-1]
    assert done == total > 0


def test_every_index_is_there_after_loading(population: Path, tmp_path: Path) -> None:
    """The indexes are made one by one: as many as the schema names, and the statistics."""
    load(open_folder(population), tmp_path / "registry.sqlite", "mark", lambda _done, _total: None)
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as connection:
        made = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL")
        assert made.fetchone() == ((schema.STATE + schema.INDEXES).count(" INDEX "),)
        assert connection.execute("SELECT count(*) FROM sqlite_stat1").fetchone()[0] > 0


def test_a_database_is_its_owners_only(population: Path, tmp_path: Path) -> None:
    """Whatever the process allows others: its records are not encrypted."""
    database = tmp_path / "registry.sqlite"
    load(open_folder(population), database, "mark", lambda _done, _total: None)
    assert stat.S_IMODE(database.stat().st_mode) == 0o600


def test_an_interrupted_loading_leaves_nothing(population: Path, tmp_path: Path) -> None:
    """Neither a database nor the beginning of one."""

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(open_folder(population), tmp_path / "registry.sqlite", "mark", interrupt)
    assert not list(tmp_path.iterdir())


def test_a_killed_loading_leaves_no_database_and_the_next_one_is_whole(population: Path, tmp_path: Path) -> None:
    """What lies under another name is nobody's database, and in nobody's way."""
    database = tmp_path / "registry.sqlite"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(population), str(database)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not database.exists()
    load(open_folder(population), database, "mark", lambda _done, _total: None)
    assert [each.name for each in tmp_path.iterdir()] == [database.name]


def test_a_full_disk_is_told_in_a_line_and_leaves_nothing(larger: Path, tmp_path: Path) -> None:
    """A file that may not grow stands for a disk without room: code 2, the reason, and what to do."""
    refused = serve(larger, tmp_path, files_up_to(256 * KIB))
    assert refused.returncode == 2
    message, remedy = refused.stderr.splitlines()
    assert message.startswith(f"overreach: population `{larger}` cannot be loaded")
    assert remedy == "  make room on that disk, or give another database"
    assert {each.name for each in tmp_path.iterdir()} == {"secret"}


def test_a_registry_without_its_backup_is_not_kept(larger: Path, tmp_path: Path) -> None:
    """The backup is a little larger than the database: where it has no room, the next start begins anew."""
    load(open_folder(larger), tmp_path / "sample", "mark", lambda _done, _total: None)
    size = (tmp_path / "sample").stat().st_size
    (tmp_path / "sample").unlink()
    refused = serve(larger, tmp_path, files_up_to(size))
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[0].startswith("overreach: backup `")
    assert not list(tmp_path.glob("registry.sqlite*"))


def test_a_terminal_sees_how_far_it_is(population: Path, tmp_path: Path) -> None:
    """A bar on standard error, and only the address on standard output."""
    watching, terminal = pty.openpty()
    command = serving(population, tmp_path)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, text=True) as registry:
        os.close(terminal)
        assert registry.stdout is not None
        assert registry.stdout.readline().startswith("overreach: serving http://")
        registry.terminate()
    seen = b""
    # Where nobody holds the terminal any more, reading from it is an error.
    with suppress(OSError):
        while part := os.read(watching, 4096):
            seen += part
    os.close(watching)
    assert b"loading the population" in seen


def serving(population: Path, folder: Path) -> list[str]:
    """The command that serves a population."""
    (folder / "secret").write_bytes(b"secret")
    command = [sys.executable, "-m", "overreach", "serve", "--population", str(population), "--port", "0"]
    return [*command, "--database", str(folder / "registry.sqlite"), "--secret-file", str(folder / "secret")]


def serve(population: Path, folder: Path, limited: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    """Serve under a limit that ends it."""
    command = serving(population, folder)
    return subprocess.run(command, preexec_fn=limited, check=False, capture_output=True, text=True, timeout=30)


def files_up_to(size: int) -> Callable[[], None]:
    """Lets a process write no file larger than that, in bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("name", ["../users/00000.parquet", "/users/00000.parquet", "users/../00000.parquet"])
def test_a_manifest_that_leads_out_of_its_folder_is_refused(population: Path, tmp_path: Path, name: str) -> None:
    """What lies elsewhere is nobody's population, even where its size and its hash agree."""
    copy = tmp_path / "copy"
    shutil.copytree(population, copy)
    shutil.copytree(copy / "users", tmp_path / "users")
    document = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    document["files"][name] = document["files"].pop("users/00000.parquet")
    (copy / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(RegistryError, match="lacks what it must hold"):
        open_folder(copy)


def dump(database: Path) -> list[str]:
    """A database as text, but for what differs from one loading to the next."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE services SET service = ''")
        connection.execute("DELETE FROM meta WHERE key = 'loaded'")
        return list(connection.iterdump())


@pytest.mark.parametrize("rows", [1, 7, 50])
def test_how_many_rows_are_in_memory_at_a_time_changes_nothing(
    population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Neither the rows of any table nor their order."""
    load(open_folder(population), tmp_path / "whole", "mark", lambda _done, _total: None)
    monkeypatch.setattr("overreach.contactpoint.folder.BATCH", rows)
    monkeypatch.setattr("overreach.contactpoint.contents.BATCH", rows)
    monkeypatch.setattr("overreach.contactpoint.contents.SORTED_AT_ONCE", 1)
    load(open_folder(population), tmp_path / "batches", "mark", lambda _done, _total: None)
    assert dump(tmp_path / "whole") == dump(tmp_path / "batches")


def test_every_value_is_that_of_the_population(tmp_path: Path) -> None:
    """Whatever a name holds: text to the letter, its key folded, what is missing NULL, days and flags as stated."""
    names = dict(enumerate(("STRASSE", "straße", "İ", "ﬁ", "'; --", "a\0b", " ", "-0.5", "ǅ")))
    folder = write_population(tmp_path / "population", rename=names)
    load(open_folder(folder), tmp_path / "registry.sqlite", "mark", lambda _done, _total: None)
    columns = ["child", "number", "given_name", "middle_name", "family_name", "date_of_birth", "school", "shielded"]
    columns += ["shielded_since", "school_since", "caf_holder_user", "whereabouts_statement"]
    given = pq.read_table(folder / "children", columns=columns).to_pylist()
    for row in given:
        row |= {name: value.isoformat() for name, value in row.items() if isinstance(value, date)}
    expected = [(*row.values(), row["given_name"].casefold(), row["family_name"].casefold()) for row in given]
    kept = ", ".join(columns).replace("whereabouts_statement", "statement")
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as connection:
        found = connection.execute(f"SELECT {kept}, given_key, family_key FROM children ORDER BY child").fetchall()  # noqa: S608 - columns of this test
    assert found == expected


def test_each_involvement_is_loaded_once(tmp_path: Path) -> None:
    """However often the population names it."""
    folder = write_population(tmp_path / "population")
    edit(folder, "involvements", lambda table: pa.concat_tables([table, table]))
    load(open_folder(folder), tmp_path / "registry.sqlite", "mark", lambda _done, _total: None)
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM involvements").fetchone() == (2,)


def test_a_population_without_involvements_is_loaded(tmp_path: Path) -> None:
    """Nothing is sorted then."""
    folder = write_population(tmp_path / "population")
    edit(folder, "involvements", lambda table: table.slice(0, 0))
    load(open_folder(folder), tmp_path / "registry.sqlite", "mark", lambda _done, _total: None)


def edit(folder: Path, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change a table of a population, and its manifest with it."""
    path = folder / table / "00000.parquet"
    changed = change(pq.read_table(path))
    pq.write_table(changed, path)
    manifest = json.loads((folder / "manifest.json").read_text())
    content = path.read_bytes()
    file = {"sha256": hashlib.sha256(content).hexdigest(), "rows": changed.num_rows, "bytes": len(content)}
    manifest["files"][f"{table}/00000.parquet"] = file
    del manifest["digest"]
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest | {"digest": digest}))


def test_a_signal_is_heard_while_sqlite_is_at_work(
    population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index of a nation takes a while: whoever interrupts it does not wait, and nothing is left."""

    def interrupted(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    endless = "CREATE TABLE x AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;"
    monkeypatch.setattr(schema, "INDEXES", endless)
    before = signal.signal(signal.SIGALRM, interrupted)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            load(open_folder(population), tmp_path / "registry.sqlite", "mark", lambda _done, _total: None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not list(tmp_path.iterdir())


def test_a_copy_of_a_pristine_database_is_as_if_loaded_now(population: Path, tmp_path: Path) -> None:
    """The same records, its owner's only, and a clock that begins with it; the pristine one stays as it was."""
    pristine, database = tmp_path / "pristine.sqlite", tmp_path / "registry.sqlite"
    load(open_folder(population), pristine, "mark", lambda _done, _total: None)
    before = pristine.read_bytes()
    copy(pristine, database)
    old, new = facts_of(pristine), facts_of(database)
    assert old is not None
    assert new is not None
    assert float(new.pop("loaded")) > float(old.pop("loaded"))
    assert new == old
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert pristine.read_bytes() == before


def test_a_database_that_was_worked_with_is_no_pristine_one(population: Path, tmp_path: Path) -> None:
    """Its log has begun, its records may have changed: nothing is copied."""
    pristine, database = tmp_path / "pristine.sqlite", tmp_path / "registry.sqlite"
    load(open_folder(population), pristine, "mark", lambda _done, _total: None)
    Storage(pristine).close()
    with pytest.raises(RegistryError, match="has been worked with"):
        copy(pristine, database)
    assert [file.name for file in tmp_path.glob("registry*")] == []
