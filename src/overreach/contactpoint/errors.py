"""What stops the registry for a reason that its operator can act on."""

from __future__ import annotations


class RegistryError(Exception):
    """`message` is one lower-case line with the operator's value in backticks; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
