"""What a recipe decides about its world: every share and choice, in one object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from overreach.population.sampling import Quota


class Posts(StrEnum):
    """How a role's users are spread over the authorities."""

    LOCAL = "local"  # first where shielded children live, then by the number of children
    EACH = "each"  # the same number in every authority
    ARCHIVE = "archive"  # first where records lie in their first archive year
    NATIONAL = "national"  # all authorities


@dataclass(frozen=True, slots=True)
class Role:
    """A post that can hold an account."""

    name: str
    sector: str
    weight: int
    """Accounts in proportion to the other roles' weights, once each role has its least number."""
    posts: Posts = Posts.LOCAL
    practitioner: bool = True
    """Whether its users are involved with children of their area."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service besides school and practice."""

    kind: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that a recipe decides; the mechanism takes it from here. Weights are integers of any sum."""

    as_of: date

    # Ground
    most_authorities: int
    children_per_authority: int
    """An authority more for each so many children, until `most_authorities`."""
    users_per_authority: int
    least_authorities: int
    smallest_authority: int
    """Children an authority needs to be taken when not all are."""
    households_per_street: int

    # Families
    family_types: tuple[tuple[str, int], ...]
    """`two parents`, `lone mother`, `lone father` -> weight."""
    gaps: tuple[int, ...]
    """Years between siblings, each as likely; 0 is a twin."""
    mother_older_by: tuple[int, int]
    """Years, least and most, that she is older than the eldest child."""
    mother_keeps_name: int
    """Mothers of 100 whose family name is not the children's."""
    step_fathers: Quota
    absent_fathers: Quota
    half_siblings: Quota
    middle_names: int
    """Children of 100 who have one."""
    movers: Quota
    former_addresses: Quota
    """Families that moved since their eldest child was born; every third of them twice."""
    whereabouts_statements: Quota
    """Families of one child whose record has each of the statements beside or instead of an address."""

    # Records
    shielded: Quota
    shielded_beside_sibling: int
    """Of 100 shielded children, those whose siblings at the address are not."""
    shielded_pairs: int
    """Of 100 shielded children, the pairs of siblings both of whom are."""
    shielding_began: date
    archived: Quota
    archived_shielded: Quota
    """Of the archived records."""
    looked_after: Quota
    adopted: Quota
    former_names: Quota
    """The adopted included."""
    former_names_shielded: Quota
    """Of the shielded children."""
    homonyms: Quota
    caf: Quota
    lead_professional: Quota

    # Institutions and services
    primary_pupils_per_school: int
    secondary_pupils_per_school: int
    children_per_practice: int
    services: Quota
    sensitive_services: Quota
    sensitive_from_age: int
    service_kinds: tuple[Service, ...]

    # Users
    roles: tuple[Role, ...]
    least_per_role: int
    """Users of each role where the size allows it."""
    managers_per_authority: int
    """Users of each role with `Posts.EACH` in every authority."""
    account_states: Quota
    """Users of each of the states that close an account."""
    several_areas: Quota
    leaving_later: Quota
    known_homes: Quota
    involvements: tuple[int, ...]
    """Users involved with a child, each number as likely."""
    involved_elsewhere: Quota
    """Of the involvements, those with a user of another area."""
    user_cohorts: Quota
    """Of the users, in each cohort of users with a tie to a child."""
