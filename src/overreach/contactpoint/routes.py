"""Which operation answers at which method and path."""

from __future__ import annotations

from overreach.contactpoint.operations import children, entry, oversight, protection
from overreach.contactpoint.parts import Route
from overreach.contactpoint.search import FACET_OF

_WINDOW = frozenset({"after", "limit"})
_NAME = frozenset({"username"})

# The first path that fits is taken: fixed ones stand before those with a record number, the busiest first.
ROUTES = (
    Route("POST", "/children/view", "view", children.view, frozenset({"number", "date_of_birth", "reason"})),
    Route("POST", "/children/search", "search", children.search, frozenset({*FACET_OF, "reason", "page"})),
    Route("GET", "/children/{number}", "view", children.open_given),
    Route("POST", "/children/{number}/reason", "declare", children.declare, frozenset({"reason", "note"})),
    Route("POST", "/children/{number}/override", "override", protection.override, frozenset({"reason"})),
    Route("DELETE", "/children/{number}/override", "end_override", protection.end_override),
    Route("POST", "/children/{number}/shield", "shield", protection.shield, frozenset({"ground"})),
    Route("POST", "/children/{number}/unshield", "unshield", protection.unshield, frozenset({"reason"})),
    Route("POST", "/sessions", "sign_in", entry.sign_in, _NAME, signed_in=False),
    Route("DELETE", "/sessions", "sign_out", entry.sign_out),
    Route("POST", "/accounts/activate", "activate", entry.activate, _NAME, signed_in=False),
    Route("GET", "/log", "read_log", oversight.read_log, params=_WINDOW),
    Route("GET", "/alerts", "read_alerts", oversight.read_alerts, params=_WINDOW),
)
