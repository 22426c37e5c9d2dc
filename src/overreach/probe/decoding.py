"""Turns an answer into the layers of bytes in which a canary token may stand.

The usual answer, plain JSON, is one layer and costs a few microseconds. Whatever looks compressed, encoded or
packed is opened, and what comes out is looked at in the same way, down to `Limits.depth`. Limits on bytes and
layers keep decompression bombs harmless; whatever they cut off is said in `Unfolded.cut`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from overreach.model.canary import LITERAL
from overreach.model.probe import Answer
from overreach.probe.decoding_compression import CODINGS, Piece, compressed_pieces, headerless_pieces
from overreach.probe.decoding_containers import PDF, ZIP, pdf_pieces, zip_pieces
from overreach.probe.decoding_text import text_pieces


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an answer is unfolded."""

    depth: int = 8
    """Encodings inside one another."""
    total: int = 64 << 20
    """Bytes of all layers of an answer together."""
    layer: int = 16 << 20
    """Bytes of one layer."""
    layers: int = 8192
    """Layers of one answer."""


LIMITS = Limits()

_NEEDLE = LITERAL.encode()
_PLAIN_LAYERS = 2  # of a plain answer: headers and body
_MAY_BE_PACKED = (b"x", b'"')  # how zlib's streams begin, or a text that holds one


class Layer(NamedTuple):
    """Bytes to search, and where in the answer they stand."""

    where: str
    """`body`, `header X-Location`, `cookie id`, `body, gzip, base64`."""
    data: bytes


class Unfolded(NamedTuple):
    """An answer, opened."""

    layers: tuple[Layer, ...]
    """Headers first, then the body, then what was found inside; no two with the same bytes."""
    body: bytes
    """After content decoding."""
    cut: str = ""
    """What could not be read and why, in words; empty where everything was."""
    plain: int = 0
    """How many of the layers, from the first on, stand in the answer as they are."""

    @property
    def inside(self) -> tuple[bytes, ...]:
        """The bytes that only showed after opening something."""
        return tuple(layer.data for layer in self.layers[self.plain :])


def unfold(answer: Answer, limits: Limits = LIMITS) -> Unfolded:
    """Every layer of an answer: values and names of its headers, its body, and whatever they hold."""
    head, body = _plain_head(answer.headers), answer.body
    if head is not None and _is_plain(body, limits) and len(head) + len(body) <= limits.total and not answer.error:
        # Nearly every answer: headers and a body in which nothing is to be opened.
        layers = Layer("headers", head), Layer("body", body)
        return Unfolded(layers if body else layers[:1], body, "", len(layers) if body else 1)
    unfolding = _Unfolding(limits)
    if answer.error:
        unfolding.cuts[f"no whole answer: {answer.error}"] = None
    unfolding.put_headers(answer.headers)
    coding = answer.header("content-encoding")
    if coding and body:
        unfolding.end_plain()
        body = unfolding.uncode(body, coding)
    unfolding.put(Layer("body", body))
    return unfolding.finish(body)


def unfold_bytes(data: bytes, where: str, limits: Limits = LIMITS) -> Unfolded:
    """Every layer of some bytes that are not an answer: a request as sent, a block of a file."""
    if data and _is_plain(data, limits):
        return Unfolded((Layer(where, data),), data, "", 1)
    unfolding = _Unfolding(limits)
    unfolding.put(Layer(where, data))
    return unfolding.finish(data)


