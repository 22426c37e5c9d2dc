"""Which operation answers at which method and path: the routes of every area."""

from __future__ import annotations

from overreach.contactpoint.operations import (
    accounts,
    amendments,
    brokering,
    children,
    entry,
    exports,
    indicators,
    lifecycle,
    mediation,
    oversight,
    protection,
    services,
    shielding,
    suspension,
)

# The busiest first: the first path that fits is taken, fixed ones before those with a record number.
ROUTES = (
    *children.ROUTES,
    *protection.ROUTES,
    *entry.ROUTES,
    *oversight.ROUTES,
    *services.ROUTES,
    *brokering.ROUTES,
    *exports.ROUTES,
    *accounts.ROUTES,
    *suspension.ROUTES,
    *mediation.ROUTES,
    *shielding.ROUTES,
    *lifecycle.ROUTES,
    *amendments.ROUTES,
    *indicators.ROUTES,
)
