"""What `overreach serve` and `overreach faults` refuse and print."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.contactpoint.tables import write_population

from overreach.cli.main import overreach
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.fault import known_faults
from overreach.model.errors import OverreachError


def refusal(*arguments: str) -> OverreachError:
    """The error with which `overreach serve` ends."""
    result = CliRunner().invoke(overreach, ["serve", *arguments])
    assert isinstance(result.exception, OverreachError)
    assert result.stdout == ""
    assert result.exception.remedy
    return result.exception


@pytest.fixture
def copy(population: Path, tmp_path: Path) -> Path:
    """The population, to be spoilt."""
    return Path(shutil.copytree(population, tmp_path / "copy"))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A secret file."""
    file = tmp_path / "secret"
    file.write_bytes(b"secret")
    return file


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def spoil_manifest(folder: Path) -> None:
    """As if the generator had been interrupted."""
    (folder / "manifest.json").unlink()


def spoil_size(folder: Path) -> None:
    """As if the disk had been full."""
    with (folder / "children" / "00000.parquet").open("ab") as table:
        table.write(b"x")


def spoil_byte(folder: Path) -> None:
    """As if somebody had edited a table."""
    content = bytearray((folder / "users" / "00000.parquet").read_bytes())
    content[50] ^= 1
    (folder / "users" / "00000.parquet").write_bytes(content)


def spoil_layout(folder: Path) -> None:
    """As if it came from another version."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "layout": 99}))


@pytest.mark.parametrize("spoil", [spoil_manifest, spoil_size, spoil_byte, spoil_layout, shutil.rmtree])
def test_a_population_that_is_not_whole_is_refused(copy: Path, spoil: object, secret: Path) -> None:
    """Named with its folder; no database is left behind."""
    assert callable(spoil)
    spoil(copy)
    database = copy.parent / "registry.sqlite"
    arguments = ("--population", str(copy), "--port", "0", "--database", str(database))
    assert f"`{copy}`" in refusal(*arguments, "--secret-file", str(secret)).message
    assert not database.exists()


def test_a_port_in_use_is_refused(population: Path, taken: int) -> None:
    """With the port, and a way out."""
    refused = refusal("--population", str(population), "--port", str(taken))
    assert refused.message == f"port `{taken}` is in use"
    assert "--port 0" in refused.remedy


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--switch", "G7=yes"), "no switch is called `G7`"),
        (("--switch", "G3=always"), "switch `G3` cannot be `always`"),
        (("--fault", "nothing-wrong"), "no fault is called `nothing-wrong`"),
        (("--secret-file", "missing"), "secret file `missing` cannot be read"),
        (("--host", "192.0.2.1"), "cannot listen at `192.0.2.1` port `0`: "),
    ],
)
def test_what_is_not_known_is_refused(population: Path, arguments: tuple[str, ...], message: str) -> None:
    """In one line, with the known in the remedy."""
    assert refusal("--population", str(population), "--port", "0", *arguments).message.startswith(message)


def test_a_database_of_another_population_is_refused(population: Path, tmp_path: Path, secret: Path) -> None:
    """So is one of another secret, and a file that is no registry's database."""
    from overreach.contactpoint import registry  # noqa: PLC0415 - as the command does
    from overreach.contactpoint.accounts import PasswordCost, Secret  # noqa: PLC0415 - as above
    from overreach.contactpoint.facts import Switches  # noqa: PLC0415 - as above

    database = tmp_path / "registry.sqlite"
    settings = registry.Choices(population, database, Secret(b"secret"), Switches(), PasswordCost.LOW)
    registry.open_registry(settings).parts.storage.close()
    other = write_population(tmp_path / "other", rename={0: "Renamed"})
    end = ("--port", "0", "--database", str(database), "--secret-file", str(secret))
    assert "holds another population" in refusal("--population", str(other), *end).message
    secret.write_bytes(b"another")
    assert "under another secret" in refusal("--population", str(population), *end).message
    database.unlink()
    database.write_text("this is no database at all, however long it may be" * 100)
    assert "is not a database of the registry" in refusal("--population", str(population), *end).message
    assert database.exists()


