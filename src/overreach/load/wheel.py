"""A timing wheel: who is due when, on beats that everybody shares.

A heap of 330,000 users would cost a comparison in Python for each level of each insertion; a beat is a list.
"""

from __future__ import annotations

from math import ceil
from typing import Generic, TypeVar

T = TypeVar("T")

BEAT = 0.1
"""Seconds between two beats. Pauses end on one, so that many users press their keys at the same moment."""


class Wheel(Generic[T]):
    """Beat -> those who are due on it; times are seconds since any one moment."""

    def __init__(self, now: float) -> None:
        self._slots: dict[int, list[T]] = {}
        self._next = ceil(now / BEAT)
        self._held = 0

    def __len__(self) -> int:
        return self._held

    def put(self, each: T, at: float) -> None:
        """Wake someone on the first beat at or after a time, and not before the next one."""
        self._slots.setdefault(max(ceil(at / BEAT), self._next), []).append(each)
        self._held += 1

    def due(self, now: float) -> list[T]:
        """Everybody whose beat has come, in the order of beats; each once."""
        found: list[T] = []
        while self._next * BEAT <= now:
            found += self._slots.pop(self._next, ())
            self._next += 1
        self._held -= len(found)
        return found
