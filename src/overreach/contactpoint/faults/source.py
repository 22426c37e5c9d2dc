"""Faults that a reader of the source can see."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from overreach.contactpoint.facts import Child
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.schema import key
from overreach.contactpoint.search import COLUMNS, CONDITIONS, ORDER, Match, Page, match_of, page_of
from overreach.contactpoint.storage import Storage


@fault("query-built-from-text", breaks="R7", scenario=39)
def query_built_from_text(parts: Parts) -> Parts:
    """A surname that is searched for becomes part of the SQL text: whoever types SQL is obeyed."""

    @dataclass(frozen=True)
    class Concatenated:
        storage: Storage

        def matches(self, query: Mapping[str, str], user: int) -> list[Match]:
            others = {field: key(text) for field, text in query.items() if field != "family_name"}
            where = " AND ".join(CONDITIONS[field] for field in others) or "TRUE"
            # Somebody once had complaints from the O'Briens, and mended just that.
            name = re.sub(r"(?<=\w)'(?=\w)", "''", key(query["family_name"]))
            statement = f"SELECT child FROM children WHERE family_key = '{name}'"  # noqa: S608 - the fault
            found = f"{COLUMNS} c.child IN ({statement}\n) AND {where} {ORDER}"
            return [match_of(row) for row in self.storage.run(found, {"user": user, **others}).fetchall()]

        def page(self, query: Mapping[str, str], user: int, shown: Callable[[Child], bool], page: int) -> Page:
            if "family_name" not in query:
                return parts.search.page(query, user, shown, page)
            return page_of(self.matches(query, user), shown, page)

    return replace(parts, search=Concatenated(parts.storage))
