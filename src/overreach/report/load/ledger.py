"""Requests against rows of the log: two bars of one scale, which are equally long where the books balance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from overreach.model.underload import Ledger
from overreach.report.wording import number, people

_SEEN = 0.6
"""Per cent of the room that any part takes, however small its share."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a bar; `x` and `width` in per cent."""

    x: float
    width: float
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One side of the ledger."""

    name: str
    total: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """Both sides, and every figure."""

    bars: tuple[Bar, Bar]
    lines: tuple[tuple[str, int, bool], ...]
    """(figure in words, count, whether it is a fault unless it is 0)."""
    amiss: int
    """The sum of those that are faults."""
    off: int
    """Rows that there are beyond those put down; 0 where the books balance, below it where rows are lacking."""
    told: str


def balance(ledger: Ledger) -> Balance:
    """Requests with a row and without, beside rows with a request and without."""
    paired = ledger.requests - ledger.missing
    wrong = min(ledger.wrong_user, paired)
    lacking = min(ledger.incomplete, paired - wrong)
    requests = (("paired", paired, "with a row"), ("missing", ledger.missing, "missing from the log"))
    rows = (
        ("paired", paired - wrong - lacking, "in order"),
        ("wrong", wrong, "booked to somebody else"),
        ("wrong", lacking, "lacking a record that was answered"),
        ("extra", ledger.repeated, "repeated"),
        ("extra", ledger.extra, "without a request"),
    )
    most = max(ledger.requests, ledger.rows, 1)
    lines = (
        ("answered requests that the log owes a row", ledger.requests, False),
        ("rows of the log that belong to the load", ledger.rows, False),
        ("requests missing from the log", ledger.missing, True),
        ("rows without a request", ledger.extra, True),
        ("requests whose row names somebody else", ledger.wrong_user, True),
        ("requests whose row lacks a record that was answered", ledger.incomplete, True),
        ("rows beyond the first of a request", ledger.repeated, True),
        ("rows and answers that only a lost process could explain", ledger.unproven, False),
    )
    return Balance(
        bars=(
            Bar("requests", ledger.requests, tuple(_pieces(requests, most))),
            Bar("rows", ledger.rows, tuple(_pieces(rows, most))),
        ),
        lines=lines,
        amiss=sum(count for _, count, fault in lines if fault),
        off=ledger.rows - paired - ledger.extra - ledger.repeated,
        told=sentence(ledger),
    )


def sentence(ledger: Ledger) -> str:
    """The books in one line: `601,243 requests, 601,243 rows: 0 missing, 0 extra, ...`."""
    return (
        f"{people(ledger.requests, 'request', 'requests')}, {people(ledger.rows, 'row', 'rows')}:"
        f" {number(ledger.missing)} missing, {number(ledger.extra)} extra, {number(ledger.wrong_user)} booked to"
        f" somebody else, {number(ledger.incomplete)} incomplete, {number(ledger.repeated)} repeated"
        f"{f', {number(ledger.unproven)} unproven' if ledger.unproven else ''}"
    )


def _pieces(parts: Iterable[tuple[str, int, str]], most: int) -> Iterable[Piece]:
    """Those that are not nothing, one after the other; the first gives way where the others need room to be seen."""
    known = [(look, count, words) for look, count, words in parts if count]
    wide = [max(count / most * 100, _SEEN) for _, count, _ in known]
    if wide:
        wide[wide.index(max(wide))] -= max(sum(wide) - 100, 0)
    at = 0.0
    for (look, count, words), width in zip(known, wide, strict=True):
        yield Piece(round(at, 3), round(width, 3), look, f"{number(count)} {words}")
        at += width
