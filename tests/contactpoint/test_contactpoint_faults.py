"""The seam for faults: what they are, how they are found, that they compose."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.contactpoint.inside import SECRET, Inside
from tests.contactpoint.tables import PLAIN, SHIELDED

from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.fault import fault, find_faults, known_faults
from overreach.contactpoint.parts import Parts

SHOWN = Path(__file__).parent / "faults"


def test_faults_compose(population: Path, tmp_path: Path) -> None:
    """Each wraps what the one before it left."""
    names = ("whereabouts-in-header", "leaver-signs-in", "override-without-alert", "empty-search-not-logged")
    with Inside(population, tmp_path, names) as inside:
        assert b"x-record-hint" in dict(inside.view("leaver", SHIELDED).headers)
        inside.search("leaver", family_name="Nobody")
        assert all(row["operation"] != "search" for row in inside.log())


def test_all_faults_together_still_answer(population: Path, tmp_path: Path) -> None:
    """No fault keeps another from being built in."""
    with Inside(population, tmp_path, [each.name for each in known_faults()]) as inside:
        assert inside.view("social_worker", PLAIN).status == 200


def test_no_two_faults_have_one_name() -> None:
    """Who asks for one of them would get the other."""
    names = [each.name for each in known_faults()]
    assert len(set(names)) == len(names)


def test_each_fault_has_a_test_of_correct_and_broken_behaviour() -> None:
    """A fault that nobody shows is no fault."""
    shown = "".join(file.read_text(encoding="utf-8") for file in SHOWN.glob("test_*.py"))
    assert not [each.name for each in known_faults() if f"def test_{each.name.replace('-', '_')}(both" not in shown]


OWN = '''
"""A fault of one's own."""
from dataclasses import replace
from overreach.contactpoint.fault import fault

@fault("health-for-all", breaks="R7", scenario=1)
def health_for_all(parts):
    """Everybody reads everything."""
    every = frozenset({"existence", "identity", "health"})
    return replace(parts, rules=replace(parts.rules, view=lambda user, child, claims: every))
'''


def test_a_fault_of_ones_own_is_loaded_by_its_path(population: Path, tmp_path: Path) -> None:
    """FILE.py::NAME."""
    file = tmp_path / "own.py"
    file.write_text(OWN)
    with Inside(population, tmp_path, (f"{file}::health-for-all",)) as inside:
        assert "health" in inside.view("fire_strategy_officer", SHIELDED, reason=None).json


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-such-fault", "no fault is called `no-such-fault`"),
        ("{own}::no-such-fault", "no fault in `{own}` is called `no-such-fault`"),
        ("missing.py::x", "there is no Python file `missing.py`"),
        ("{broken}::x", "fault file `{broken}` does not load: NameError: name 'nothing' is not defined"),
    ],
)
def test_a_fault_that_is_not_there_is_refused_in_a_line(tmp_path: Path, name: str, message: str) -> None:
    """The remedy lists those that are."""
    files = {"own": tmp_path / "own.py", "broken": tmp_path / "broken.py"}
    files["own"].write_text(OWN)
    files["broken"].write_text("nothing")
    with pytest.raises(RegistryError) as refused:
        find_faults([name.format(**files)])
    assert refused.value.message == message.format(**files)
    assert refused.value.remedy


@pytest.mark.parametrize(("name", "breaks", "scenario"), [("Not A Name", "R1", 1), ("x", "R25", 1), ("x", "R1", 43)])
def test_a_fault_says_what_it_is(name: str, breaks: str, scenario: int) -> None:
    """Name, rule and scenario are checked where it is made."""

    def apply(parts: Parts) -> Parts:
        """Something is wrong."""
        return parts

    with pytest.raises(RegistryError):
        fault(name, breaks=breaks, scenario=scenario)(apply)


def test_a_fault_without_a_docstring_is_refused() -> None:
    """What is wrong must be said."""
    with pytest.raises(RegistryError):
        fault("x", breaks="R1", scenario=1)(lambda parts: parts)


def test_the_correct_backup_opens_with_the_secret(inside: Inside, tmp_path: Path) -> None:
    """It is the whole database; changed by a bit or cut short, it does not open."""
    from overreach.contactpoint.backup import SealedBackup  # noqa: PLC0415 - only here

    sealed = inside.database.parent / "backup" / "registry.enc"
    backup = SealedBackup(SECRET.backup_key())
    backup.restore(sealed, tmp_path / "restored.sqlite")
    with sqlite3.connect(tmp_path / "restored.sqlite") as restored:
        assert restored.execute("SELECT count(*) FROM children").fetchone()[0] > 30
    restored.close()
    content = sealed.read_bytes()
    for spoilt in (content[:-1], content[:200] + bytes([content[200] ^ 1]) + content[201:], b""):
        sealed.write_bytes(spoilt)
        with pytest.raises(RegistryError):
            backup.restore(sealed, tmp_path / "spoilt.sqlite")
