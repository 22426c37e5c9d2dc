"""The matrix for a terminal: the locating facets of every record class, and roles alike on one line."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from overreach.model.terms import LOCATING, Facet, Rung
from overreach.report.matrix import STATE_LETTER, STATE_SIGN, Cell, Matrix, Sector, State
from overreach.report.wording import (
    RUNG_LETTER,
    RUNG_SIGN,
    RUNG_WORDS,
    number,
    one_line,
    people,
    users,
    words,
)

_HEADS = 7
_GAP = 2
_STYLE = {
    State.OVERREACH: "bold red",
    State.BREACH: "bold red",
    State.UNPROVEN: "bold yellow",
    State.UNDERREACH: "yellow",
    State.CLOSED: "dim",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """Which signs a terminal can show."""

    rungs: dict[Rung, str]
    states: dict[State, str]

    @classmethod
    def of(cls, encoding: str) -> Signs:
        """Circles where the encoding has them, letters elsewhere."""
        states = {state: sign for state, (sign, _) in STATE_SIGN.items()}
        try:
            "".join([*RUNG_SIGN.values(), *states.values()]).encode(encoding)
        except (UnicodeEncodeError, LookupError):
            return cls(RUNG_LETTER, STATE_LETTER)
        return cls(RUNG_SIGN, states)


@dataclass(frozen=True, slots=True)
class _Line:
    """Roles of one sector whose cells look alike."""

    roles: tuple[str, ...]
    users: int
    cells: tuple[Cell, ...]


def matrix_lines(matrix: Matrix, width: int, signs: Signs) -> list[Text]:
    """The matrix as lines of at most `width` characters, its key first; classes that do not fit go below."""
    facets = [facet for facet in matrix.facets if facet in LOCATING] or list(matrix.facets[:2])
    if not facets or not matrix.classes:
        return [Text("nothing was counted")]
    block = len(facets) * 2 + _GAP
    name_width = max(18, min(34, width - _HEADS - block * len(matrix.classes)))
    at_once = max(1, (width - _HEADS - name_width) // block)
    lines = [Text(line) for line in _key(matrix, facets, width)]
    lines += _legend(matrix, facets, signs)
    for start in range(0, len(matrix.classes), at_once):
        shown = matrix.classes[start : start + at_once]
        letters = [_letter(start + place) for place in range(len(shown))]
        lines.append(Text(""))
        head = "role".ljust(name_width) + "users".rjust(_HEADS)
        heading = "".join(" " * _GAP + letter.ljust(len(facets) * 2) for letter in letters)
        lines.append(Text((head + heading).rstrip(), style="bold"))
        for sector in matrix.sectors:
            columns = [(name, facet) for name in shown for facet in facets]
            lines += _sector_lines(matrix, sector, columns, (name_width, len(facets)), signs)
    return lines


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"{place + 1}"  # noqa: PLR2004 - letters of the alphabet


def _key(matrix: Matrix, facets: list[Facet], width: int) -> list[str]:
    shown = " then ".join(words(facet) for facet in facets)
    items = [f"{_letter(place)} {one_line(words(name))}" for place, name in enumerate(matrix.classes)]
    return _wrapped([f"columns: {shown}, for records of class", *items], width)


def _wrapped(items: list[str], width: int) -> list[str]:
    lines = [items[0]]
    for item in items[1:]:
        if len(lines[-1]) + 2 + len(item) > width:
            lines.append(" " + item)
        else:
            lines[-1] += "  " + item
    return lines


def _legend(matrix: Matrix, facets: list[Facet], signs: Signs) -> list[Text]:
    """Only what occurs, so that the key stays short."""
    shown = [
        matrix.cell(role.role, name, facet)
        for sector in matrix.sectors
        for role in sector.roles
        for name in matrix.classes
        for facet in facets
    ]
    rungs = {rung for cell in shown for rung in cell.rungs[:1] + cell.wrong[:1]}
    states = {cell.state for cell in shown} - {State.DESIGN, State.ABSENT}
    lines = [Text(f"  {signs.rungs[rung]} {rung}: {RUNG_WORDS[rung]}") for rung in Rung if rung in rungs]
    return lines + [
        Text(f"  {signs.states[state]} {STATE_SIGN[state][1]}", style=_STYLE.get(state, ""))
        for state in State
        if state in states
    ]


def _sector_lines(
    matrix: Matrix, sector: Sector, columns: list[tuple[str, Facet]], sizes: tuple[int, int], signs: Signs
) -> list[Text]:
    grouped: dict[tuple[tuple[State, Rung | None], ...], _Line] = {}
    for role in sector.roles:
        cells = tuple(matrix.cell(role.role, *column) for column in columns)
        look = tuple((cell.state, _rung(cell)) for cell in cells)
        line = grouped.get(look, _Line((), 0, cells))
        grouped[look] = _Line((*line.roles, role.role), line.users + role.users, cells)
    title = f"{one_line(sector.name)}: {people(len(sector.roles), 'role', 'roles')}, {users(sector.users)}"
    return [Text(title, style="bold")] + [_row(line, sizes, signs) for line in grouped.values()]


def _row(line: _Line, sizes: tuple[int, int], signs: Signs) -> Text:
    name_width, per_class = sizes
    more = f" +{len(line.roles) - 1}" if len(line.roles) > 1 else ""
    name = "  " + _cut(one_line(words(line.roles[0])), name_width - 2 - len(more)) + more
    text = Text(name.ljust(name_width) + number(line.users).rjust(_HEADS))
    for place, cell in enumerate(line.cells):
        if place % per_class == 0:
            text.append(" " * _GAP)
        text.append(_sign(cell, signs).ljust(2), style=_STYLE.get(cell.state, ""))
    text.rstrip()
    return text


def _rung(cell: Cell) -> Rung | None:
    shown = cell.wrong or cell.rungs
    return shown[0] if shown else None


def _sign(cell: Cell, signs: Signs) -> str:
    rung = _rung(cell)
    circle = signs.rungs[rung] if rung and cell.state not in (State.CLOSED, State.ABSENT) else ""
    return signs.states.get(cell.state, "") + circle


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(1, width - 2)] + ".."
