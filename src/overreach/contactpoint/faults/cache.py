"""Faults of keeping answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.records import Record
from overreach.contactpoint.storage import Storage


@fault("cache-shared-between-users", breaks="R7", scenario=17)
def cache_shared_between_users(parts: Parts) -> Parts:
    """A record once answered is answered to the next user in the same form: the user is not in the key."""

    @dataclass(frozen=True)
    class Shared:
        storage: Storage

        def recall(self, _user: int, number: str, _facets: frozenset[str], make: Callable[[], Record]) -> Record:
            # In the database, like all state: a restored registry starts with what it had then.
            self.storage.run("CREATE TABLE IF NOT EXISTS answers (number TEXT PRIMARY KEY, body TEXT)")
            kept = self.storage.run("SELECT body FROM answers WHERE number = ?", (number,)).fetchone()
            if kept is not None:
                record: Record = orjson.loads(kept[0])
                return record
            record = make()
            values = (number, orjson.dumps(record).decode())
            self.storage.run("INSERT INTO answers VALUES (?, ?)", values)
            return record

    return replace(parts, cache=Shared(parts.storage))
