"""Reading a population folder: whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from overreach.contactpoint.errors import RegistryError

LAYOUT = 3
BATCH = 20_000  # rows that are in memory at a time
HASHED_UP_TO = 100_000_000  # bytes: above it only sizes are compared
_FILE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*/[0-9]{5,}\.parquet")
_AGAIN = "generate the population again"


@dataclass(frozen=True, slots=True)
class Folder:
    """A population folder whose manifest and files agree."""

    path: Path
    digest: str
    as_of: date
    files: Mapping[str, Sequence[str]]
    """Table -> its files, in the order of its rows."""
    counts: Mapping[str, int]
    """Table -> its number of rows."""

    def batches(self, table: str, columns: Sequence[str]) -> Iterator[list[list[Any]]]:
        """The named columns of a table, each a list, `BATCH` rows at a time in row order.

        Days are texts such as 2009-05-18, flags 0 or 1. RegistryError where a column is missing or a file unreadable.
        """
        for batch in self._batches(table, columns):
            yield [_plain(batch.column(name)) for name in columns]

    def numbers(self, table: str, columns: Sequence[str]) -> Iterator[list[Any]]:
        """The same as arrays of numpy, for columns of whole numbers without gaps."""
        for batch in self._batches(table, columns):
            yield [batch.column(name).to_numpy() for name in columns]

    def _batches(self, table: str, columns: Sequence[str]) -> Iterator[Any]:
        # Slow to import, and not needed where a database is used again.
        from pyarrow import parquet  # noqa: PLC0415 - as said

        try:
            for name in self.files[table]:
                with parquet.ParquetFile(self.path / name) as file:
                    yield from file.iter_batches(BATCH, columns=list(columns), use_threads=False)
        except (OSError, KeyError, ValueError) as error:
            message = f"table `{table}` of population `{self.path}` cannot be read"
            raise RegistryError(message, _AGAIN) from error


def _plain(column: Any) -> list[Any]:  # noqa: ANN401 - pyarrow is not imported here
    # What SQLite keeps of a day and of a flag: Python's own of each row takes ten times as long.
    kept = {"date32[day]": "string", "bool": "int8"}.get(str(column.type))
    values: list[Any] = (column if kept is None else column.cast(kept)).to_pylist()
    return values


def open_folder(path: Path) -> Folder:
    """The population in a folder; RegistryError where it is not a whole one."""
    manifest = _manifest(path)
    try:
        files = {str(name): (int(each["bytes"]), str(each["sha256"])) for name, each in manifest["files"].items()}
        # A name that is written otherwise may lead out of the folder.
        if wrong := [name for name in files if not _FILE_NAME.fullmatch(name)]:
            message = f"{wrong[0]!r} is not the name of a table's file"
            raise ValueError(message)  # noqa: TRY301 - told below, as everything that a manifest must not be
        tables: dict[str, list[str]] = {}
        counts: Counter[str] = Counter()
        for name, each in sorted(manifest["files"].items()):
            table = str(name).partition("/")[0]
            tables.setdefault(table, []).append(str(name))
            counts[table] += int(each["rows"])
        folder = Folder(path, str(manifest["digest"]), date.fromisoformat(manifest["as_of"]), tables, counts)
        layout = manifest["layout"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"the manifest of population `{path}` lacks what it must hold"
        raise RegistryError(message, _AGAIN) from error
    if layout != LAYOUT:
        message = f"population `{path}` has layout `{layout}`"
        raise RegistryError(message, f"this registry reads layout {LAYOUT}")
    if _digest(manifest) != folder.digest:
        message = f"the manifest of population `{path}` does not agree with its own digest"
        raise RegistryError(message, _AGAIN)
    hashed = sum(size for size, _ in files.values()) < HASHED_UP_TO
    for name, (size, digest) in files.items():
        _check(path, name, size, digest if hashed else None)
    return folder


def _digest(manifest: Mapping[str, Any]) -> str:
    """SHA-256 over everything else in a manifest, keys in order."""
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _manifest(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        message = f"there is no population folder at `{path}`"
        raise RegistryError(message, "make one with `overreach generate`")
    try:
        manifest = orjson.loads((path / "manifest.json").read_bytes())
    except FileNotFoundError as error:
        message = f"population `{path}` is not whole: it has no manifest.json"
        raise RegistryError(message, "run its `overreach generate` again: it goes on where it stopped") from error
    except orjson.JSONDecodeError as error:
        message = f"the manifest of population `{path}` is not JSON"
        raise RegistryError(message, _AGAIN) from error
    if not isinstance(manifest, dict):
        message = f"the manifest of population `{path}` is not an object"
        raise RegistryError(message, _AGAIN)
    return manifest


def _check(path: Path, name: str, size: int, digest: str | None) -> None:
    file = path / name
    if not file.is_file() or file.stat().st_size != size:
        message = f"population `{path}` is not whole: `{name}` is missing or not {size} bytes long"
        raise RegistryError(message, _AGAIN)
    if digest is not None:
        with file.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != digest:
                message = f"population `{path}` is not whole: `{name}` was changed after it was written"
                raise RegistryError(message, _AGAIN)
