"""The target's log against what the users of a load sent, row by row, in columns (R9).

Of each request it is noted whether a row names it, names its user, and names the records answered; in which order the
rows come makes no difference. What a row amounts to that no answer explains:

* of a request that was cut off, or that ended the session: in order, once;
* of a user whose process left no word of its end: unproven, for what that user sent last is not known;
* any other with an id of the load's form, or that names a user of the load and bears no id of this run: extra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from overreach.load.ledger import Bools, Ledger, key_of
from overreach.probe.logbook import NO_ALERT, NO_ROW, RECORD_LEFT_OUT, Entry, Reconciliation, names_another

Names: TypeAlias = "pa.Array[Any]"
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Amiss:
    """What is wrong with the log of one request, or with one of its rows."""

    detail: str
    place: int | None = None
    """Place of the request in the ledger; None where it has none."""
    row: Entry | None = None
    """The row, where no answer explains it."""
    user: int | None = None
    """Row number of the user whom the row concerns; None for nobody's."""
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How what stands in a row is read."""

    usernames: Names
    """User -> username."""
    child_of: Callable[[str], int | None]
    """Record number -> row number of the child; None for a number of nobody's."""
    of_this_run: Callable[[str], bool]
    """Whether an id that is not of the load's form is that of another part of this run."""
    stays: Mapping[int, int] = field(default_factory=dict)
    """Child touched by a merge -> the one whose record stays: a row may name either for the other."""


@dataclass(slots=True)
class _Unanswered:
    """The rows of a request without an answer."""

    row: Entry
    rows: int = 0
    again: bool = False
    right: bool = False


