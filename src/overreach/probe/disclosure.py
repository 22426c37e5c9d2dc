"""What an answer disclosed of whom: tokens anywhere in its bytes, and values anchored by them.

The rules, in order:

1. A token proves the facet it is planted in for the children it belongs to, and that they have a record. A record
   number also proves identity.
2. What the request itself sent proves nothing when it comes back, except that a record number or another token of
   one child alone still says whose object it stands in.
3. A value at a path of the operation is its child's if it equals one of the child's values and stands in the
   object that holds the child's token (`anchors`).
4. A postcode of the child asked about, found anywhere else, is a lead and never more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from overreach.model.canary import LITERAL, TokenKind
from overreach.model.probe import Answer, Disclosure
from overreach.model.terms import Facet, Grade
from overreach.probe.anchors import (
    Json,
    Occurrence,
    Place,
    Value,
    anchored,
    normal,
    occurrences,
    path_of,
    steps_of,
    tokens_in,
    values,
)
from overreach.probe.decoding import LIMITS, Layer, Limits, unfold, unfold_bytes
from overreach.probe.owners import REMEMBERED, Owned, Owners, People

_NEEDLE = LITERAL.encode()
_POSTCODE = re.compile(r"[a-z]{1,2}[0-9][0-9a-z]? ?[0-9][a-z]{2}")
_BITS = {facet: facet.bit for facet in Facet}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer disclosed."""

    disclosures: tuple[Disclosure, ...]
    foreign: tuple[str, ...]
    """Tokens of nobody in the population that the request did not send: for the guard, never for a report."""
    cut: str
    """What could not be read and why; empty where everything was. With a cut, silence proves nothing."""
    asked: int
    """Mask of the facets of the child asked about that were disclosed, for itself or with others who share them."""
    leads: tuple[Disclosure, ...] = ()
    """Shared values on their own: something to look at, never part of a verdict."""
    tokens: int = 0
    """How many different tokens the answer held, sent ones too: a detector that sees none in a run proves nothing."""
    opened: tuple[bytes, ...] = ()
    """What only showed after opening something compressed, encoded or packed: for the guard."""


class Reader:
    """Reads answers against one population.

    `operations_facets` are the facet paths of the pack's operations, checked here: PackError for one that cannot be
    read.
    """

    def __init__(
        self,
        population: People,
        operations_facets: Iterable[Mapping[Facet, Sequence[str]]] = (),
        limits: Limits = LIMITS,
    ) -> None:
        for facet_paths in operations_facets:
            for paths in facet_paths.values():
                for path in paths:
                    steps_of(path)
        self._population = population
        self._limits = limits
        self._owned = Owners(population).of
        self._values_of = lru_cache(REMEMBERED)(self._normal_values)
        self.value_facets = lru_cache(REMEMBERED)(self._value_facets)

    def read(
        self,
        answer: Answer,
        facet_paths: Mapping[Facet, Sequence[str]],
        sent: str | bytes,
        child: int | None,
    ) -> Reading:
        """Everything that `answer` disclosed.

        `sent` is the request's target and body; `child` the row number of the child asked about, if any.
        """
        unfolded = unfold(answer, self._limits)
        found = _tokens(unfolded.layers)
        document = _parsed(unfolded.body) if found else None
        placed = occurrences(document) if document is not None else []
        found |= {token: path_of(place) for token, place, _ in reversed(placed)}
        request = _Request(sent)
        state = _Findings(child)
        foreign = []
        for token, where in found.items():
            owned = self._owned(token)
            if token in request.tokens:
                continue
            if owned is None:
                foreign.append(token)
            else:
                state.shared(owned, where)
        for owner, value in self._anchored(document, placed, facet_paths, request):
            state.add(owner, value.facet, Grade.ANCHORED, value.place)
        state.add_existence()
        return Reading(
            disclosures=tuple(state.disclosures.values()),
            foreign=tuple(foreign),
            cut=unfolded.cut,
            asked=(asked := state.asked),
            leads=self._leads(unfolded.body, request, child, asked),
            tokens=len(found),
            opened=unfolded.inside,
        )

    def issued(self, number: str) -> bool:
        """Whether a record number, in lower case, is one of the population's: remembered from reading it."""
        owned = self._owned(number)
        return owned is not None and owned.kind is TokenKind.RECORD

    def _anchored(
        self,
        document: Json,
        placed: Sequence[Occurrence],
        facet_paths: Mapping[Facet, Sequence[str]],
        request: _Request,
    ) -> Iterator[tuple[int, Value]]:
        """(child, value) for each anchored value that the request did not bring itself."""
        holders: dict[Place, list[int]] = {}
        echoed: set[int] = set()
        fresh: set[int] = set()
        for token, _, holder in placed:
            owned = self._owned(token)
            if owned is not None and owned.sole():
                holders.setdefault(holder, []).append(owned.children[0])
                (echoed if token in request.tokens else fresh).add(owned.children[0])
        if not holders:
            return
        for child, value in anchored(values(document, facet_paths), holders, self._values_of):
            # Sent number and sent value together are an echo of the request, not knowledge of the record.
            if child in fresh or not request.brought(value.text):
                yield child, value

    def _leads(self, body: bytes, request: _Request, child: int | None, asked: int) -> tuple[Disclosure, ...]:
        if child is None or asked & _BITS[Facet.WHEREABOUTS]:
            return ()
        lowered = body.lower()
        return tuple(
            Disclosure(child, Facet.WHEREABOUTS, Grade.LEAD, "body")
            for value in self._values_of(child, Facet.WHEREABOUTS)
            if _POSTCODE.fullmatch(value) and value.encode() in lowered and not request.brought(value)
        )

    def _normal_values(self, child: int, facet: Facet) -> frozenset[str]:
        return frozenset(map(normal, self._population.facet_values(child, facet)))

    def _value_facets(self, child: int) -> int:
        """Mask of the facets for which the child has a value: what an entitled user can be refused."""
        has = (facet for facet in Facet if facet is Facet.EXISTENCE or self._values_of(child, facet))
        return sum(_BITS[facet] for facet in has)

    def telling_facets(self, child: int, sent: str, among: int = ~0) -> int:
        """Mask of the facets, `among` these, of which the child has some value that the request did not bring itself.

        A value that was sent proves nothing when it comes back: a record shielded on the day of birth, say.
        """
        lowered = sent.casefold()
        mask = 0
        for facet, bit in _BITS.items():
            if bit & among:
                values_of = self._values_of(child, facet)
                told = any(value not in lowered for value in values_of)
                mask |= bit if told or (facet is Facet.EXISTENCE and not values_of) else 0
        return mask


