"""The registry's source is clean for a reader that looks for holes, and leans on nothing of the judge."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import overreach.contactpoint

PACKAGE = Path(overreach.contactpoint.__file__).parent


def test_bandit_finds_one_hole_in_the_one_fault_that_is_in_the_source() -> None:
    """SQL made of text; nothing else of any severity."""
    command = [sys.executable, "-m", "bandit", "-q", "-f", "json", "-r", str(PACKAGE)]
    done = subprocess.run(command, capture_output=True, check=False)
    results = json.loads(done.stdout)["results"]
    places = {(Path(each["filename"]).relative_to(PACKAGE).as_posix(), each["test_id"]) for each in results}
    assert places == {("faults/source.py", "B608")}
    assert {each["issue_severity"] for each in results} == {"MEDIUM"}


def test_the_registry_imports_nothing_of_the_rest() -> None:
    """Judge and defendant are written independently."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert not name.startswith("overreach") or name.startswith("overreach.contactpoint"), file
