"""Every fault, beside the correct behaviour that it breaks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.contactpoint.inside import PASSWORD, SECRET, Inside, key_of
from tests.contactpoint.tables import FAR, PLAIN, SHIELDED, number_of, user_row

from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.fault import fault, find_faults, known_faults
from overreach.contactpoint.parts import Parts

Both = Callable[..., tuple[Any, Any]]


@pytest.fixture
def both(population: Path, tmp_path: Path) -> Both:
    """Asks the same of a correct registry and of one with the fault, and gives both answers."""

    def ask(name: str, question: Callable[[Inside], Any]) -> tuple[Any, Any]:
        answers = []
        for faults in ((), (name,)):
            folder = tmp_path / f"with{len(faults)}"
            folder.mkdir()
            with Inside(population, folder, faults) as inside:
                answers.append(question(inside))
        return answers[0], answers[1]

    return ask


def test_shield_ignored_in_postcode_search(both: Both) -> None:
    """The shielded child comes back for its postcode and for its house, not for its telephone."""

    def counts(inside: Inside) -> list[int]:
        fields = ({"postcode": "CI1 1KV"}, {"house": "Qxza00000001 House"}, {"phone": "07700 900002"})
        return [inside.search("social_worker", reason="welfare", **each).json["count"] for each in fields]

    assert both("shield-ignored-in-postcode-search", counts) == ([0, 0, 0], [1, 1, 0])


def test_shield_ignored_in_view(both: Both) -> None:
    """The address is there."""
    assert both("shield-ignored-in-view", lambda inside: "address" in inside.view("social_worker", SHIELDED).json) == (
        False,
        True,
    )


def test_area_not_checked(both: Both) -> None:
    """A record of another authority opens without a reason, and is found."""

    def ask(inside: Inside) -> tuple[int, int]:
        found = inside.search("social_worker", family_name="Faraway").json["count"]
        return inside.view("social_worker", FAR, reason=None).status, found

    assert both("area-not-checked", ask) == ((404, 0), (200, 2))


def test_leaver_signs_in(both: Both) -> None:
    """The account opens; somebody suspended is still refused."""

    def ask(inside: Inside) -> list[int]:
        bodies = [
            {"username": name, "code": SECRET.activation_code(user_row(name)), "password": PASSWORD}
            for name in ("leaver", "suspended")
        ]
        return [inside.ask("POST", "/accounts/activate", body).status for body in bodies]

    assert both("leaver-signs-in", ask) == ([403, 403], [201, 403])


def test_override_without_alert(both: Both) -> None:
    """The override is granted either way; the alert is missing."""

    def ask(inside: Inside) -> tuple[int, int]:
        path = f"/children/{number_of(SHIELDED)}/override"
        granted = inside.by("child_protection_worker", "POST", path, {"reason": "section_47"}).status
        return granted, len(inside.by("central_team", "GET", "/alerts").json["alerts"])

    assert both("override-without-alert", ask) == ((201, 1), (201, 0))


def test_former_name_searchable(both: Both) -> None:
    """The name before finds the shielded child."""
    assert both(
        "former-name-searchable",
        lambda inside: inside.search("social_worker", reason="welfare", former_name="Birthname").json["count"],
    ) == (0, 2)


def test_count_includes_hidden(both: Both) -> None:
    """Thirty are counted, twenty-seven are shown."""

    def ask(inside: Inside) -> tuple[int, int, int]:
        pages = [
            inside.search("social_worker", reason="welfare", school="Many School", page=page).json for page in (1, 2)
        ]
        return pages[0]["count"], pages[0]["pages"], sum(len(page["children"]) for page in pages)

    assert both("count-includes-hidden", ask) == ((27, 2, 27), (30, 2, 27))


def test_forbidden_differs_from_absent(both: Both) -> None:
    """The record that is there says so by its refusal."""

    def ask(inside: Inside) -> list[int]:
        never = {**key_of(FAR, None), "number": number_of(999)}
        return [
            inside.view("social_worker", FAR, reason=None).status,
            inside.by("social_worker", "POST", "/children/view", never).status,
            inside.view("social_worker", PLAIN).status,
        ]

    assert both("forbidden-differs-from-absent", ask) == ([404, 404, 200], [403, 404, 200])


def test_empty_search_not_logged(both: Both) -> None:
    """The search that finds nothing is missing from the log, the other one is there."""

    def ask(inside: Inside) -> list[int]:
        inside.search("social_worker", family_name="Nobody")
        inside.search("social_worker", family_name="Plain")
        return [len(row["results"]) for row in inside.log() if row["operation"] == "search"]

    assert both("empty-search-not-logged", ask) == ([0, 1], [1])


def test_cache_shared_between_users(both: Both) -> None:
    """What the management team was shown, a social worker is shown after it, and not before it."""

    def ask(inside: Inside) -> list[bool]:
        order = ("management_team", "social_worker")
        return ["address" in inside.view(username, SHIELDED).json for username in order]

    assert both("cache-shared-between-users", ask) == ([True, False], [True, True])


def test_sessions_mixed_in_parallel(both: Both) -> None:
    """Alone each user gets the own answer; together, somebody gets another's."""

    def ask(inside: Inside) -> tuple[set[bool], bool]:
        names = ("social_worker", "management_team")
        alone = {("address" in inside.view(name, SHIELDED).json) == (name == names[1]) for name in names * 10}
        tokens = [inside.token(name) for name in names * 50]
        together = inside.ask_at_once([("POST", "/children/view", key_of(SHIELDED), token, {}) for token in tokens])
        leaked = any("address" in answer.json for answer in together[::2])
        missing = any("address" not in answer.json for answer in together[1::2])
        return alone, leaked or missing

    assert both("sessions-mixed-in-parallel", ask) == (({True}, False), ({True}, True))


def test_whereabouts_in_header(both: Both) -> None:
    """A header tells the address of the shielded record; where it may be read anyway, there is none."""

    def ask(inside: Inside) -> list[bytes | None]:
        return [
            dict(inside.view(name, SHIELDED).headers).get(b"x-record-hint")
            for name in ("social_worker", "management_team")
        ]

    correct, broken = both("whereabouts-in-header", ask)
    assert correct == [None, None]
    assert broken == [b"Qxza00000001 House, CI1 1KV", None]


def test_plaintext_backup(both: Both) -> None:
    """The backup can be read by anybody who holds it."""

    def ask(inside: Inside) -> bool:
        backup = (inside.database.parent / "backup" / "registry.enc").read_bytes()
        return number_of(SHIELDED).encode() in backup

    assert both("plaintext-backup", ask) == (False, True)


def test_query_built_from_text(both: Both) -> None:
    """Ordinary names find the same; whoever types SQL is obeyed."""

    def ask(inside: Inside) -> list[int]:
        names = ("Plain", "O'Brien", "many", "x' OR '1'='1", "x' OR 1=1 --")
        return [inside.search("social_worker", family_name=name).json["count"] for name in names]

    correct, broken = both("query-built-from-text", ask)
    assert correct == [1, 0, 30, 0, 0]
    assert broken[:3] == correct[:3]
    assert min(broken[3:]) >= 30


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


def test_there_are_fourteen_and_each_has_a_test() -> None:
    """A fault that nobody shows is no fault."""
    names = {each.name for each in known_faults()}
    assert len(names) == 14
    assert all(f"test_{name.replace('-', '_')}" in globals() for name in names)


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
