"""Minting: sessions without proof, for whoever may sign in, beside a registry that was started with it."""

from __future__ import annotations

import base64
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.contactpoint.desks import sign_in
from tests.contactpoint.inside import SECRET, Inside, flat, key_of
from tests.contactpoint.outside import Outside, started
from tests.contactpoint.tables import PLAIN, USERS

from overreach.contactpoint import minting
from overreach.contactpoint.chain import verify

BARRED = {
    "leaver": "left",
    "suspended": "suspended",
    "unvetted": "not vetted",
    "untrained": "not trained",
    "unsigned": "agreement not signed",
    "unaccredited": "not accredited, employer not accredited",
    "nobody": "no such account",
}


@pytest.fixture(scope="module")
def open_registry(population: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A registry that was started with minting."""
    with started(population, tmp_path_factory.mktemp("minting"), ["--minting"]) as registry:
        yield registry


def command(database: Path, secret: Path | None = None) -> list[str]:
    """The command that mints."""
    secret = secret or database.with_name("secret")
    return [sys.executable, "-m", "overreach", "mint", "--database", str(database), "--secret-file", str(secret)]


def minted(database: Path, names: Sequence[str | bytes]) -> list[dict[str, str]]:
    """What is said of each name."""
    asked = b"\n".join(name if isinstance(name, bytes) else name.encode() for name in names)
    done = subprocess.run(command(database), input=asked, check=True, capture_output=True, timeout=30)
    assert not done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def token_of(line: dict[str, str]) -> str:
    """The token of a minted session."""
    return line["authorization"].removeprefix("Bearer ")


def entries(registry: Outside) -> list[dict[str, Any]]:
    """The whole log, as a minted session of the central team reads it."""
    (line,) = minted(registry.database, ["central_team"])
    answer = registry.ask("GET", "/log?case=tests&limit=1000", token=token_of(line))
    return [flat(event) for event in answer.json["entries"]]


def test_whoever_may_sign_in_gets_a_session_that_works(open_registry: Outside) -> None:
    """In the order asked; it reads what its user may read."""
    names = ["social_worker", "senco", "leaving_tomorrow", "just_vetted"]
    lines = minted(open_registry.database, names)
    assert [line["username"] for line in lines] == names
    for line in lines:
        answer = open_registry.ask("POST", "/children/view", key_of(PLAIN), token_of(line))
        assert answer.status == 200


def test_whoever_may_not_sign_in_is_refused_and_told_why(open_registry: Outside) -> None:
    """Every condition of access counts as it does at signing in."""
    lines = minted(open_registry.database, list(BARRED))
    assert {line["username"]: line["refused"] for line in lines} == BARRED
    assert all("authorization" not in line for line in lines)


def test_it_admits_exactly_whom_signing_in_admits(population: Path, tmp_path: Path) -> None:
    """Of all users of the population."""
    names = [each.username for each in USERS]
    with started(population, tmp_path, ["--minting"]) as registry:
        admitted = {name for name in names if registry.activate(name).status == 201}
        assert {line["username"] for line in minted(registry.database, names) if "authorization" in line} == admitted


def test_a_new_session_ends_the_old_one(open_registry: Outside) -> None:
    """One live session a user, whichever way it was opened."""
    token = open_registry.token("midwife")
    first, second = (token_of(minted(open_registry.database, ["midwife"])[0]) for _ in range(2))
    statuses = [
        open_registry.ask("POST", "/children/view", key_of(PLAIN), each).status for each in (token, first, second)
    ]
    assert statuses == [401, 401, 200]


def test_a_name_is_minted_once_a_run(open_registry: Outside) -> None:
    """A second session would end the first; blanks, empty lines and bytes that are no text do no harm."""
    lines = minted(open_registry.database, ["senco", "", "  senco\r", b"\xff\xfe", "senco"])
    assert [line["username"] for line in lines] == ["senco", "��"]
    assert lines[1]["refused"] == "no such account"


def test_each_has_a_row_of_its_own_in_the_log(population: Path, tmp_path: Path) -> None:
    """Told apart from signing in: by nobody who is signed in, on behalf of the user; refusals too."""
    with started(population, tmp_path, ["--minting"]) as registry:
        minted(registry.database, ["senco", "leaver", "nobody"])
        rows = [row for row in entries(registry) if row["operation"] == minting.OPERATION]
    assert [(row["user"], row["on_behalf_of"], row["query"], row["status"]) for row in rows] == [
        ("", "senco", {"username": "senco"}, 201),
        ("", "leaver", {"username": "leaver"}, 403),
        ("", "", {"username": "nobody"}, 403),
        ("", "central_team", {"username": "central_team"}, 201),
    ]
    checked = verify(registry.database)
    assert checked.broken is None
    assert checked.heads > 0


def test_a_registry_without_minting_has_none(population: Path, tmp_path: Path) -> None:
    """Code 2, a line that says so, what to do, and nothing written."""
    with started(population, tmp_path) as registry:
        refused = subprocess.run(
            command(registry.database), input=b"senco", check=False, capture_output=True, timeout=30
        )
        assert refused.returncode == 2
        message, remedy = refused.stderr.decode().splitlines()
        assert message.endswith("was not started with minting")
        assert "--minting" in remedy
        assert not refused.stdout
        assert "minting" not in registry.ask("GET", "/health").json
        with closing(sqlite3.connect(registry.database)) as connection:
            assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def test_another_secret_mints_nothing(open_registry: Outside, tmp_path: Path) -> None:
    """Whoever has the database alone has nothing."""
    other = tmp_path / "other"
    other.write_bytes(b"another secret")
    refused = subprocess.run(
        command(open_registry.database, other), input=b"senco", check=False, capture_output=True, timeout=30
    )
    assert refused.returncode == 2
    assert b"under another secret" in refused.stderr


def test_a_registry_with_minting_says_so(open_registry: Outside) -> None:
    """Whoever is about to trust it can see."""
    assert open_registry.ask("GET", "/health").json == {"status": "ready", "minting": True}


def test_the_next_start_without_minting_ends_every_session(population: Path, tmp_path: Path) -> None:
    """Nobody could tell a minted one from one that was proved."""
    with started(population, tmp_path, ["--minting"]) as registry:
        token = token_of(minted(registry.database, ["senco"])[0])
    with started(population, tmp_path, ["--minting"]) as registry:
        assert registry.ask("POST", "/children/view", key_of(PLAIN), token).status == 200
    with started(population, tmp_path) as registry:
        assert registry.ask("POST", "/children/view", key_of(PLAIN), token).status == 401


def test_killed_half_way_it_leaves_whole_sessions_and_a_whole_log(population: Path, tmp_path: Path) -> None:
    """What was printed holds, and the next run mints the rest."""
    with started(population, tmp_path, ["--minting"]) as registry:
        names, told = os.pipe()
        with subprocess.Popen(command(registry.database), stdin=names, stdout=subprocess.PIPE) as process:
            os.close(names)
            # More than a batch: the first one is answered while the rest is not asked for yet.
            many = ["senco", *(f"nobody{row}" for row in range(minting.BATCH))]
            os.write(told, "".join(f"{name}\n" for name in many).encode())
            assert process.stdout is not None
            first = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
        os.close(told)
        assert registry.ask("POST", "/children/view", key_of(PLAIN), token_of(first)).status == 200
        assert "authorization" in minted(registry.database, ["midwife"])[0]
    assert verify(registry.database).broken is None


def test_it_mints_while_the_registry_is_asked(population: Path, tmp_path: Path) -> None:
    """Both write the same log: no row is lost, and nobody is answered that the registry is not available."""
    statuses = []
    with started(population, tmp_path, ["--minting"]) as registry:
        token, over = registry.token("social_worker"), threading.Event()

        def ask() -> None:
            while not over.is_set():
                statuses.append(registry.ask("POST", "/children/view", key_of(PLAIN), token).status)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            minted(registry.database, [f"nobody{row}" for row in range(3 * minting.BATCH)])
        finally:
            over.set()
            asking.join()
    assert set(statuses) == {200}
    checked = verify(registry.database)
    assert (checked.broken, checked.rows) == (None, 2 + len(statuses) + 3 * minting.BATCH)


def test_an_account_that_is_locked_out_gets_none(population: Path, tmp_path: Path) -> None:
    """As at signing in."""
    with Inside(population, tmp_path) as inside:
        secret = inside.secret("senco")
        for _ in range(5):
            sign_in(inside, "senco", secret, password="wrong")  # noqa: S106 - a wrong one
    minting.remember(tmp_path / "registry.sqlite", minting=True)
    (tmp_path / "secret").write_bytes(SECRET.value)
    assert minted(tmp_path / "registry.sqlite", ["senco"]) == [{"username": "senco", "refused": "locked out"}]


def test_the_database_keeps_no_token(open_registry: Outside) -> None:
    """A digest only, as of any session."""
    token = token_of(minted(open_registry.database, ["school_nurse"])[0])
    files = [*open_registry.database.parent.glob("registry.sqlite*")]
    content = b"".join(file.read_bytes() for file in files)
    assert token.encode() not in content
    assert base64.urlsafe_b64decode(f"{token}=") not in content
