"""Reading a table of the configuration key by key, with errors that name the key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NoReturn, TypeVar, cast, overload

from overreach.model.errors import PackError

REMEDY = "docs/reference/configuration.md lists every key"
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_REQUIRED: Any = object()

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def seconds_of(text: str) -> float:
    """Seconds in a duration such as `10s`, `2m` or `90`; PackError otherwise."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        message = f"`{text}` is not a duration"
        raise PackError(message, "write it as 10s, 2m or 1h")
    return float(match[1]) * _UNITS[match[2]]


def paths_of(operation: str, facet: str, value: object) -> tuple[str, ...]:
    """The paths of a facet in an operation's answer; PackError where they are no list of texts."""
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        message = f"facet `{facet}` of operation `{operation}` is not a list of paths"
        raise PackError(message, 'write it as ["$.name.given"]')
    return tuple(value)


class Fields:
    """One table; `finish` refuses keys that nobody asked for, so that a misspelt key is never ignored."""

    def __init__(self, table: object, place: str) -> None:
        if not isinstance(table, dict):
            message = f"`{place}` is not a table"
            raise PackError(message, REMEDY)
        self._table: dict[str, Any] = table
        self._place = place
        self._asked: set[str] = set()

    def finish(self) -> None:
        """Refuse what was not asked for."""
        extra = sorted(set(self._table) - self._asked)
        if extra:
            message = f"`{self._place}.{extra[0]}` is not a known key"
            raise PackError(message, REMEDY)

    def text(self, key: str, default: str = _REQUIRED) -> str:
        """A text."""
        return self._typed(key, str, "a text", default)

    def whole(self, key: str, default: int = _REQUIRED) -> int:
        """A whole number of at least 0."""
        value = self._typed(key, int, "a whole number", default)
        if isinstance(value, bool) or value < 0:
            self._refuse(key, "a whole number of at least 0")
        return value

    def count(self, key: str) -> int:
        """A whole number of at least 1."""
        value = self.whole(key)
        if value < 1:
            self._refuse(key, "a whole number of at least 1")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where missing."""
        return self._typed(key, bool, "true or false", False)  # noqa: FBT003 - the default of a flag

    def texts(self, key: str) -> list[str]:
        """A list of texts; empty where missing."""
        values = self._typed(key, list, "a list of texts", [])
        if not all(isinstance(value, str) for value in values):
            self._refuse(key, "a list of texts")
        return cast("list[str]", values)

    def table(self, key: str) -> dict[str, Any]:
        """A table; empty where missing."""
        return self._typed(key, dict, "a table", {})

    def section(self, key: str) -> Fields:
        """A table, read key by key."""
        return Fields(self.table(key), f"{self._place}.{key}")

    def sections(self, key: str) -> list[Fields]:
        """A list of tables."""
        values = self._typed(key, list, "a list of tables", [])
        return [Fields(value, f"{self._place}.{key}[{place}]") for place, value in enumerate(values)]

    def request(self, key: str) -> tuple[str, str]:
        """Method and path of a text such as `GET /log`."""
        method, _, path = self.text(key).partition(" ")
        if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"} or not path.startswith("/"):
            self._refuse(key, "a method and a path, for example `GET /log`")
        return method, path

    def path(self, key: str, default: str = _REQUIRED) -> str:
        """A path in a JSON document, such as `$.agent[0].name`."""
        text = self.text(key, default)
        if text is not default and not text.startswith("$"):
            self._refuse(key, "a path, for example `$.agent[0].name`")
        return text

    @overload
    def choice(self, key: str, known: type[E]) -> E: ...
    @overload
    def choice(self, key: str, known: type[E], default: None) -> E | None: ...
    @overload
    def choice(self, key: str, known: type[E], default: E) -> E: ...
    @overload
    def choice(self, key: str, known: Mapping[str, T]) -> T: ...
    def choice(self, key: str, known: Any, default: Any = _REQUIRED) -> Any:
        """One of a closed list."""
        text = self._typed(key, str, "a text", default)
        return text if text is default else self.choice_of(text, key, known)

    def choice_of(self, text: str, key: str, known: Any) -> Any:  # noqa: ANN401 - the overloads of `choice` type it
        """One of a closed list, from a text already read."""
        names: Mapping[str, Any] = known if isinstance(known, Mapping) else _members(known)
        if text not in names:
            message = f"`{self._place}.{key}` is `{text}`"
            raise PackError(message, f"known: {', '.join(names)}")
        return names[text]

    def _typed(self, key: str, kind: type[T], noun: str, default: Any) -> T:  # noqa: ANN401 - any default
        self._asked.add(key)
        if key not in self._table:
            if default is _REQUIRED:
                message = f"`{self._place}.{key}` is missing"
                raise PackError(message, REMEDY)
            return cast("T", default)
        value = self._table[key]
        if not isinstance(value, kind):
            self._refuse(key, noun)
        return value

    def _refuse(self, key: str, noun: str) -> NoReturn:
        message = f"`{self._place}.{key}` is not {noun}"
        raise PackError(message, REMEDY)


def _members(known: Iterable[StrEnum]) -> dict[str, StrEnum]:
    return {member.value: member for member in known}
