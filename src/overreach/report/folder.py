"""The folder of one run: partial while it is written, sealed by a manifest and a rename when it is whole."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from overreach.model.errors import OverreachError
from overreach.report.leaks import refuse_leaks
from overreach.report.seal import MANIFEST, hash_folder, manifest_bytes
from overreach.report.storage import write_whole, writing

PARTIAL = ".partial"
OBSERVATIONS = "observations.jsonl.gz"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class ObservationWriter:
    """Streams observations to a gzip file, one JSON object a line; the same objects give the same bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            self._raw = path.open("wb")
            # No name and no time in the gzip header: the bytes depend on the observations alone.
            self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, mtime=0, compresslevel=6)
            self._stream = io.BufferedWriter(self._packed, buffer_size=1 << 16)
        self.count = 0

    def write(self, observation: Mapping[str, object]) -> None:
        """Add one observation; OverreachError where the disk is full or the object is not JSON."""
        try:
            line = json.dumps(observation, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError) as error:
            message = f"observation `{self.count + 1}` cannot be written as JSON: {error}"
            raise OverreachError(message, "give only text, numbers, lists and objects") from error
        self.write_line(line.encode() + b"\n")

    def write_line(self, line: bytes) -> None:
        """Add one observation that is a line of JSON already, with its line end."""
        with writing(self._path):
            self._stream.write(line)
        self.count += 1

    def close(self) -> None:
        """Finish the file; closing twice is harmless."""
        if self._raw.closed:
            return
        try:
            with writing(self._path):
                self._stream.flush()
                self._packed.close()
                self._raw.flush()
                os.fsync(self._raw.fileno())
        finally:
            self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class RunFolder:
    """A run that is being written: `runs/.ID.partial` until `seal` gives it a manifest and its name."""

    def __init__(self, runs: Path, run_id: str) -> None:
        self.runs, self.run_id = runs, run_id
        self.path = runs / f".{run_id}{PARTIAL}"
        self._observations: ObservationWriter | None = None

    @classmethod
    def create(cls, runs: Path, run_id: str) -> RunFolder:
        """Make the partial folder; OverreachError for an unusable id, or one that is taken."""
        if not _RUN_ID.fullmatch(run_id):
            message = f"`{run_id}` cannot name a run"
            raise OverreachError(message, "use up to 100 letters, digits, dots, dashes and underscores")
        folder = cls(runs, run_id)
        for taken in (folder.path, runs / run_id):
            if taken.exists() or taken.is_symlink():
                message = f"`{taken}` already exists"
                raise OverreachError(message, "choose another run id, or move that folder away")
        with writing(folder.path):
            folder.path.mkdir(parents=True)
        return folder

    def open_observations(self) -> ObservationWriter:
        """A writer for this run's observations; one a run."""
        if self._observations is not None:
            message = f"run `{self.run_id}` already has its observations open"
            raise OverreachError(message, "keep the first writer and share it")
        self._observations = ObservationWriter(self.path / OBSERVATIONS)
        return self._observations

    def seal(self, secrets: frozenset[str] = frozenset()) -> Path:
        """Write the manifest and give the folder its name; after that nothing in it changes.

        Nothing is sealed that holds one of `secrets` or something that looks like a credential
        (OverreachError that names the file); the folder then stays partial, and no command trusts it.
        """
        if self._observations is not None:
            self._observations.close()
        final = self.runs / self.run_id
        with writing(final):
            files = hash_folder(self.path)
            refuse_leaks(self.path, secrets)
        if not files:
            message = f"run `{self.run_id}` holds no file"
            raise OverreachError(message, "write the reports before sealing the run")
        write_whole(self.path / MANIFEST, manifest_bytes(self.run_id, files))
        with writing(final):
            if final.exists():  # rename would replace an empty folder without a word
                message = f"`{final}` already exists"
                raise OverreachError(message, "choose another run id, or move that folder away")
            self.path.rename(final)
        return final
