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


class Workplace(StrEnum):
    """Who employs a role's users."""

    SECTOR = "sector"  # an organisation of the sector in their area, or of their own if they are national
    SCHOOL = "school"  # a school of their area
    PRACTICE = "practice"  # a doctors' practice of their area


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
    ages: tuple[int, int] = (0, 25)
    """Ages of the children whom its users mostly work with, first and last."""
    workplace: Workplace = Workplace.SECTOR
    shields: bool = False
    """Whether the policy lets it shield records (rule R10)."""
    overrides: bool = False
    """Whether the policy lets it override a shield (rule R13)."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service besides school and practice."""

    kind: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Schooling:
    """A sort of school besides primary and secondary, and who goes there instead."""

    phase: str
    """A key of `overreach.population.words.SCHOOLS`."""
    ages: tuple[int, int]
    """First and last year of age of its pupils, 0 to 17."""
    of_1_000: int
    """Children of 1,000 of those ages who go there."""
    pupils_each: int


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
    double_surnames: int
    """Of 100 family names at home, those of two joined by a hyphen."""
    mother_keeps_name: int
    """Mothers of 100 whose family name is not the children's."""
    step_fathers: Quota
    absent_fathers: Quota
    half_siblings: Quota
    middle_names: int
    """Children of 100 who have one."""
    movers: Quota
    """Families in mid-handover between authorities."""
    movers_hidden: Quota
    """Of the families with a shielded child, those among them."""
    former_addresses: Quota
    """Families that moved since their eldest child was born; every third of them twice."""
    former_addresses_hidden: Quota
    """Of the families with a shielded child, those among them: families in hiding have left somewhere."""
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
    staying: Quota
    """Live records of people of 18 to 24, with consent (rule R16)."""
    looked_after: Quota
    adopted: Quota
    former_names: Quota
    """The adopted included."""
    former_names_shielded: Quota
    """Of the shielded children."""
    homonyms: Quota
    hostile_names: Quota
    """Of the families, those with names that parsers stumble over."""
    hostile_any_script: bool
    """Whether such names are of any script and length, or such as a register of Latin script could hold."""
    delivered_variants: Quota
    """Of the children, those shielded whose names a supplier will spell another way."""
    caf: Quota
    lead_professional: Quota
    indicators_hidden: Quota
    """Of the common assessments, and of the lead professionals, those of shielded children."""

    # Institutions and services
    primary_pupils_per_school: int
    secondary_pupils_per_school: int
    children_per_practice: int
    services: Quota
    sensitive_services: Quota
    sensitive_from_age: int
    """Years; younger children have a sensitive service only where too few of the shielded are older."""
    sensitive_hidden: Quota
    """Of the sensitive services, those of shielded children."""
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
    further_schools: tuple[Schooling, ...]
    """Sorts of school besides primary and secondary; each authority has one of each at least."""
    users_per_organisation: int
    """Organisations of a sector and area: one more for each so many users."""
    shared_tokens: Quota
    """Users, of all, who sign in with the token of a colleague (rule R6)."""
    caseloads: tuple[int, ...]
    """How many caseloads a practitioner carries, each number as likely; `(1,)` for all alike."""
