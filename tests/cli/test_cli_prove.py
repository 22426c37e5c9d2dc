"""`overreach prove` tells what follows, shows what does not, and never takes silence for proof."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from overreach.cli.main import overreach
from overreach.model.errors import PolicyError, PopulationError, UnknownNameError
from overreach.policy.prove_solver import library
from overreach.probe.session import Bench

ROOT = Path(__file__).parents[2]
HOSPITAL = ROOT / "docs" / "examples" / "hospital"


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(overreach, ["prove", *map(str, arguments)])


def _told(*arguments: str | Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(_run(*arguments, "--json").stdout)


def _broken(folder: Path, old: str, new: str) -> Path:
    """A copy of the pack whose policy says something else."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "scenarios").mkdir()
    for file in (ROOT / "scenarios").glob("*.cedar*"):
        shutil.copy(file, folder / "scenarios")
    policy = folder / "scenarios" / "policy.cedar"
    text = policy.read_text(encoding="utf-8")
    assert old in text
    policy.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def _without_area(folder: Path) -> Path:
    """Management teams read shielded records everywhere."""
    own = '(principal.role == Role::"management_team" && principal.areas.contains(resource.responsible)) ||'
    before = "when { resource.shielded }\nunless {\n  "
    return _broken(folder, before + own, before + 'principal.role == Role::"management_team" ||')


@pytest.mark.parametrize("pack", [ROOT, HOSPITAL])
def test_invariants_that_follow_exit_0(pack: Path) -> None:
    """With the number of queries and seconds."""
    result = _run("--pack", pack)
    assert result.exit_code == 0
    *_, counted, effort = result.stdout.splitlines()
    assert "for every request that the schema allows:" in counted
    assert counted.endswith("follow, 0 fail, 0 unknown")
    assert " queries in " in effort


def test_an_invariant_that_fails_exits_1_with_its_smallest_request(tmp_path: Path) -> None:
    """Readable: what is not plain is marked."""
    result = _run("--pack", _without_area(tmp_path))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:8] == [
        "FAILS management-team-sees-shielded-children-of-its-own-area-only (R14)",
        "  `whereabouts` is allowed by `whereabouts`",
        "    user:   accredited, agreed, role management_team*, trained, vetted",
        "    child:  responsible other-1, shielded*",
        "    fails:  principal.areas.contains(resource.responsible)*",
        "    fails:  resource.involved.contains(principal)",
        "    claims: reason child_death_review*",
        "  and contacts, education, health, services, indicators, provenance: examples in --json",
    ]


def test_json_says_how_to_ask_the_target(tmp_path: Path) -> None:
    """Operations of the pack, claims, and the facts of user and child."""
    told = _told("--pack", _without_area(tmp_path))
    (failing,) = [each for each in told["invariants"] if each["verdict"] == "fails"]
    first = failing["counterexamples"][0]
    assert first["operations"] == ["view", "open"]
    assert first["claims"] == {"reason": "child_death_review", "override": False, "approvals": 0}
    assert (first["user"]["role"], first["child"]["shielded"]) == ("management_team", True)
    assert (first["in_area"], first["involved"]) == (False, False)
    assert told["never_matter"] == []
    assert told["overlaps"]["pairs"][0] == {"permit": "find", "forbid": "account", "meet": True}
    assert told["queries"] > 200


def test_a_solver_that_gives_up_exits_3() -> None:
    """What it left open is unknown, not held."""
    result = _run("--pack", ROOT, "--limit", "1000")
    assert result.exit_code == 3
    assert "UNKNOWN " in result.stdout
    assert "without an answer, try a higher --limit" in result.stdout


def test_two_policies_are_equal_or_differ_by_an_example(tmp_path: Path) -> None:
    """Exit 0 and 1."""
    other = _without_area(tmp_path) / "scenarios" / "policy.cedar"
    result = _run("--pack", ROOT, "--equal", other)
    assert result.exit_code == 1
    assert result.stdout.startswith("GAINED whereabouts: denied (shielded), then allowed (whereabouts) owing log\n")
    same = _run("--pack", HOSPITAL, "--equal", HOSPITAL / "scenarios" / "policy.cedar")
    assert same.exit_code == 0
    assert same.stdout.startswith("the same for every request that the schema allows\n")
    assert _told("--pack", HOSPITAL, "--equal", HOSPITAL / "scenarios" / "policy.cedar")["equal"] is True


def test_a_policy_that_never_matters_is_named(tmp_path: Path) -> None:
    """It changes no exit code."""
    idle = '@id("idle") permit (principal, action == Action::"health", resource) when { principal.left };\n\n'
    result = _run("--pack", _broken(tmp_path, '@id("sign-in")', idle + '@id("sign-in")'))
    assert result.exit_code == 0
    assert "never matters: permit `idle`: overridden" in result.stdout


def test_live_tells_a_mistake_on_paper_from_a_real_one(tmp_path: Path, bench: Bench) -> None:
    """Exit 1 either way: the policy is wrong; the requests say what the running system makes of it."""
    pack = _without_area(tmp_path)
    result = _run("--pack", pack, "--live", "--population", bench.population.path)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert "REFUSES management-team-sees-shielded-children-of-its-own-area-only" in lines
    assert lines[-1] == "1 invariants tried on the running system: 0 reached, 0 unproven, 1 refused"
    broken = _told("--pack", pack, "--live", "--population", bench.population.path, "--fault", "shield-ignored-in-view")
    (one,) = broken["live"]
    assert one["outcome"] == "reaches"
    whereabouts = one["counterexamples"][0]
    assert (whereabouts["action"], whereabouts["in_area"]) == ("whereabouts", False)
    assert "whereabouts" in whereabouts["requests"][-1]["opened"]
    assert whereabouts["number"] in whereabouts["requests"][-1]["request"]


def test_live_starts_nothing_where_all_follow(bench: Bench) -> None:
    """There is nothing to try."""
    result = _run("--pack", ROOT, "--live", "--population", bench.population.path)
    assert result.exit_code == 0
    assert result.stdout.endswith("nothing to try: all follow\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(["--fault", "nosuch"], UnknownNameError), (["--population", "nowhere"], PopulationError)],
)
def test_live_refuses_what_it_would_start_with_even_where_all_follow(
    arguments: list[str], error: type[Exception]
) -> None:
    """A misspelt word of a nightly run is told on the first night."""
    assert isinstance(_run("--pack", ROOT, "--live", *arguments).exception, error)


@pytest.mark.parametrize("arguments", [["--fault", "x"], ["--population", "x"], ["--live", "--equal", "x"]])
def test_options_of_live_stand_with_it_and_without_equal(arguments: list[str]) -> None:
    """A usage error, before anything is read."""
    result = _run("--pack", ROOT, *arguments)
    assert result.exit_code == 2
    assert "--live" in result.output


def test_without_the_solver_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is optional."""
    library.cache_clear()
    monkeypatch.setitem(sys.modules, "z3", None)
    result = _run("--pack", ROOT)
    assert isinstance(result.exception, PolicyError)
    assert result.exception.message == "proving needs the library z3-solver, which is not installed"
    assert result.exception.remedy == "pip install 'overreach[prove]'"
