"""Encodings of bytes as text: base64, hex, percent, quoted-printable, HTML entities, JSON escapes, UTF-16, markup.

Escapes may be mixed with plain characters, so the whole text is rewritten wherever one of them occurs. Base64 and
hex come as words: only words long enough for a token are decoded, base64 at each of its four alignments, since a
word may begin before the encoded part does (`path/` and `id_` are in its alphabet).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from html.entities import html5
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from overreach.model.canary import LENGTH, LITERAL
from overreach.probe.decoding_compression import GZIP, ZSTD, Piece, headerless_pieces

_NEEDLE = LITERAL.encode()
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_SHORTEST_BASE64 = -(-LENGTH * 4 // 3)  # characters that one token takes
_SHORTEST_HEX = 2 * LENGTH
# Long words are searched for in a picture of the text, at memory speed: letters of base64's alphabet, and the rest.
_PICTURE = bytes(ord("w" if byte in _BASE64 else " ") for byte in range(256))
_LONG = b"w" * _SHORTEST_BASE64
_SHORTEST_LINE = 40  # base64 broken into lines, as in mail; 64 or 76 characters are usual
# One level of base64 of a token always holds a capital (the literal's own letters give one at each alignment), so
# shorter words without any are left alone; key names such as `sensitive_services` are the usual case.
_SURELY_NESTED = 30

_HEX = re.compile(rb"[0-9a-fA-F]{%d,}" % _SHORTEST_HEX)
_WRAPPED = re.compile(rb"(?:[A-Za-z0-9+/]{%d,100}[ \t]*\r?\n[ \t]*)+[A-Za-z0-9+/]+" % _SHORTEST_LINE)
_PRINTABLE = re.compile(rb"[\t\n\r -~]{%d,}" % LENGTH)
_PERCENT = re.compile(rb"%[0-9a-fA-F]{2}")
_QUOTED_PRINTABLE = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]*\r?\n)")
_ENTITY = re.compile(rb"&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,31})(?=;));?")
_ESCAPE = re.compile(rb'\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(["\'\\/bfnrt]))')
_PLAIN_OF = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_TAG = re.compile(rb"<[^<>]*>")

Reading: TypeAlias = tuple[str, bytes, re.Pattern[bytes], Callable[[bytes], bytes]]
"""Name, a byte that must occur, the pattern that must be found, the rewriting."""


def text_pieces(data: bytes, limit: int) -> Iterable[Piece]:
    """Every other reading of `data`; nothing for plain text without any encoding."""
    words = _telling_words(data)
    marks = [reading for reading in _READINGS if reading[1] in data]
    # For most answers that is all.
    return _other_readings(data, words, marks, limit) if words or marks or b"\0" in data else ()


def _other_readings(data: bytes, words: list[bytes], marks: list[Reading], limit: int) -> Iterator[Piece]:
    if b"\n" in data and any(len(word) >= _SHORTEST_LINE for word in words):
        for wrapped in _WRAPPED.findall(data):
            yield from _base64_pieces(b"".join(wrapped.split()), limit)
        words = _telling_words(_WRAPPED.sub(b" ", data))
    yield from _word_pieces(words, limit)
    if b"\0" in data and _is_wide(data):
        yield Piece("utf-16", data.replace(b"\0", b""))
    if not marks:
        return
    text = data if _is_text(data) else b"\n".join(_PRINTABLE.findall(data))
    for name, _, pattern, rewrite in marks:
        if pattern.search(text):
            rewritten = rewrite(text)
            if rewritten != text:
                yield Piece(name, rewritten)


def _telling_words(data: bytes) -> list[bytes]:
    """The words of base64's alphabet, each once, that `_word_pieces` may find something in."""
    picture = data.translate(_PICTURE)
    found: dict[bytes, None] = {}
    start = picture.find(_LONG)
    while start >= 0:
        end = picture.find(b" ", start)
        word = data[start:] if end < 0 else data[start:end]
        if len(word) >= _SHORTEST_HEX or not word.islower():
            found[word] = None
        start = -1 if end < 0 else picture.find(_LONG, end)
    return list(found)


def _is_wide(data: bytes) -> bool:
    """Whether three of four bytes at the even, or at the odd, places are zero: ASCII in UTF-16 or UTF-32."""
    return max(data[::2].count(0), data[1::2].count(0)) * 8 >= len(data) * 3


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _word_pieces(words: list[bytes], limit: int) -> Iterator[Piece]:
    for word in words:
        if len(word) >= _SHORTEST_HEX:
            yield from _hex_pieces(word)
        if len(word) >= _SURELY_NESTED or not word.islower():
            yield from _base64_pieces(word, limit)


def _hex_pieces(word: bytes) -> Iterator[Piece]:
    for match in _HEX.finditer(word):
        digits = match[0]
        for start in (0, 1):
            even = (len(digits) - start) & ~1
            decoded = binascii.unhexlify(digits[start : start + even])
            if _promises(decoded):
                yield Piece("hex", decoded)


def _base64_pieces(word: bytes, limit: int) -> Iterator[Piece]:
    standard = word.translate(_STANDARD)
    for start in range(4):
        digits = standard[start:]
        if len(digits) % 4 == 1:
            digits = digits[:-1]
        decoded = binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
        if _promises(decoded):
            yield Piece("base64", decoded)
        elif start == 0:
            for name, opened, fault in headerless_pieces(decoded, limit):
                yield Piece(f"base64, {name}", opened, fault)


def _promises(decoded: bytes) -> bool:
    """Whether decoded bytes may hold a token, as they are or further encoded; a wrong alignment hardly ever does."""
    return (
        _NEEDLE in decoded.lower()
        or _is_text(decoded)
        or GZIP in decoded
        or ZSTD in decoded
        or decoded[:1] == b"x"
        or b"PK\x03\x04" in decoded
        or b"\0" in decoded
        or _PRINTABLE.search(decoded) is not None
    )


def _unquote_printable(text: bytes) -> bytes:
    return _QUOTED_PRINTABLE.sub(lambda match: binascii.unhexlify(match[1] or b""), text)


def _character(code: int) -> bytes:
    """A character as bytes; below 256 as the byte of that number, since packed bytes may be written so."""
    return bytes((code,)) if code < 256 else chr(min(code, 0x10FFFF)).encode(errors="replace")  # noqa: PLR2004


def _unescape_entities(text: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        if match[3]:
            return html5.get(f"{match[3].decode()};", "?").encode()
        return _character(int(match[1], 16) if match[1] else int(match[2]))

    return _ENTITY.sub(plain, text)


def _unescape_json(text: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        digits = match[1] or match[2]
        return _character(int(digits, 16)) if digits else _PLAIN_OF.get(match[3], match[3])

    return _ESCAPE.sub(plain, text)


def _strip_tags(text: bytes) -> bytes:
    return _TAG.sub(b"", text)


_READINGS: tuple[Reading, ...] = (
    ("percent", b"%", _PERCENT, unquote_to_bytes),
    ("quoted-printable", b"=", _QUOTED_PRINTABLE, _unquote_printable),
    ("entity", b"&", _ENTITY, _unescape_entities),
    ("escape", b"\\", _ESCAPE, _unescape_json),
    ("markup", b"</", _TAG, _strip_tags),
)
