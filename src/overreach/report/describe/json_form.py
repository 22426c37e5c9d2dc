"""A description as one JSON object (docs/reference/population.md)."""

from __future__ import annotations

from typing import Any

from overreach.report.describe import telling
from overreach.report.describe.description import Category, Cohort, Description, Distribution

_DIGITS = 6  # of shares


def as_json(description: Description) -> dict[str, Any]:
    """The object; shares and differences are fractions of 1, with six decimals."""
    furthest = telling.widest(description)
    return {
        "recipe": description.recipe,
        "children": description.children,
        "users": description.users,
        "seed": description.seed,
        "as_of": description.as_of.isoformat(),
        "digest": description.digest,
        "path": str(description.path),
        "bytes": sum(table.size for table in description.tables),
        "tables": {
            table.name: {"rows": table.rows, "bytes": table.size, "files": table.files} for table in description.tables
        },
        "measures": {one.key: _distribution(one) for one in description.distributions},
        "largest_difference": None if furthest is None else {"measure": furthest[0].key, **_category(furthest[1])},
        "cohorts": None if description.cohorts is None else {one.name: _cohort(one) for one in description.cohorts},
        "missing_cohorts": list(description.missing_cohorts),
        "summary": telling.verdict(description),
    }


def _distribution(distribution: Distribution) -> dict[str, Any]:
    measure = distribution.measure
    return {
        "title": measure.title,
        "unit": measure.unit,
        "source": measure.source,
        "sql": measure.counted,
        "counted": distribution.total,
        "categories": [_category(category) for category in distribution.categories],
    }


def _category(category: Category) -> dict[str, Any]:
    return {
        "category": category.name,
        "count": category.count,
        "share": round(category.share, _DIGITS),
        "weight": category.weight,
        "expected": _rounded(category.expected),
        "difference": _rounded(category.difference),
        "relative": _rounded(category.relative),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _cohort(cohort: Cohort) -> dict[str, Any]:
    return {
        "cases": cohort.cases,
        "different": dict(cohort.different),
        "notes": list(cohort.notes),
        "further_notes": cohort.further_notes,
    }
