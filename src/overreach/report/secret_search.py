"""Finding any of many secrets in bytes, at memory speed and in the encodings that reports use."""

from __future__ import annotations

import base64
import html
import json
from collections import defaultdict
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

_KEY = 4  # bytes of a secret that a first look compares, all positions at once
_BITS = 20
_MULTIPLIER = np.uint32(2654435761)  # Knuth's multiplicative hash
_BLOCK = 1 << 22


def encoded_forms(secret: str) -> set[bytes]:
    """How a secret may stand in a file: as it is, JSON, HTML or percent escaped, base64 or hexadecimal."""
    raw = secret.encode("utf-8", "replace")
    texts = {
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
        quote(secret, safe="", errors="replace"),
        raw.hex(),
    }
    # Whole characters of base64 do not depend on what follows; a short secret has too few to be telling.
    packed = base64.b64encode(raw).rstrip(b"=")[: len(raw) * 8 // 6]
    forms = {text.encode("utf-8", "replace") for text in texts} | {raw}
    return forms | {packed} if len(raw) >= 2 * _KEY else forms


class SecretFinder:
    """Says where secrets stand in bytes; the empty secret is nobody's and is left out."""

    def __init__(self, secrets: frozenset[str]) -> None:
        forms = {form for secret in secrets if secret for form in encoded_forms(secret)}
        self._short = sorted(form for form in forms if len(form) < _KEY)
        self._long: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for form in sorted(forms, key=lambda one: (-len(one), one)):
            if len(form) >= _KEY:
                self._long[form[:_KEY]].append(form)
        self.longest = max((len(form) for form in forms), default=0)
        self._table = np.zeros(1 << _BITS, dtype=np.bool_)
        if self._long:
            keys = np.frombuffer(b"".join(self._long), dtype="<u4")
            self._table[_slot(keys)] = True

    def spans(self, data: bytes) -> list[tuple[int, int]]:
        """Where secrets stand, as (start, end) without overlap, ascending."""
        found = [span for short in self._short for span in _occurrences(data, short)]
        for start in range(0, len(data), _BLOCK) if self._long else ():
            found += self._block(data, start)
        merged: list[tuple[int, int]] = []
        for begin, end in sorted(found):
            if merged and begin < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((begin, end))
        return merged

    def _block(self, data: bytes, start: int) -> list[tuple[int, int]]:
        view: NDArray[np.uint8] = np.frombuffer(data[start : start + _BLOCK + _KEY - 1], dtype=np.uint8)
        if len(view) < _KEY:
            return []
        places = len(view) - _KEY + 1
        keys = np.zeros(places, dtype=np.uint32)
        for offset in range(_KEY):
            keys |= view[offset : offset + places].astype(np.uint32) << np.uint32(8 * offset)
        found = []
        for place in np.flatnonzero(self._table[_slot(keys)]).tolist():
            at = start + place
            for form in self._long.get(data[at : at + _KEY], ()):
                if data.startswith(form, at):
                    found.append((at, at + len(form)))
                    break
        return found


def _slot(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    hashed: NDArray[np.uint32] = (keys * _MULTIPLIER) >> np.uint32(32 - _BITS)
    return hashed


def _occurrences(data: bytes, form: bytes) -> list[tuple[int, int]]:
    spans, at = [], data.find(form)
    while at >= 0:
        spans.append((at, at + len(form)))
        at = data.find(form, at + len(form))
    return spans
