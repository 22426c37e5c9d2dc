"""Sessions by the target's own minting command, for users whose signing in is not what is tested.

The command reads usernames, one a line, and answers each with one JSON object a line, in any order: `username` with
`authorization`, the value of the header of that name, or with `refused`, the reason.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from overreach.model.errors import TargetError
from overreach.model.probe import Answer
from overreach.target.identity import Refusal, Session
from overreach.target.process import dies_with_parent, stop

STEP = "mint"
PATIENCE = 60.0  # seconds, and as many again for each
EACH = 0.002  # session
_REMEDY = "see `mint` in [tool.overreach.target.identity], and whether the target was started with minting"


class Minter:
    """Opens sessions with a command of the target's; `{python}` and the given places are filled in."""

    def __init__(self, command: Sequence[str], places: Mapping[str, Path] | None = None) -> None:
        known = {"python": sys.executable, **(places or {})}
        try:
            self._command = [part.format(**known) for part in command]
        except (KeyError, ValueError, IndexError) as error:
            message = f"the minting command `{' '.join(command)}` holds a placeholder that nothing is known of"
            raise TargetError(message, f"known: {', '.join(f'{{{name}}}' for name in known)}") from error

    def open_many(self, users: Mapping[int, str]) -> dict[int, Session | Refusal]:
        """A session or a refusal for every user, given by row and username; TargetError where any has neither."""
        rows = {username: user for user, username in users.items()}
        outcomes: dict[int, Session | Refusal] = {}
        for line in self._run(rows):
            username, outcome = _read(line, rows)
            outcomes[rows[username]] = outcome
        if missing := len(rows) - len(outcomes):
            message = f"the minting command said nothing of {missing} of {len(rows)} users"
            raise TargetError(message, _REMEDY)
        return outcomes

    def _run(self, usernames: Iterable[str]) -> list[bytes]:
        asked = "".join(f"{username}\n" for username in usernames).encode()
        allowed = PATIENCE + EACH * asked.count(b"\n")
        # Files, not pipes: neither side waits for the other, however many there are.
        with tempfile.TemporaryFile() as names, tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as words:
            names.write(asked)
            names.seek(0)
            try:
                process = subprocess.Popen(
                    dies_with_parent(self._command), stdin=names, stdout=told, stderr=words, start_new_session=True
                )
            except OSError as error:
                message = f"the minting command did not start: {error.strerror}"
                raise TargetError(message, _REMEDY) from error
            try:
                code: int | None = process.wait(allowed)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                stop(process)
            if code != 0:
                words.seek(0)
                raise _failure(code, words.read().decode(errors="replace"), allowed)
            told.seek(0)
            return told.read().splitlines()


def _read(line: bytes, rows: Mapping[str, int]) -> tuple[str, Session | Refusal]:
    """What a line says of one of these users; TargetError where it says nothing that can be read."""
    try:
        told = json.loads(line)
        username = str(told["username"])
        user = rows[username]
        if "refused" in told:
            return username, Refusal(user, STEP, Answer(0, (), b"", 0.0, str(told["refused"])))
        if isinstance(told["authorization"], str) and told["authorization"]:
            return username, Session(user, username, told["authorization"])
    except (ValueError, KeyError, TypeError):
        pass
    # The line may hold a session: it is not repeated.
    message = "the minting command printed a line that is no session and no refusal of a user it was asked for"
    raise TargetError(message, _REMEDY)


def _failure(code: int | None, words: str, allowed: float) -> TargetError:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if code is None:
        return TargetError(f"the minting command did not end within {allowed:.0f} seconds", _REMEDY)
    if not lines:
        return TargetError(f"the minting command ended with status {code}", _REMEDY)
    return TargetError(f"no session was minted: {lines[0].removeprefix('overreach: ')}", " ".join(lines[1:]) or _REMEDY)
