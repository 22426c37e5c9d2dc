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
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import orjson

from overreach.model.canary import TokenKind
from overreach.model.probe import Answer, Disclosure
from overreach.model.terms import Facet, Grade
from overreach.probe.anchors import (
    Json,
    Occurrence,
    Paths,
    Place,
    normal,
    occurrences,
    path_of,
    values,
)
from overreach.probe.decoding import LIMITS, Limits, unfold
from overreach.probe.echo import Echo, tokens_of
from overreach.probe.owners import REMEMBERED, Owned, Owners, People

_POSTCODE = re.compile(r"[a-z]{1,2}[0-9][0-9a-z]? ?[0-9][a-z]{2}")
_LIKE_A_POSTCODE = re.compile(rb"[0-9](?<=[a-z][0-9])[0-9a-z]? ?[0-9][a-z]{2}")  # a digit first: most letters are none
_MOST_PATHS = 256
_BITS = {facet: facet.bit for facet in Facet}
_EXISTENCE, _WHEREABOUTS = Facet.EXISTENCE, Facet.WHEREABOUTS.bit
_BY_TOKEN, _BY_ANCHOR = Grade.TOKEN, Grade.ANCHORED


class Reading(NamedTuple):
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
        self._paths: dict[int, tuple[Mapping[Facet, Sequence[str]], Paths]] = {}
        for facet_paths in operations_facets:
            self._paths_of(facet_paths)
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
        found: dict[str, str | Place] = tokens_of(unfolded.layers)
        request = Echo(sent)
        state = _Findings(child)
        foreign: list[str] = []
        if found:
            document = _parsed(unfolded.body)
            placed = occurrences(document) if document is not None else []
            found |= {token: place for token, place, _ in reversed(placed)}
            sent_tokens = request.tokens
            for token, where in found.items():
                if token in sent_tokens:
                    continue
                owned = self._owned(token)
                if owned is None:
                    foreign.append(token)
                else:
                    state.shared(owned, where)
            self._add_anchored(state, document, placed, facet_paths, request)
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

    def _add_anchored(
        self,
        state: _Findings,
        document: Json,
        placed: Sequence[Occurrence],
        facet_paths: Mapping[Facet, Sequence[str]],
        request: Echo,
    ) -> None:
        """Add each anchored value that the request did not bring itself."""
        holders: dict[Place, list[int]] = {}
        fresh: set[int] = set()
        for token, _, holder in placed:
            owned = self._owned(token)
            if owned is not None and owned.sole():
                holders.setdefault(holder, []).append(owned.children[0])
                if token not in request.tokens:
                    fresh.add(owned.children[0])
        if not holders:
            return
        known, values_of = state.disclosures, self._values_of
        keyed = any(place == holder for _, place, holder in placed)
        found = values(document, self._paths_of(facet_paths), holders, keyed=keyed)
        for _, facet, text, around, step, children in found:
            for child in children:
                if (child, facet, ()) in known or text not in values_of(child, facet):
                    continue
                # Sent number and sent value together are an echo of the request, not knowledge of the record.
                if child in fresh or not request.brought(text):
                    state.add(child, facet, _BY_ANCHOR, (*around, step))

    def _paths_of(self, facet_paths: Mapping[Facet, Sequence[str]]) -> Paths:
        """The paths of an operation, read once: a pack's operations keep the same mapping."""
        known = self._paths.get(id(facet_paths))
        if known is None or known[0] is not facet_paths:
            if len(self._paths) >= _MOST_PATHS:
                self._paths.clear()
            known = self._paths[id(facet_paths)] = facet_paths, Paths.of(facet_paths)
        return known[1]

    def _leads(self, body: bytes, request: Echo, child: int | None, asked: int) -> tuple[Disclosure, ...]:
        if child is None or asked & _WHEREABOUTS:
            return ()
        lowered = body.lower()
        # Looking up where the child lives costs more than seeing that no postcode is there.
        if not _LIKE_A_POSTCODE.search(lowered):
            return ()
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


class _Findings:
    """The disclosures of one answer: one for each child (or group who share a value) and facet."""

    def __init__(self, asked: int | None) -> None:
        self.disclosures: dict[tuple[int, Facet, tuple[int, ...]], Disclosure] = {}
        self._asked = asked

    @property
    def asked(self) -> int:
        """Mask of the facets disclosed of the child asked about."""
        asked, mask = self._asked, 0
        for child, facet, others in self.disclosures:
            if asked == child or asked in others:
                mask |= _BITS[facet]
        return mask

    def add(self, child: int, facet: Facet, grade: Grade, where: str | Place, others: tuple[int, ...] = ()) -> None:
        """Keep the first disclosure of a facet: tokens are added before anchored values."""
        key = (child, facet, others)
        if key not in self.disclosures:
            place = where if isinstance(where, str) else path_of(where)
            self.disclosures[key] = Disclosure(child, facet, grade, place, others)

    def shared(self, owned: Owned, where: str | Place) -> None:
        """Add what a token proves; of several owners, the child asked about comes first."""
        children = owned.children
        first = children[0]
        if self._asked is not None and self._asked in children:
            first = self._asked
        others = tuple([child for child in children if child != first]) if len(children) > 1 else ()
        self.add(first, owned.facet, _BY_TOKEN, where, others)

    def add_existence(self) -> None:
        """Any facet of a record shows that there is one."""
        known = {child for child, _, others in self.disclosures if not others}
        shown: dict[tuple[int, tuple[int, ...]], Disclosure] = {}
        for (child, _, others), each in self.disclosures.items():
            if not others or (child not in known and known.isdisjoint(others)):
                shown.setdefault((child, others), each)
        for (child, others), each in shown.items():
            self.add(child, _EXISTENCE, each.grade, each.where, others)


def _parsed(body: bytes) -> Json:
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        document: Json = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document
