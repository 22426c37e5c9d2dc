"""Which record a value in a JSON answer belongs to: the one whose token stands in the same object.

Most values (a date of birth, a school) are shared by many children and prove nothing alone. At a path that the
pack maps to a facet, and inside an object that holds a child's token, such a value is that child's (grade
`anchored`). Where objects with tokens are nested, the nearest one counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, Self, TypeAlias

from overreach.model.canary import ALPHABET, LENGTH, LITERAL, TokenKind
from overreach.model.errors import PackError
from overreach.model.terms import Facet

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Place: TypeAlias = "tuple[str | int, ...]"

ANY = "*"
_NESTED = (dict, list)

_STEP = re.compile(r"\.([A-Za-z0-9_@-]+|\*)|\[(\*|\d+)\]|\['([^']+)'\]")
_KINDS = "".join(kind.value for kind in TokenKind)
# A look-ahead, so that a token that begins inside something that only looks like one is found as well. No literal
# begins inside another one.
_TOKEN = re.compile(rf"{LITERAL}(?=([{_KINDS}][{ALPHABET}]{{{LENGTH - len(LITERAL) - 1}}}))")


class Occurrence(NamedTuple):
    """A token in a parsed answer."""

    token: str
    """In lower case."""
    place: Place
    """Keys and list positions from the root to the text that holds it."""
    holder: Place
    """The same, to the object that the text is a member of."""


Holders: TypeAlias = "Mapping[Place, Sequence[int]]"
"""Place of an object -> the children whose tokens it holds."""
Value: TypeAlias = "tuple[int, Facet, str, Place, str | int, Sequence[int]]"
"""A value at a path of an operation; a plain tuple, since an answer has dozens of them.

Number of the path, its facet, the value trimmed and in lower case, the place of the object or list around it, its key
or position in there, and the children whose tokens the nearest object around it holds.
"""


def tokens_in(text: str) -> list[str]:
    """Everything with the form of a token in a text, in order, in lower case; whose it is, is not looked at."""
    return [LITERAL + rest for rest in _TOKEN.findall(text.lower())]


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


@lru_cache(maxsize=4096)
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
            found += [Occurrence(token, place, holder) for token in tokens_in(node)]
        elif isinstance(node, dict):
            for key, member in reversed(node.items()):
                if len(key) >= LENGTH and LITERAL in key.lower():
                    found += [Occurrence(token, (*place, key), (*place, key)) for token in tokens_in(key)]
                if isinstance(member, str):
                    if len(member) >= LENGTH and LITERAL in member.lower():
                        stack.append((member, (*place, key), place))
                elif member and isinstance(member, _NESTED):
                    stack.append((member, (*place, key), place))
        elif isinstance(node, list):
            stack.extend((element, (*place, at), place) for at, element in reversed(list(enumerate(node))))
    return found


def values(document: Json, paths: Paths, holders: Holders, *, keyed: bool = True) -> list[Value]:
    """Every text, number and truth value at the paths that stands in somebody's object, path after path.

    `keyed` is false where no key is a token, so that no value is an object of its own.
    """
    found: list[Value] = []
    paths.collect(_Walk(holders, found, keyed), document, (), ())
    found.sort(key=itemgetter(0))
    return found


class _Walk(NamedTuple):
    """One walk along the paths through an answer."""

    holders: Holders
    found: list[Value]
    keyed: bool
    """Whether a value may be an object of its own, because its key is a token."""


class Paths:
    """The paths of an operation by their steps: those with the same first steps go one way through an answer."""

    __slots__ = ("every", "here", "names", "positions")

    def __init__(self) -> None:
        self.here: list[tuple[int, Facet]] = []
        """(number of the path, its facet) of those that end here."""
        self.names: dict[str, Paths] = {}
        """Next step -> the rest."""
        self.positions: dict[int, Paths] = {}
        self.every: Paths | None = None
        """The rest after a wildcard."""

    @classmethod
    def of(cls, facet_paths: Mapping[Facet, Sequence[str]]) -> Self:
        """The paths of an operation; PackError for one that cannot be read."""
        root = cls()
        each = ((facet, path) for facet, paths in facet_paths.items() for path in paths)
        for number, (facet, path) in enumerate(each):
            root.put(steps_of(path), number, facet)
        return root

    def put(self, steps: tuple[str | int, ...], number: int, facet: Facet) -> None:
        """Add a path."""
        end = self
        for step in steps:
            if step == ANY:
                end.every = end.every or Paths()
                end = end.every
            elif isinstance(step, int):
                end = end.positions.setdefault(step, Paths())
            else:
                end = end.names.setdefault(step, Paths())
        end.here.append((number, facet))

    def collect(self, walk: _Walk, node: Json, place: Place, near: Sequence[int]) -> None:
        """Add what stands at the paths from this object or list on; nothing for anything else.

        `near` are the children whose tokens the nearest object around it holds.
        """
        near = walk.holders.get(place, near)
        if isinstance(node, dict):
            for name, rest in self.names.items():
                member = node.get(name)
                if member is not None:
                    rest.take(walk, member, place, name, near)
            if self.every is not None:
                for name, member in node.items():
                    self.every.take(walk, member, place, name, near)
            for position, rest in self.positions.items():
                rest.take(walk, node.get(str(position)), place, str(position), near)
        elif isinstance(node, list):
            self._collect_elements(walk, node, place, near)

    def take(self, walk: _Walk, member: Json, place: Place, step: str | int, near: Sequence[int]) -> None:
        """Add a value that a path has led to, or what stands at the paths from there on."""
        if isinstance(member, _NESTED):
            if member:
                self.collect(walk, member, (*place, step), near)
        elif member is not None and self.here:
            holders, found, keyed = walk
            children = holders.get((*place, step), near) if keyed else near
            if children:
                text = normal(member)
                for number, facet in self.here:
                    found.append((number, facet, text, place, step, children))

    def _collect_elements(self, walk: _Walk, node: list[Json], place: Place, near: Sequence[int]) -> None:
        if self.here and near:
            # A path that ends at a list means each of its values.
            plain = [(normal(each), at) for at, each in enumerate(node) if _is_scalar(each)]
            for number, facet in self.here:
                walk.found.extend([(number, facet, text, place, at, near) for text, at in plain])
        for at, element in enumerate(node):
            if self.every is not None:
                self.every.take(walk, element, place, at, near)
            if at in self.positions:
                self.positions[at].take(walk, element, place, at, near)


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
    return node is not None and not isinstance(node, _NESTED)


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
