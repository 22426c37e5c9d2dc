"""The registry as a process, over real HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.contactpoint.inside import PASSWORD, SECRET, code_of, key_of
from tests.contactpoint.outside import Outside, started
from tests.contactpoint.tables import FAR, PLAIN, SHIELDED, number_of, user_row

REFUSED = {"error": "not accepted"}


def test_an_account_opens_once_with_its_code(outside: Outside) -> None:
    """A second time, a wrong code, somebody unknown and somebody who may not: one answer."""
    assert outside.activate("senco").status == 201
    unknown = {"username": "nobody", "code": "0" * 20, "password": PASSWORD}
    wrong = {"username": "midwife", "code": "0" * 20, "password": PASSWORD}
    answers = {
        outside.activate("senco"),
        outside.ask("POST", "/accounts/activate", unknown),
        outside.ask("POST", "/accounts/activate", wrong),
        *(outside.activate(name) for name in ("leaver", "suspended", "unvetted", "untrained")),
    }
    assert len(answers) == 1
    answer = answers.pop()
    assert (answer.status, answer.json) == (403, REFUSED)
    assert outside.activate("leaving_tomorrow").status == 201


def test_a_one_time_code_works_once_and_a_new_session_ends_the_old(outside: Outside) -> None:
    """The replay is refused; the next code is taken, and the first token is dead after it."""
    secret = outside.activate("school_nurse").json["totp_secret"]
    opening = {"username": "school_nurse", "password": PASSWORD, "code": code_of(secret)}
    first = outside.ask("POST", "/sessions", opening)
    assert first.status == 201
    assert first.json["expires_in"] > 0
    assert (outside.ask("POST", "/sessions", opening).json) == REFUSED
    wrong = {**opening, "password": "another", "code": code_of(secret, 1)}
    assert outside.ask("POST", "/sessions", wrong).status == 403
    second = outside.ask("POST", "/sessions", {**opening, "code": code_of(secret, 1)})
    assert outside.ask("POST", "/children/view", key_of(PLAIN), first.json["token"]).status == 401
    assert outside.ask("POST", "/children/view", key_of(PLAIN), second.json["token"]).status == 200
    assert outside.ask("DELETE", "/sessions", token=second.json["token"]).status == 204
    ended = outside.ask("POST", "/children/view", key_of(PLAIN), second.json["token"])
    assert ended == outside.ask("POST", "/children/view", key_of(PLAIN))


def test_forbidden_and_absent_are_the_same_bytes_on_the_wire(outside: Outside) -> None:
    """Headers and all, but for the date."""
    never = {**key_of(FAR, None), "number": number_of(999)}
    forbidden = outside.by("social_worker", "POST", "/children/view", key_of(FAR, None))
    assert forbidden == outside.by("social_worker", "POST", "/children/view", never)


def test_a_body_is_read_whole_however_it_comes(outside: Outside) -> None:
    """At once, in pieces, in chunks without a stated length; the next request on the connection is a new one."""
    token, body = outside.token("social_worker"), json.dumps(key_of(PLAIN)).encode()
    address = urlsplit(outside.url)

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 20):
            yield body[start : start + 20]
            time.sleep(0.01)

    stated = {"Authorization": f"Bearer {token}", "Content-Length": str(len(body))}
    chunked = {"Authorization": f"Bearer {token}", "Transfer-Encoding": "chunked"}
    with contextlib.closing(http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)) as connection:
        read = []
        for sent, headers in ((body, stated), (in_pieces(), stated), (in_pieces(), chunked), (body, stated)):
            connection.request("POST", "/children/view", sent, headers, encode_chunked=headers is chunked)
            answer = connection.getresponse()
            read.append((answer.status, answer.read()))
            connection.request("GET", f"/children/{number_of(PLAIN)}", headers={"Authorization": f"Bearer {token}"})
            assert connection.getresponse().read()
    assert read[0][0] == 200
    assert len(set(read)) == 1


def test_the_wire_has_its_own_refusals(outside: Outside) -> None:
    """Unknown path, wrong method, too large a body; none of them says more to a stranger."""
    assert outside.ask("GET", "/health").json == {"status": "ready"}
    assert outside.ask("GET", "/children").json == {"error": "no such page"}
    wrong = outside.ask("PATCH", "/sessions")
    assert (wrong.status, dict(wrong.headers)[b"allow"]) == (405, b"DELETE, POST")
    large = outside.by("social_worker", "POST", "/children/search", b"x" * (64 * 1024 + 1))
    assert large.status == 413
    assert outside.by("social_worker", "POST", "/children/search", b"x" * 3_000_000).status == 413
    assert outside.by("social_worker", "GET", "/children/%ff%00").status == 404


def test_what_cannot_be_logged_is_not_answered(outside: Outside) -> None:
    """The answer is that there is none, and nothing of what was asked was done."""
    outside.token("social_worker")
    with sqlite3.connect(outside.database) as saboteur:
        saboteur.execute("CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    try:
        answer = outside.by("social_worker", "POST", "/children/view", key_of(PLAIN))
        assert (answer.status, answer.json) == (503, {"error": "not available"})
        path = f"/children/{number_of(PLAIN)}/reason"
        assert outside.by("social_worker", "POST", path, {"reason": "welfare"}).status == 503
        assert saboteur.execute("SELECT count(*) FROM declared").fetchone() == (0,)
    finally:
        saboteur.execute("DROP TRIGGER full")
        saboteur.close()
    assert outside.by("social_worker", "POST", "/children/view", key_of(PLAIN)).status == 200


def test_a_restored_snapshot_restores_everything(population: Path, tmp_path: Path) -> None:
    """Sessions, declared reasons and shields are as they were, while the registry goes on serving."""
    path = f"/children/{number_of(PLAIN)}"
    with started(population, tmp_path) as registry:
        early, team = registry.token("social_worker"), registry.token("management_team")
        registry.ask("POST", f"{path}/reason", {"reason": "welfare"}, early)
        snapshot = sqlite3.connect(tmp_path / "snapshot.sqlite")
        live = sqlite3.connect(registry.database)
        live.backup(snapshot)
        late = registry.token("head_teacher")
        assert registry.ask("POST", f"{path}/shield", {"ground": "threat"}, team).status == 201
        assert registry.ask("DELETE", "/sessions", token=early).status == 204
        snapshot.backup(live)
        live.close()
        snapshot.close()
        assert registry.ask("POST", "/children/view", key_of(PLAIN), late).status == 401
        answer = registry.ask("POST", "/children/view", key_of(PLAIN, None), early)
        assert "address" in answer.json


def test_the_process_stops_at_once_and_can_begin_again(population: Path, tmp_path: Path) -> None:
    """Exit code 0 within a second, a client still connected; then the same database is served again."""
    with started(population, tmp_path) as registry:
        token = registry.token("social_worker")
        before = time.monotonic()
        registry.process.send_signal(signal.SIGINT)
        assert registry.process.wait(5) == 0
        assert time.monotonic() - before < 2
    with started(population, tmp_path) as registry:
        assert registry.ask("POST", "/children/view", key_of(SHIELDED), token).status == 200


def test_the_process_dies_with_its_parent(population: Path, tmp_path: Path) -> None:
    """A parent that is killed leaves no registry behind."""
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET.value)
    serve = [sys.executable, "-m", "overreach", "serve", "--population", str(population), "--port", "0"]
    serve += ["--secret-file", str(secret), "--database", str(tmp_path / "registry.sqlite")]
    parent_code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({serve!r}, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = {**os.environ, "OVERREACH_PARENT_DEATH": "1"}
    with subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 5
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(pid)


def test_the_activation_code_is_the_one_of_the_letter() -> None:
    """HMAC-SHA256 of the run's secret over `activation:` and the row number, 20 hex characters."""
    import hashlib  # noqa: PLC0415 - only here
    import hmac  # noqa: PLC0415 - only here

    row = user_row("senco")
    expected = hmac.new(SECRET.value, f"activation:{row}".encode(), hashlib.sha256).hexdigest()[:20]
    assert SECRET.activation_code(row) == expected


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
