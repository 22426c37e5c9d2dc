"""What stands in each table of a new database: columns made from a population folder, a batch of rows at a time.

Nothing here holds a whole table: memory does not grow with the number of children.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from overreach.contactpoint.folder import BATCH, Folder
from overreach.contactpoint.schema import key
from overreach.contactpoint.shields import CONFIRMED, half_year_after

Columns = Sequence[Sequence[Any]]
"""One batch: as many columns as the table has, each as long as the others."""
Content = Callable[[Folder], Iterator[Columns]]

SORTED_AT_ONCE = 8_000_000  # involvements: 64 MB
_ROW_BITS = 32  # of a row number


def _same(table: str, *columns: str) -> Content:
    """A table of the folder as it is."""
    return lambda folder: folder.batches(table, columns)


def _users(folder: Folder) -> Iterator[Columns]:
    areas = defaultdict(list)
    for users, authorities in folder.batches("user_areas", ["user", "authority"]):
        for user, authority in zip(users, authorities, strict=True):
            areas[user].append(str(authority))
    columns = ["user", "username", "role", "national", "vetted_on", "trained", "agreed", "suspended"]
    columns += ["accredited", "leaves_on", "family_name", "organisation", "manager", "address"]
    for user, username, role, national, *rest in folder.batches("users", columns):
        # A national user has every area: the flag says it, and no list is needed.
        own = [
            "" if everywhere else " ".join(areas.get(row, ())) for row, everywhere in zip(user, national, strict=True)
        ]
        yield user, username, role, national, own, *rest


def _user_names(folder: Folder) -> Iterator[Columns]:
    for user, given, family in folder.batches("users", ["user", "given_name", "family_name"]):
        yield user, _joined(given, family)


def _addresses(folder: Folder) -> Iterator[Columns]:
    columns = ["address", "house", "street", "locality", "postcode"]
    for address, house, street, locality, postcode in folder.batches("addresses", columns):
        yield address, house, street, locality, postcode, _keys(house), _keys(postcode)


def _schools(folder: Folder) -> Iterator[Columns]:
    for school, name in folder.batches("schools", ["school", "name"]):
        yield school, name, _keys(name)


def _practices(folder: Folder) -> Iterator[Columns]:
    for practice, name, phone in folder.batches("practices", ["practice", "name", "phone"]):
        yield practice, name, phone, _keys(name)


def _children(folder: Folder) -> Iterator[Columns]:
    columns = ["child", "number", "given_name", "middle_name", "family_name", "gender", "date_of_birth", "address"]
    columns += ["school", "practice", "responsible", "shielded", "shielded_since", "contacts_protected"]
    columns += ["archive_year", "caf_holder", "lead_professional", "updated"]
    further = ["address_since", "whereabouts_statement", "school_since"]
    further += ["caf_holder_phone", "caf_holder_user", "lead_professional_phone", "lead_professional_user"]
    for batch in folder.batches("children", columns + further):
        row, rest = batch[: len(columns)], batch[len(columns) :]
        yield *row, _keys(batch[2]), _keys(batch[4]), *rest


def _former_names(folder: Folder) -> Iterator[Columns]:
    for child, given, family, until in folder.batches("former_names", ["child", "given_name", "family_name", "until"]):
        yield child, given, family, until, _keys(family)


def _carers(folder: Folder) -> Iterator[Columns]:
    columns = ["carer", "given_name", "family_name", "phone", "email"]
    for carer, given, family, phone, email in folder.batches("carers", columns):
        name = _joined(given, family)
        yield carer, name, phone, email, _keys(name), _keys(phone), _keys(email)


def _standing(folder: Folder) -> Iterator[Columns]:
    for batch in folder.batches("children", ["child", "shielded", "shielded_since"]):
        shields = [(child, since) for child, shielded, since in zip(*batch, strict=True) if shielded]
        began = [folder.as_of if since is None else date.fromisoformat(since) for _, since in shields]
        until = [half_year_after(day).isoformat() for day in began]
        children, days = [child for child, _ in shields], [day.isoformat() for day in began]
        yield children, [CONFIRMED] * len(shields), days, until, [0] * len(shields)


def _involvements(folder: Folder) -> Iterator[Columns]:
    """In the order of the table's key, so that every row is put at the end; each pair once."""
    import numpy as np  # noqa: PLC0415 - slow to import, and not needed where a database is used again

    columns = ["user", "child"]
    most = max((int(users.max()) for users, _ in folder.numbers("involvements", columns) if len(users)), default=-1)
    stretches = -(-folder.counts["involvements"] // SORTED_AT_ONCE)
    width = most // max(stretches, 1) + 1 if most >= 0 else 1
    for first in range(0, most + 1, width):
        found = [
            users[inside] << _ROW_BITS | children[inside]
            for users, children in folder.numbers("involvements", columns)
            for inside in [(users >= first) & (users < first + width)]
        ]
        pairs = np.concatenate(found)
        pairs.sort()
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        for start in range(0, len(pairs), BATCH):
            some = pairs[start : start + BATCH]
            yield (some >> _ROW_BITS).tolist(), (some & (1 << _ROW_BITS) - 1).tolist()


def _joined(given: Sequence[str], family: Sequence[str]) -> list[str]:
    return [f"{one} {other}" for one, other in zip(given, family, strict=True)]


def _keys(texts: Sequence[str | None]) -> list[str | None]:
    return [None if text is None else key(text) for text in texts]


#: Table -> its columns, all of them, in the order in which tables are filled.
CONTENTS: dict[str, Content] = {
    "authorities": _same("authorities", "authority", "name"),
    "organisations": _same("organisations", "organisation", "name", "authority", "accredited"),
    "users": _users,
    "addresses": _addresses,
    "schools": _schools,
    "practices": _practices,
    "children": _children,
    "former_names": _former_names,
    "carers": _carers,
    "child_carers": _same("child_carers", "child", "carer", "relation"),
    "shield_standing": _standing,
    "services": _same("services", "child", "kind", "provider", "phone", "sensitive", "since"),
    "former_addresses": _same("former_addresses", "child", "address", "since", "until"),
    "user_names": _user_names,
    "involvements": _involvements,
}
