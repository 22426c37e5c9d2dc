"""Who may import whom: a lower layer never imports a higher one, the defendant nothing of the judge."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "src" / "overreach"

# Low to high; the layers of one line do not import each other.
LAYERS = (
    ("model",),
    ("pack",),
    ("policy",),
    ("population",),
    ("reach",),
    ("target",),
    ("probe",),
    ("scenario",),
    ("load", "wire", "scan"),
    ("report",),
    ("evidence",),
    ("audit",),
    ("cli",),
)
HEIGHT = {name: height for height, line in enumerate(LAYERS) for name in line}

# What content may import besides the standard library; `load/` is written for the two tools themselves.
CONTENT = {
    "scenarios": {"overreach", "pytest", "hypothesis", "numpy"},
    "generators": {"overreach", "faker", "numpy", "pyarrow"},
    "load": {"overreach", "locust", "mitmproxy", "gevent", "orjson"},  # orjson: answers are read at wire speed
}


def modules(folder: Path) -> list[Path]:
    """Every Python file below a folder."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a file imports, wherever in the file it does so."""
    package = path.relative_to(ENGINE.parent).parent.parts if path.is_relative_to(ENGINE) else ()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def layer_of(name: str) -> str | None:
    """The layer that a dotted name belongs to; None outside the engine."""
    parts = name.split(".")
    return parts[1] if parts[0] == "overreach" and len(parts) > 1 else None


def told(path: Path, line: int, name: str) -> str:
    """A place and what it imports, for the message of a failing test."""
    return f"{path.relative_to(ROOT)}:{line} imports {name}"


def test_every_package_of_the_engine_has_a_place_in_the_order() -> None:
    """A new package is put into the order on purpose, or this fails."""
    packages = {path.name for path in ENGINE.iterdir() if path.is_dir() and modules(path)}
    assert packages - {"contactpoint", "_pack"} <= set(HEIGHT)


def test_a_lower_layer_never_imports_a_higher_one() -> None:
    """Within `src/overreach` imports point downwards only."""
    wrong = []
    for path in modules(ENGINE):
        parts = path.relative_to(ENGINE).parts
        if len(parts) == 1 or parts[0] == "contactpoint":
            continue
        for line, name in imports(path):
            layer = layer_of(name)
            if layer == "contactpoint" and parts[0] == "cli":
                continue  # only the command line starts the registry
            if layer in HEIGHT or layer == "contactpoint":
                higher = layer not in HEIGHT or HEIGHT[layer] > HEIGHT[parts[0]]
                beside = layer in HEIGHT and HEIGHT[layer] == HEIGHT[parts[0]] and layer != parts[0]
                if higher or beside:
                    wrong.append(told(path, line, name))
    assert not wrong


def test_the_registry_imports_nothing_of_the_engine() -> None:
    """Judge and defendant are independent: `contactpoint` imports only itself and libraries."""
    wrong = [
        told(path, line, name)
        for path in modules(ENGINE / "contactpoint")
        for line, name in imports(path)
        if name.split(".")[0] == "overreach" and not name.startswith("overreach.contactpoint")
    ]
    assert not wrong


@pytest.mark.parametrize("tool", ["locust", "mitmproxy", "bandit"])
def test_the_engine_drives_its_tools_from_outside(tool: str) -> None:
    """No file of the engine imports Locust, mitmproxy or bandit: they are started as processes."""
    wrong = [
        told(path, line, name) for path in modules(ENGINE) for line, name in imports(path) if name.split(".")[0] == tool
    ]
    assert not wrong


@pytest.mark.parametrize("folder", sorted(CONTENT))
def test_content_imports_only_what_its_folder_is_for(folder: str) -> None:
    """Content carries judgement: it imports `overreach` and the one or two libraries it is written in."""
    files = modules(ROOT / folder)
    beside = {path.stem for path in files} | {path.parent.name for path in files}
    allowed = CONTENT[folder] | beside | set(sys.stdlib_module_names)
    wrong = [
        told(path, line, name) for path in files for line, name in imports(path) if name.split(".")[0] not in allowed
    ]
    assert not wrong


def test_the_engine_never_imports_content() -> None:
    """Content is loaded by path and named by registered name; nothing in `src` imports it."""
    content = {path.stem for folder in CONTENT for path in modules(ROOT / folder)} - set(HEIGHT)
    wrong = [
        told(path, line, name)
        for path in modules(ENGINE)
        for line, name in imports(path)
        if name.split(".")[0] in content - set(sys.stdlib_module_names)
    ]
    assert not wrong
