"""Part 0: the ground and the users, which every other part stands on. Quick beside drawing any part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import pyarrow as pa

from overreach.population import canaries
from overreach.population.childindex.edges import Wordlists
from overreach.population.childindex.institutions import Institutions, Schools, found_practices, found_schools
from overreach.population.childindex.posts import Focus
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.streets import Streets, lay_streets
from overreach.population.childindex.texts import joined, texts_at
from overreach.population.childindex.ties import Ties, tie
from overreach.population.childindex.workforce import Practitioners, Staff, appoint
from overreach.population.lexicon import Lexicon
from overreach.population.sampling import Ints

_NO_FOCUS: Focus = {}


@dataclass(frozen=True, slots=True)
class Base:
    """Drawn anew by every process; the tables of part 0 are made from it (`part_zero_tables`)."""

    setting: Setting
    lexicon: Lexicon
    streets: Streets
    schools: Schools
    practices: Institutions
    staff: Staff
    practitioners: Practitioners
    holders: Practitioners
    """Those with an account in order: who may hold an indicator."""
    ties: Ties
    wordlists: Wordlists
    """Every name that somebody can have."""
    desks: Ints
    """Number of each user's telephone at work, never a mobile one."""

    @classmethod
    def lay(cls, setting: Setting, lexicon: Lexicon, sizes: Ints, focus: Focus = _NO_FOCUS) -> Self:
        """The base of a population whose parts 1, 2 and so on have `sizes` children.

        `focus` says for ways of spreading posts in which authorities there is something to see.
        """
        streets, schools, practices = lay_streets(setting), found_schools(setting), found_practices(setting)
        staff = appoint(setting, lexicon, schools, practices, focus)
        return cls(
            setting=setting,
            lexicon=lexicon,
            streets=streets,
            schools=schools,
            practices=practices,
            staff=staff,
            practitioners=Practitioners(setting, staff.posting, staff.accounts),
            holders=Practitioners(setting, staff.posting, staff.accounts, active=True),
            ties=tie(setting, staff, streets, sizes),
            wordlists=Wordlists.of(lexicon),
            desks=setting.draws("desks").below(canaries.LANDLINES, setting.order.users),
        )

    def names_of(self, users: Ints) -> pa.StringArray:
        """First and family name of users."""
        names, lists = self.staff.names, self.wordlists
        return joined(texts_at(lists.first, names.given[users]), texts_at(lists.last, names.family[users]), joint=" ")
