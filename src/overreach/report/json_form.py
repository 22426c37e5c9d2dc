"""A review as JSON and back, without loss; docs/reference/report.md lists the keys."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from overreach.model.errors import EvidenceError
from overreach.model.review import Review

FORMAT = "overreach-report/3"
#: Keys of the document that are derived from the review and not read back.
DERIVED = ("format", "exit_code")


def to_json(review: Review) -> dict[str, Any]:
    """The review as JSON objects, arrays, text and numbers; keys in the order of the dataclasses."""
    return {"format": FORMAT, "exit_code": int(review.exit_code), **_plain(review)}


def from_json(document: Mapping[str, Any]) -> Review:
    """The review that `to_json` wrote; EvidenceError names the place where the document has another form."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        stated = document.get("format") if isinstance(document, Mapping) else None
        message = f"a report of format `{stated}` cannot be read"
        raise EvidenceError(message, f"this version reads `{FORMAT}`; use the version that wrote the run")
    inner = {key: value for key, value in document.items() if key not in DERIVED}
    review = _read(Review, inner, "report")
    assert isinstance(review, Review)  # noqa: S101 - what `_read` returns for a dataclass; for the type checker
    return review


def dump(review: Review) -> bytes:
    """`report.json` as bytes: one line an item of each longer list, so that two runs can be compared."""
    parts = (f" {json.dumps(key)}: {_spread(value, 1)}" for key, value in to_json(review).items())
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode("utf-8", "replace")


def load(data: bytes) -> Review:
    """The review in the bytes of a `report.json`; EvidenceError where they are not one."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        message = f"`report.json` is not JSON: {error}"
        raise EvidenceError(message, "run the audit again") from error
    return from_json(document)


def _spread(value: object, depth: int) -> str:
    """A list with a line for each item, and an object that holds lists likewise; anything else on one line."""
    pad = " " * depth
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{pad} {_compact(item)}" for item in value) + f"\n{pad}]"
    if isinstance(value, dict) and value and all(isinstance(item, list) for item in value.values()):
        inside = (f"{pad} {json.dumps(key)}: {_spread(item, depth + 1)}" for key, item in value.items())
        return "{\n" + ",\n".join(inside) + f"\n{pad}}}"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any, where: str) -> object:  # noqa: ANN401 - any type hint, any JSON value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(get_args(kind)[0], value, where)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, where)
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_object(kind, value, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise _misfit(where, f"one of {', '.join(str(one.value) for one in kind)}") from None
    return _read_scalar(kind, value, where)


def _read_scalar(kind: type, value: Any, where: str) -> object:  # noqa: ANN401 - any JSON value
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:  # a bool is no number here
        raise _misfit(where, kind.__name__)
    return value


def _read_tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[object, ...]:  # noqa: ANN401
    if not isinstance(value, list):
        raise _misfit(where, "a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:  # noqa: PLR2004 - `tuple[X, ...]` has two arguments
        return tuple(_read(kinds[0], item, f"{where}[{place}]") for place, item in enumerate(value))
    if len(value) != len(kinds):
        raise _misfit(where, f"a list of {len(kinds)}")
    pairs = enumerate(zip(kinds, value, strict=True))
    return tuple(_read(kind, item, f"{where}[{place}]") for place, (kind, item) in pairs)


def _read_object(kind: type, value: Any, where: str) -> object:  # noqa: ANN401 - any JSON value
    hints = _hints(kind)
    if not isinstance(value, dict) or set(value) != set(hints):
        raise _misfit(where, f"an object with {', '.join(hints)}")
    return kind(**{name: _read(hint, value[name], f"{where}.{name}") for name, hint in hints.items()})


def _misfit(where: str, wanted: str) -> EvidenceError:
    return EvidenceError(f"`{where}` is not {wanted}", "use the version of overreach that wrote the run")
