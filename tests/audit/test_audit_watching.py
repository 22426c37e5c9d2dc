"""A load whose misusers the real registry's own alerts name, unless a fault silences them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from overreach.audit.options import Options
from overreach.audit.run import run_load_only
from overreach.load.watched import HabitWatched, Watchers
from overreach.model.review import PartSummary
from overreach.model.terms import Part
from overreach.pack.config import Pack

ROOT = Path(__file__).parents[2]
USERS, SECONDS, RATE = 40, 2.5, 20  # slow practitioners: the others get on
HABITS = """[tool.overreach.load.habits]
practitioner = 1.0
hasty_enumerator = { share = 1.0, roles = ["school_nurse", "practice_nurse"] }
hasty_sharer = { share = 1.0, roles = ["senco"] }
hasty_harvester = { share = 1.0, roles = ["general_practitioner", "midwife"] }
"""
HASTY = '''"""What takes others minutes, in two seconds."""

from overreach.load.habit import Steps, habit
from overreach.load.me import Me


@habit("hasty_enumerator", misuse="walks through record numbers")
def hasty_enumerator(me: Me) -> Steps:
    """Sixty numbers at once."""
    place = me.anywhere()
    me.misuses()
    while True:
        for _ in range(60):
            me.ask_number_of_nobody("open", place)
            place += 1
        yield 0.1


@habit("hasty_harvester", misuse="opens as many records as the rights allow")
def hasty_harvester(me: Me) -> Steps:
    """Sixty records at once, each with a reason."""
    me.misuses()
    while True:
        for _ in range(60):
            me.ask("view", me.anywhere(), me.reason())
        yield 0.1


@habit("hasty_sharer", misuse="two people work in one session")
def hasty_sharer(me: Me) -> Steps:
    """Two desks in turn."""
    me.misuses()
    while True:
        for me.agent in ("desk 1", "desk 2"):
            me.ask("search by name", me.near(), me.reason())
            yield 0.1
'''


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The pack of this repository with people who are in a hurry."""
    root = tmp_path_factory.mktemp("hasty")
    (root / "load" / "habits").mkdir(parents=True)
    for name in ("scenarios", "generators", "load/people.py", "load/habits/practitioner.py"):
        (root / name).symlink_to(ROOT / name)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    changed, times = re.subn(r"\[tool\.overreach\.load\.habits\]\n(?:\w.*\n)+", HABITS, text)
    assert times == 1
    (root / "pyproject.toml").write_text(changed, encoding="utf-8")
    (root / "load" / "habits" / "hasty.py").write_text(HASTY, encoding="utf-8")
    return Pack.read(root)


def told(options: Options, pack: Pack, out: Path, *faults: str) -> tuple[Watchers, PartSummary]:
    """What the alerts told of a load, and the figures of the log's part."""
    load = replace(
        options,
        pack=pack,
        faults=faults,
        parts=frozenset({Part.LOAD}),
        load_users=USERS,
        load_seconds=SECONDS,
        load_rate=RATE,
        load_out=out,
    )
    live = run_load_only(load, lambda _text, _done, _all: None)
    assert live.parts.watchers is not None
    summary = next(each.summary for each in live.parts.outcomes if each.summary.part is Part.LOG)
    return live.parts.watchers, summary


def row(watchers: Watchers, name: str) -> HabitWatched:
    """The people of one habit."""
    return next(each for each in watchers.habits if each.habit == name)


def test_the_registry_names_who_walks_and_who_carries_away(options: Options, hasty: Pack, tmp_path: Path) -> None:
    """And who shares a session: all of them, and no practitioner for working; the figures are told and kept."""
    watchers, summary = told(options, hasty, tmp_path / "out")
    for name, kind in (
        ("hasty_enumerator", "enumeration"),
        ("hasty_harvester", "dummy_reason"),
        ("hasty_sharer", "shared_session"),
    ):
        each = row(watchers, name)
        assert each.named == each.began == each.people > 0
        assert each.alerts[kind] == each.people
        assert each.seconds is not None
        assert each.watched is not None
        assert 0 < each.seconds[0] <= each.seconds[2] <= each.watched + 1
    assert not {"enumeration", "dummy_reason", "volume", "shared_session"} & set(row(watchers, "practitioner").alerts)
    assert watchers.recall == 1.0
    assert ("misusers of the load named by alerts", f"{watchers.named} of {watchers.misusers}") in summary.figures
    kept = json.loads((tmp_path / "out" / "load.json").read_text(encoding="utf-8"))
    assert kept["watchers"] == json.loads(json.dumps(watchers.to_json()))


def test_a_registry_whose_alerts_are_silenced_names_fewer(options: Options, hasty: Pack, tmp_path: Path) -> None:
    """Its enumerators go unnoticed, and that is a figure: nothing else is wrong."""
    watchers, _ = told(options, hasty, tmp_path / "out", "enumeration-unnoticed")
    silenced, told_of = row(watchers, "hasty_enumerator"), row(watchers, "hasty_harvester")
    assert (silenced.named, silenced.alerts, silenced.seconds) == (0, {}, None)
    assert silenced.began > 0
    assert told_of.named == told_of.began > 0
    assert watchers.named == watchers.misusers - silenced.began
