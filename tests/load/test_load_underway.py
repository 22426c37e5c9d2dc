"""What was under way beside an answer: all that overlap it in time, whichever process sent them, and not itself."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.load import record
from overreach.load.journal import Journal, Row
from overreach.load.underway import UnderWay
from overreach.model.terms import Verdict

REQUESTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12), st.integers(0, 1)), min_size=1, max_size=30)
"""Tenths of a second at which each is sent and that it takes, and the process that sends it."""


def journals(folder: Path, requests: list[tuple[int, int, int]]) -> None:
    """The journals of two processes; the user of a request is its place."""
    parts = [Journal(folder / record.ANSWERS.format(part), ["search", "view"], []) for part in (0, 1)]
    for user, (sent, took, part) in enumerate(requests):
        times = (sent / 10, took / 10)
        parts[part].add(Row(*times, user, 1, user % 3 or None, "view", None, True, 200, Verdict.HELD, True, ()))  # noqa: FBT003 - columns
    for each in parts:
        each.close()


@given(REQUESTS, st.data())
@settings(max_examples=60, deadline=None)
def test_everything_that_overlaps_is_beside(requests: list[tuple[int, int, int]], data: st.DataObject) -> None:
    """In order of sending, with what each was about."""
    own = data.draw(st.integers(0, len(requests) - 1))
    began, ended = requests[own][0] / 10, sum(requests[own][:2]) / 10
    with tempfile.TemporaryDirectory() as name:
        journals(Path(name), requests)
        found = list(UnderWay(Path(name)).beside(f"load-{own}-1", began, ended))
    near = 1e-6  # a journal keeps how long an answer took in four bytes
    sure = {
        user
        for user, (sent, took, _) in enumerate(requests)
        if user != own and sent / 10 <= ended and (sent + took) / 10 >= began + near
    }
    perhaps = {
        user for user, (sent, took, _) in enumerate(requests) if sent / 10 <= ended and sent + took >= 10 * began
    }
    users = [each.user for each in found]
    assert sure <= set(users) <= perhaps - {own}
    assert len(set(users)) == len(users)
    assert [each.time for each in found] == sorted(each.time for each in found)
    assert all((each.operation, each.child) == ("view", each.user % 3 or None) for each in found)
    assert all(each.request_id == f"load-{each.user}-1" for each in found)
