"""Options that several commands share: what is given wins over the pack, what is not known is listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from overreach.audit.options import OPTIONAL
from overreach.cli.options import parts_of, shown_progress, switches_of, the_pack
from overreach.model.errors import OverreachError
from overreach.model.terms import Part
from overreach.pack.config import Pack

ROOT = Path(__file__).parents[2]
PACK = replace(Pack.read(ROOT), switches={"G1": "no", "G3": "declared"})


def test_a_switch_given_wins_over_the_packs() -> None:
    """The last one of a name; the pack's own stay as they are."""
    assert switches_of(PACK, ["G1=yes", "G3=own", "G3=national"]) == {"G1": "yes", "G3": "national"}
    assert switches_of(PACK, []) == PACK.switches == {"G1": "no", "G3": "declared"}


def test_a_value_may_hold_the_separator() -> None:
    """Only the first one separates."""
    assert switches_of(PACK, ["G1=a=b"])["G1"] == "a=b"


@pytest.mark.parametrize("text", ["", "G1", "G1:yes"])
def test_a_switch_of_another_form_is_refused(text: str) -> None:
    """With the known ones."""
    with pytest.raises(OverreachError, match="is not of the form NAME=VALUE") as refused:
        switches_of(PACK, [text])
    assert refused.value.remedy == "known switches: G1, G3"


def test_parts_are_named_one_by_one_or_with_commas() -> None:
    """All of them where none is named."""
    assert parts_of(["sweep,scan", "wire"], OPTIONAL) == {Part.SWEEP, Part.SCAN, Part.WIRE}
    assert parts_of([], OPTIONAL) == set(OPTIONAL)


@pytest.mark.parametrize("name", ["swep", "reach", "SWEEP", " sweep"])
def test_a_part_that_cannot_be_chosen_is_refused(name: str) -> None:
    """Reach is always computed, and is not a choice."""
    with pytest.raises(OverreachError, match=f"no part is called `{name}`") as refused:
        parts_of([f"scan,{name}"], OPTIONAL)
    assert refused.value.remedy.startswith("known: sweep, ")


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipeline's log holds no bars."""
    with shown_progress() as progress:
        progress("sweep", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_the_pack_named_is_the_pack_taken() -> None:
    """Whatever folder the command is started in."""
    assert the_pack(ROOT).root == ROOT


def test_progress_is_told_in_lines_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each thing that is done, and not for every step of it."""
    with shown_progress(lines=60) as progress:
        for done in range(3):
            progress(f"load: {done} users\nno overreach", done, 3)
        progress("comparing with the log", 0, 1)
    assert capsys.readouterr() == ("", "load: 0 users, no overreach\ncomparing with the log\n")
