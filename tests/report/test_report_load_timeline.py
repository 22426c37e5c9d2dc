"""A load over time: nothing that happened is lost between the record and the picture."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.loaded import keep_in

from overreach.model.underload import Second, UnderLoad
from overreach.report.load.axis import LatencyAxis, clock, latency, moment, rate_ticks, time_ticks
from overreach.report.load.reading import read
from overreach.report.load.timeline import COLUMNS, timeline


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> UnderLoad:
    """The kept load, read again."""
    return read(keep_in(tmp_path_factory.mktemp("kept")))


def second(at: int, answers: int) -> Second:
    """A second with something of everything."""
    return Second(at, answers, answers % 3, answers % 5, answers % 7, 0.01, 0.05, 0.1 + answers / 1000)


seconds = st.dictionaries(st.integers(0, 2_000), st.integers(1, 2_000), min_size=1, max_size=40).map(
    lambda known: tuple(second(at, known[at]) for at in sorted(known))
)


@settings(max_examples=30, deadline=None)
@given(seconds=seconds, up_at=st.none() | st.floats(0, 2_500))
def test_whatever_the_length_all_is_counted_once(load: UnderLoad, seconds: tuple[Second, ...], up_at: float) -> None:
    """In the table, on the lanes, and in columns of which there are never too many."""
    drawn = timeline(replace(load, seconds=seconds, up_at=up_at, sightings=()))
    assert drawn.columns <= COLUMNS
    assert drawn.columns * drawn.each >= seconds[-1].second + 1
    for name in ("answers", "overreach", "unproven", "throttled"):
        assert sum(getattr(span, name) for span in drawn.spans) == sum(getattr(each, name) for each in seconds)
    for lane in drawn.lanes:
        assert lane.total == sum(getattr(each, lane.sort) for each in seconds)
        assert all(0 < mark.at < 100 for mark in lane.marks)
    assert all(one.end == two.start for one, two in itertools.pairwise(drawn.spans))
    assert max(span.rate[1] for span in drawn.spans) == max(each.answers for each in seconds)
    assert max(span.p99[1] for span in drawn.spans if span.p99) == max(each.p99 for each in seconds)


def test_a_second_is_a_column_as_long_as_it_fits(load: UnderLoad) -> None:
    """600 seconds are 600 columns; 601 are 301 of two, each with the calmer and the busier second."""
    exact = timeline(replace(load, seconds=tuple(second(at, 10 + at % 2) for at in range(600))))
    assert (exact.columns, exact.each, exact.steady_most) == (600, 1, "")
    wide = timeline(replace(load, seconds=tuple(second(at, 10 + at % 2) for at in range(601))))
    assert (wide.columns, wide.each) == (301, 2)
    assert wide.steady.count("M") == wide.steady_most.count("M") > 0
    assert _heights(wide.steady) < _heights(wide.steady_most)


def _heights(path: str) -> float:
    """Of all bars together."""
    return sum(100 - float(top) for top in re.findall(r"M\d+ 100\.00V([\d.]+)h", path))


def test_ramp_and_steady_phase_share_no_column(load: UnderLoad) -> None:
    """A column belongs to the ramp until everybody is up; without that moment all of them do."""
    drawn = timeline(load)
    places = [[int(at) for at in re.findall(r"M(\d+) ", path)] for path in (drawn.ramp, drawn.steady)]
    assert places == [[0, 1, 2, 3], [4, 5, 6, 7, 8, 9, 11]]
    assert drawn.up == pytest.approx(4.25 / 12 * 100, abs=0.001)
    never = timeline(replace(load, up_at=None))
    assert never.steady == ""
    assert never.up is None


def test_the_pictures_words_leave_out_seconds_without_an_answer(load: UnderLoad) -> None:
    """Nobody waited zero seconds for an answer."""
    silent = Second(12, 0, 0, 0, 0, 0.0, 0.0, 0.0)
    assert "within 55 ms to 61 ms" in timeline(replace(load, seconds=(*load.seconds, silent))).told


def test_a_page_beside_the_files_of_nobody_has_no_links(load: UnderLoad, tmp_path: Path) -> None:
    """Marks without rows lead nowhere."""
    marks = timeline(read(keep_in(tmp_path, found=()))).lanes[0].marks
    assert [(mark.count, mark.row) for mark in marks] == [("1", 0), ("2", 0)]
    assert [mark.row for mark in timeline(load).lanes[0].marks] == [1, 2]


@given(st.lists(st.floats(1e-4, 1e4), min_size=1))
def test_the_axis_of_latencies_keeps_the_order_and_stays_inside(times: list[float]) -> None:
    """Slower is never further left; its marks are round, and at least two."""
    axis = LatencyAxis.over(times)
    places = [axis.at(each) for each in sorted(times)]
    assert all(one <= two for one, two in itertools.pairwise(places))
    assert all(3 <= place <= 97 for place in places)
    assert axis.low <= min(times) * 1.0001
    assert axis.high >= max(times) * 0.9999
    assert 2 <= len(axis.ticks) <= 9
    assert len({name for _, name in axis.ticks}) == len(axis.ticks)
    assert [at for at, _ in axis.sparse_ticks] == [at for at, _ in axis.ticks]
    named = [tick for tick in axis.sparse_ticks if tick[1]]
    assert set(named) <= set(axis.ticks)
    assert len(named) >= 2
    assert all(two - one >= 10 for (one, _), (two, _) in itertools.pairwise(named))


@given(st.integers(0, 10**6))
def test_ticks_are_few_and_reach_the_most(most: int) -> None:
    """Of rates and of times."""
    rates, times = rate_ticks(most), time_ticks(max(most, 1))
    assert 2 <= len(rates) <= 6
    assert rates[-1] >= most
    assert rates[0] == times[0] == 0
    assert len(times) <= 9


def test_times_are_told_as_one_reads_them() -> None:
    """Seconds, then minutes; latencies with their unit."""
    assert [clock(at) for at in (0, 59, 60, 245)] == ["0 s", "59 s", "1:00", "4:05"]
    assert [moment(at) for at in (0.5, 59.994, 59.996, 245.3)] == ["0.50 s", "59.99 s", "1:00.00", "4:05.30"]
    assert [latency(at) for at in (0.0004, 0.0514, 1.2, 1_200)] == ["0.4 ms", "51 ms", "1.2 s", "1,200 s"]