class _Unfolding:
    """The state of one unfolding: what was found, what is still to be looked at, what was cut."""

    def __init__(self, limits: Limits) -> None:
        self.cuts: dict[str, None] = {}
        self._limits = limits
        self._layers: list[Layer] = []
        self._seen: set[bytes] = set()
        self._room = limits.total
        self._plain: int | None = None
        self._first = 0  # of the layers that are still to be opened

    def put(self, layer: Layer) -> None:
        """Add a layer unless its bytes are known or there is no room for them."""
        data = layer.data
        if not data or data in self._seen:
            return
        if len(data) > self._room or len(self._layers) >= self._limits.layers:
            self.cuts["the answer holds more than what is read"] = None
            data = data[: self._room]
            if not data or len(self._layers) >= self._limits.layers:
                return
            layer = Layer(layer.where, data)
        self._room -= len(data)
        self._seen.add(data)
        self._layers.append(layer)

    def put_headers(self, headers: tuple[tuple[str, str], ...]) -> None:
        """Add the headers: as one layer where nothing is in them, else each with its own place."""
        joined = "\n".join([f"{name}: {value}" for name, value in headers]).encode(errors="replace")
        if _NEEDLE not in joined.lower() and next(iter(self._pieces(joined)), None) is None:
            self.put(Layer("headers", joined))
            self._first = len(self._layers)
            return
        for name, value in headers:
            self.put(Layer(_header_place(name, value), value.encode(errors="replace")))
        self.put(Layer("header names", "\n".join(name for name, _ in headers).encode(errors="replace")))

    def end_plain(self) -> None:
        """From here on, layers are what was opened."""
        if self._plain is None:
            self._plain = len(self._layers)

    def uncode(self, body: bytes, coding: str) -> bytes:
        """The body after content decoding; as it is, with a cut, where it is not what its header says."""
        for name in reversed([part.strip().lower() for part in coding.split(",")]):
            if name in ("identity", ""):
                continue
            opener = CODINGS.get(name)
            if opener is None:
                self.cuts[f"content coding `{name}` cannot be read"] = None
                return body
            opened = opener(body, self._limits.layer)
            if opened.fault:
                self.cuts[f"body, {name}: {opened.fault}"] = None
                self.put(Layer(f"body, {name}", opened.data))
                return body
            self.put(Layer(f"body, after {name}", opened.rest))
            body = opened.data
        return body

    def finish(self, body: bytes) -> Unfolded:
        """Open layer after layer until nothing new comes out."""
        self.end_plain()
        for depth in range(self._limits.depth + 1):
            last = len(self._layers)
            for layer in self._layers[self._first : last]:
                for name, data, fault in self._pieces(layer.data):
                    where = f"{layer.where}, {name}"
                    if depth == self._limits.depth:
                        self.cuts[f"{where}: nested more than {depth} deep"] = None
                        continue
                    if fault:
                        self.cuts[f"{where}: {fault}"] = None
                    self.put(Layer(where, data))
            self._first = last
            if last == len(self._layers):
                break
        return Unfolded(tuple(self._layers), body, "; ".join(list(self.cuts)[:5]), self._plain or 0)

    def _pieces(self, data: bytes) -> Iterable[Piece]:
        limit = min(self._limits.layer, self._room + 1)
        return text_pieces(data, limit) if _is_only_text(data) else self._packed_pieces(data, limit)

    def _packed_pieces(self, data: bytes, limit: int) -> Iterator[Piece]:
        binary = not data.isascii()
        # Formats that are only recognised as a whole may stand in quotes, in as many as there were texts within texts.
        whole = data
        while len(whole) > 1 and whole[:1] == b'"' == whole[-1:]:
            whole = whole[1:-1]
        if binary or whole[:1] == b"x":
            yield from compressed_pieces(whole, limit)
        if ZIP in data:
            yield from zip_pieces(data, limit)
        if PDF in data:
            yield from pdf_pieces(data, limit)
        if binary and not _is_utf8(data):
            yield from headerless_pieces(whole, limit)
        yield from text_pieces(data, limit)


def _plain_head(headers: tuple[tuple[str, str], ...]) -> bytes | None:
    """Headers in one piece; None where something may be in one of them, or where there are none."""
    lines = []
    for name, value in headers:
        line = _plain_line(name, value)
        if line is None:
            return None
        lines.append(line)
    # No reading of plain lines goes beyond the end of one.
    return b"\n".join(lines) or None


@lru_cache(maxsize=4096)
def _plain_line(name: str, value: str) -> bytes | None:
    """A header as it came; None where something may be in it, or in the body because of it."""
    line = f"{name}: {value}".encode(errors="replace")
    plain = _NEEDLE not in line.lower() and _is_only_text(line) and not text_pieces(line, 0)
    return line if plain and b"\n" not in line and name.lower() != "content-encoding" else None


def _is_plain(data: bytes, limits: Limits) -> bool:
    """Whether there is surely nothing to be opened in some bytes, and room for them."""
    if len(data) > min(limits.layer, limits.total) or limits.layers < _PLAIN_LAYERS:
        return False
    return _is_only_text(data) and not text_pieces(data, 0)


def _is_only_text(data: bytes) -> bool:
    """Whether bytes are surely neither compressed nor a container."""
    return data.isascii() and data[:1] not in _MAY_BE_PACKED and ZIP not in data and PDF not in data


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _header_place(name: str, value: str) -> str:
    lowered = name.lower()
    if lowered == "set-cookie":
        return f"cookie {value.partition('=')[0].strip()}"
    if lowered == "location":
        return "redirect"
    return "file name" if lowered == "content-disposition" else f"header {name}"
