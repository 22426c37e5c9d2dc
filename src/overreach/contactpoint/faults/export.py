"""Faults of exports: the lost discs in miniature."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from overreach.contactpoint.calls import Answer, Call
from overreach.contactpoint.decisions.exports import COLUMNS
from overreach.contactpoint.exports import Exports
from overreach.contactpoint.facts import Child, Export, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts


@dataclass(frozen=True)
class _Exports:
    """Exports that behave; a fault changes one method of them."""

    inner: Exports

    @property
    def most(self) -> int:
        return self.inner.most

    def ask(self, asked: Mapping[str, Any], user: User, now: datetime) -> str:
        return self.inner.ask(asked, user, now)

    def find(self, export: str) -> Export | None:
        return self.inner.find(export)

    def waiting(self, now: datetime) -> list[Export]:
        return self.inner.waiting(now)

    def approve(self, export: str, user: int, now: datetime) -> None:
        self.inner.approve(export, user, now)

    def take(self, export: str, now: datetime) -> None:
        self.inner.take(export, now)

    def authority(self, name: str) -> int:
        return self.inner.authority(name)

    def numbers(self, areas: frozenset[int], where: Mapping[str, str]) -> list[str]:
        return self.inner.numbers(areas, where)


@fault("export-over-wide", breaks="R23", scenario=39)
def export_over_wide(parts: Parts) -> Parts:
    """Whatever columns were asked for, the file has all of them."""

    class Whole(_Exports):
        def find(self, export: str) -> Export | None:
            asked = self.inner.find(export)
            return None if asked is None else asked._replace(columns=tuple(COLUMNS))

    return replace(parts, exports=Whole(parts.exports))


@fault("export-includes-shielded", breaks="R10", scenario=39)
def export_includes_shielded(parts: Parts) -> Parts:
    """Shielded records are in every export, its ground stated or not."""

    def exports_row(child: Child, asked: Export, readable: frozenset[str]) -> frozenset[str]:
        return parts.rules.exports_row(child._replace(shielded=False), asked, readable)

    return replace(parts, rules=replace(parts.rules, exports_row=exports_row))


@fault("export-approved-by-asker", breaks="R23", scenario=39)
def export_approved_by_asker(parts: Parts) -> Parts:
    """Whoever asked for an export is one of the two who approve it."""

    def approves_export(user: User, asked: Export) -> bool:
        return parts.rules.approves_export(user, asked._replace(user=-1))

    return replace(parts, rules=replace(parts.rules, approves_export=approves_export))


@fault("export-approved-by-manager", breaks="R23", scenario=39)
def export_approved_by_manager(parts: Parts) -> Parts:
    """The manager of the one who asked for an export approves it."""

    def approves_export(user: User, asked: Export) -> bool:
        return parts.rules.approves_export(user, asked._replace(manager=None))

    return replace(parts, rules=replace(parts.rules, approves_export=approves_export))


@fault("export-approved-by-one", breaks="R23", scenario=39)
def export_approved_by_one(parts: Parts) -> Parts:
    """One approval is enough."""
    return replace(parts, rules=replace(parts.rules, export_approved=lambda asked: bool(asked.approvers)))


@fault("export-downloaded-by-others", breaks="R23", scenario=39)
def export_downloaded_by_others(parts: Parts) -> Parts:
    """Whoever may export at all and knows the id of an export downloads it."""
    return replace(parts, rules=replace(parts.rules, downloads=lambda _user, _asked: True))


@fault("export-downloaded-again", breaks="R23", scenario=39)
def export_downloaded_again(parts: Parts) -> Parts:
    """An export can be downloaded as often as one likes."""

    class Open(_Exports):
        def take(self, _export: str, _now: datetime) -> None:
            return

    return replace(parts, exports=Open(parts.exports))


@fault("export-of-other-areas", breaks="R23", scenario=39)
def export_of_other_areas(parts: Parts) -> Parts:
    """The authority that an export names is believed, whether it is the asker's or not."""

    def exports_from(user: User, named: int | None) -> frozenset[int]:
        return parts.rules.exports_from(user, None) if named is None else frozenset({named})

    return replace(parts, rules=replace(parts.rules, exports_from=exports_from))


@fault("export-by-everybody", breaks="R7", scenario=39)
def export_by_everybody(parts: Parts) -> Parts:
    """Any user may ask for exports."""
    return replace(parts, rules=replace(parts.rules, asks_exports=lambda _user: True))


@fault("export-not-counted", breaks="R9", scenario=39)
def export_not_counted(parts: Parts) -> Parts:
    """The log says that an export was downloaded, not which records it held nor how many."""

    def change(_parts: Parts, _call: Call, answer: Answer) -> Answer:
        return replace(answer, results=(), noted={})

    return parts.changing("take_export", change)


@fault("export-with-formulas", breaks="R23", scenario=39)
def export_with_formulas(parts: Parts) -> Parts:
    """A cell that begins like a formula is a formula in the file, and runs when the file is opened."""

    def change(_parts: Parts, _call: Call, answer: Answer) -> Answer:
        if answer.file is None:
            return answer
        text = io.StringIO(newline="")
        cells = csv.reader(io.StringIO(answer.file.content.decode(), newline=""))
        csv.writer(text).writerows([cell.removeprefix("'") for cell in row] for row in cells)
        return replace(answer, file=replace(answer.file, content=text.getvalue().encode()))

    return parts.changing("take_export", change)
