"""Opens containers: ZIP (hence XLSX and DOCX) and PDF, without trusting their directories.

What cannot be opened (a password, an unknown method, a member that is damaged or too large) is a fault of that
piece, never silence.
"""

from __future__ import annotations

import base64
import binascii
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator

from overreach.probe.decoding_compression import CUT_SHORT, DAMAGED, TOO_LARGE, Piece, inflate, inflate_raw

ZIP = b"PK\x03\x04"
PDF = b"%PDF-"

_LOCAL_HEADER = 30  # bytes before the member's name
_ENCRYPTED = 0x1
FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)

_STREAM = re.compile(rb"stream\r?\n")
_END = b"endstream"
_DICTIONARY = 600  # bytes before a stream in which its filters stand
_FILTER = re.compile(rb"/(FlateDecode|ASCII85Decode|ASCIIHexDecode|Fl|A85|AHx)\b")
_STRING = re.compile(rb"\(((?:[^()\\]|\\.|\([^()]*\))*)\)|<([0-9A-Fa-f\s]{2,})>", re.DOTALL)
_OCTAL = re.compile(rb"\\([0-7]{1,3})")
_BACKSLASH = re.compile(rb"\\(?:\r?\n|(.))", re.DOTALL)


def zip_pieces(data: bytes, limit: int) -> Iterator[Piece]:
    """Names and members of a ZIP archive, wherever in `data` it starts; each member at most `limit` bytes."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except FAILURES:
        yield from _salvaged(data, limit)
        return
    with archive:
        members = archive.infolist()
        yield Piece("zip names", "\n".join(member.filename for member in members).encode(errors="replace"))
        for member in members:
            if not member.is_dir():
                yield _member(archive, member, limit)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> Piece:
    name = f"zip member {shown(member.filename)}"
    if member.flag_bits & _ENCRYPTED:
        return Piece(name, b"", "is encrypted")
    out = bytearray()
    try:
        with archive.open(member) as stream:
            while len(out) <= limit and (block := stream.read(min(1 << 16, limit + 1 - len(out)))):
                out += block
    except FAILURES:
        return Piece(name, bytes(out), DAMAGED)
    return Piece(name, bytes(out[:limit]), TOO_LARGE if len(out) > limit else "")


def _salvaged(data: bytes, limit: int) -> Iterator[Piece]:
    """Members of an archive without its directory (the end is missing), from their local headers."""
    start = data.find(ZIP)
    found = False
    while start >= 0 and start + _LOCAL_HEADER <= len(data):
        method = int.from_bytes(data[start + 8 : start + 10], "little")
        name_length = int.from_bytes(data[start + 26 : start + 28], "little")
        extra_length = int.from_bytes(data[start + 28 : start + 30], "little")
        name = data[start + _LOCAL_HEADER :][:name_length].decode(errors="replace")
        opened = inflate_raw(data[start + _LOCAL_HEADER + name_length + extra_length :], limit)
        if method == zipfile.ZIP_DEFLATED and opened.data:
            yield Piece(f"zip member {shown(name)}", opened.data, opened.fault)
            found = True
        start = data.find(ZIP, start + 4)
    if found or data.startswith(ZIP):
        yield Piece("zip", b"", CUT_SHORT)


def pdf_pieces(data: bytes, limit: int) -> Iterator[Piece]:
    """Streams of a PDF after their filters, and the text that its operators show, joined over kerning.

    Flate, ASCII85 and ASCIIHex are opened. Fonts with a private encoding need their `ToUnicode` map, which is
    applied by `pdf_mapped_text`.
    """
    if b"/Encrypt" in data:
        yield Piece("pdf", b"", "is encrypted")
    contents = []
    for match in _STREAM.finditer(data):
        end = data.find(_END, match.end())
        raw = data[match.end() : end if end >= 0 else len(data)]
        head = data[max(0, match.start() - _DICTIONARY) : match.start()].rpartition(b" obj")[2]
        content, fault = _filtered(raw, head, limit)
        contents.append(content)
        if content != raw or fault:
            yield Piece("pdf stream", content, fault or ("" if end >= 0 else CUT_SHORT))
    text = b"\n".join(shown_text(content) for content in contents)
    yield Piece("pdf text", text)
    mapped = pdf_mapped_text(contents)
    if mapped:
        yield Piece("pdf text", mapped)


def _filtered(raw: bytes, head: bytes, limit: int) -> tuple[bytes, str]:
    content, fault = raw, ""
    for name in _FILTER.findall(head):
        try:
            if name in (b"ASCII85Decode", b"A85"):
                content = base64.a85decode(content.strip().removeprefix(b"<~").removesuffix(b"~>"))
            elif name in (b"ASCIIHexDecode", b"AHx"):
                content = binascii.unhexlify(b"".join(content.rstrip(b"\r\n >").split()))
            else:
                opened = inflate(content, limit)
                content, fault = opened.data, opened.fault
        except ValueError:
            return content, DAMAGED
    return content, fault


def _operands(content: bytes) -> Iterator[bytes]:
    for match in _STRING.finditer(content):
        if match[2] is not None:
            digits = b"".join(match[2].split())
            yield binascii.unhexlify(digits + b"0" * (len(digits) % 2))
        else:
            octal = _OCTAL.sub(lambda code: bytes((int(code[1], 8) & 0xFF,)), match[1])
            yield _BACKSLASH.sub(lambda escape: escape[1] or b"", octal)


def shown_text(content: bytes) -> bytes:
    """All strings of a content stream, one after the other: kerning splits words into several strings."""
    return b"".join(_operands(content))


_MAPPING = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_CODES = re.compile(rb"<([0-9A-Fa-f]+)>")
_WIDEST_RANGE = 1 << 16


def pdf_mapped_text(contents: list[bytes]) -> bytes:
    """The text of two-byte fonts, each content stream read with each `ToUnicode` map of the document."""
    maps = [mapping for mapping in map(_unicode_map, contents) if mapping]
    lines = []
    for mapping in maps:
        for content in contents:
            codes = shown_text(content)
            text = [mapping.get(codes[at : at + 2], "") for at in range(0, len(codes), 2)]
            lines.append("".join(text))
    return "\n".join(lines).encode(errors="replace")


def _unicode_map(content: bytes) -> dict[bytes, str]:
    mapping: dict[bytes, str] = {}
    for kind, body in _MAPPING.findall(content):
        codes = [binascii.unhexlify(code + b"0" * (len(code) % 2)) for code in _CODES.findall(body)]
        if kind == b"char":
            pairs = zip(codes[::2], codes[1::2], strict=False)
            mapping.update({code: text.decode("utf-16-be", "replace") for code, text in pairs})
            continue
        for first, last, text in zip(codes[::3], codes[1::3], codes[2::3], strict=False):
            low, base = int.from_bytes(first, "big"), int.from_bytes(text, "big")
            span = min(int.from_bytes(last, "big") - low, _WIDEST_RANGE)
            for step in range(span + 1):
                if base + step < _WIDEST_RANGE:
                    mapping[(low + step).to_bytes(4, "big")[-len(first) :]] = chr(base + step)
    return mapping


def shown(name: str) -> str:
    """A member's name as a report may show it: printable, at most 60 characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:60])
