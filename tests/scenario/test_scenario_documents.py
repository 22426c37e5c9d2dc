"""What is written about the scenarios agrees with the scenarios."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def scenarios() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Every test in the pack's scenarios."""
    for file in sorted((ROOT / "scenarios").glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield file, node


def marked(test: ast.FunctionDef) -> tuple[int, str]:
    """Number and rules in its decorator."""
    for call in test.decorator_list:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "scenario":
            number, rules = (ast.literal_eval(argument) for argument in call.args)
            return number, rules
    pytest.fail(f"`{test.name}` is not marked as a scenario")


def test_every_scenario_is_in_the_reference() -> None:
    """With number, rules and claim, and nothing else is."""
    text = (ROOT / "docs" / "reference" / "scenarios.md").read_text(encoding="utf-8")
    expected = set()
    for file, test in scenarios():
        number, rules = marked(test)
        claim = (ast.get_docstring(test) or "").split(": ", 1)[1]
        expected.add(f"| {number} | {rules} | {claim[0].upper()}{claim[1:]} | `{file.name}` `{test.name}` |")
    rows = set(re.findall(r"^\| \d+ \|.*$", text, re.MULTILINE))
    assert rows == expected


def test_a_docstring_names_the_number_and_the_rules_of_its_decorator() -> None:
    """So that a reader of the source sees what the report will say."""
    for _, test in scenarios():
        number, rules = marked(test)
        assert (ast.get_docstring(test) or "").startswith(f"Scenario {number}, {rules}: "), test.name


def test_no_scenario_names_a_fault() -> None:
    """A scenario asks what must hold; it does not know what is broken."""
    names = set()
    for file in (ROOT / "src" / "overreach" / "contactpoint" / "faults").glob("*.py"):
        names.update(re.findall(r'@fault\(\s*"([a-z-]+)"', file.read_text(encoding="utf-8")))
    assert len(names) >= 14
    for file in (ROOT / "scenarios").glob("*.py"):
        assert not [name for name in names if name in file.read_text(encoding="utf-8")], file


def test_the_example_in_the_guide_runs(tmp_path: Path) -> None:
    """It compiles, and uses only what there is."""
    guide = (ROOT / "docs" / "how-to" / "write-a-scenario.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    file = tmp_path / "test_example.py"
    file.write_text(code, encoding="utf-8")
    namespace: dict[str, object] = {}
    exec(compile(code, str(file), "exec"), namespace)  # noqa: S102 - our own guide
    assert any(name.startswith("test_") for name in namespace)
