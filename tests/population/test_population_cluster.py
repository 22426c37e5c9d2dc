"""A population drawn on a Dask cluster of this machine, of which a worker is killed half way."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.population.held_pack import ORDER, HeldPack, content, plain, receipts, until

from overreach.model.errors import PopulationError
from overreach.population.cluster import Cluster
from overreach.population.stamp import Stamp
from overreach.population.unfinished import begin
from overreach.population.work import answer, read_answer
from overreach.population.writing import draw, generate
from overreach.target.process import dies_with_parent

LOCAL = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass(frozen=True, slots=True)
class Loopback:
    """A scheduler and two workers, each a process."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@contextmanager
def _process(log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = dies_with_parent([sys.executable, "-m", *arguments])
    with log.open("wb") as words:
        process = subprocess.Popen(command, stdout=words, stderr=words, cwd=log.parent, env=plain())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def dask() -> None:
    """Skips without the library; in CI it must be there."""
    if importlib.util.find_spec("distributed") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI runs these tests: install distributed")
        pytest.skip("distributed is not installed: pip install 'overreach[cluster]'")


@pytest.fixture
def cluster(dask: None, tmp_path: Path) -> Iterator[Loopback]:  # noqa: ARG001 - asked before anything is started
    """Ready for work."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(
            _process(tmp_path / "scheduler", "distributed.cli.dask_scheduler", "--port", str(port), *LOCAL)
        )
        worker = ("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", *LOCAL)
        logs = [tmp_path / "worker-1", tmp_path / "worker-2"]
        workers = [stack.enter_context(_process(log, *worker)) for log in logs]
        until(lambda: all(b"Registered to" in log.read_bytes() for log in logs))
        yield Loopback(address, workers)


@pytest.fixture
def pack(tmp_path: Path) -> HeldPack:
    """A recipe of thirteen parts."""
    return HeldPack.make(tmp_path / "pack")


def test_parts_of_a_worker_that_is_killed_are_drawn_by_another(
    pack: HeldPack, cluster: Loopback, tmp_path: Path
) -> None:
    """The bytes are those that one process writes."""
    pack.hold(6)
    out = tmp_path / "out"
    with pack.running(out, "--scheduler", cluster.address, "--json") as process:
        until(lambda: receipts(out) == 6)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)
        cluster.workers[0].wait()
        pack.release()
        printed, said = process.communicate(timeout=30)
        assert process.returncode == 0, said
    assert '"whole": true' in printed
    generate(pack.recipe(), ORDER, tmp_path / "alone")
    assert content(out) == content(tmp_path / "alone")


@pytest.mark.usefixtures("dask")
def test_a_scheduler_that_does_not_answer_is_told(pack: HeldPack, tmp_path: Path) -> None:
    """One line, and nothing is left."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    done = pack.run(tmp_path / "out", "--scheduler", address)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == f"overreach: no scheduler answers at `{address}`"
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://127.0.0.1", "http://127.0.0.1:1", "nonsense"])
def test_an_address_that_is_none_is_told(pack: HeldPack, tmp_path: Path, address: str) -> None:
    """With what one looks like."""
    out = tmp_path / "out"
    with pytest.raises(PopulationError, match=f"`{address}` is no address of a scheduler") as caught:
        draw(pack.recipe(), ORDER, out, crew=Cluster(pack.job(out), address), root=pack.root)
    assert "tcp://HOST:PORT" in caught.value.remedy
    assert not out.exists()


def test_a_cluster_that_has_lost_its_workers_is_told(pack: HeldPack, cluster: Loopback, tmp_path: Path) -> None:
    """After some patience; the parts that are whole stay."""
    out = tmp_path / "out"
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    crew = Cluster(pack.job(out), cluster.address, patience=0.5)
    with pytest.raises(PopulationError, match="has no worker") as caught:
        draw(pack.recipe(), ORDER, out, crew=crew, root=pack.root)
    assert f"dask worker {cluster.address}" in caught.value.remedy
    assert not out.exists()


def test_a_machine_without_the_folder_or_the_pack_says_so(pack: HeldPack, tmp_path: Path) -> None:
    """By the name of the machine."""
    with pytest.raises(PopulationError, match=f"`{socket.gethostname()}` does not see the unfinished population"):
        read_answer(answer(pack.job(tmp_path / "elsewhere").to_json(), 0))
    out = tmp_path / "out"
    begin(out, Stamp.of(pack.recipe(), ORDER, pack.plan(), pack.root))
    with pytest.raises(PopulationError, match=f"`{socket.gethostname()}` has no pack at `{tmp_path / 'absent'}`"):
        read_answer(answer(replace(pack.job(out), root=tmp_path / "absent").to_json(), 0))


def test_a_machine_whose_pack_differs_says_so(pack: HeldPack, tmp_path: Path) -> None:
    """Its parts would not fit; its name is told."""
    out = tmp_path / "out"
    begin(out, replace(Stamp.of(pack.recipe(), ORDER, pack.plan(), pack.root), sources="0" * 64))
    before = content(out)
    with pytest.raises(PopulationError, match="was begun with other source files of the recipe") as caught:
        read_answer(answer(pack.job(out).to_json(), 0))
    assert f"(on `{socket.gethostname()}`)" in caught.value.message
    assert content(out) == before


def test_without_the_library_it_says_what_to_install(pack: HeldPack, tmp_path: Path) -> None:
    """Where `overreach` was installed without `cluster`."""
    blocked = "import sys; sys.modules['distributed'] = None; from overreach.cli.main import run; run()"
    command = [blocked if part.startswith("from overreach") else part for part in pack.command(tmp_path / "out")]
    done = subprocess.run(
        [*command, "--scheduler", "tcp://127.0.0.1:1"], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[1].strip() == "pip install 'overreach[cluster]'"
    assert not (tmp_path / "out").exists()
