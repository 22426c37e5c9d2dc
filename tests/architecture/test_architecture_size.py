"""Modules and functions stay small enough to be read in one go; an exception stands here with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "scenarios", "generators", "load", "reports")
MODULE_LINES = 300
FUNCTION_LINES = 50

#: Path -> why it may be longer.
LONG_MODULES: dict[str, str] = {}
#: `path::function` -> why it may be longer.
LONG_FUNCTIONS: dict[str, str] = {
    "src/overreach/contactpoint/rules.py::rules_under": "one line for each decision, and nothing else",
}


def sources() -> list[Path]:
    """Every Python file that ships."""
    return sorted(
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts and "runs" not in path.parts
    )


def long_modules() -> dict[str, int]:
    """Path -> lines, of the modules over the limit."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    return {name: lines for name, lines in lengths.items() if lines > MODULE_LINES}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function of a file; decorators, which declare, are not counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}::{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def long_functions() -> dict[str, int]:
    """`path::function` -> lines, of the functions over the limit."""
    return {name: lines for path in sources() for name, lines in functions(path) if lines > FUNCTION_LINES}


def test_no_module_is_over_300_lines_without_a_reason() -> None:
    """Over 300 lines a module is probably two."""
    assert {name: lines for name, lines in long_modules().items() if name not in LONG_MODULES} == {}


def test_no_function_is_over_50_lines_without_a_reason() -> None:
    """Over 50 lines a function is probably three."""
    assert {name: lines for name, lines in long_functions().items() if name not in LONG_FUNCTIONS} == {}


def test_the_exceptions_are_still_needed_and_explained() -> None:
    """An exception whose module or function has shrunk is taken out; each says why."""
    assert set(LONG_MODULES) <= set(long_modules())
    assert set(LONG_FUNCTIONS) <= set(long_functions())
    assert all({**LONG_MODULES, **LONG_FUNCTIONS}.values())
