"""Faults that need several requests at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.sessions import Session


@fault("sessions-mixed-in-parallel", breaks="R6", scenario=35)
def sessions_mixed_in_parallel(parts: Parts) -> Parts:
    """The session of a request is kept where the next request puts its own while the first one waits."""
    current: Session | None = None

    async def identify(token: str, now: datetime) -> Session | None:
        nonlocal current
        current = await parts.identify(token, now)
        await asyncio.sleep(0.001)
        return current

    return replace(parts, identify=identify)
