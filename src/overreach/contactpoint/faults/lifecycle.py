"""Faults of merging, splitting and moving records."""

from __future__ import annotations

from dataclasses import replace

from overreach.contactpoint.fault import fault
from overreach.contactpoint.lifecycle import Half
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.records import Found
from overreach.contactpoint.shields import Statement
from overreach.contactpoint.wrapping import with_methods


@fault("merge-keeps-plain-survivor", breaks="R10", scenario=28)
def merge_keeps_plain_survivor(parts: Parts) -> Parts:
    """A record that takes in a shielded one stays as plain as it was."""

    def merge(child: int, survivor: int, said: Statement) -> bool:
        before = parts.storage.run("SELECT shielded, shielded_since FROM children WHERE child = ?", (survivor,))
        shielded, since = before.fetchone()
        merged = parts.lifecycle.merge(child, survivor, said)
        values = (shielded, since, survivor)
        parts.storage.run("UPDATE children SET shielded = ?, shielded_since = ? WHERE child = ?", values)
        return merged

    return replace(parts, lifecycle=with_methods(parts.lifecycle, merge=merge))


@fault("merge-drops-contact-protection", breaks="R10", scenario=28)
def merge_drops_contact_protection(parts: Parts) -> Parts:
    """What a carer is reached by is shown on a merged record, although it was hidden before."""

    def merge(child: int, survivor: int, said: Statement) -> bool:
        merged = parts.lifecycle.merge(child, survivor, said)
        if merged:
            parts.storage.run("UPDATE children SET contacts_protected = 0 WHERE child = ?", (survivor,))
        return merged

    return replace(parts, lifecycle=with_methods(parts.lifecycle, merge=merge))


@fault("old-number-unmasked", breaks="R10", scenario=28)
def old_number_unmasked(parts: Parts) -> Parts:
    """The number of a record that was merged leads to the survivor past its shield."""

    def find(number: str, user: int) -> Found | None:
        found = parts.records.find(number, user)
        if found is None or found.child.number == number:
            return found
        return found._replace(child=found.child._replace(shielded=False))

    return replace(parts, records=with_methods(parts.records, find=find))


@fault("split-leaves-half-plain", breaks="R10", scenario=29)
def split_leaves_half_plain(parts: Parts) -> Parts:
    """The second record that is made of a shielded one has no shield."""

    def split(child: int, half: Half, said: Statement) -> str:
        number = parts.lifecycle.split(child, half, said)
        parts.storage.run("UPDATE children SET shielded = 0, shielded_since = NULL WHERE number = ?", (number,))
        return number

    return replace(parts, lifecycle=with_methods(parts.lifecycle, split=split))


@fault("move-drops-shield", breaks="R10", scenario=30)
def move_drops_shield(parts: Parts) -> Parts:
    """The shield was the old authority's decision: with the record's move it is gone."""

    def accept(child: int, said: Statement) -> None:
        parts.moves.accept(child, said)
        parts.storage.run("UPDATE children SET shielded = 0, shielded_since = NULL WHERE child = ?", (child,))

    return replace(parts, moves=with_methods(parts.moves, accept=accept))


@fault("old-area-keeps-rights", breaks="R18", scenario=30)
def old_area_keeps_rights(parts: Parts) -> Parts:
    """What users of the old authority had taken outlasts a move: numbers given, reasons stated, open overrides."""
    taken = (
        ("SELECT * FROM given WHERE number = ?", "INSERT OR IGNORE INTO given VALUES (?, ?)"),
        ("SELECT * FROM declared WHERE number = ?", "INSERT OR IGNORE INTO declared VALUES (?, ?, ?)"),
        ("SELECT * FROM overrides WHERE number = ?", "INSERT OR IGNORE INTO overrides VALUES (?, ?, ?, ?)"),
    )

    def accept(child: int, said: Statement) -> None:
        number = parts.storage.run("SELECT number FROM children WHERE child = ?", (child,)).fetchone()
        kept = [(put, parts.storage.run(take, number).fetchall()) for take, put in taken]
        parts.moves.accept(child, said)
        for put, rows in kept:
            parts.storage.run_many(put, rows)

    return replace(parts, moves=with_methods(parts.moves, accept=accept))
