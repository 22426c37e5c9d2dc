"""The command that the report prints makes the same run again."""

from __future__ import annotations

import shlex
from pathlib import Path

from overreach.audit.options import OPTIONAL, Options
from overreach.cli.audit import _command, command
from overreach.model.terms import Part, Severity
from overreach.pack.config import Pack

PACK = Pack.read(Path(__file__).parents[2])


def options(parts: frozenset[Part]) -> Options:
    """An audit of odd sizes."""
    return Options(
        pack=PACK,
        population=None,
        recipe="small_england",
        children=321,
        users=123,
        seed=5,
        faults=("my faults.py::one",),
        switches={"G3": "own"},
        parts=parts,
        runs=Path("runs"),
        port=0,
        fail_on=Severity.LOW,
        load_users=1,
        load_seconds=1.0,
        examples=1,
        command="",
    )


def test_the_command_says_sizes_seed_faults_and_switches() -> None:
    """Whatever the pack's own sizes become, the run can be made again; words with spaces are quoted."""
    words = shlex.split(_command(options(frozenset(OPTIONAL)), None))
    asked = command.make_context("audit", words[2:], help_option_names=["-h", "--help"]).params
    assert (asked["children"], asked["users"], asked["seed"], asked["recipe"]) == (321, 123, 5, "small_england")
    assert asked["faults"] == ("my faults.py::one",)
    assert asked["switches"] == ("G3=own",)
    assert asked["only"] == ()


def test_parts_that_were_left_out_are_left_out_again() -> None:
    """Only what ran is named."""
    words = shlex.split(_command(options(frozenset({Part.SCAN, Part.SWEEP})), Path("people")))
    asked = command.make_context("audit", words[2:], help_option_names=["-h", "--help"]).params
    assert asked["only"] == ("sweep,scan",)
    assert asked["population"] == Path("people")
