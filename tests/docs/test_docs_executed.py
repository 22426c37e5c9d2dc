"""The documents are run: marked console blocks do what they show, and every command they name exists."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import click
import psutil
import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^<!-- run(?:: exit (\d+))? -->\n```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```(?:sh|console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(?:\.venv/bin/)?(overreach [^`]+)`")
SECONDS = 60


def documents() -> list[Path]:
    """Every document, those beside the code included."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def load_script() -> ModuleType:
    """`scripts/documents.py` as a module."""
    spec = importlib.util.spec_from_file_location("documents_script", ROOT / "scripts" / "documents.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()
COMMANDS: dict[str, click.Command] = dict(SCRIPT.commands())
NAMED_LATER = {"COMMAND", "--help", "--version"}  # placeholders and options of the group itself


@dataclass(frozen=True)
class Step:
    """One command of a console block and what it should print."""

    command: str
    printed: str
    """Lines as printed; `...` stands for anything."""


def steps(block: str) -> Iterator[Step]:
    """The commands of a console block, each with the lines below it; those after `> ` belong to the command."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines()
        more = list(itertools.takewhile(lambda line: line.startswith(("> ", ">\n")), rest))
        yield Step("\n".join([first, *(line[2:] for line in more)]), "\n".join(rest[len(more) :]).strip())


def fits(printed: str, expected: str) -> bool:
    """Whether a text is what was expected, `...` standing for anything."""
    pattern = ".*".join(re.escape(piece) for piece in expected.split("..."))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of a document in a folder, with this environment's `overreach` first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture
def nothing_left_running(tmp_path: Path) -> Iterator[None]:
    """Whatever a document started in its folder ends with it, also where a step failed."""
    yield
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(tmp_path):
                process.kill()


@pytest.mark.usefixtures("nothing_left_running")
@pytest.mark.parametrize(
    "document",
    [path for path in documents() if BLOCK.search(path.read_text(encoding="utf-8"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_marked_blocks_of_a_document_do_what_they_show(document: Path, tmp_path: Path) -> None:
    """Blocks of one document are run in order, in one empty folder, and print what is shown."""
    for exit_code, block in BLOCK.findall(document.read_text(encoding="utf-8")):
        for step in steps(block):
            done = run(step.command, tmp_path)
            assert done.returncode == int(exit_code or 0), f"{step.command}\n{done.stderr}"
            assert fits(done.stdout, step.printed), f"{step.command}\n{done.stdout}"


def test_the_tutorial_is_run() -> None:
    """Somebody's first ten minutes are never left to chance."""
    assert BLOCK.search((ROOT / "docs" / "tutorial" / "first-audit.md").read_text(encoding="utf-8"))


def named_commands() -> Iterator[tuple[str, list[str]]]:
    """Document and words of every `overreach ...` in a block of commands or within a sentence."""
    for document in documents():
        text = document.read_text(encoding="utf-8")
        name = str(document.relative_to(ROOT))
        for block in FENCE.findall(text):
            for line in block.replace("\\\n", " ").splitlines():
                found = re.search(r"(?:^|[\s/;&|])(overreach .*)$", line.split(" # ")[0])
                if found:
                    yield name, words(found[1])
        for found in INLINE.finditer(text):
            yield name, words(found[1])


def words(line: str) -> list[str]:
    """The words of the first command in a line, without `overreach`."""
    first = re.split(r"[;&|>]", line)[0]
    try:
        return shlex.split(first)[1:]
    except ValueError:
        return first.split()[1:]


def test_every_command_that_a_document_names_exists_with_its_options() -> None:
    """No document speaks of a command or an option that is not there."""
    wrong = []
    for document, line in named_commands():
        if not line or not re.fullmatch(r"[a-z-]+", line[0]) or line[0] in NAMED_LATER:
            continue
        command = COMMANDS.get(line[0])
        if command is None:
            wrong.append(f"{document}: overreach {line[0]}")
            continue
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        asked = [word.partition("=")[0] for word in line[1:] if word.startswith("-") and word != "--"]
        passes_on = command.context_settings.get("ignore_unknown_options", False)
        wrong += [
            f"{document}: overreach {line[0]} {word}"
            for word in asked
            if word not in {*options, "--help", "-h"} and not passes_on
        ]
    assert wrong == []


@pytest.mark.parametrize("document", sorted(SCRIPT.TABLES))
def test_the_tables_of_registered_things_are_up_to_date(document: str) -> None:
    """Commands, options and faults stand in the documents as they are; `make docs` writes them."""
    assert (ROOT / document).read_text(encoding="utf-8") == SCRIPT.written(document)


def test_every_command_says_what_it_does() -> None:
    """Each command has help, and so has each of its options."""
    assert COMMANDS
    for name, command in COMMANDS.items():
        assert command.help, name
        silent = [option.name for option in command.params if isinstance(option, click.Option) and not option.help]
        assert silent == [], name


LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    """A link within the project leads to a file that is there."""
    text = document.read_text(encoding="utf-8")
    missing = [
        target for target in LINK.findall(text) if "://" not in target and not (document.parent / target).exists()
    ]
    assert missing == []


SOURCE = re.compile(r"\[(S-\d+b?)\]")


def test_every_source_that_is_cited_is_listed() -> None:
    """A mark such as [S-02] is a row of docs/reference/sources.md."""
    listed = set(re.findall(r"^\| (S-\d+b?) \|", (ROOT / "docs/reference/sources.md").read_text(), re.MULTILINE))
    cited = {mark for path in documents() for mark in SOURCE.findall(path.read_text(encoding="utf-8"))}
    assert cited <= listed


def test_every_rule_and_every_open_question_has_its_row() -> None:
    """R1 to R24 and G1 to G10 are each explained once."""
    rules = re.findall(r"^\| (R\d+) \|", (ROOT / "docs/reference/rules.md").read_text(), re.MULTILINE)
    gaps = re.findall(r"^\| (G\d+) \|", (ROOT / "docs/explanation/open-questions.md").read_text(), re.MULTILINE)
    assert rules == [f"R{number}" for number in range(1, 25)]
    assert gaps == [f"G{number}" for number in range(1, 11)]


def test_every_decision_is_in_the_list() -> None:
    """docs/adr/index.md links each record, and each has context, options, outcome and price."""
    index = (ROOT / "docs/adr/index.md").read_text(encoding="utf-8")
    for record in sorted((ROOT / "docs" / "adr").glob("0*.md")):
        assert f"({record.name})" in index
        text = record.read_text(encoding="utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Options", "Outcome", "Price")), record.name
