"""`overreach reach --what-if`, `--steps`, `--stolen` and `--hazards` on a population of the pack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from overreach.cli.main import overreach
from overreach.model.errors import OverreachError
from overreach.population.recipe import Order, load_recipe
from overreach.population.writing import generate

ROOT = Path(__file__).parents[2]
WHAT_IF = ROOT / "scenarios" / "what_if"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small population of the pack's recipe."""
    out = tmp_path_factory.mktemp("looks") / "population"
    recipe = load_recipe(ROOT, "small_england")
    generate(recipe, Order(max(200, recipe.min_children), max(200, recipe.min_users), 7), out)
    return out


def _run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(ROOT), *options])


def _json(folder: Path, *options: str) -> dict[str, Any]:
    result = _run(folder, *options, "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_what_if_tells_changes_and_names_examples(folder: Path) -> None:
    """Row numbers, usernames and record numbers; the decision before and after with its policies."""
    found = _json(folder, "--what-if", str(WHAT_IF / "own_area_only.cedar"))["what_if"]
    assert found["policy"] == "own_area_only.cedar"
    assert any(change["lost_involved"]["pairs"] for change in found["everybody"])
    example = found["examples"][0]
    assert example["before"]["allowed"] != example["after"]["allowed"]
    assert "distance" in example["after"]["policies"]
    assert example["username"]
    assert example["number"]


def test_another_switch_alone_is_a_what_if(folder: Path) -> None:
    """No file is needed; the table ends with what was compared."""
    result = _run(folder, "--switch", "G3=own")
    assert result.exit_code == 0, result.output
    assert "denied by distance" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("40,000 pairs compared in ")


def test_a_change_that_changes_nothing_says_so(folder: Path) -> None:
    """G2 is `no` in the pack."""
    assert _run(folder, "--switch", "G2=no").stdout == "nothing changes for any pair of this population\n"


def test_steps_name_people_and_operations(folder: Path) -> None:
    """Each step has its user and its claims; in the end the operation that raises to the rung."""
    chains = _json(folder, "--steps")["chains"]
    assert chains
    for chain in chains:
        assert chain["username"]
        assert chain["number"]
        assert all(step["username"] for step in chain["steps"])
        assert chain["raised_by"] == {"open": None, "declared": "declare", "override": "override"}[chain["rung"]]
    result = _run(folder, "--steps")
    assert "grant a right (role = child_protection_worker)\n  2. read at override\n" in result.stdout


def test_stolen_accounts_have_figures_and_names(folder: Path) -> None:
    """The accounts that open every child are named, as many as suffice."""
    found = _json(folder, "--stolen")["stolen"]
    assert {account["role"] for account in found["accounts"]} >= {"social_worker", "management_team"}
    for fewest in found["fewest"]:
        assert fewest["at_least"] <= fewest["at_most"] == len(fewest["usernames"])
        assert fewest["openable"] <= fewest["children"]
    assert "at least" in _run(folder, "--stolen").stdout


def test_hazards_are_counted_with_an_example(folder: Path) -> None:
    """Children and users; the table says the same."""
    found = _json(folder, "--hazards")["hazards"]
    assert {hazard["key"] for hazard in found} == {"sibling-at-same-address", "shared-carer-elsewhere"}
    assert all(hazard["children"] and hazard["users"] for hazard in found)
    shown = _run(folder, "--hazards").stdout
    assert all(hazard["title"] in shown and hazard["example"] in shown for hazard in found)


def test_two_looks_at_once_are_refused(folder: Path) -> None:
    """A usage error, before anything is read."""
    result = _run(folder, "--steps", "--stolen")
    assert result.exit_code == 2
    assert "one at a time" in result.output


def test_an_unknown_switch_is_refused(folder: Path) -> None:
    """The known ones are listed."""
    result = _run(folder, "--switch", "G9=yes")
    assert isinstance(result.exception, OverreachError)
    assert "G1, G2, G3" in result.exception.remedy


def test_a_pack_without_steps_says_where_to_declare_them(folder: Path, tmp_path: Path) -> None:
    """Nothing is assumed of what actions change."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    start, end = text.index("[[tool.overreach.steps]]"), text.index("[tool.pytest.ini_options]")
    (tmp_path / "pyproject.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    result = CliRunner().invoke(overreach, ["reach", str(folder), "--pack", str(tmp_path), "--steps"])
    assert isinstance(result.exception, OverreachError)
    assert "[[tool.overreach.steps]]" in result.exception.remedy


def test_steps_are_walked_live(folder: Path, tmp_path: Path) -> None:
    """A pack of one step: what was walked, how it ended, and every request, ready to be made again."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    start, end = text.index("[[tool.overreach.steps]]"), text.index("[tool.pytest.ini_options]")
    move = text.index('[[tool.overreach.steps]]\nname = "move"')
    only = text[:start] + text[move : text.index("[[tool.overreach.steps]]", move + 1)] + text[end:]
    (tmp_path / "pyproject.toml").write_text(only, encoding="utf-8")
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    command = ["reach", str(folder), "--pack", str(tmp_path), "--steps", "--live"]
    result = CliRunner().invoke(overreach, [*command, "--json"])
    document = json.loads(result.stdout)
    endings = [walked["ending"] for walked in document["walked"]]
    assert result.exit_code == (3 if "unproven" in endings else 0)
    assert document["not_walked"] == 0
    (walked, *_) = [each for each in document["walked"] if each["ending"] == "went through"]
    assert [request["status"] for request in walked["requests"]] == [202, 200, 200]
    assert walked["requests"][-1]["username"] == walked["username"] != walked["other_username"]
    assert all(request["request"].startswith("curl -X ") for request in walked["requests"])
    shown = CliRunner().invoke(overreach, command).stdout
    assert f"\nWENT THROUGH: read in the end: {', '.join(walked['opened'])}\n" in shown
    assert shown.splitlines()[-1].startswith(f"{len(endings)} kinds of chains walked: ")


def test_live_is_for_steps(folder: Path) -> None:
    """Nothing else is walked."""
    result = _run(folder, "--stolen", "--live")
    assert result.exit_code == 2
    assert "--live walks the chains of --steps" in result.output


def test_the_hospital_is_asked_the_same(tmp_path: Path) -> None:
    """Nothing in a chain is ContactPoint's own: the engine takes any pack that declares its steps."""
    recipe = load_recipe(ROOT, "hospital")
    generate(recipe, Order(max(200, recipe.min_children), max(100, recipe.min_users), 7), tmp_path / "hospital")
    pack = ROOT / "docs" / "examples" / "hospital"
    for option in ("--steps", "--stolen"):
        result = CliRunner().invoke(
            overreach, ["reach", str(tmp_path / "hospital"), "--pack", str(pack), option, "--json"]
        )
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        assert document.get("chains") or document["stolen"]["fewest"]
