"""The matrix for the page: tables that read without a script, and what is behind each cell as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from overreach.model.review import Entry, Review, RoleSummary
from overreach.model.terms import LOCATING, Facet, Rung, Verdict
from overreach.report.matrix import STATE_SIGN, Cell, Matrix, State
from overreach.report.wording import (
    RUNG_SIGN,
    RUNG_WORDS,
    compact,
    listed,
    number,
    percent_at_most,
    visible,
    words,
)

_TOKENS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One tab of the matrix: a record class with every facet, or the locating facets of every class."""

    title: str
    columns: tuple[tuple[str, Facet], ...]
    """(record class, facet)."""
    groups: tuple[tuple[str, int], ...]
    """Headings over the columns, with how many they span; empty for one class."""
    marks: tuple[tuple[str, str, int], ...]
    """(sign, words, count) of cells that a reader must look at."""
    rows: tuple[tuple[str, int, tuple[tuple[RoleSummary, Markup], ...]], ...]
    """(sector, users, (role, cells as HTML))."""
    facts: tuple[str, ...]
    """Every cell that is not simply closed, in a line of words: what a reader without a script opens."""


def panels(matrix: Matrix) -> list[Panel]:
    """One panel a record class, `shielded` first; the locating facets of all classes last."""
    found = [_class_panel(matrix, name) for name in matrix.classes]
    locating = [facet for facet in matrix.facets if facet in LOCATING]
    if locating and len(matrix.classes) > 1:
        columns = tuple((name, facet) for name in matrix.classes for facet in locating)
        groups = tuple((name, len(locating)) for name in matrix.classes)
        title = " and ".join(words(facet) for facet in locating) + ", every class"
        found.append(Panel(title, columns, groups, (), _rows(matrix, columns), ()))
    return found


def _class_panel(matrix: Matrix, name: str) -> Panel:
    columns = tuple((name, facet) for facet in matrix.facets)
    marked = (State.OVERREACH, State.BREACH, State.UNPROVEN, State.UNDERREACH)
    tallies = ((state, matrix.tally(name, state)) for state in marked)
    marks = tuple((*STATE_SIGN[state], count) for state, count in tallies if count)
    return Panel(words(name), columns, (), marks, _rows(matrix, columns), tuple(_facts(matrix, name)))


def _rows(
    matrix: Matrix, columns: tuple[tuple[str, Facet], ...]
) -> tuple[tuple[str, int, tuple[tuple[RoleSummary, Markup], ...]], ...]:
    places = {key: place for place, key in enumerate(_keys(matrix))}
    return tuple(
        (
            sector.name,
            sector.users,
            tuple(
                (
                    role,
                    Markup("").join(
                        _cell(matrix.cell(role.role, *column), places[role.role, *column]) for column in columns
                    ),
                )
                for role in sector.roles
            ),
        )
        for sector in matrix.sectors
    )


def _keys(matrix: Matrix) -> Iterator[tuple[str, str, Facet]]:
    for name in matrix.classes:
        for sector in matrix.sectors:
            for role in sector.roles:
                for facet in matrix.facets:
                    yield role.role, name, facet


def _cell(cell: Cell, place: int) -> Markup:
    """One `td`; everything in it is a figure or a name of a closed vocabulary."""
    if cell.state is State.ABSENT:
        return Markup('<td class="absent"></td>')
    shade = f"r-{cell.rungs[0]}" if cell.rungs and cell.state in (State.DESIGN, State.UNDERREACH) else ""
    inside = _sign(cell) + _counts(cell)
    return Markup('<td class="{} {}"><button data-c={}>{}</button></td>').format(cell.state, shade, place, inside)


def _sign(cell: Cell) -> Markup:
    sign = STATE_SIGN[cell.state][0]
    shown = cell.wrong if cell.state in (State.OVERREACH, State.BREACH) else cell.rungs
    glyphs = Markup("").join(Markup("<svg><use href=#g-{} /></svg>").format(rung) for rung in shown[:2])
    marked = Markup("<b>{}</b>").format(sign) if sign else Markup("")
    return Markup("<span>{}</span>").format(marked + glyphs)


def _counts(cell: Cell) -> Markup:
    if cell.state in (State.OVERREACH, State.BREACH):
        return Markup("<i>{} of {}</i>").format(compact(cell.failures), compact(cell.probes))
    if cell.rungs:
        return Markup("<i>{} / {}</i>").format(compact(cell.one), compact(cell.whole))
    return Markup("")


def _facts(matrix: Matrix, name: str) -> Iterator[str]:
    for sector in matrix.sectors:
        for role in sector.roles:
            for facet in matrix.facets:
                cell = matrix.cell(role.role, name, facet)
                if cell.state not in (State.CLOSED, State.ABSENT):
                    yield f"{words(role.role)}, {words(facet)}: {STATE_SIGN[cell.state][1]}. {_rungs(cell)}"


def _rungs(cell: Cell) -> str:
    telling = [entry for entry in cell.entries if entry.pairs or entry.verdict is not Verdict.HELD]
    return " ".join(_entry_words(entry) for entry in telling)


def _entry_words(entry: Entry) -> str:
    parts = []
    if entry.pairs:
        parts.append(
            f"permitted to {number(entry.users)} users for {number(entry.children)} children "
            f"(one member {number(entry.one_member)}) by {listed(entry.policies)}"
        )
    if entry.probes:
        bound = "" if entry.bound is None else f", at most {percent_at_most(entry.bound)}"
        parts.append(f"{number(entry.failures)} of {number(entry.probes)} denied requests disclosed it{bound}")
    parts.append(entry.verdict + (f" ({entry.why})" if entry.why else ""))
    return f"{entry.rung}: {'; '.join(parts)}."


def matrix_data(review: Review, matrix: Matrix) -> Markup:
    """What the dialog of a cell shows, for every cell, as JSON that is safe inside a script element.

    `cells[i]` is a list of entries for the i-th cell in the order class, role, facet; each entry is [rung,
    pairs, users, children, one member, verdict, probes, failures, bound, allowed probes, why, policies,
    finding], texts as places in `texts`.
    """
    texts: dict[str, int] = {"": 0}

    def place(text: str) -> int:
        return texts.setdefault(visible(text), len(texts))

    cells = [[_packed(entry, place) for entry in matrix.cell(*key).entries] for key in _keys(matrix)]
    document = {
        "cells": cells,
        "roles": [visible(words(role.role)) for sector in matrix.sectors for role in sector.roles],
        "classes": [visible(words(name)) for name in matrix.classes],
        "facets": [words(facet) for facet in matrix.facets],
        "rungs": [[rung.value, RUNG_SIGN[rung], RUNG_WORDS[rung]] for rung in Rung],
        "verdicts": [verdict.value for verdict in Verdict],
        "findings": {
            visible(finding.key): [
                place(finding.title),
                place(finding.witness.summary),
                place(finding.witness.request),
            ]
            for finding in review.findings
        },
        "texts": list(texts),
    }
    raw = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Markup("".join(_TOKENS.get(letter, letter) for letter in raw))  # noqa: S704 - escaped just here


def _packed(entry: Entry, place: Callable[[str], int]) -> list[object]:
    return [
        entry.rung.height,
        entry.pairs,
        entry.users,
        entry.children,
        entry.one_member,
        list(Verdict).index(entry.verdict),
        entry.probes,
        entry.failures,
        -1 if entry.bound is None else entry.bound,
        entry.allowed_probes,
        place(entry.why),
        place(", ".join(entry.policies)),
        place(entry.finding),
    ]
