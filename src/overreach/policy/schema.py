"""What the engine reads from a Cedar schema: its closed vocabularies and the switches of the context.

Cedar itself checks policies, entities and requests against the schema; cedarpy offers no way to ask a schema
what it declares, hence the three forms read here from its text:

    entity G1 enum ["no", "yes"];
    type Switches = { G1: G1 };
    areas: Set<Authority>
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import cedarpy

from overreach.model.errors import PolicyError, UnknownNameError

_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*')
_ENUM = re.compile(r"\bentity\s+([\w\s,]+?)\s+enum\s*\[([^\]]*)\]")
_SWITCHES = re.compile(r"\btype\s+Switches\s*=\s*\{([^}]*)\}")
_MEMBER = re.compile(r'"?(\w+)"?\s*:\s*(\w+)')
_SET = re.compile(r'"?(\w+)"?\s*\??\s*:\s*Set\s*<\s*(\w+)\s*>')
_TEXT = re.compile(r'"((?:\\.|[^"\\])*)"')


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that Cedar accepts."""

    file: str
    handle: cedarpy.Schema
    enumerations: Mapping[str, tuple[str, ...]]
    """Enumerated entity type -> its members."""
    switches: Mapping[str, str]
    """Name of a switch -> its enumerated entity type."""
    sets: Mapping[str, str]
    """Attribute that is a set -> the type of its elements."""
    text: str

    @classmethod
    def read(cls, file: str, text: str) -> Schema:
        """The schema in `text`; PolicyError where Cedar refuses it or a switch is not enumerated."""
        try:
            handle = cedarpy.Schema.from_str(text)
        except ValueError as error:
            reason = " ".join(str(error).split())
            message = f"`{file}` line {_line_of(text, reason)}: {reason[:1].lower()}{reason[1:].rstrip('.')}"
            raise PolicyError(message, "mend the schema there") from error
        plain = _COMMENT.sub(lambda match: match.group(1) or "", text)
        enumerations = {
            name.strip(): tuple(_TEXT.findall(members))
            for names, members in _ENUM.findall(plain)
            for name in names.split(",")
        }
        declared = _SWITCHES.search(plain)
        switches = dict(_MEMBER.findall(declared.group(1))) if declared else {}
        for name, kind in switches.items():
            if kind not in enumerations:
                message = f"`{file}` line {_line_of(text, f'`{kind}`')}: switch `{name}` is not enumerated"
                raise PolicyError(message, f'declare its values: entity {kind} enum ["no", "yes"];')
        return cls(file, handle, enumerations, switches, dict(_SET.findall(plain)), text)

    def settle(self, switches: Mapping[str, str]) -> dict[str, dict[str, dict[str, str]]]:
        """The `switches` record of the context, as Cedar JSON.

        Raises UnknownNameError for a switch or a value that the schema does not declare, PolicyError for a
        switch without a value.
        """
        for name, value in switches.items():
            if name not in self.switches:
                kind = "switch"
                raise UnknownNameError(kind, name, list(self.switches))
            known = self.enumerations[self.switches[name]]
            if value not in known:
                what = f"value of switch {name}"
                raise UnknownNameError(what, value, list(known))
        missing = sorted(set(self.switches) - set(switches))
        if missing:
            name = missing[0]
            message = f"switch `{name}` has no value"
            raise PolicyError(message, f"one of: {', '.join(self.enumerations[self.switches[name]])}")
        return {name: {"__entity": {"type": self.switches[name], "id": value}} for name, value in switches.items()}


def _line_of(text: str, reason: str) -> int:
    """First line holding something that the reason names; 1 where it names nothing that is found."""
    names = re.findall(r"`([^`]+)`", reason) + re.findall(r"(\w+)$", reason)
    for name in names:
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        if found:
            return text.count("\n", 0, found.start()) + 1
    return 1
