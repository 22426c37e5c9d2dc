"""Killed fifty times in the middle of its work, the registry has lost nothing that it answered.

Every answer that a client saw whole is in the log, every change that was acknowledged is there, and the chain of the
log holds from end to end. The lengths of the lives are drawn from a seed; what the process does at its end is chance.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.contactpoint.inside import PASSWORD, SECRET, code_of, key_of
from tests.contactpoint.tables import KIDS, PLAIN, number_of, user_row, write_population

from overreach.contactpoint.chain import verify

KILLS = 50
EXTRA = 400  # children to shield
LIFE = (0.01, 0.12)  # seconds between the first answer and the end
SIGN_INS = ("head_teacher", "senco", "midwife", "health_visitor", "school_nurse", "practice_nurse", "police_employee")


@dataclass
class Acknowledged:
    """What clients were told, over all lives of the process."""

    answered: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Request id -> username and status."""
    declared: set[str] = field(default_factory=set)
    shielded: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    """Username -> token."""


class Client:
    """One connection to one life of the process; OSError and HTTPException where that ends."""

    def __init__(self, url: str, memory: Acknowledged, ids: Iterator[int]) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
        self._memory = memory
        self._ids = ids

    def ask(self, username: str, method: str, path: str, body: object) -> tuple[int, bytes]:
        """Status and body of a whole answer, which is remembered from then on."""
        request_id = f"chaos-{next(self._ids)}"
        headers = {"X-Request-ID": request_id, "Authorization": f"Bearer {self._memory.tokens.get(username, '')}"}
        self._connection.request(method, path, json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self._memory.answered[request_id] = username, answer.status
        return answer.status, content

    def close(self) -> None:
        """Let it go."""
        self._connection.close()


@dataclass
class Hunt:
    """The registry's lives, and what its clients do in them."""

    population: Path
    folder: Path
    memory: Acknowledged = field(default_factory=Acknowledged)
    ids: Iterator[int] = field(default_factory=itertools.count)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(50_000))
    children: Iterator[int] = field(default_factory=lambda: iter(range(len(KIDS), len(KIDS) + EXTRA)))
    newcomers: Iterator[str] = field(default_factory=lambda: iter(SIGN_INS))

    @property
    def database(self) -> Path:
        """Its file."""
        return self.folder / "registry.sqlite"

    @contextmanager
    def life(self) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
        """One start of the process, to be killed."""
        secret = self.folder / "secret"
        secret.write_bytes(SECRET.value)
        command = [sys.executable, "-m", "overreach", "serve", "--population", str(self.population), "--json"]
        command += ["--database", str(self.database), "--secret-file", str(secret), "--port", "0"]
        command += ["--password-cost", "low", "--durability", "normal"]
        environment = {**os.environ, "OVERREACH_PARENT_DEATH": "1"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["url"], process
            process.kill()
            assert process.wait(10) == -signal.SIGKILL

    def work(self, url: str, task: Callable[[Client], None]) -> None:
        """Do a task again and again until the process is gone."""
        client = Client(url, self.memory, self.ids)
        try:
            while True:
                task(client)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            client.close()

    def sign_in(self, client: Client, username: str) -> None:
        """Open an account and a session."""
        code = SECRET.activation_code(user_row(username))
        activation = {"username": username, "code": code, "password": PASSWORD}
        status, body = client.ask("", "POST", "/accounts/activate", activation)
        if status != http.HTTPStatus.CREATED:
            return
        opening = {"username": username, "password": PASSWORD, "code": code_of(json.loads(body)["totp_secret"])}
        status, body = client.ask("", "POST", "/sessions", opening)
        if status == http.HTTPStatus.CREATED:
            self.memory.tokens[username] = json.loads(body)["token"]

    def declare(self, client: Client) -> None:
        """State a reason for a record, a new one each time."""
        number = number_of(next(self.numbers))
        status, _ = client.ask("social_worker", "POST", f"/children/{number}/reason", {"reason": "welfare"})
        if status == http.HTTPStatus.NO_CONTENT:
            self.memory.declared.add(number)

    def shield(self, client: Client) -> None:
        """Shield a record, a new one each time; now and then somebody new signs in."""
        newcomer = next(self.newcomers, None) if next(self.ids) % 10 == 0 else None
        if newcomer is not None:
            self.sign_in(client, newcomer)
            return
        number = number_of(next(self.children, PLAIN))
        status, _ = client.ask("management_team", "POST", f"/children/{number}/shield", {"ground": "threat"})
        if status == http.HTTPStatus.CREATED:
            self.memory.shielded.add(number)

    def read(self, client: Client) -> None:
        """Look something up, and try what is not allowed."""
        client.ask("social_worker", "POST", "/children/view", key_of(PLAIN))
        client.ask("social_worker", "POST", "/children/search", {"family_name": "Plain"})
        client.ask("social_worker", "POST", f"/children/{number_of(PLAIN)}/override", {"reason": "welfare"})


def test_nothing_that_was_answered_is_lost_in_fifty_deaths(tmp_path: Path) -> None:
    """SIGKILL under concurrent reading and writing, each time at another moment."""
    moments = random.Random(50)  # noqa: S311 - no secret
    hunt = Hunt(write_population(tmp_path / "population", extra=EXTRA), tmp_path)
    for death in range(KILLS):
        with hunt.life() as (url, process):
            if not death:
                client = Client(url, hunt.memory, hunt.ids)
                for username in ("social_worker", "management_team"):
                    hunt.sign_in(client, username)
                client.close()
            tasks = (hunt.declare, hunt.declare, hunt.shield, hunt.read)
            threads = [threading.Thread(target=hunt.work, args=(url, task)) for task in tasks]
            for thread in threads:
                thread.start()
            time.sleep(moments.uniform(*LIFE))
            process.kill()
            for thread in threads:
                thread.join()
    checked = verify(hunt.database)
    assert checked.broken is None, checked
    _all_is_there(hunt)


def _all_is_there(hunt: Hunt) -> None:
    memory = hunt.memory
    with closing(sqlite3.connect(hunt.database)) as connection:
        rows = {row[0]: row[1:] for row in connection.execute("SELECT request_id, user, status FROM log")}
        declared = {number for (number,) in connection.execute("SELECT number FROM declared")}
        shielded = {number for (number,) in connection.execute("SELECT number FROM children WHERE shielded")}
    lost = [each for each, (_, status) in memory.answered.items() if each not in rows or rows[each][1] != status]
    assert not lost
    wrong = [each for each, (user, _) in memory.answered.items() if user and rows[each][0] != user]
    assert not wrong
    assert memory.declared <= declared
    assert memory.shielded <= shielded
    # Otherwise it proved nothing.
    assert len(memory.answered) > 20 * KILLS
    assert len(memory.declared) > KILLS
    assert len(memory.shielded) > KILLS
    assert len(memory.tokens) > 2
    with hunt.life() as (url, _):
        client = Client(url, memory, hunt.ids)
        signed_in = {client.ask(username, "GET", "/nowhere", None)[0] for username in memory.tokens}
        client.close()
    assert signed_in == {http.HTTPStatus.NOT_FOUND}
