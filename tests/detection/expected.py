"""Where each fault must show: the expectations of the detection matrix."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.model.terms import Part


@dataclass(frozen=True)
class Expected:
    """Where a fault must show."""

    part: Part
    """The part that finds it with all the others off."""
    key: str
    """How the key of one of its findings begins."""
    subject: str
    """A word of the facet, action or duty that the finding names."""
    found: bool = True
    """Whether the audit finds it yet; a fault that it does not find is a strict expected failure."""


SWEEP, LOAD, WIRE, OUTSIDE, SCAN = Part.SWEEP, Part.LOAD, Part.WIRE, Part.OUTSIDE, Part.SCAN
EXPECTED = {
    "shield-ignored-in-postcode-search": Expected(SWEEP, "inference:POST /children/search", "whereabouts"),
    "shield-ignored-in-view": Expected(SWEEP, "access:POST /children/view:shielded", "whereabouts"),
    "area-not-checked": Expected(SWEEP, "access:POST /children/view:out_of_area", "identity"),
    "leaver-signs-in": Expected(SWEEP, "action:POST /sessions:sign_in", "sign_in"),
    "override-without-alert": Expected(SWEEP, "duty:POST /children/{number}/override:alert", "alert"),
    "former-name-searchable": Expected(SWEEP, "inference:POST /children/search", "former_names"),
    "count-includes-hidden": Expected(SWEEP, "inference:POST /children/search", "equal answer"),
    "forbidden-differs-from-absent": Expected(SWEEP, "inference:POST /children/view", "existence"),
    "empty-search-not-logged": Expected(SWEEP, "duty:POST /children/search:log", "log"),
    "cache-shared-between-users": Expected(SWEEP, "access:POST /children/view", "whereabouts"),
    "sessions-mixed-in-parallel": Expected(LOAD, "", ""),
    "whereabouts-in-header": Expected(WIRE, "wire:", "whereabouts"),
    "plaintext-backup": Expected(OUTSIDE, "access:outside:", "whereabouts"),
    "query-built-from-text": Expected(SCAN, "source:B608", "B608"),
}
