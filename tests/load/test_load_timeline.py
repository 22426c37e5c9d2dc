"""What happened in each second."""

from __future__ import annotations

from overreach.load.timeline import Timeline, together


def test_processes_are_added_up_second_by_second() -> None:
    """The axis begins with the first second of any of them; a second in which nothing happened is left out."""
    one, other = Timeline(), Timeline()
    one.at(100.2).answers += 2
    one.at(100.9).overreach += 1
    other.at(100.5).answers += 3
    other.at(102.0).unproven += 1
    other.at(102.0).latency.add(0.5)
    moments = together([one.to_json(), other.to_json()])
    assert [(second, moment.answers, moment.overreach, moment.unproven) for second, moment in moments] == [
        (0, 5, 1, 0),
        (2, 0, 0, 1),
    ]
    assert moments[1][1].latency.total == 1


def test_the_recent_seconds_are_whole_ones() -> None:
    """The second that is still going on does not count."""
    timeline = Timeline()
    for second in range(10, 15):
        timeline.at(second).answers += second
    assert timeline.recent(14.5, 3).answers == 11 + 12 + 13