def test_a_database_of_another_version_is_refused_and_a_pristine_one_made_anew(
    population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry's own records are its operator's to keep; what is only ever copied can be made again."""
    from overreach.contactpoint import registry, schema  # noqa: PLC0415 - as the command does
    from overreach.contactpoint.accounts import PasswordCost, Secret  # noqa: PLC0415 - as above
    from overreach.contactpoint.facts import Switches  # noqa: PLC0415 - as above
    from overreach.contactpoint.storage import facts_of  # noqa: PLC0415 - as above

    first, second, pristine = (tmp_path / f"{name}.sqlite" for name in ("first", "second", "pristine"))
    choices = registry.Choices(population, first, Secret(b"secret"), Switches(), PasswordCost.LOW, pristine=pristine)
    registry.open_registry(choices).parts.storage.close()
    made = pristine.stat().st_ino
    monkeypatch.setattr(schema, "LAYOUT", "a later one")
    with pytest.raises(RegistryError, match="made by another version"):
        registry.open_registry(choices)
    registry.open_registry(replace(choices, database=second)).parts.storage.close()
    assert pristine.stat().st_ino != made
    assert (facts_of(second) or {})["layout"] == "a later one"


def test_a_database_that_is_no_file_is_refused_and_left_alone(population: Path, tmp_path: Path, secret: Path) -> None:
    """A folder, or a device: nothing is put in its place."""
    device = tmp_path / "device"
    os.mkfifo(device)
    for each in (tmp_path, device):
        database = ("--database", str(each), "--secret-file", str(secret))
        refused = refusal("--population", str(population), "--port", "0", *database)
        assert refused.message == f"`{each}` is not a file"
    assert device.is_fifo()


def test_a_disk_without_room_for_the_secret_keeps_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one would be refused by the next start, and be asked for by hand."""
    from overreach.contactpoint import registry  # noqa: PLC0415 - as the command does

    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(RegistryError, match=r"secret `.*` cannot be written: no space left on device") as refused:
        registry.own_secret(tmp_path)
    assert refused.value.remedy
    assert not (tmp_path / registry.KEPT_BESIDE).exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_database_without_its_backup_is_not_kept(
    population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    """However the backup was stopped: the next start begins anew, and no half of one is left."""
    from overreach.contactpoint import backup, registry  # noqa: PLC0415 - as the command does
    from overreach.contactpoint.accounts import Secret  # noqa: PLC0415 - as above
    from overreach.contactpoint.facts import Switches  # noqa: PLC0415 - as above

    def stopped(*_: object, **__: object) -> bytes:
        raise stop

    monkeypatch.setattr(backup, "_mark", stopped)
    database = tmp_path / "registry.sqlite"
    with pytest.raises((KeyboardInterrupt, RegistryError)):
        registry.open_registry(registry.Choices(population, database, Secret(b"secret"), Switches()))
    assert [file.name for file in tmp_path.rglob("*")] == ["backup"]


def test_without_a_database_everything_is_temporary(population: Path) -> None:
    """The plain line on standard output, the secret's place on standard error; nothing is left at the end."""
    command = [sys.executable, "-m", "overreach", "serve", "--population", str(population), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("overreach: serving http://127.0.0.1:")
        secret = Path(process.stderr.readline().split()[-1])
        assert secret.name == "run-secret"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert process.stdout.read() == process.stderr.read() == ""
    assert not secret.parent.exists()


def test_the_faults_are_listed() -> None:
    """Name, rule, scenario and what is wrong; as JSON too."""
    lines = CliRunner().invoke(overreach, ["faults"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == [each.name for each in known_faults()]
    rows = json.loads(CliRunner().invoke(overreach, ["faults", "--json"]).stdout)
    assert [row.keys() for row in rows] == [{"name", "breaks", "scenario", "wrong"}] * len(known_faults())
