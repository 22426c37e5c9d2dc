"""Where in an alert of the target each value stands, and which alerts accuse nobody."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.pack.fields import Fields


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """How the target's alerts are read: paths such as `$.user`."""

    user: str
    """Username of whoever the alert is about."""
    kind: str
    """The target's own name of what was noticed."""
    request_id: str
    """The `X-Request-ID` of the request at which it was noticed."""
    owed: tuple[str, ...]
    """Kinds that are raised whoever does a thing, because it was done: they accuse nobody."""

    @property
    def places(self) -> tuple[str, ...]:
        """Its paths."""
        return self.user, self.kind, self.request_id


def alert_entry(fields: Fields) -> AlertEntry:
    """The entry of a table; PackError names the key that cannot be used."""
    entry = AlertEntry(
        user=fields.path("user"),
        kind=fields.path("kind"),
        request_id=fields.path("request_id"),
        owed=tuple(fields.texts("owed")),
    )
    fields.finish()
    return entry
