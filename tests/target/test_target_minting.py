"""Sessions by the target's own command: one for each user it was asked for, or why not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from overreach.model.errors import TargetError
from overreach.pack.config import Pack
from overreach.probe.session import Bench
from overreach.target import minting
from overreach.target.embedded import registry
from overreach.target.http import HttpTarget
from overreach.target.identity import Refusal, Session
from overreach.target.minting import Minter

PACK = Pack.read(Path(__file__).parents[2])
USERS = {0: "ann", 7: "bob", 9: "cy"}


def saying(code: str) -> Minter:
    """A minter whose command is this Python code; `names` are those that it was asked for."""
    return Minter(["{python}", "-c", f"import json, sys\nnames = sys.stdin.read().split()\n{code}".replace("{", "{{")])


def line(**told: object) -> str:
    """Code that prints one line for each name."""
    return f"for name in names: print(json.dumps(dict({', '.join(f'{key}={value}' for key, value in told.items())})))"


def test_every_user_has_a_session_or_a_refusal() -> None:
    """Under the row it was asked for by; a refusal tells why."""
    minter = saying(
        "for name in reversed(names):\n"
        " told = dict(refused='left') if name == 'bob' else dict(authorization=f'Bearer t-' + name)\n"
        " print(json.dumps(dict(username=name, **told)))"
    )
    opened = minter.open_many(USERS)
    assert (opened[0], opened[9]) == (Session(0, "ann", "Bearer t-ann"), Session(9, "cy", "Bearer t-cy"))
    refused = opened[7]
    assert isinstance(refused, Refusal)
    assert (refused.user, refused.step, refused.answer.status, refused.answer.error) == (7, "mint", 0, "left")


def test_nobody_is_asked_for_nobody() -> None:
    """And nobody comes."""
    assert saying("").open_many({}) == {}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "said nothing of 3 of 3 users"),
        ("del names[2]\n" + line(username="name", refused="'left'"), "said nothing of 1 of 3 users"),
        (line(username="'stranger'", authorization="'Bearer t'"), "neither"),
        (line(username="name"), "neither"),
        (line(username="name", authorization="''"), "neither"),
        (line(username="name", authorization="5"), "neither"),
        ("print('secret-token')", "neither"),
        ("print('[1]')", "neither"),
        ("sys.exit('overreach: the disk is full')", "the disk is full"),
        ("sys.exit(3)", "ended with status 3"),
    ],
)
def test_a_command_that_does_not_do_it_is_one_clear_error(code: str, told: str) -> None:
    """Never a session of somebody else's, and never the words of a line that may hold one."""
    expected = {"neither": "no session and no refusal"}.get(told, told)
    with pytest.raises(TargetError, match=expected) as failed:
        saying(code).open_many(USERS)
    assert "secret-token" not in failed.value.message
    assert failed.value.remedy


def test_a_command_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing hangs."""
    monkeypatch.setattr(minting, "PATIENCE", 0.3)
    began = time.monotonic()
    with pytest.raises(TargetError, match="did not end within"):
        saying("import time; time.sleep(60)").open_many(USERS)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("command", [["no-such-command"], ["/"]])
def test_a_command_that_cannot_be_started_is_one_clear_error(command: list[str]) -> None:
    """Whatever the wrapper that starts it says."""
    with pytest.raises(TargetError) as failed:
        Minter(command).open_many(USERS)
    assert failed.value.remedy


@pytest.mark.parametrize("part", ["{nobody}", "{", "{}"])
def test_an_unknown_placeholder_is_refused(part: str) -> None:
    """With those that are known."""
    with pytest.raises(TargetError, match="placeholder") as failed:
        Minter(["mint", part], {"database": Path("x")})
    assert failed.value.remedy == "known: {python}, {database}"


def test_the_packs_command_mints_at_the_reference_registry(bench: Bench, tmp_path: Path) -> None:
    """Whoever may sign in has a session that works; all others are refused."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"x" * 32)
    users = {row: str(bench.population.user_fields(row)["username"]) for row in range(bench.population.users_count)}
    served = registry(
        bench.population.path, tmp_path / "registry", secret_file=secret, switches=PACK.switches, minting=True
    )
    with served as running:
        minter = Minter(PACK.target.mint, {"database": running.database, "secret_file": secret})
        opened = minter.open_many(users)
        target = HttpTarget(running.url, ("127.0.0.1",))
        assert opened.keys() == users.keys()
        session = next(each for each in opened.values() if isinstance(each, Session))
        for authorization, status in ((session.authorization, 422), ("Bearer stranger", 401)):
            answer = target.send("POST", "/children/search", b"{}", (("Authorization", authorization),))
            assert answer.status == status
        target.close()
    assert any(isinstance(each, Refusal) for each in opened.values())


def test_a_registry_without_minting_gives_none(bench: Bench, tmp_path: Path) -> None:
    """With the registry's own words."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"x" * 32)
    served = registry(bench.population.path, tmp_path / "r", secret_file=secret, switches=PACK.switches)
    with served as running, pytest.raises(TargetError, match="was not started with minting"):
        Minter(PACK.target.mint, {"database": running.database, "secret_file": secret}).open_many(USERS)


def test_the_pack_mints_with_the_interpreter_that_runs() -> None:
    """Whatever is on the PATH."""
    minter = Minter(PACK.target.mint, {"database": Path("d"), "secret_file": Path("s")})
    assert minter._command == [
        *(sys.executable, "-m", "overreach", "mint", "--database", "d", "--secret-file", "s"),
    ]
