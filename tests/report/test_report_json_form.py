"""A review survives being written as JSON, and a file that is no report is refused with its place."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach import report
from overreach.model import exact, finding, terms, underload
from overreach.model import review as review_module
from overreach.model.errors import EvidenceError
from overreach.model.review import Review
from overreach.report.json_form import DERIVED, dump, from_json, load, to_json

SCHEMA = json.loads((Path(str(report.__file__)).parent / "report.schema.json").read_text())
_SCALARS: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(-1000, 1000),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
}


def anything(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - any type hint
    """Values of a type of the model."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return st.none() | anything(inside[0])
    if origin is tuple and inside[-1] is Ellipsis:
        return st.lists(anything(inside[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(anything(one) for one in inside))
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: anything(hints[field.name]) for field in fields(kind)})
    return st.sampled_from(list(kind)) if issubclass(kind, Enum) else _SCALARS[kind]


@settings(max_examples=25, deadline=None)
@given(anything(Review))
def test_every_review_reads_back_as_it_was_written(review: Review) -> None:
    """`load` undoes `dump`, whatever the review holds, and the schema accepts what was written."""
    written = dump(review)
    assert load(written) == review
    jsonschema.validate(json.loads(written), SCHEMA)


def test_a_realistic_report_fits_the_schema(small_review: Review) -> None:
    """The schema in the package is that of the files we write."""
    jsonschema.validate(json.loads(dump(small_review)), SCHEMA)


@pytest.mark.parametrize("changes", [{"format": "other/1"}, {"cells": "many"}, {"roles": {}}, {"fail_on": "mild"}])
def test_a_document_of_another_form_is_refused_with_its_place(small_review: Review, changes: dict[str, object]) -> None:
    """The error names the key that does not fit."""
    with pytest.raises(EvidenceError, match=next(iter(changes))):
        from_json({**to_json(small_review), **changes})


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_report_are_refused(data: bytes) -> None:
    """Whatever is not a report raises one clear error."""
    with pytest.raises(EvidenceError):
        load(data)


def test_an_unknown_or_missing_key_is_refused(review: Review) -> None:
    """Nothing is dropped or invented in silence."""
    whole = to_json(review)
    with pytest.raises(EvidenceError, match="report"):
        from_json({**whole, "more": 1})
    with pytest.raises(EvidenceError, match="report"):
        from_json({key: value for key, value in whole.items() if key != "cells"})


def test_the_document_of_the_keys_names_every_key() -> None:
    """docs/reference/report.md lists each key of the schema."""
    text = (Path(__file__).parents[2] / "docs" / "reference" / "report.md").read_text()
    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    missing = {key for one in objects for key in one.get("properties", {}) if f"| `{key}` |" not in text}
    assert not missing


def test_the_schema_has_exactly_the_keys_of_the_model() -> None:
    """A field or a name added to the model is added to the schema."""
    assert set(SCHEMA["properties"]) == {field.name for field in fields(Review)} | set(DERIVED)
    models = {
        name: kind
        for module in (exact, finding, review_module, terms, underload)
        for name, kind in vars(module).items()
    }
    for name, described in SCHEMA["$defs"].items():
        kind = models[name]
        if is_dataclass(kind):
            assert list(described["properties"]) == [field.name for field in fields(kind)]
        else:
            assert described["enum"] == [one.value for one in kind]


def test_the_exit_code_stands_in_the_document(review: Review, clean_review: Review) -> None:
    """A program need not compute it."""
    assert to_json(review)["exit_code"] == 1
    assert to_json(clean_review)["exit_code"] == 0
