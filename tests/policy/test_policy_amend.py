"""Another policy to compare with."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.policy.drawn_people import PACK, RUNGS, SWITCHES, DrawnPeople

from overreach.model.errors import PolicyError, UnknownNameError
from overreach.policy.amend import another
from overreach.policy.check import agree
from overreach.policy.classwise import ClassGrid
from overreach.policy.grid import Grid
from overreach.policy.load import Policy

_POLICY = Policy.load(PACK, SWITCHES)
_NOBODY = '@id("whereabouts") permit (principal, action == Action::"whereabouts", resource) when { false };'


def _file(folder: Path, text: str) -> Path:
    file = folder / "other.cedar"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_changed_policy_takes_the_place_of_its_namesake(tmp_path: Path) -> None:
    """Everything else stays, in its order."""
    other = another(_POLICY, _file(tmp_path, f'@change("replace") {_NOBODY}'), SWITCHES)
    assert list(other.rules) == list(_POLICY.rules)
    assert [name for name in other.rules if other.rules[name] != _POLICY.rules[name]] == ["whereabouts"]
    assert other.digest != _POLICY.digest


def test_an_added_policy_stands_beside_the_others(tmp_path: Path) -> None:
    """At the end; deciding policies are named by it."""
    added = '@change("add") @id("closed") forbid (principal, action, resource);'
    other = another(_POLICY, _file(tmp_path, added), SWITCHES)
    assert list(other.rules) == [*_POLICY.rules, "closed"]
    assert other.names["policy" + str(len(_POLICY.rules))] == "closed"


def test_a_file_without_changes_is_the_whole_policy(tmp_path: Path) -> None:
    """What it does not say is denied."""
    assert list(another(_POLICY, _file(tmp_path, _NOBODY), SWITCHES).rules) == ["whereabouts"]


def test_only_switches_may_change() -> None:
    """The same policies, settled otherwise."""
    other = another(_POLICY, None, SWITCHES | {"G2": "yes"})
    assert other.rules == _POLICY.rules
    assert other.switches["G2"] == "yes"


@pytest.mark.parametrize("file", sorted((PACK / "what_if").glob("*.cedar")), ids=lambda file: file.stem)
def test_cedarpy_agrees_on_an_amended_policy(file: Path) -> None:
    """The columns and the reference read the merged text alike: effect and deciding policies."""
    people = DrawnPeople(40, 60, 3, seed=8, odd=0.3)
    other = another(_POLICY, file, SWITCHES)
    grid = Grid.build(_POLICY, people, RUNGS, beside=(other,))
    after = ClassGrid(other, grid.users, grid.children)
    for context in RUNGS:
        after.masks(context.claims)
    assert agree(after, people, grid.cells(), 300, 1) == 300


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'@change("swap") {_NOBODY}', "`other.cedar` line 1: `swap` is no change"),
        (f"@change {_NOBODY}", "`other.cedar` line 1: `` is no change"),
        (f'@change("add") {_NOBODY}', "`other.cedar` line 1: there is a policy `whereabouts` already"),
        (
            f'@change("replace") {_NOBODY} @id("b") forbid (principal, action, resource);',
            "`other.cedar` says of some policies what they change, and of others not",
        ),
    ],
)
def test_an_unclear_change_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(PolicyError, match=said):
        another(_POLICY, _file(tmp_path, text), SWITCHES)


def test_there_must_be_something_to_replace(tmp_path: Path) -> None:
    """The known policies are listed."""
    missing = '@change("replace") @id("wherabouts") forbid (principal, action, resource);'
    with pytest.raises(UnknownNameError, match="no policy is called `wherabouts`"):
        another(_POLICY, _file(tmp_path, missing), SWITCHES)


def test_an_expression_outside_the_columns_is_refused_by_name(tmp_path: Path) -> None:
    """As in the policy itself."""
    text = '@change("add") @id("like") forbid (principal, action, resource) when { context.reason like "w*" };'
    with pytest.raises(PolicyError, match=r"other\.cedar"):
        another(_POLICY, _file(tmp_path, text), SWITCHES)
