"""The figures of a description in words, the same on a terminal and on the page."""

from __future__ import annotations

from overreach.report.describe.description import Category, Description, Distribution, distance
from overreach.report.wording import children, number, one_line, people, users, words

_LEAST = 0.00005  # shares below this would read as nothing with two decimals
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1_000


def share(value: float | None) -> str:
    """A share as per cent: `5.42 %`; `<0.01 %` for what is there but hardly; nothing for None."""
    if value is None:
        return ""
    return "<0.01 %" if 0 < value < _LEAST else f"{value:.2%}".replace("%", " %")


def points(value: float | None) -> str:
    """A difference of shares in percentage points, with its sign: `+0.81`; `0.00` without."""
    if value is None:
        return ""
    rounded = round(value * 100, 2)
    return f"{rounded:+.2f}" if rounded else "0.00"


def size(count: int) -> str:
    """Bytes: `512 bytes`, `1.2 MB`."""
    scaled, place = float(count), 0
    while round(scaled) >= _THOUSAND and place < len(_UNITS) - 1:
        scaled, place = scaled / _THOUSAND, place + 1
    return f"{number(count)} bytes" if place == 0 else f"{scaled:.1f} {_UNITS[place]}"


def heading(description: Description) -> str:
    """What it is: `small_england: 2,000 children and 400 users, seed 7, as of 2009-05-18`."""
    many = f"{children(description.children)} and {users(description.users)}"
    return f"{one_line(description.recipe)}: {many}, seed {description.seed}, as of {description.as_of}"


def gap(distribution: Distribution, category: Category) -> str:
    """How far one category is from its figure, in a clause."""
    apart = f"{abs(round(distance(category) * 100, 2)):.2f} percentage points"
    return (
        f"{apart}, for `{one_line(words(category.name))}` in `{one_line(distribution.measure.title)}`"
        f" ({share(category.share)} counted, {share(category.expected)} in the figures)"
    )


def widest(description: Description) -> tuple[Distribution, Category] | None:
    """The measure and category furthest from the figures; None where nothing has figures."""
    found = [(one, one.widest) for one in description.distributions]
    compared = [(one, category) for one, category in found if category is not None]
    return max(compared, key=lambda pair: distance(pair[1]), default=None)


def verdict(description: Description) -> str:
    """The largest difference of any measure, and whether every cohort is there: one or two sentences."""
    return f"{_difference(description)} {_cohorts(description)}".rstrip()


def _difference(description: Description) -> str:
    furthest = widest(description)
    if furthest is None:
        return "No measure has figures to be laid beside." if description.distributions else "There are no measures."
    return f"The largest difference from the figures is {gap(*furthest)}."


def _cohorts(description: Description) -> str:
    cohorts, missing = description.cohorts or (), description.missing_cohorts
    if missing:
        names = ", ".join(f"`{one_line(words(name))}`" for name in missing)
        return f"Missing of {people(len(cohorts) + len(missing), 'cohort', 'cohorts')}: {names}."
    if description.cohorts is None:
        return ""
    if not cohorts:
        return "The table of cohorts is empty."
    cases = [cohort.cases for cohort in cohorts]
    most = people(max(cases), "case", "cases")
    span = most if min(cases) == max(cases) else f"{number(min(cases))} to {most}"
    return f"Every one of {people(len(cohorts), 'cohort', 'cohorts')} is present, with {span} each."
