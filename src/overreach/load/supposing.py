"""What a lost worker of a fleet may have changed without anybody's telling of it."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from overreach.load import record
from overreach.load.agenda import Agenda
from overreach.load.befalling import draw
from overreach.load.changes import Change, Unsettled, read_changes
from overreach.load.loss import losses
from overreach.load.members import members
from overreach.probe.session import Bench


def suppose(bench: Bench, seed: int, folder: Path) -> None:
    """Note that any event in a lost worker's share may have happened since the worker was last heard of.

    A move is noted without the area it went to, which nobody knows: answers that it met stay unproven.
    """
    lost = losses(folder)
    if not lost:
        return
    order = record.Order.read(folder)
    drawn = draw(bench, seed, members(bench, seed)[: order.users])
    told = {(change.event, change.child) for change in read_changes(folder)}
    for part, loss in lost.items():
        agenda, unsettled = Agenda.of(bench, drawn), Unsettled(folder, part, order.slack)
        agenda.share(part, order.parts)
        for what in chain(*agenda.waiting.values()):
            if (what.event.name, what.child) not in told:
                unsettled.note(Change(what.event.name, what.child, what.into, None, loss.since, None))
