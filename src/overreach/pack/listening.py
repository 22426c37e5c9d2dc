"""Where a target that Overreach starts itself may listen."""

from __future__ import annotations

from collections.abc import Collection

from overreach.model.errors import PackError
from overreach.pack.fields import Fields

LOOPBACK = "127.0.0.1"


def listen_of(fields: Fields, allowed: Collection[str]) -> str:
    """The key `listen` of a target's table, loopback without it; PackError for what is not in `allow_hosts` as well."""
    listen = fields.text("listen", LOOPBACK)
    if listen != LOOPBACK and listen not in allowed:
        message = f"`tool.overreach.target.listen` names `{listen}`, which is not in allow_hosts"
        raise PackError(message, "add it there as well, if that network is yours")
    return listen
