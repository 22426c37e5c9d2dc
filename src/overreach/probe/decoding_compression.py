"""Opens compressed bytes that nobody vouches for: in small steps, up to a limit, keeping what came before a fault.

Nothing here raises on bad input. A stream that ends early, is damaged or is larger than the limit gives the part
that could be read together with the fault in words.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import brotli  # type: ignore[import-untyped]  # ships no types
import zstandard

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"

_STEP = 1 << 14  # bytes of zlib input at a time: what is lost at a damaged place is at most one step
_STEP_ZSTD = 256  # at most 85 blocks of 128 KiB come out of one step
_STEP_BROTLI = 16  # at most two metablocks of 16 MiB come out of one step
_WINDOW = 1 << 27  # largest zstd window accepted, bytes

CUT_SHORT = "ends early"
DAMAGED = "is damaged"
TOO_LARGE = "is larger than what is read"


class Piece(NamedTuple):
    """Bytes found inside other bytes."""

    name: str
    """How they were packed: `gzip`, `base64`, `zip member a.csv`."""
    data: bytes
    fault: str = ""
    """Why this is not all of it; empty where it is."""


class Opened(NamedTuple):
    """The outcome of opening one stream."""

    data: bytes
    fault: str
    """Empty where the whole stream was read."""
    rest: bytes
    """What follows the stream."""


def _inflate(data: bytes, window: int, limit: int) -> Opened:
    opener = zlib.decompressobj(window)
    out = bytearray()
    try:
        for start in range(0, len(data), _STEP):
            out += opener.decompress(data[start : start + _STEP], limit + 1 - len(out))
            if len(out) > limit:
                return Opened(bytes(out[:limit]), TOO_LARGE, b"")
            if opener.eof:
                return Opened(bytes(out), "", opener.unused_data + data[start + _STEP :])
    except zlib.error:
        return Opened(bytes(out), DAMAGED, b"")
    return Opened(bytes(out), CUT_SHORT, b"")


def gunzip(data: bytes, limit: int) -> Opened:
    """All members of a gzip stream that starts at the first byte, together at most `limit` bytes."""
    parts: list[bytes] = []
    opened = Opened(b"", "", data)
    while opened.rest.startswith(GZIP) or not parts:
        opened = _inflate(opened.rest, 31, limit - sum(map(len, parts)))
        parts.append(opened.data)
        if opened.fault:
            break
    return Opened(b"".join(parts), opened.fault, opened.rest)


def inflate(data: bytes, limit: int) -> Opened:
    """A `deflate` stream: with the zlib header that HTTP asks for, or without, as some servers send it."""
    wrapped = _inflate(data, 15, limit)
    return wrapped if wrapped.fault in ("", TOO_LARGE) or wrapped.data else inflate_raw(data, limit)


def inflate_raw(data: bytes, limit: int) -> Opened:
    """A deflate stream without any header, as ZIP members are."""
    return _inflate(data, -15, limit)


def unbrotli(data: bytes, limit: int) -> Opened:
    """A Brotli stream; bytes after its end count as damage, since the format cannot tell them apart."""
    opener = brotli.Decompressor()
    out = bytearray()
    try:
        for start in range(0, len(data), _STEP_BROTLI):
            out += opener.process(data[start : start + _STEP_BROTLI])
            if len(out) > limit:
                return Opened(bytes(out[:limit]), TOO_LARGE, b"")
    except brotli.error:
        return Opened(bytes(out), DAMAGED, b"")
    return Opened(bytes(out), "" if opener.is_finished() else CUT_SHORT, b"")


def unzstd(data: bytes, limit: int) -> Opened:
    """All Zstandard frames from the first byte on, together at most `limit` bytes."""
    out = bytearray()
    rest = data
    try:
        while rest.startswith(ZSTD):
            opener = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
            for start in range(0, len(rest), _STEP_ZSTD):
                out += opener.decompress(rest[start : start + _STEP_ZSTD])
                if len(out) > limit:
                    return Opened(bytes(out[:limit]), TOO_LARGE, b"")
                if opener.eof:
                    break
            if not opener.eof:
                return Opened(bytes(out), CUT_SHORT, b"")
            rest = opener.unused_data + rest[start + _STEP_ZSTD :]
    except zstandard.ZstdError:
        return Opened(bytes(out), DAMAGED, b"")
    return Opened(bytes(out), "" if len(rest) < len(data) else DAMAGED, rest)


#: Content codings of RFC 9110 and RFC 8878, with the registered alias.
CODINGS: dict[str, Callable[[bytes, int], Opened]] = {
    "gzip": gunzip,
    "x-gzip": gunzip,
    "deflate": inflate,
    "br": unbrotli,
    "zstd": unzstd,
}


def compressed_pieces(data: bytes, limit: int) -> Iterator[Piece]:
    """What opens at a magic number anywhere in `data`; at its first byte, also zlib.

    A stream that fails is reported at the first byte only: elsewhere the magic number may be chance.
    """
    for magic, name, opener in ((GZIP, "gzip", gunzip), (ZSTD, "zstd", unzstd)):
        place = data.find(magic)
        while place >= 0:
            opened = opener(data[place:], limit)
            if opened.data or place == 0:
                yield Piece(name, opened.data, opened.fault if place == 0 else "")
            if not opened.fault:
                place = len(data) - len(opened.rest) - 1
            place = data.find(magic, place + 1)
    if data[:1] == b"x" and int.from_bytes(data[:2], "big") % 31 == 0:
        opened = _inflate(data, 15, limit)
        if opened.data:
            yield Piece("deflate", opened.data, "" if opened.fault == DAMAGED else opened.fault)


def headerless_pieces(data: bytes, limit: int) -> Iterator[Piece]:
    """Formats without a magic number: tried, and believed only where they end exactly with the data as text."""
    for name, opener in (("br", unbrotli), ("deflate", inflate_raw)):
        opened = opener(data, limit)
        if opened.data and opened.fault in ("", TOO_LARGE) and not opened.rest:
            yield Piece(name, opened.data, opened.fault)
