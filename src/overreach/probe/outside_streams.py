"""Reads files of any size as streams of bytes, unpacked where they are packed, without trusting them.

A file is read in blocks that overlap, so that nothing is missed at a border and memory stays small. gzip, bzip2, xz
and Zstandard are unpacked as streams inside one another; a ZIP archive member by member.
"""

from __future__ import annotations

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from overreach.probe.decoding_compression import GZIP, ZSTD
from overreach.probe.decoding_containers import FAILURES, ZIP, shown

BLOCK = 1 << 20
"""Bytes searched at a time."""
OVERLAP = 1 << 12
"""Bytes searched again with the next block: more than a token takes in eight encodings inside one another."""
DEPTH = 4
"""Packed streams inside one another; deeper ones are searched as far as they fit in a block."""
LARGEST = 64 << 30
"""Bytes read of one file, unpacked; what goes on beyond is said to be unreadable."""

_STEP = 512  # packed bytes given to a decompressor at once: its output stays within tens of megabytes
_MAGIC_LENGTH = 6
_EMPTY_ZIP = b"PK\x05\x06"

#: Magic number -> a decompressor with `decompress`, `eof` and `unused_data`.
_OPENERS: dict[bytes, tuple[str, Callable[[], Any]]] = {
    GZIP: ("gzip", lambda: zlib.decompressobj(31)),
    b"BZh": ("bzip2", bz2.BZ2Decompressor),
    b"\xfd7zXZ\x00": ("xz", lzma.LZMADecompressor),
    ZSTD: ("zstd", lambda: zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()),
}
_DAMAGE = (*FAILURES, zstandard.ZstdError)


class Block(NamedTuple):
    """A piece of a file."""

    where: str
    """How it is packed: `gzip`, `zip member a.csv, gzip`; empty for not at all."""
    data: bytes
    first: bool
    """Whether its stream starts with it."""


class Stream:
    """One file as blocks; `faults` says, after reading, what could not be read."""

    def __init__(self, path: Path) -> None:
        self.faults: list[str] = []
        self.bytes_read = 0
        self._path = path

    def blocks(self) -> Iterator[Block]:
        """Every block; a fault ends the stream it stands in and is noted. OSError if the file cannot be opened."""
        with self._path.open("rb") as file:
            magic = file.read(_MAGIC_LENGTH)
            file.seek(0)
            if magic.startswith((ZIP, _EMPTY_ZIP)) and zipfile.is_zipfile(file):
                yield from self._members()
                return
            file.seek(0)
            yield from self._opened(_chunks(file.read), "", 0)

    def _members(self) -> Iterator[Block]:
        try:
            with zipfile.ZipFile(self._path) as archive:
                for member in archive.infolist():
                    name = f"zip member {shown(member.filename)}"
                    yield Block("zip names", member.filename.encode(errors="replace"), first=True)
                    try:
                        with archive.open(member) as stream:
                            yield from self._opened(_chunks(stream.read), name, 1)
                    except FAILURES as error:
                        self.faults.append(f"{name}: {_reason(error)}")
        except FAILURES as error:
            self.faults.append(f"zip: {_reason(error)}")

    def _opened(self, chunks: Iterator[bytes], where: str, depth: int) -> Iterator[Block]:
        head = next(chunks, b"")
        opener = next((name for name in _OPENERS if head.startswith(name)), None)
        chunks = _chain(head, chunks)
        if opener is None or depth >= DEPTH:
            yield from self._cut_up(chunks, where)
            return
        name, make = _OPENERS[opener]
        where = f"{where}, {name}" if where else name
        yield from self._opened(self._unpacked(chunks, make, where), where, depth + 1)

    def _unpacked(self, chunks: Iterator[bytes], make: Callable[[], Any], where: str) -> Iterator[bytes]:
        """What the members of a packed stream hold, one after the other; zeros may pad its end."""
        opener = make()
        try:
            for chunk in chunks:
                for start in range(0, len(chunk), _STEP):
                    packed = chunk[start : start + _STEP]
                    while packed.strip(b"\0") or (packed and not opener.eof):
                        if opener.eof:
                            opener = make()
                        yield opener.decompress(packed)
                        packed = opener.unused_data if opener.eof else b""
        except _DAMAGE as error:
            self.faults.append(f"{where}: {_reason(error)}")
            return
        if not opener.eof:
            self.faults.append(f"{where}: ends early")

    def _cut_up(self, chunks: Iterator[bytes], where: str) -> Iterator[Block]:
        """Blocks of `BLOCK` bytes and what came just before each."""
        window = bytearray()
        fresh, first = 0, True
        for chunk in chunks:
            window += chunk
            fresh += len(chunk)
            self.bytes_read += len(chunk)
            if fresh >= BLOCK:
                yield Block(where, bytes(window), first)
                del window[:-OVERLAP]
                fresh, first = 0, False
            if self.bytes_read > LARGEST:
                self.faults.append(f"{where or 'file'}: goes on beyond {LARGEST} bytes")
                return
        if fresh:
            yield Block(where, bytes(window), first)


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(1 << 16):
        yield chunk


def _chain(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from chunks


def _reason(error: Exception) -> str:
    if isinstance(error, RuntimeError) and "password" in str(error):
        return "is encrypted"
    return "uses an unknown method" if isinstance(error, NotImplementedError) else "is damaged"
