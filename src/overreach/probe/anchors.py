"""Which record a value in a JSON answer belongs to: the one whose token stands in the same object.

Most values (a date of birth, a school) are shared by many children and prove nothing alone. At a path that the
pack maps to a facet, and inside an object that holds a child's token, such a value is that child's (grade
`anchored`). Where objects with tokens are nested, the nearest one counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from overreach.model.canary import ALPHABET, LENGTH, LITERAL, TokenKind
from overreach.model.errors import PackError
from overreach.model.terms import Facet

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Place: TypeAlias = "tuple[str | int, ...]"

ANY = "*"
_NESTED = (dict, list)

_STEP = re.compile(r"\.([A-Za-z0-9_@-]+|\*)|\[(\*|\d+)\]|\['([^']+)'\]")
_KINDS = "".join(kind.value for kind in TokenKind)
# A look-ahead, so that a token that begins inside something that only looks like one is found as well.
_TOKEN = re.compile(rf"(?=({LITERAL}[{_KINDS}][{ALPHABET}]{{{LENGTH - len(LITERAL) - 1}}}))")


class Occurrence(NamedTuple):
    """A token in a parsed answer."""

    token: str
    """In lower case."""
    place: Place
    """Keys and list positions from the root to the text that holds it."""
    holder: Place
    """The same, to the object that the text is a member of."""


class Value(NamedTuple):
    """A value at a path of an operation."""

    facet: Facet
    text: str
    """Trimmed, in lower case."""
    place: Place


def tokens_in(text: str) -> list[str]:
    """Everything with the form of a token in a text, in order, in lower case; whose it is, is not looked at."""
    return _TOKEN.findall(text.lower())


def normal(value: object) -> str:
    """How values are compared: trimmed and without regard to case."""
    return str(value).strip().casefold()


@lru_cache(maxsize=4096)
def steps_of(path: str) -> tuple[str | int, ...]:
    """The steps of a path such as `$.carers[*].phone`; `*` takes each element or member.

    PackError for anything outside that subset of JSONPath (RFC 9535): names, positions and wildcards.
    """
    steps: list[str | int] = []
    at = 1
    while at < len(path) and (match := _STEP.match(path, at)):
        position = match[2]
        steps.append(int(position) if position and position != ANY else match[1] or match[3] or ANY)
        at = match.end()
    if not path.startswith("$") or at != len(path):
        message = f"path `{path}` cannot be read"
        raise PackError(message, "write it as in `$.carers[*].phone`: names, positions and [*] only")
    return tuple(steps)


def path_of(place: Place) -> str:
    """A place as a path without wildcards: `$.children[3].number`."""
    return "$" + "".join([f"[{step}]" if isinstance(step, int) else f".{step}" for step in place])


def occurrences(document: Json) -> list[Occurrence]:
    """Every token in the keys and texts of a parsed answer; one in a key is held by the value under it."""
    found: list[Occurrence] = []
    # A stack of our own: the depth of an answer is the target's choice.
    stack: list[tuple[Json, Place, Place]] = [(document, (), ())]
    while stack:
        node, place, holder = stack.pop()
        if isinstance(node, str):
            if _may_hold(node):
                found.extend(Occurrence(token, place, holder) for token in tokens_in(node))
        elif isinstance(node, dict):
            for key, member in reversed(node.items()):
                if _may_hold(key):
                    found.extend(Occurrence(token, (*place, key), (*place, key)) for token in tokens_in(key))
                if isinstance(member, _NESTED) or (isinstance(member, str) and _may_hold(member)):
                    stack.append((member, (*place, key), place))
        elif isinstance(node, list):
            stack.extend((element, (*place, at), place) for at, element in reversed(list(enumerate(node))))
    return found


def _may_hold(text: str) -> bool:
    return len(text) >= LENGTH and LITERAL in text.lower()


def values(document: Json, facet_paths: Mapping[Facet, Sequence[str]]) -> list[Value]:
    """Every text, number and truth value at the paths of an operation, path after path."""
    found: list[tuple[int, Value]] = []
    _tree_of(tuple((facet, tuple(paths)) for facet, paths in facet_paths.items())).collect(document, (), found)
    found.sort(key=itemgetter(0))
    return [value for _, value in found]


class _Tree:
    """Paths by their steps: those with the same first steps go one way through an answer."""

    __slots__ = ("every", "here", "names", "positions")

    def __init__(self) -> None:
        self.here: list[tuple[int, Facet]] = []
        """(number of the path, its facet) of those that end here."""
        self.names: dict[str, _Tree] = {}
        """Next step -> the rest."""
        self.positions: dict[int, _Tree] = {}
        self.every: _Tree | None = None
        """The rest after a wildcard."""

    def put(self, steps: tuple[str | int, ...], number: int, facet: Facet) -> None:
        """Add a path."""
        end = self
        for step in steps:
            if step == ANY:
                end.every = end.every or _Tree()
                end = end.every
            elif isinstance(step, int):
                end = end.positions.setdefault(step, _Tree())
            else:
                end = end.names.setdefault(step, _Tree())
        end.here.append((number, facet))

    def collect(self, node: Json, place: Place, found: list[tuple[int, Value]]) -> None:
        """Add (number of the path, value) for what stands at the paths from this node on."""
        if isinstance(node, dict):
            self._of_members(node, place, found)
        elif isinstance(node, list):
            self._of_elements(node, place, found)
        else:
            text = normal(node)
            found += [(number, Value(facet, text, place)) for number, facet in self.here]

    def _of_members(self, node: dict[str, Json], place: Place, found: list[tuple[int, Value]]) -> None:
        for name, rest in self.names.items():
            member = node.get(name)
            if member is not None:
                rest.collect(member, (*place, name), found)
        if self.every is not None:
            for name, member in node.items():
                if member is not None:
                    self.every.collect(member, (*place, name), found)
        for position, rest in self.positions.items():
            member = node.get(str(position))
            if member is not None:
                rest.collect(member, (*place, str(position)), found)

    def _of_elements(self, node: list[Json], place: Place, found: list[tuple[int, Value]]) -> None:
        # A path that ends at a list means each of its values.
        plain = [
            (normal(element), (*place, at)) for at, element in enumerate(node) if self.here and _is_scalar(element)
        ]
        found += [(number, Value(facet, text, at)) for number, facet in self.here for text, at in plain]
        for at, element in enumerate(node):
            for rest in (self.every, self.positions.get(at)):
                if rest is not None and element is not None:
                    rest.collect(element, (*place, at), found)


@lru_cache(maxsize=256)
def _tree_of(facet_paths: tuple[tuple[Facet, tuple[str, ...]], ...]) -> _Tree:
    root = _Tree()
    for number, (facet, path) in enumerate((facet, path) for facet, paths in facet_paths for path in paths):
        root.put(steps_of(path), number, facet)
    return root


def nodes(document: Json, path: str) -> list[Json]:
    """Whatever stands at a path of a parsed answer, in order; none where the path leads nowhere."""
    steps, node = steps_of(path), document
    # Up to the first wildcard a path is one way, and most paths have none: no lists are made for it.
    for at, step in enumerate(steps):
        if step == ANY:
            reached = [node]
            for rest in steps[at:]:
                reached = [child for each in reached for _, child in _children(each, rest)]
            return reached
        if isinstance(node, dict) and step in node:
            node = node[str(step)]
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return []
    return [node]


def _is_scalar(node: Json) -> bool:
    return node is not None and not isinstance(node, dict | list)


def _children(node: Json, step: str | int) -> Iterator[tuple[str | int, Json]]:
    if isinstance(node, dict):
        if step == ANY:
            yield from node.items()
        elif step in node:
            yield str(step), node[str(step)]
    elif isinstance(node, list):
        if step == ANY:
            yield from enumerate(node)
        elif isinstance(step, int) and step < len(node):
            yield step, node[step]


def anchored(
    found: Sequence[Value],
    holders: Mapping[Place, Sequence[int]],
    values_of: Callable[[int, Facet], frozenset[str]],
) -> Iterator[tuple[int, Value]]:
    """(child, value) for each value that is the child's whose token is held by the nearest object around it.

    `holders` maps the place of an object to the children whose tokens it holds; `values_of` gives a child's
    values of a facet, trimmed and in lower case.
    """
    near: dict[Place, Sequence[int]] = {}
    for value in found:
        children = holders.get(value.place)
        if children is None:
            around = value.place[:-1]
            children = near.get(around)
            if children is None:
                children = near[around] = _nearest(around, holders)
        for child in children:
            if value.text in values_of(child, value.facet):
                yield child, value


def _nearest(place: Place, holders: Mapping[Place, Sequence[int]]) -> Sequence[int]:
    """What the innermost object around a place holds, the one at the place included."""
    around = (place[:length] for length in range(len(place), -1, -1))
    return next((holders[each] for each in around if each in holders), ())
