"""The registry keeps to its own OpenAPI document, whatever is sent: schemathesis asks, signed in and not.

Every check of schemathesis but those of `EXCLUDED` runs on every operation that the document holds, over HTTP. The
document gets real record numbers and the like as examples first: otherwise nearly every answer would be that there is
no such record.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.contactpoint.outside import Outside, started
from tests.contactpoint.tables import FAR, KIDS, PLAIN, SHIELDED, SIBLING, number_of

from overreach.contactpoint.routes import ROUTES

EXAMPLES = 4  # for each operation, besides the cases that its schema alone gives rise to
SEED = 2007
UNTHROTTLED = ("--throttle", "off")
SIGN_OUT = "signOut"
#: Check -> why it does not hold here.
EXCLUDED = {
    "ensure_resource_availability": (
        "it takes for granted that whoever makes something may do everything with it; an export is approved by others "
        "than the one who asked for it (R23), who is told no more than that there is none to approve"
    ),
}

#: What a parameter or a member of a body of that name may hold; any other parameter of a path gets 1, a row number.
REAL = {
    "number": [number_of(child) for child in (PLAIN, SHIELDED, SIBLING, FAR)],
    "date_of_birth": [KIDS[PLAIN].born.isoformat()],
    "username": ["midwife", "nobody"],
    "family_name": [KIDS[PLAIN].family],
    "given_name": [KIDS[PLAIN].given],
    "former_name": list(KIDS[PLAIN].former),
    "postcode": ["CI0 1KV"],
}


@pytest.mark.parametrize("username", ["child_protection_worker", "management_team", "central_team"])
def test_whatever_is_sent_the_document_holds(population: Path, tmp_path: Path, username: str) -> None:
    """No answer but those described, nothing malformed accepted or well-formed refused, no way round the sign-in."""
    with started(population, tmp_path, UNTHROTTLED) as registry:
        token = registry.token(username)
        # A number opens a record only after a search that gave it to this session.
        registry.ask(
            "POST", "/children/search", {"date_of_birth": REAL["date_of_birth"][0], "reason": "welfare"}, token
        )
        run = schemathesis(registry, tmp_path, token, "--exclude-operation-id", SIGN_OUT)
        assert run.returncode == 0, run.stdout
        # Were the session gone half-way, everything after it would have proven little.
        assert registry.ask("POST", "/children/search", {"given_name": "x"}, token).status != 401
        asked = answered(registry)
        assert {operation for operation, _, _ in asked} >= {route.operation for route in ROUTES} - {"sign_out"}
        # The schemas of records and pages were tried on real ones, wherever the role has any.
        reads = username != "central_team"
        assert ({("view", 200, True), ("search", 200, True)} <= asked) == reads


def test_nobody_is_answered_without_a_session(population: Path, tmp_path: Path) -> None:
    """Whatever a stranger sends, the document holds; made-up requests are enough, since all are refused."""
    with started(population, tmp_path, UNTHROTTLED) as registry:
        run = schemathesis(registry, tmp_path, "", "--phases", "fuzzing")
        assert run.returncode == 0, run.stdout


def test_signing_out_holds_too(population: Path, tmp_path: Path) -> None:
    """By itself, since it ends the session that the others need."""
    with started(population, tmp_path, UNTHROTTLED) as registry:
        run = schemathesis(registry, tmp_path, registry.token("senco"), "--include-operation-id", SIGN_OUT)
        assert run.returncode == 0, run.stdout


def schemathesis(registry: Outside, folder: Path, token: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run every check on a registry; its output says what failed and how to see it again."""
    document = folder / "openapi.json"
    document.write_text(json.dumps(with_examples(registry.ask("GET", "/openapi.json").json)))
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", registry.url, "--no-color"]
    command += [
        "--checks",
        "all",
        "--exclude-checks",
        ",".join(EXCLUDED),
        "--max-examples",
        str(EXAMPLES),
        "--seed",
        str(SEED),
        "--generation-database",
        "none",
    ]
    command += ["--header", f"Authorization: Bearer {token}"] if token else []
    # Nobody's settings but these: neither of a folder above nor of the environment.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCHEMATHESIS_")}
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=120
    )


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """The document with real values as examples of what has their names."""
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                usual = ["1"] if parameter["in"] == "path" else []
                examples = REAL.get(parameter["name"], usual)
                parameter["schema"] = exemplified(parameter["schema"], examples)
            for content in operation.get("requestBody", {}).get("content", {}).values():
                add_to_members(content["schema"])
    add_to_members(document["components"]["schemas"]["Query"])
    return document


def add_to_members(schema: dict[str, Any]) -> None:
    """Examples for the members of an object."""
    for name, member in schema.get("properties", {}).items():
        schema["properties"][name] = exemplified(member, REAL.get(name, []))


def exemplified(schema: dict[str, Any], examples: list[str]) -> dict[str, Any]:
    """A schema with examples, if there are any."""
    return {**schema, "examples": examples} if examples else schema


def answered(registry: Outside) -> set[tuple[str, int, bool]]:
    """Operation, status, and whether there were records in the answer, by the registry's own log."""
    with closing(sqlite3.connect(registry.database)) as connection:
        rows = connection.execute("SELECT DISTINCT operation, status, results <> '[]' FROM log")
        return {(operation, status, bool(records)) for operation, status, records in rows}
