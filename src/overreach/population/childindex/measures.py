"""What an index of children should be like: marginals, each an SQL text and the figures to lay beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from overreach.model.population import Measure

CHOICE = "modelling choice"
_VETTED_DAYS = 1_096  # longest that vetting lasts (rule R5)
ARCHIVED = "archived"
"""Category of records in the archive, beside the years of age."""


@dataclass(frozen=True, slots=True)
class Marginal:
    """What is known of one marginal."""

    weights: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Category -> weight, of any sum; empty where nothing was published or decided."""
    source: str = CHOICE
    """Keys of the recipe's list of sources, or `modelling choice`."""


NOTHING = Marginal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The figures of every marginal; a category that they do not name is expected to be empty."""

    authorities: Marginal = NOTHING
    """Name of the responsible authority -> children."""
    ages: Marginal = NOTHING
    """`0`, `1`, ... -> children of that age on the day of the population; `archived` -> records in the archive."""
    sexes: Marginal = NOTHING
    """`female`, `male` -> children."""
    shields: Marginal = NOTHING
    """`shielded`, `not shielded` -> children."""
    households: Marginal = NOTHING
    """`1`, `2`, ... children -> households."""
    roles: Marginal = NOTHING
    """Role -> users."""
    sectors: Marginal = NOTHING
    """Sector -> users."""
    accounts: Marginal = NOTHING
    """`in order`, `left`, `suspended`, `lapsed`, `untrained`, `unsigned`, `unaccredited` -> users."""
    involved: Marginal = NOTHING
    """`0`, `1`, ... users involved -> children."""
    carers: Marginal = NOTHING
    """`0`, `1`, ... carers on the record -> children."""
    care: Marginal = NOTHING
    """Who cares: `mother and father`, `mother`, `foster carer`, ... -> children."""
    phases: Marginal = NOTHING
    """`primary`, `secondary`, `nursery`, ... -> schools."""
    practices: Marginal = NOTHING
    """Name of the authority -> practices."""
    places: Marginal = NOTHING
    """`of the responsible authority`, `of another authority`, `no address` -> children."""
    adopted: Marginal = NOTHING
    """`adopted`, `not adopted` -> children."""
    looked_after: Marginal = NOTHING
    """`looked after`, `not looked after` -> children."""


def measures(expected: Expected) -> dict[str, Measure]:
    """Every marginal by key, with its figures; the keys are the fields of `Expected`."""
    made = {}
    for key, (title, unit, counted) in _QUESTIONS.items():
        figures: Marginal = getattr(expected, key)
        made[key] = Measure(title, unit, counted.strip(), dict(figures.weights), figures.source)
    return made


def _flag(column: str, yes: str) -> str:
    """Children with and without a mark on their record."""
    return f"""
SELECT CASE WHEN {column} THEN '{yes}' ELSE 'not {yes}' END AS category, count(*) AS count
FROM children GROUP BY category ORDER BY category DESC"""  # noqa: S608 - columns of this module


def _by_authority(table: str, column: str) -> str:
    """Rows of a table by name of an authority; those without any are counted as 0."""
    return f"""
SELECT a.name AS category, coalesce(n.count, 0) AS count
FROM authorities a LEFT JOIN (SELECT {column} AS authority, count(*) AS count FROM {table} GROUP BY {column}) n
USING (authority) ORDER BY category"""  # noqa: S608 - tables of this module


def _by_degree(table: str) -> str:
    """Children by how many rows of a table are about them, those without any among them."""
    return f"""
WITH found AS (SELECT number, count(*) AS count
              FROM (SELECT count(*) AS number FROM {table} GROUP BY child) GROUP BY number)
SELECT number AS category, count FROM found
UNION ALL SELECT 0, (SELECT count(*) FROM children) - (SELECT coalesce(sum(count), 0) FROM found)
ORDER BY category"""  # noqa: S608 - tables of this module


_AGES = f"""
SELECT CASE WHEN archive_year > 0 THEN '{ARCHIVED}'
            ELSE CAST(date_sub('year', date_of_birth, $as_of) AS TEXT) END AS category, count(*) AS count
