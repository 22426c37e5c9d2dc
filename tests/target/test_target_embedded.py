"""The reference registry as a process: it answers, it stops, and it never outlives who started it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from overreach.model.errors import TargetError
from overreach.pack.config import Pack
from overreach.probe.session import Bench
from overreach.target.embedded import Running, registry
from overreach.target.http import HttpTarget

SWITCHES = Pack.read(Path(__file__).parents[2]).switches


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """A run's secret."""
    file = tmp_path / "secret"
    file.write_bytes(b"x" * 32)
    return file


@pytest.fixture
def world(bench: Bench) -> Path:
    """Folder of the small population."""
    return bench.population.path


def gone(pid: int) -> bool:
    """Whether a process ends within ten seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.02)
                continue
        return True
    return False


@contextlib.contextmanager
def started(world: Path, folder: Path, secret_file: Path) -> Iterator[Running]:
    """A correct registry."""
    with registry(world, folder, secret_file=secret_file, switches=SWITCHES) as running:
        yield running


def test_it_answers_while_it_is_held_and_is_gone_afterwards(world: Path, tmp_path: Path, secret_file: Path) -> None:
    """Even where what held it failed; its files stay for whoever reads them."""

    class Failed(Exception):  # noqa: N818 - somebody else's failure
        pass

    with pytest.raises(Failed), started(world, tmp_path / "r", secret_file) as running:  # noqa: PT012 - leaving is tested
        with contextlib.closing(HttpTarget(running.url, ("127.0.0.1",))) as target:
            assert target.send("GET", "/health").status == 200
        assert running.database.is_file()
        raise Failed
    assert gone(running.pid)
    assert (running.folder / "registry.sqlite").is_file()


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"faults": ("no-such-fault",)}, "no fault is called `no-such-fault`"),
        ({"switches": {"G9": "yes"}}, "G9"),
        ({"switches": {"G1": "perhaps"}}, "perhaps"),
    ],
)
def test_a_registry_that_cannot_start_says_why(
    world: Path, tmp_path: Path, secret_file: Path, order: dict[str, object], told: str
) -> None:
    """Its own last words, as one line with a remedy."""
    arguments = {"switches": SWITCHES} | order
    with (
        pytest.raises(TargetError, match="the registry did not start") as refused,
        registry(world, tmp_path / "registry", secret_file=secret_file, **arguments),  # type: ignore[arg-type]
    ):
        pytest.fail("it started")
    assert told in refused.value.message
    assert "\n" not in refused.value.message
    assert refused.value.remedy


def test_a_port_that_is_taken_is_told(world: Path, tmp_path: Path, secret_file: Path) -> None:
    """By its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(TargetError, match=str(port)),
            registry(world, tmp_path / "r", secret_file=secret_file, switches=SWITCHES, port=port),
        ):
            pytest.fail("it started")


def test_it_dies_with_the_process_that_started_it(world: Path, tmp_path: Path, secret_file: Path) -> None:
    """Even where that is killed and can clear nothing away."""
    told = tmp_path / "pid"
    code = (
        "import pathlib, time\n"
        "from overreach.target.embedded import registry\n"
        f"with registry(pathlib.Path({str(world)!r}), pathlib.Path({str(tmp_path / 'registry')!r}),\n"
        f"              secret_file=pathlib.Path({str(secret_file)!r}), switches={dict(SWITCHES)!r}) as running:\n"
        f"    pathlib.Path({str(told)!r}).write_text(f'{{running.pid}} ')\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as holder:
        end = time.monotonic() + 30
        while not (told.exists() and told.read_text().endswith(" ")):
            assert time.monotonic() < end
            assert holder.poll() is None
            time.sleep(0.02)
        holder.kill()
    assert gone(int(told.read_text()))
