"""The target's alerts, in the engine's own form."""

from __future__ import annotations

from typing import Any, NamedTuple

from overreach.pack.alerts import AlertEntry
from overreach.probe.anchors import nodes


class Alert(NamedTuple):
    """One alert; a text is empty where the target gives none."""

    user: str
    """Username of whoever it is about."""
    kind: str
    """The target's own name of what it noticed."""
    request_id: str
    """The `X-Request-ID` of the request at which it was noticed."""


def alert_of(raw: Any, places: AlertEntry) -> Alert:  # noqa: ANN401 - any JSON
    """The alert that stands at the pack's places in an entry of the target's list."""
    return Alert(*(next((str(n) for n in nodes(raw, path) if n is not None), "") for path in places.places))
