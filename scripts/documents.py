"""Writes what the documents say of registered things: commands with their `--help`, and the faults.

A table stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`; everything else is written by hand.
`make docs` runs this; `tests/docs` fails where a document is behind.
"""  # noqa: INP001 - a script

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from click.testing import CliRunner

from overreach.cli.main import overreach

ROOT = Path(__file__).resolve().parent.parent
EXPECTED = ROOT / "tests" / "detection" / "expected.py"
WIDTH = 100  # columns of a help text


def commands() -> Iterator[tuple[str, click.Command]]:
    """Name and command of everything that `overreach` can do, in alphabetical order."""
    context = click.Context(overreach, info_name="overreach")
    for name in overreach.list_commands(context):
        command = overreach.get_command(context, name)
        if command is not None:
            yield name, command


def help_text(name: str, command: click.Command) -> str:
    """What `overreach NAME --help` prints on a terminal of a fixed width."""
    parent = click.Context(overreach, info_name="overreach", terminal_width=WIDTH, **overreach.context_settings)
    context = click.Context(command, info_name=name, parent=parent)
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def command_list() -> str:
    """One row a command."""
    rows = [f"| `{name}` | {command.get_short_help_str(WIDTH)} |" for name, command in commands()]
    return "\n".join(["| command | |", "|---|---|", *rows])


def command_sections() -> str:
    """One section a command, with its whole help."""
    sections = [f"## `overreach {name}`\n\n```text\n{help_text(name, command)}\n```" for name, command in commands()]
    return "\n\n".join(sections)


def fault_rows() -> str:
    """One row a fault, as `overreach faults --json` lists them."""
    result = CliRunner().invoke(overreach, ["faults", "--json"])
    if result.exit_code != 0:
        message = f"overreach faults --json: {result.output or result.exception}"
        raise RuntimeError(message)
    expected = runpy.run_path(str(EXPECTED))["EXPECTED"]
    rows = [
        f"| `{fault['name']}` | {fault['breaks']} | {fault['scenario']} | {fault['wrong']} |"
        f" {expected[fault['name']].part.value if expected[fault['name']].found else 'nothing yet'} |"
        for fault in json.loads(result.stdout)
    ]
    return "\n".join(["| fault | breaks | scenario | what is wrong | found by |", "|---|---|---|---|---|", *rows])


def fault_count() -> str:
    """How many faults there are, and how many of them the audit finds."""
    found = [each.found for each in runpy.run_path(str(EXPECTED))["EXPECTED"].values()]
    return (
        f"Of {len(found)} faults the audit finds {sum(found)}, each by one part alone. The other"
        f" {len(found) - sum(found)} are strict expected failures of the detection\nmatrix:"
        " the day that one of them is found, the tests say so."
    )


#: Document -> name of a table in it -> what writes it.
TABLES: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"command list": command_list, "fault count": fault_count},
    "docs/reference/command-line.md": {"commands": command_sections},
    "docs/reference/faults.md": {"faults": fault_rows},
}


def written(document: str) -> str:
    """The text of a document with its tables as they should be; ValueError where a mark is missing."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for name, write in TABLES[document].items():
        begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            message = f"{document}: `{begin}` and `{end}` must each stand in it once"
            raise ValueError(message)
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = f"{before}{begin}\n\n{write()}\n\n{end}{after}"
    return text


def main() -> None:
    """Bring every document up to date."""
    for document in TABLES:
        text = written(document)
        if text != (ROOT / document).read_text(encoding="utf-8"):
            (ROOT / document).write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {document}\n")


if __name__ == "__main__":
    main()
