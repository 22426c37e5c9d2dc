"""Writing files so that a failure is one line and never looks like success."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from overreach.model.errors import OverreachError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failing disk into an `OverreachError` that names `path` and says what is wrong with it."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"cannot write `{path}`: {reason}"
        raise OverreachError(message, "make room or choose another folder, then run the command again") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is either there in full or not there: a temporary sibling, synced, then renamed."""
    if path.exists() and not path.is_file():  # a device or a pipe is written to, never replaced
        with writing(path):
            path.write_bytes(data)
        return
    target = path.resolve()  # a link stays one, be it /dev/stdout where the shell writes into a file
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with writing(path):
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        except BaseException:  # an interrupt, too, leaves nothing half written
            temporary.unlink(missing_ok=True)
            raise
