"""Loading a population: told as it goes on, whole or not at all, and clear about a disk that is full."""

from __future__ import annotations

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
from pathlib import Path

import pytest
from tests.contactpoint.tables import write_population

from overreach.contactpoint import schema
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.folder import open_folder
from overreach.contactpoint.loading import load

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
