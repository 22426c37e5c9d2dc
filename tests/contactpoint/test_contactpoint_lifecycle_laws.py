"""What holds through every life of a record."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contactpoint.inside import Inside
from tests.contactpoint.officers import (
    HALF,
    MANAGER,
    SECOND,
    TEAM,
    TEAM_THERE,
    WORKER,
    decide,
    merge,
    move,
    post,
    request,
    rows,
    shield,
    unshield,
)
from tests.contactpoint.tables import HERE, PLAIN, SHIELDED, SIBLING, THERE

from overreach.contactpoint import schema
from overreach.contactpoint.lifecycle import MERGE

TWIN = 9  # a plain child who shares no carer with those above


def test_a_merge_reaches_every_table_that_speaks_of_a_child() -> None:
    """A table that is added must say what becomes of its rows: in `MERGE`, or they stay with a record that is gone."""
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(schema.REFERENCE + schema.STATE)
        found = empty.execute(
            """SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
            WHERE m.type = 'table' AND c.name = 'child' AND c.type = 'INTEGER'"""
        ).fetchall()
    reached = {name for each in MERGE for name in re.findall(r"(?:UPDATE|OR IGNORE|DELETE FROM) (\w+)", each)}
    assert {name for (name,) in found} <= reached


@pytest.fixture(scope="module")
def shared(population: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """One registry for many examples, each of which begins with the database as it was."""
    with Inside(population, tmp_path_factory.mktemp("shared")) as registry:
        for username in (TEAM, SECOND, TEAM_THERE, MANAGER, WORKER):
            registry.token(username)
        with closing(sqlite3.connect(registry.database)) as source, closing(_kept(registry)) as kept:
            source.backup(kept)
        yield registry


def _kept(inside: Inside) -> sqlite3.Connection:
    return sqlite3.connect(inside.database.with_suffix(".kept"))


CHILDREN = st.sampled_from([PLAIN, SHIELDED, SIBLING, TWIN])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("shield"), CHILDREN),
        st.tuples(st.just("request"), CHILDREN),
        st.tuples(st.just("confirm"), CHILDREN),
        st.tuples(st.just("lift alone"), CHILDREN),
        st.tuples(st.just("refuse alone"), CHILDREN),
        st.tuples(st.just("split"), CHILDREN),
        st.tuples(st.just("move"), CHILDREN),
        st.tuples(st.just("merge"), CHILDREN, CHILDREN),
    ),
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(steps=STEPS)
def test_no_step_of_a_life_unshields(shared: Inside, steps: list[tuple[str, *tuple[int, ...]]]) -> None:
    """Shielded before is shielded after, under every number, unless two officers lifted it; one area at any time."""
    with closing(sqlite3.connect(shared.database)) as target, closing(_kept(shared)) as kept:
        kept.backup(target)
    acts: dict[str, Callable[..., object]] = {
        "shield": lambda child: shield(shared, child),
        "request": lambda child: request(shared, WORKER, child),
        "confirm": lambda child: decide(shared, TEAM, child, "confirm"),
        "lift alone": lambda child: unshield(shared, TEAM, child),
        "refuse alone": lambda child: decide(shared, TEAM, child, "refuse"),
        "split": lambda child: post(shared, MANAGER, child, "split", **HALF),
        "move": lambda child: move(shared, child),
        "merge": lambda child, survivor: merge(shared, child, survivor),
    }
    before = _shielded(shared)
    for name, *children in steps:
        acts[name](*children)
        after = _shielded(shared)
        assert {number for number, shielded in before.items() if shielded} <= {
            number for number, shielded in after.items() if shielded
        }
        assert before.keys() <= after.keys()
        before = after
    assert {area for (area,) in rows(shared, "SELECT responsible FROM children")} <= {HERE, THERE}


def _shielded(inside: Inside) -> dict[str, bool]:
    """Whether the record of each number that was ever issued is shielded."""
    found = rows(
        inside,
        """SELECT number, shielded FROM children UNION ALL
        SELECT s.number, c.shielded FROM superseded s JOIN children c ON c.number = s.survivor""",
    )
    return {number: bool(shielded) for number, shielded in found}