class Comparison:
    """Takes the rows of the log and the alerts, page after page; `conclude` says what came of it."""

    def __init__(self, ledger: Ledger, reading: Reading, alerts_owed: Bools, amiss: Callable[[Amiss], None]) -> None:
        """`alerts_owed` says of each request whether an alert must name it; `amiss` is told what is wrong."""
        self._ledger = ledger
        self._reading = reading
        self._usernames = reading.usernames
        self._owed = alerts_owed
        self._amiss = amiss
        twice = ledger.twice
        self._result = Reconciliation(requests=int(ledger.owed.sum()), unproven=int(twice.sum()))
        # Of each request: the rows that it may have, its rows, whether some row has its user, whether one is whole too.
        self._allowed = np.ones(len(ledger), dtype=np.int64)
        np.add.at(self._allowed, np.searchsorted(ledger.keys, ledger.keys[twice]), 1)
        self._rows = np.zeros(len(ledger), dtype=np.int64)
        self._again, self._right, self._whole, self._alerted = (np.zeros(len(ledger), dtype=np.bool_) for _ in range(4))
        self._named: NDArray[np.int32] = np.full(len(ledger), NOBODY, dtype=np.int32)
        self._unanswered: dict[int, _Unanswered] = {}

    def take(self, rows: Sequence[Entry]) -> None:
        """Take rows of the log."""
        keyed = []
        for row in rows:
            form = key_of(row["request_id"])
            if form is not None:
                keyed.append((row, *form))
            elif row["user"] and not self._reading.of_this_run(row["request_id"]) and row["user"] in self._members:
                self._extra(row, self._members[row["user"]], "bears no id of a request of this run")
        if not keyed:
            return
        keys = np.fromiter((key for _, key, _ in keyed), np.uint64, len(keyed))
        places, known = self._find(keys)
        known_rows = [each for each, is_known in zip(keyed, known, strict=True) if is_known]
        self._answered(known_rows, places[known])
        for each, is_known in zip(keyed, known, strict=True):
            if not is_known:
                self._not_answered(*each)

    def raised(self, request_id: str, user: str) -> None:
        """Take an alert; it counts for the request of the user whom it names."""
        form = key_of(request_id)
        if form is not None:
            places, known = self._find(np.array([form[0]], dtype=np.uint64))
            if known[0] and self._usernames[self._ledger.user(places[0])].as_py() == user:
                self._alerted[places[0]] = True

    def conclude(self) -> Reconciliation:
        """What it gave."""
        ledger, result, rows = self._ledger, self._result, self._rows
        missing = ledger.owed & (rows == 0)
        wrong = (rows > 0) & ~self._right
        incomplete = self._right & ~self._whole
        silent = self._owed & ~self._alerted
        result.missing += int(missing.sum())
        result.wrong_user += int(wrong.sum())
        result.incomplete += int(incomplete.sum())
        result.alerts_owed, result.alerts_missing = int(self._owed.sum()), int(silent.sum())
        self._tell(missing, NO_ROW)
        self._tell(incomplete, RECORD_LEFT_OUT)
        self._tell(silent, NO_ALERT, alert=True)
        for place in _places(wrong):
            user = ledger.user(place)
            self._amiss(Amiss(self._other_named(self._name(int(self._named[place])), user), place, user=user))
        self._conclude_repeated()
        self._conclude_unanswered()
        return result

    def _conclude_repeated(self) -> None:
        ledger, result = self._ledger, self._result
        repeated = np.maximum(self._rows - self._allowed - self._again, 0)
        unsure = ledger.lost[ledger.users]
        result.repeated += int(repeated[~unsure].sum())
        result.unproven += int(repeated[unsure].sum())
        firsts = (self._rows > 0) & ledger.owed
        result.rows += int(firsts.sum()) + int(repeated[~unsure].sum())
        result.unowed += int((self._rows - repeated - firsts).sum())
        self._tell((repeated > 0) & ~unsure, TWICE)

    def _conclude_unanswered(self) -> None:
        for key, each in self._unanswered.items():
            user, repeated = key >> 32, max(each.rows - 1 - each.again, 0)
            self._result.unowed += each.rows - repeated
            if self._ledger.lost[user]:
                self._result.unproven += repeated
            elif repeated:
                self._result.repeated += repeated
                self._result.rows += repeated
                self._amiss(Amiss(TWICE, row=each.row, user=user))
            if not each.right:
                self._result.wrong_user += 1
                self._amiss(Amiss(self._other_named(each.row["user"], user), row=each.row, user=user))

    def _other_named(self, named: str, user: int) -> str:
        return names_another(named, self._name(user))

    def _tell(self, where: Bools, detail: str, *, alert: bool = False) -> None:
        for place in _places(where):
            self._amiss(Amiss(detail, place, user=self._ledger.user(place), alert=alert))

    def _find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], Bools]:
        """Place of each key in the ledger, and whether it is there."""
        own = self._ledger.keys
        places = np.searchsorted(own, keys)
        known = np.zeros(len(keys), dtype=np.bool_)
        inside = places < len(own)
        known[inside] = own[places[inside]] == keys[inside]
        return places, known

    def _answered(self, rows: Sequence[tuple[Entry, int, bool]], places: NDArray[np.int64]) -> None:
        """Note the rows of requests that were answered."""
        ledger = self._ledger
        np.add.at(self._rows, places, 1)
        self._again[places[np.fromiter((again for _, _, again in rows), np.bool_, len(rows))]] = True
        users = (ledger.keys[places] >> np.uint64(32)).astype(np.int64)
        expected = self._usernames.take(users).to_pylist()
        # Of whom nobody was known to have asked, the row may name nobody.
        owed = ledger.owed_at(places)
        right = np.fromiter(
            (row["user"] == name or not (row["user"] or must)
             for (row, _, _), name, must in zip(rows, expected, owed.tolist(), strict=True)),
            np.bool_,
            len(rows),
        )  # fmt: skip
        self._right[places[right]] = True
        wrong = np.flatnonzero(~right)
        if len(wrong):
            names = pa.array([rows[at][0]["user"] for at in wrong.tolist()], pa.string())
            named = pc.index_in(names, value_set=self._usernames).fill_null(NOBODY)
            self._named[places[wrong]] = named.to_numpy(zero_copy_only=False)
        self._whole[places[right & (ledger.counts[places] == 0)]] = True
        for at in np.flatnonzero(right & ~self._whole[places]).tolist():
            told = {self._reading.child_of(number) for number in rows[at][0]["results"]}
            found = ledger.children(int(places[at]))
            self._whole[places[at]] |= told.issuperset(found) or self._merged(told).issuperset(self._merged(found))

    def _merged(self, children: Iterable[int | None]) -> set[int | None]:
        """The children with those whose records ended as the ones whose records stay."""
        stays = self._reading.stays
        return {child if child is None else stays.get(child, child) for child in children}

    def _not_answered(self, row: Entry, key: int, again: bool) -> None:  # noqa: FBT001 - what `key_of` read
        """Note a row with an id of the load's form that no answer bears."""
        user, number = key >> 32, key & 0xFFFFFFFF
        ledger, result = self._ledger, self._result
        known = user < len(ledger.asked)
        if known and number <= ledger.asked[user]:
            noted = self._unanswered.setdefault(key, _Unanswered(row))
            noted.rows += 1
            noted.again |= again
            noted.right |= row["user"] in {"", self._name(user)}
        elif known and ledger.lost[user]:
            result.unproven += 1
        else:
            accused = self._members.get(row["user"], user if known else None)
            self._extra(row, accused, "names a request that nobody sent")

    def _extra(self, row: Entry, user: int | None, why: str) -> None:
        self._result.rows += 1
        self._result.extra += 1
        told = f"row `{row['id']}` of the log has `{row['user']}` ask `{row['operation']}` and {why}"
        self._amiss(Amiss(told, row=row, user=user))

    def _name(self, user: int) -> str:
        """The username of a user; empty for nobody."""
        return "" if user == NOBODY else str(self._usernames[user].as_py())

    @cached_property
    def _members(self) -> dict[str, int]:
        """Username -> row number, of everybody who took part; made where some row needs it."""
        users = np.flatnonzero((self._ledger.asked > 0) | self._ledger.lost)
        names = self._usernames.take(users).to_pylist()
        return {str(name): user for name, user in zip(names, users.tolist(), strict=True)}


TWICE = "the log has another row for the same request"


def _places(where: Bools) -> Iterator[int]:
    for place in np.flatnonzero(where):
        yield int(place)


def usernames_of(column: pa.ChunkedArray[Any]) -> Names:
    """Usernames as one array of texts."""
    return pa.concat_arrays([chunk.cast(pa.string()) for chunk in column.chunks])
