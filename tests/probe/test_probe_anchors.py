"""Values in parsed answers, and the record they belong to."""

from __future__ import annotations

import pytest

from overreach.model.canary import Minter, TokenKind
from overreach.model.errors import PackError
from overreach.model.terms import Facet
from overreach.probe.anchors import Json, Paths, Place, nodes, occurrences, path_of, steps_of, tokens_in, values

_MINTER = Minter(7)
_FIRST, _SECOND = (_MINTER.mint(TokenKind.RECORD, row) for row in (0, 1))


def _schools(child: int, facet: Facet) -> frozenset[str]:
    return frozenset({"hill school", f"school {child}"}) if facet is Facet.EDUCATION else frozenset()


def _anchored(document: Json, path: str, holders: dict[Place, list[int]]) -> list[tuple[int, str]]:
    found = values(document, Paths.of({Facet.EDUCATION: [path]}), holders)
    return [
        (child, path_of((*around, step)))
        for _, facet, text, around, step, children in found
        for child in children
        if text in _schools(child, facet)
    ]


def _texts(document: Json, *paths: str) -> list[str]:
    return [text for _, _, text, *_ in values(document, Paths.of({Facet.HEALTH: paths}), {(): [0]})]


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", ()),
        ("$.a.b", ("a", "b")),
        ("$.carers[*].phone", ("carers", "*", "phone")),
        ("$[0].a-b", (0, "a-b")),
        ("$['former names'].*", ("former names", "*")),
    ],
)
def test_paths_are_read_step_by_step(path: str, steps: tuple[str | int, ...]) -> None:
    """Names, positions and wildcards."""
    assert steps_of(path) == steps


@pytest.mark.parametrize("path", ["", "a.b", "$..a", "$.a[?(@.b)]", "$.a[", "$.a."])
def test_a_path_outside_the_subset_is_refused_with_its_text(path: str) -> None:
    """A typing mistake in the configuration is said, never skipped."""
    with pytest.raises(PackError, match="cannot be read"):
        steps_of(path)


def test_tokens_are_found_inside_words_and_when_they_overlap() -> None:
    """What looks like a token may hide the start of a true one."""
    assert tokens_in(f"Id_{_FIRST.upper()}x") == [_FIRST]
    assert _FIRST in tokens_in("qxzc0000" + _FIRST)


def test_a_token_is_placed_by_its_path_and_held_by_its_object() -> None:
    """Texts are held by the object around them, keys by what they name."""
    document: Json = {"rows": [{"n": _FIRST}, {_SECOND: {"school": "x"}}]}
    placed = {each.token: (path_of(each.place), each.holder) for each in occurrences(document)}
    assert placed == {
        _FIRST: ("$.rows[0].n", ("rows", 0)),
        _SECOND: (f"$.rows[1].{_SECOND}", ("rows", 1, _SECOND)),
    }


def test_values_are_found_at_wildcards_and_positions_and_in_lists() -> None:
    """A path that ends at a list takes each element; nulls and objects are no values."""
    document: Json = {"a": [{"b": ["X ", 2]}, {"b": None}, {"c": 1}, {"b": {"d": 1}}]}
    assert _texts(document, "$.a[*].b") == ["x", "2"]
    assert _texts(document, "$.a[2].c") == ["1"]
    assert _texts("text", "$.a", "$[*]") == []


def test_whatever_stands_at_a_path_is_given_whole() -> None:
    """Objects, lists and nulls too."""
    document: Json = {"a": [{"b": None}, {"c": 1}, {"b": {"d": [1]}}]}
    assert nodes(document, "$.a[*].b") == [None, {"d": [1]}]
    assert nodes(document, "$.a[2].b.d") == [[1]]
    assert nodes(document, "$.a[3].b") == nodes(document, "$.x") == []
    assert nodes(document, "$") == [document]


def test_a_value_belongs_to_the_nearest_record_around_it() -> None:
    """Inside a record another record's object takes over."""
    document: Json = {"school": "Hill School", "sibling": {"school": " HILL school"}}
    holders: dict[Place, list[int]] = {(): [0], ("sibling",): [1]}
    assert _anchored(document, "$.school", holders) == [(0, "$.school")]
    assert _anchored(document, "$.sibling.school", holders) == [(1, "$.sibling.school")]
    assert _anchored({_FIRST: "Hill School"}, f"$.{_FIRST}", {(_FIRST,): [0]}) == [(0, f"$.{_FIRST}")]


def test_a_value_that_is_not_the_childs_or_stands_outside_proves_nothing() -> None:
    """Another child's school beside the token, or the child's own school elsewhere."""
    assert _anchored({"school": "School 1"}, "$.school", {(): [0]}) == []
    assert _anchored({"row": {}, "school": "School 0"}, "$.school", {("row",): [0]}) == []


def test_an_answer_nested_very_deeply_is_walked_all_the_same() -> None:
    """The depth of an answer is the target's choice."""
    document: Json = _FIRST
    for _ in range(5000):
        document = [document]
    assert len(occurrences(document)) == 1
