"""Ports with a method of their own: what a fault puts round a port that has many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

Port = TypeVar("Port")


@dataclass(frozen=True, slots=True)
class _Changed:
    inner: object
    methods: Mapping[str, Callable[..., Any]]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in self.methods:
            return self.methods[name]
        passed_on: Callable[..., Any] = getattr(self.inner, name)
        return passed_on


def with_methods(port: Port, **methods: Callable[..., Any]) -> Port:
    """The port with these methods in place of its own; every other one is passed on."""
    return cast("Port", _Changed(port, methods))
