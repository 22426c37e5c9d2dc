"""The errors that reach a user: one line that says what is wrong, and one that says what to do."""

from __future__ import annotations


class OverreachError(Exception):
    """Anything that stops a command for a reason the user can act on.

    `message` is one line, lower case, no full stop, the user's value in backticks; `remedy` says what to do.
    The command line prints both and exits 2; no stack trace is shown.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UnknownNameError(OverreachError):
    """A registered name that does not exist; the remedy lists those that do."""

    def __init__(self, what: str, name: str, known: list[str]) -> None:
        super().__init__(f"no {what} is called `{name}`", f"known: {', '.join(sorted(known))}")


class PackError(OverreachError):
    """The configuration or a content file of a pack cannot be used."""


class PolicyError(OverreachError):
    """A policy that does not parse, validate or evaluate."""


class PopulationError(OverreachError):
    """A population that cannot be made, or a folder that is not a whole one."""


class TargetError(OverreachError):
    """The running system cannot be reached, loaded or signed in to."""


class SyntheticOnlyError(OverreachError):
    """An answer held something that could belong to a real person; the run stops and keeps nothing of it."""


class EvidenceError(OverreachError):
    """A run folder that does not verify."""
