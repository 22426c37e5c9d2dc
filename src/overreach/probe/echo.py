"""What a request brought itself: it proves nothing when it comes back."""

from __future__ import annotations

from collections.abc import Iterable

from overreach.model.canary import LITERAL
from overreach.probe.anchors import Place, tokens_in
from overreach.probe.decoding import Layer, unfold_bytes

_NEEDLE = LITERAL.encode()


class Echo:
    """What a request brought itself, read once per answer and only as far as needed."""

    def __init__(self, sent: str | bytes) -> None:
        self._sent = sent
        self._layers: tuple[Layer, ...] | None = None
        self._text: str | None = None
        self._tokens: frozenset[str] | None = None

    @property
    def tokens(self) -> frozenset[str]:
        """Whatever has the form of a token in it."""
        if self._tokens is None:
            self._tokens = frozenset(tokens_of(self._unfolded()))
        return self._tokens

    def _unfolded(self) -> tuple[Layer, ...]:
        if self._layers is None:
            data = self._sent.encode(errors="replace") if isinstance(self._sent, str) else self._sent
            self._layers = unfold_bytes(data, "request").layers
        return self._layers

    def brought(self, value: str) -> bool:
        """Whether a value, trimmed and in lower case, stands in the request as a word of its own."""
        text = self._text
        if text is None:
            texts = [layer.data.decode(errors="replace") for layer in self._unfolded()]
            text = self._text = " \n ".join([*texts, *(text.replace("+", " ") for text in texts)]).casefold()
        start = text.find(value)
        while start >= 0:
            end = start + len(value)
            if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
                return True
            start = text.find(value, start + 1)
        return False


def tokens_of(layers: Iterable[Layer]) -> dict[str, str | Place]:
    """Token -> the first layer that holds it."""
    found: dict[str, str | Place] = {}
    for where, data in layers:
        lowered = data.lower()
        if _NEEDLE in lowered:
            for token in tokens_in(lowered.decode("latin-1")):
                found.setdefault(token, where)
    return found
