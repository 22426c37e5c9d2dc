"""A fleet for real: master, two workers and target, each a host of its own, and one worker killed half way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.load.namespaces import ADDRESS, inside, missing, network

from overreach.load.journal import read_answers
from overreach.pack.config import Pack
from overreach.population.recipe import Order, load_recipe
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]
HOSTS = ("master", "target", "first", "second")
MASTER, TARGET = ADDRESS.format(1), ADDRESS.format(2)
USERS = 300
PATIENCE = 180.0  # seconds, on a machine that has other work as well

# Runs as `sitecustomize` in the processes of the master's host: the registry moves to the host of the target.
MOVES = """
import ctypes, os
words = open("/proc/self/cmdline", "rb").read().split(b"\\0")
if b"serve" in words:
    descriptor = os.open("/run/netns/{space}", os.O_RDONLY)
    assert ctypes.CDLL(None, use_errno=True).setns(descriptor, 0) == 0
    os.close(descriptor)
"""

# Somebody who knows Locust's messages and has no key.
STRANGER = f"""
import msgpack, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.setsockopt(zmq.IDENTITY, b"stranger")
socket.connect("tcp://{MASTER}:5558")
socket.send(msgpack.dumps(("client_ready", "2.47.0", "stranger")))
print("answer" if socket.poll(1000) else "silence")
socket.close(linger=0)
"""


@dataclass(frozen=True)
class Place:
    """What every host has."""

    folder: Path
    pack: Path
    population: Path
    key: Path

    def command(self, *words: str) -> list[str]:
        """`overreach load` with what all hosts share."""
        shared = ["--pack", str(self.pack), "--population", str(self.population), "--key-file", str(self.key), "--json"]
        return [sys.executable, "-m", "overreach", "load", *words, *shared]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A pack whose target listens at an address of the network, on purpose, and a population."""
    folder = tmp_path_factory.mktemp("fleet")
    pack = folder / "pack"
    for name in ("scenarios", "load", "generators", "reports/templates"):
        shutil.copytree(ROOT / name, pack / name, ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "pyproject.toml").read_text()
    allowed = f'allow_hosts = ["127.0.0.1", "{TARGET}"]\nlisten = "{TARGET}"'
    (pack / "pyproject.toml").write_text(text.replace('allow_hosts = ["127.0.0.1"]', allowed))
    order = Order(children=400, users=400, seed=7)
    recipe = Pack.read(pack).population
    generate(load_recipe(pack, recipe), order, folder / "people")
    return Place(folder, pack, folder / "people", folder / "key")


@pytest.fixture
def hosts() -> Iterator[dict[str, str]]:
    """The network; without what it takes the test is skipped, and fails where CI should have it."""
    lacking = missing()
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    with network(HOSTS) as spaces:
        yield spaces


@contextmanager
def running(command: list[str], words: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process whose words go to two files; ended whatever happens."""
    with words.with_suffix(".out").open("wb") as out, words.with_suffix(".err").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **environment})
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
            process.wait()


def until(seen: Callable[[], bool], process: subprocess.Popen[bytes], words: Path) -> None:
    """Wait for something to be seen while a process runs."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert process.poll() is None, words.with_suffix(".err").read_text()
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def answered(folder: Path) -> int:
    """Users who had an answer, as the master has heard of them."""
    told = [json.loads(file.read_bytes()) for file in folder.glob("overreach-*/results/load/live-*.json")]
    return sum(each["users"] for each in told)


def names(processes: Path) -> str:
    """What a process has written to its standard error."""
    return processes.with_suffix(".err").read_text()


def test_the_users_of_a_worker_that_is_killed_go_on_elsewhere_and_what_is_unknown_is_told(
    place: Place, hosts: dict[str, str]
) -> None:
    """All 300 are alive at the end, nobody is accused, and the run is unproven for the 150 of the lost worker."""
    custom, own = place.folder / "custom", place.folder / "own"
    custom.mkdir()
    own.mkdir()
    (custom / "sitecustomize.py").write_text(MOVES.format(space=hosts["target"]))
    path = os.pathsep.join([str(custom), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    master_words, out = place.folder / "master", place.folder / "record"
    ordered = ["--users", str(USERS), "--duration", "16s", "--workers", "2", "--sign-in", "0.1", "--out", str(out)]
    with ExitStack() as stack:
        command = inside(hosts["master"], place.command("--master", f"{MASTER}:5557", *ordered))
        master = stack.enter_context(running(command, master_words, PYTHONPATH=path, TMPDIR=str(own)))
        until(lambda: "copy it to every worker" in names(master_words), master, master_words)
        until(lambda: bool(list(own.glob("overreach-*/results/load"))), master, master_words)
        workers = {}
        for name in ("first", "second"):
            command = inside(hosts[name], place.command("--worker", f"{MASTER}:5557"))
            workers[name] = stack.enter_context(running(command, place.folder / name))
        until(lambda: answered(own) >= USERS, master, master_words)
        workers["second"].kill()
        stranger = inside(hosts["first"], [sys.executable, "-c", STRANGER])
        told = subprocess.run(stranger, check=True, capture_output=True, text=True, timeout=PATIENCE)
        assert master.wait(PATIENCE) == 3, names(master_words)
        assert workers["first"].wait(20) == 0, names(place.folder / "first")
        left = [subprocess.check_output(["ip", "netns", "pids", space]) for space in hosts.values()]
    assert not any(left), "whatever was started has ended with those who started it"
    assert told.stdout == "silence\n"
    figures: dict[str, Any] = json.loads(master_words.with_suffix(".out").read_bytes())
    assert (figures["workers"], figures["reassigned"], figures["users"]) == (2, USERS // 2, USERS)
    assert (figures["overreach"], figures["log_missing"], figures["log_wrong_user"]) == (0, 0, 0)
    assert figures["findings"] == []
    assert "unproven: users of a lost worker: their worker was lost" in names(master_words)
    rows = [row for file in out.glob("answers-*.arrow") for row in read_answers(file)]
    assert len({(row.user, row.number) for row in rows}) == len(rows)
    assert len({row.user for row in rows if row.number > 1_000_000}) == USERS // 2
    assert not list(own.glob("overreach-*"))
