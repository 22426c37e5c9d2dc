"""The last look before a run is sealed: no credential in any file of it."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from overreach.model.errors import OverreachError
from overreach.report.seal import name_of, walk
from overreach.report.secret_search import SecretFinder

_CHUNK = 1 << 22
_OVERLAP = 512  # longer than anything that is looked for by its shape
#: What is a credential by its look, whoever it belongs to; `$TOKEN` in a command is none.
LOOKS = re.compile(rb"Bearer [A-Za-z0-9._~+/=-]{16,}|otpauth://[a-z]|-----BEGIN [A-Z ]*PRIVATE KEY-----")


def leaking_files(folder: Path, secrets: frozenset[str]) -> tuple[str, ...]:
    """Names of the files below `folder` that hold a secret or something that looks like one.

    Gzip files are read unpacked; OSError where a file cannot be read.
    """
    finder = SecretFinder(secrets)
    overlap = max(_OVERLAP, finder.longest)

    def leaks(path: Path) -> bool:
        return any(finder.spans(part) or LOOKS.search(part) for part in _parts(path, overlap))

    return tuple(name_of(entry, folder) for entry in walk(folder) if leaks(Path(entry.path)))


def refuse_leaks(folder: Path, secrets: frozenset[str]) -> None:
    """OverreachError that names the files of `folder` which hold a credential."""
    names = leaking_files(folder, secrets)
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        message = f"a credential would be kept in {listed}"
        raise OverreachError(message, "nothing was sealed; delete the partial folder and report this as a defect")


def _parts(path: Path, overlap: int) -> Iterator[bytes]:
    """The content in parts that share `overlap` bytes, so that nothing hides on a border."""
    tail = b""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield tail + chunk
                tail = (tail + chunk)[-overlap:]
    except (EOFError, zlib.error) as error:
        message = f"cannot be read as gzip: {path.name}"
        raise OSError(message) from error