FROM children GROUP BY category ORDER BY category = '{ARCHIVED}', TRY_CAST(category AS INTEGER)"""  # noqa: S608 - a constant

_HOUSEHOLDS = """
SELECT number AS category, count(*) AS count
FROM (SELECT count(*) AS number FROM children GROUP BY household) GROUP BY number ORDER BY number"""

# An account can be closed for several reasons: the first of this order is told.
_ACCOUNTS = f"""
SELECT CASE WHEN leaves_on <= $as_of THEN 'left'
            WHEN suspended THEN 'suspended'
            WHEN vetted_on < $as_of - {_VETTED_DAYS} THEN 'lapsed'
            WHEN NOT trained THEN 'untrained'
            WHEN NOT agreed THEN 'unsigned'
            WHEN NOT accredited THEN 'unaccredited'
            ELSE 'in order' END AS category, count(*) AS count
FROM users GROUP BY category ORDER BY category <> 'in order', category"""  # noqa: S608 - a constant

_RELATIONS = ("mother", "father", "step father", "foster carer")
_BITS = " ".join(f"WHEN '{relation}' THEN {1 << place}" for place, relation in enumerate(_RELATIONS))
_WORDS = ", ".join(f"CASE WHEN who & {1 << place} > 0 THEN '{word}' END" for place, word in enumerate(_RELATIONS))
# One small number for each child, so that eleven million of them fit into memory beside each other.
_CARE = f"""
WITH found AS (SELECT who, count(*) AS count
              FROM (SELECT bit_or(CASE relation {_BITS} ELSE {1 << len(_RELATIONS)} END) AS who
                    FROM child_carers GROUP BY child) GROUP BY who)
SELECT concat_ws(' and ', {_WORDS}, CASE WHEN who & {1 << len(_RELATIONS)} > 0 THEN 'another' END) AS category, count
FROM found
UNION ALL SELECT 'nobody recorded', (SELECT count(*) FROM children) - (SELECT coalesce(sum(count), 0) FROM found)
ORDER BY count DESC, category"""  # noqa: S608 - words of this module

_PHASES = "SELECT phase AS category, count(*) AS count FROM schools GROUP BY phase ORDER BY phase"

_PLACES = """
SELECT CASE WHEN a.authority IS NULL THEN 'no address'
            WHEN a.authority = c.responsible THEN 'of the responsible authority'
            ELSE 'of another authority' END AS category, count(*) AS count
FROM children c LEFT JOIN addresses a USING (address) GROUP BY category ORDER BY count DESC, category"""

_ROLES = "SELECT role AS category, count(*) AS count FROM users GROUP BY role ORDER BY count DESC, category"
_SECTORS = "SELECT sector AS category, count(*) AS count FROM users GROUP BY sector ORDER BY count DESC, category"
_SEXES = "SELECT gender AS category, count(*) AS count FROM children GROUP BY gender ORDER BY gender"

#: Key -> title, unit, SQL.
_QUESTIONS: dict[str, tuple[str, str, str]] = {
    "authorities": ("Children by responsible authority", "children", _by_authority("children", "responsible")),
    "ages": ("Children by year of age", "children", _AGES),
    "sexes": ("Children by sex", "children", _SEXES),
    "shields": ("Children by shield", "children", _flag("shielded", "shielded")),
    "households": ("Households by number of children", "households", _HOUSEHOLDS),
    "roles": ("Users by role", "users", _ROLES),
    "sectors": ("Users by sector", "users", _SECTORS),
    "accounts": ("Users by state of the account", "users", _ACCOUNTS),
    "involved": ("Children by number of people involved", "children", _by_degree("involvements")),
    "carers": ("Children by number of carers on the record", "children", _by_degree("child_carers")),
    "care": ("Children by who cares for them", "children", _CARE),
    "phases": ("Schools by phase", "schools", _PHASES),
    "practices": ("Practices by authority", "practices", _by_authority("practices", "authority")),
    "places": ("Children by authority of their address", "children", _PLACES),
    "adopted": ("Children by adoption", "children", _flag("adopted", "adopted")),
    "looked_after": ("Children looked after by an authority", "children", _flag("looked_after", "looked after")),
}
