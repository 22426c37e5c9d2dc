"""The options of a fleet: what goes together, what is missing, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from overreach.cli.fleet import ADDRESS, Address, fleet_of, refuse_contradictions
from overreach.cli.main import overreach
from overreach.load.sealing import read_key
from overreach.model.errors import OverreachError

HERE = Address("127.0.0.1", 5557)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("10.0.0.1:80", "10.0.0.1", 80), ("[::1]:5557", "::1", 5557), ("host.example:1", "host.example", 1)],
)
def test_an_address_is_a_host_and_a_port(text: str, host: str, port: int) -> None:
    """Written as everywhere."""
    assert ADDRESS.convert(text, None, None) == Address(host, port)


@pytest.mark.parametrize("text", ["", "5557", ":5557", "host:", "host:0", "host:65535", "host:x", "host"])
def test_anything_else_is_none(text: str) -> None:
    """The last port is none either: Locust's own is the next one."""
    with pytest.raises(click.UsageError, match="is not of the form HOST:PORT"):
        ADDRESS.convert(text, None, None)


def test_the_master_makes_the_key_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says where it is, and takes it the next time."""
    file = tmp_path / "key"
    first = fleet_of(HERE, 3, file)
    assert f"{file}: copy it to every worker" in capsys.readouterr().err
    assert first == fleet_of(HERE, 3, file)
    assert first is not None
    assert (first.key, first.workers) == (read_key(file), 3)
    assert not capsys.readouterr().err
    assert fleet_of(None, 1, None) is None


def test_a_fleet_needs_a_key_and_a_worker_a_population(tmp_path: Path) -> None:
    """Each is named with where it comes from."""
    with pytest.raises(OverreachError, match="needs a key") as caught:
        fleet_of(HERE, 1, None)
    assert "--key-file" in caught.value.remedy
    file = tmp_path / "key"
    fleet_of(HERE, 1, file)
    done = CliRunner().invoke(overreach, ["load", "--worker", "127.0.0.1:1", "--key-file", str(file)])
    assert isinstance(done.exception, OverreachError)
    assert done.exception.message == "a worker needs the population that the master works with"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--worker", "h:1", "--master", "h:1"], "`--master` is for the master"),
        (["--worker", "h:1", "--users", "5"], "`--users` is for the master"),
        (["--worker", "h:1", "--sign-in", "0.5"], "`--sign-in` is for the master"),
        (["--master", "h:1", "--processes", "2"], "`2` processes were asked of a master"),
        (["--workers", "2"], "`--workers` is for a fleet"),
        (["--key-file", "key"], "`--key-file` is for a fleet"),
        (["--rate", "nan"], "`nan` requests a second"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: list[str], words: str) -> None:
    """Before anything is made or called."""
    done = CliRunner().invoke(overreach, ["load", *options])
    assert isinstance(done.exception, OverreachError)
    assert words in done.exception.message
    assert done.exception.remedy


def test_one_machine_alone_is_no_contradiction() -> None:
    """Nor is a plain worker."""
    plain = dict.fromkeys(("master", "worker", "users", "duration", "rate", "sign_in", "out", "web", "seed"))
    plain |= {"key_file": None, "faults": (), "switches": (), "workers": 1}
    refuse_contradictions({**plain, "processes": 2})
    refuse_contradictions({**plain, "worker": HERE, "processes": 1})
