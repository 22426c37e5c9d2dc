"""A Cedar file cut into its statements, and what is wrong with it told by file and line.

cedarpy reports neither line nor column, so places are found here: by cutting the text into statements and by
parsing ever longer beginnings of the one that fails.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import cedarpy

from overreach.model.errors import PolicyError

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|;', re.DOTALL)
_LEADING = re.compile(r"(?:\s+|//[^\n]*)+")
_UNFINISHED = "unexpected end of input"
_MASKED = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*', re.DOTALL)
_DEEPEST = 100  # brackets within brackets: some more end the process that Cedar parses in
TOO_DEEP = "make several policies of it, each with a part of the conditions"


@dataclass(frozen=True, slots=True)
class Statement:
    """One policy as it stands in a file."""

    file: str
    """Name of the file, without its folder."""
    line: int
    """Line of its first character, counted from 1."""
    text: str
    """From the first annotation to the closing semicolon."""

    def line_of(self, name: str, below: str = "") -> int:
        """Line in the file on which `name` first stands as a word of the statement; else the first line."""
        return self.find(name, below) or self.line

    def find(self, name: str, below: str = "") -> int | None:
        """Line in the file on which `name` first stands as a word of the statement, comments left out.

        Lines above the first with the word `below` are passed over.
        """
        word, started = _word(name), not below
        for place, line in enumerate(self.text.splitlines()):
            bare = line.partition("//")[0]
            started = started or bool(_word(below).search(bare))
            if started and word.search(bare):
                return self.line + place
        return None

    def refuse(self, reason: str, remedy: str, line: int | None = None) -> NoReturn:
        """Raise PolicyError naming file, line and reason."""
        message = f"`{self.file}` line {line or self.line}: {reason}"
        raise PolicyError(message, remedy)


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)" if name[:1].isalnum() else re.escape(name))


def read(path: Path) -> str:
    """Text of a policy file; PolicyError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"`{path.name}` is not UTF-8 text"
        raise PolicyError(message, "save the file as UTF-8") from error
    except OSError as error:
        message = f"`{path.name}` cannot be read: {(error.strerror or str(error)).lower()}"
        raise PolicyError(message, f"put it into `{path.parent}`") from error


def cut(file: str, text: str) -> tuple[Statement, ...]:
    """The statements of a Cedar text, comments between them left out."""
    statements: list[Statement] = []
    start = 0
    ends = [match.end() for match in _TOKEN.finditer(text) if match.group() == ";"]
    for end in [*ends, len(text)]:
        leading = _LEADING.match(text, start)
        begin = min(leading.end() if leading else start, end)
        if begin < end:
            statements.append(Statement(file, text.count("\n", 0, begin) + 1, text[begin:end]))
        start = end
    return tuple(statements)


def parse(statement: Statement) -> str:
    """JSON AST of one statement, as cedarpy gives it; PolicyError names the line that does not parse."""
    if _depth(statement.text) > _DEEPEST:
        statement.refuse(f"more than {_DEEPEST} brackets stand within each other", TOO_DEEP)
    try:
        return cedarpy.policies_to_json_str(statement.text)
    except ValueError as error:
        lines = statement.text.splitlines(keepends=True)
        place = next((n for n in range(1, len(lines)) if not _may_go_on("".join(lines[:n]))), len(lines))
        statement.refuse(_tidy(str(error)), "mend the policy there", statement.line + place - 1)


def _depth(text: str) -> int:
    """How many brackets stand within each other at most; those in strings and comments do not count."""
    steps = (1 if letter in "([{" else -1 for letter in _MASKED.sub("", text) if letter in "()[]{}")
    return max(itertools.accumulate(steps), default=0)


def _may_go_on(beginning: str) -> bool:
    try:
        cedarpy.policies_to_json_str(beginning)
    except ValueError as error:
        return str(error) == _UNFINISHED
    return True


def _tidy(reason: str) -> str:
    """Cedar's reason as one line, lower case, without a full stop."""
    line = " ".join(reason.split()).rstrip(".")
    return line[:1].lower() + line[1:]