class _Request:
    """What a request brought itself, read once per answer and only as far as needed."""

    def __init__(self, sent: str | bytes) -> None:
        data = sent.encode(errors="replace") if isinstance(sent, str) else sent
        self._layers = unfold_bytes(data, "request").layers
        self._text: str | None = None
        self.tokens = frozenset(_tokens(self._layers))

    def brought(self, value: str) -> bool:
        """Whether a value, trimmed and in lower case, stands in the request as a word of its own."""
        if self._text is None:
            texts = [layer.data.decode(errors="replace") for layer in self._layers]
            self._text = " \n ".join([*texts, *(text.replace("+", " ") for text in texts)]).casefold()
        start = self._text.find(value)
        while start >= 0:
            around = self._text[start - 1 : start] + self._text[start + len(value) :][:1]
            if not any(letter.isalnum() for letter in around):
                return True
            start = self._text.find(value, start + 1)
        return False


class _Findings:
    """The disclosures of one answer: one for each child (or group who share a value) and facet."""

    def __init__(self, asked: int | None) -> None:
        self.disclosures: dict[tuple[int, Facet, tuple[int, ...]], Disclosure] = {}
        self._asked = asked

    @property
    def asked(self) -> int:
        """Mask of the facets disclosed of the child asked about."""
        found = {facet for child, facet, others in self.disclosures if self._asked in (child, *others)}
        return sum(_BITS[facet] for facet in found)

    def add(self, child: int, facet: Facet, grade: Grade, where: str | Place, others: tuple[int, ...] = ()) -> None:
        """Keep the first disclosure of a facet: tokens are added before anchored values."""
        key = (child, facet, others)
        if key not in self.disclosures:
            place = where if isinstance(where, str) else path_of(where)
            self.disclosures[key] = Disclosure(child, facet, grade, place, others)

    def shared(self, owned: Owned, where: str) -> None:
        """Add what a token proves; of several owners, the child asked about comes first."""
        first = owned.children[0]
        if self._asked is not None and self._asked in owned.children:
            first = self._asked
        others = tuple(child for child in owned.children if child != first)
        self.add(first, owned.facet, Grade.TOKEN, where, others)

    def add_existence(self) -> None:
        """Any facet of a record shows that there is one."""
        known = {child for child, _, others in self.disclosures if not others}
        for (child, _, others), each in list(self.disclosures.items()):
            if not others or not known & {child, *others}:
                self.add(child, Facet.EXISTENCE, each.grade, each.where, others)


def _tokens(layers: Iterable[Layer]) -> dict[str, str]:
    """Token -> the first layer that holds it."""
    found: dict[str, str] = {}
    for layer in layers:
        lowered = layer.data.lower()
        if _NEEDLE in lowered:
            for token in tokens_in(lowered.decode("latin-1")):
                found.setdefault(token, layer.where)
    return found


def _parsed(body: bytes) -> Json:
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        document: Json = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document
