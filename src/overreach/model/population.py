"""What the engine must know of a recipe's tables to judge answers about its people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from overreach.model.canary import TokenKind
from overreach.model.terms import Facet


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """Whose facet a token of one kind proves."""

    facet: Facet
    children: str
    """SQL giving (`row`, `child`): the token's row number and each child it belongs to."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One marginal of a population, and the figures that it should follow."""

    title: str
    """For example `Children by year of age`."""
    unit: str
    """What is counted: `children`, `families`, `users`."""
    counted: str
    """SQL giving (`category`, `count`), in the order to show them."""
    figures: Mapping[str, int]
    """Category -> weight, of any sum; empty where nothing was published or decided."""
    source: str
    """Where the figures come from: keys of the recipe's list of sources, or `modelling choice`."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the tables of a recipe answer the engine's questions; each text is SQL over the tables' names.

    `$as_of` stands for the population's date. Row numbers of users and children count from 0.
    """

    user_facts: Mapping[str, str]
    """Cedar attribute of `User` -> expression over `users`."""
    child_facts: Mapping[str, str]
    """Cedar attribute of `Child` -> expression over `children`."""
    areas: str
    """Cedar attribute of `User` that is a set of areas: SQL giving (`user`, `area`)."""
    area_attribute: tuple[str, str]
    """Names of the Cedar attributes compared: (`areas`, `responsible`)."""
    involved: str
    """SQL giving (`user`, `child`): the sparse relation. In any order; fastest by child, then user, as it is kept."""
    involved_attribute: str
    """Cedar attribute of `Child` holding the set of users involved."""
    facet_values: Mapping[Facet, str]
    """Facet -> SQL giving (`child`, `value`): every text that is this child's value of the facet."""
    token_owners: Mapping[TokenKind, TokenOwner]
    user_fields: str
    """SQL giving one row a user, ordered by `user`: `username`, `role`, `sector`, names."""
    child_fields: str
    """SQL giving one row a child, ordered by `child`: what requests need, `number` among it."""
    hazards: Mapping[str, tuple[str, str, str]]
    """Key -> (title, rule, SQL giving (`child`, `other`)): permitted and harmful pairs of children.

    Harmful is to read of `other` what is hidden of `child`; or the `facet`, where the SQL gives one in every row, while
    nothing may be read of `child` by which it is found. Both may be one child.
    """
    users: str = "SELECT * FROM users"
    """SQL giving one row a user: `user`, and what `user_facts` read."""
    children: str = "SELECT * FROM children"
    """SQL giving one row a child: `child`, and what `child_facts` read."""
