"""Drawing evenly from lists of any length, by one choice: what Hypothesis needs to shrink to the first.

Its own integers come evenly from short ranges only; from long ones mostly what comes first. And of two examples it
takes that of fewer choices to be the simpler: a cell of few members would pass for a plain one if it took fewer.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from hypothesis import strategies as st

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

#: Far longer than any list of people, so that the remainder favours nobody by more than one in 10,000.
_CHOICE = st.binary(min_size=5, max_size=5)


class Listed(Protocol[_T_co]):
    """A sequence, as far as drawing goes."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, place: int, /) -> _T_co:
        """The one at that place."""
        ...


def one(draw: st.DrawFn, members: Listed[_T]) -> _T:
    """One of the members, each as likely as any other, by a single choice; shrinks to the first."""
    return members[int.from_bytes(draw(_CHOICE)) % len(members)]
