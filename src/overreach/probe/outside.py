"""The outside check: canaries that can be read beside the application, in backups, exports and its database.

Rung `outside` is observed, never computed: whoever holds the file holds what is readable in it.
"""

from __future__ import annotations

import base64
import gzip
import lzma
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from overreach.model.canary import LITERAL, TokenKind
from overreach.model.errors import PackError
from overreach.model.probe import Disclosure
from overreach.model.review import Control
from overreach.model.terms import Grade
from overreach.probe.anchors import tokens_in
from overreach.probe.decoding import Limits, unfold_bytes
from overreach.probe.outside_streams import BLOCK, Stream
from overreach.probe.owners import Owned, Owners, People

_NEEDLE = LITERAL.encode()
_LIMITS = Limits(depth=6, total=32 * BLOCK, layer=16 * BLOCK)  # for one block of a file


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A file that holds readable canaries."""

    path: str
    """Relative to the folder searched, with slashes."""
    bytes_read: int
    """Unpacked where it is packed."""
    tokens: tuple[tuple[TokenKind, int], ...]
    """How many different tokens of each kind."""
    example: Disclosure
    """The first one found: whose it is, which facet it proves, and where it stands."""


@dataclass(frozen=True, slots=True)
class OutsideResult:
    """What a folder held."""

    files: tuple[FileFinding, ...]
    """Those with readable canaries, by path."""
    bytes_read: int
    files_read: int
    unreadable: tuple[tuple[str, str], ...]
    """(path, reason) of what was not, or not wholly, searched; ignored files apart."""
    ignored: tuple[str, ...] = ()
    """Paths left out on request."""


def search_folder(population: People, folder: Path, ignore: Sequence[str] = ()) -> OutsideResult:
    """Search every file below `folder`, of any size; PackError where there is no such folder.

    `ignore` holds shell patterns of paths relative to the folder, for example `live/*.db`. Symbolic links are not
    followed, devices and pipes not opened: they are listed as unreadable.
    """
    if not folder.is_dir():
        message = f"folder `{folder}` does not exist"
        raise PackError(message, "name an existing folder for the outside check")
    owners = Owners(population)
    findings: list[FileFinding] = []
    unreadable: list[tuple[str, str]] = []
    ignored: list[str] = []
    total = count = 0
    for path, fault in _files(folder):
        name = path.relative_to(folder).as_posix()
        if any(fnmatch(name, pattern) for pattern in ignore):
            ignored.append(name)
        elif fault:
            unreadable.append((name, fault))
        else:
            search = _Search(owners, path, name)
            unreadable += [(name, each) for each in search.run()]
            total, count = total + search.bytes_read, count + 1
            if search.example is not None:
                kinds = tuple((kind, found.count) for kind, found in search.found.items())
                findings.append(FileFinding(name, search.bytes_read, kinds, search.example))
    return OutsideResult(tuple(findings), total, count, tuple(unreadable), tuple(ignored))


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """(path, why it cannot be read) of everything below a folder that is not a folder itself, in order."""
    faults: list[tuple[Path, str]] = []
    for where, folders, names in os.walk(folder, onerror=lambda error: faults.append(_unlisted(folder, error))):
        folders.sort()
        links = [name for name in folders if (Path(where) / name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(where) / name
            mode = path.lstat().st_mode
            fault = "symbolic link, not followed" if stat.S_ISLNK(mode) else "" if stat.S_ISREG(mode) else "not a file"
            yield path, fault
    yield from faults


def _unlisted(folder: Path, error: OSError) -> tuple[Path, str]:
    return Path(error.filename or folder), "folder cannot be listed"


class _Distinct:
    """How many different row numbers were seen, one bit each: eleven million take 1.4 MB."""

    def __init__(self) -> None:
        self.count = 0
        self._bits = bytearray()

    def add(self, row: int) -> None:
        place, bit = row >> 3, 1 << (row & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits) + (len(self._bits) >> 1)))
        if not self._bits[place] & bit:
            self._bits[place] |= bit
            self.count += 1


class _Search:
    """The search of one file."""

    def __init__(self, owners: Owners, path: Path, name: str) -> None:
        self.bytes_read = 0
        self.found: dict[TokenKind, _Distinct] = {}
        self.example: Disclosure | None = None
        self._owners = owners
        self._path = path
        self._name = name

    def run(self) -> list[str]:
        """Search the file and its name; what could not be read, in words."""
        stream = Stream(self._path)
        cuts: dict[str, None] = {}
        self._take(self._name.encode(errors="replace"), "file name")
        try:
            for where, data, first in stream.blocks():
                cut = self._take(data, f"{self._name}, {where}" if where else self._name)
                if first and cut:
                    cuts[cut] = None
        except OSError as error:
            cuts[error.strerror.lower() if error.strerror else "cannot be read"] = None
        self.bytes_read = stream.bytes_read
        return [*cuts, *stream.faults]

    def _take(self, data: bytes, where: str) -> str:
        unfolded = unfold_bytes(data, where, _LIMITS)
        for layer in unfolded.layers:
            lowered = layer.data.lower()
            if _NEEDLE in lowered:
                for token in tokens_in(lowered.decode("latin-1")):
                    owned = self._owners.of(token)
                    if owned is not None:
                        self._book(owned, layer.where)
        return unfolded.cut

    def _book(self, owned: Owned, where: str) -> None:
        self.found.setdefault(owned.kind, _Distinct()).add(owned.row)
        if self.example is None:
            child, *others = owned.children
            self.example = Disclosure(child, owned.facet, Grade.TOKEN, where, tuple(others))


def self_test(population: People) -> Control:
    """Plant a token of the population in a temporary folder, plain and encoded: every file must be found.

    One file holds nothing and must not be. The control fails where the population has no first record.
    """
    token = population.minter.mint(TokenKind.RECORD, 0)
    with tempfile.TemporaryDirectory(prefix="overreach-self-test-") as name:
        folder = Path(name)
        planted = _plant(folder, token)
        (folder / "nothing.bin").write_bytes(bytes(range(256)) * 64)
        result = search_folder(population, folder)
    found = {finding.path for finding in result.files}
    missed = sorted(planted - found)
    wrong = sorted(found - planted)
    detail = f"{len(planted & found)} of {len(planted)} planted canaries found"
    if missed or wrong:
        detail += f"; missed: {', '.join(missed) or 'none'}; found where there is none: {', '.join(wrong) or 'none'}"
    return Control("outside self-test", not missed and not wrong and not result.unreadable, detail)


def _plant(folder: Path, token: str) -> set[str]:
    row = f'{{"number": "{token}", "note": "synthetic"}}\n'.encode()
    files = {
        "plain.json": row,
        "capitals.csv": token.upper().encode() + b",1\n",
        "border.txt": b"." * (BLOCK - 5) + row,
        "base64.txt": base64.b64encode(b"#" + row),
        "hex.txt": row.hex().encode(),
        "percent.txt": "".join(f"%{byte:02x}" for byte in row).encode(),
        "utf16.csv": row.decode().encode("utf-16"),
        "dump.sql.gz": gzip.compress(row, mtime=0),
        "dump.xz": lzma.compress(row),
        "twice.bin": base64.b64encode(gzip.compress(base64.b64encode(row), mtime=0)),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("children.csv.gz", files["dump.sql.gz"])
    return {*files, "export.zip"}
