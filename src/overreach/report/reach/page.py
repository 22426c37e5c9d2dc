"""Exact reach as one HTML file that needs nothing but itself, in the look of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overreach.model.exact import ExactReach
from overreach.model.finding import Hazard
from overreach.model.review import Exposure, RoleSummary
from overreach.model.terms import Facet, Rung
from overreach.policy.rules import PolicyRule
from overreach.reach.count import ReachEntry
from overreach.report import wording
from overreach.report.histogram import charts
from overreach.report.html import PARTS_STYLE, STYLE
from overreach.report.reach.deciding import Deciding
from overreach.report.reach.pictures import pictures
from overreach.report.reach.table import panels
from overreach.report.reach.telling import answer
from overreach.report.templates import content_hash, environment, inline, read_text, rendering, seen

TEMPLATE = "reach.html.j2"


@dataclass(frozen=True, slots=True)
class Counted:
    """One population, counted: everything that the page tells."""

    recipe: str
    seed: int
    as_of: str
    users: int
    children: int
    cells: int
    """How many cells the policy can tell apart."""
    switches: tuple[tuple[str, str], ...]
    policy_digest: str
    population_digest: str
    roles: tuple[RoleSummary, ...]
    classes: tuple[str, ...]
    entries: tuple[ReachEntry, ...]
    deciding: Mapping[tuple[str, str], tuple[Deciding, ...]]
    """(role, record class) -> the policies that decide it."""
    policies: tuple[PolicyRule, ...]
    exposure: tuple[Exposure, ...]
    hazards: tuple[Hazard, ...]
    exact: ExactReach


def render_page(counted: Counted, templates: Path) -> str:
    """The whole page; PackError where `templates` lacks a file or a template does not render."""
    style = read_text(templates / STYLE) + read_text(templates / PARTS_STYLE) + tab_rules(len(counted.classes))
    with rendering(templates, TEMPLATE):
        made = environment(templates, seen)
        return made.get_template(TEMPLATE).render(_context(counted, style))


def tab_rules(tabs: int) -> str:
    """Which panel a tab shows, without a script."""
    rule = ".tab-{0}:checked ~ .panel:nth-of-type({0}) {{ display: block; }}\n"
    return "".join(rule.format(place) for place in range(1, tabs + 1))


def _context(counted: Counted, style: str) -> dict[str, Any]:
    deciders = {row.policy for rows in counted.deciding.values() for row in rows}
    listed = [rule for rule in counted.policies if rule.id in deciders]
    return {
        "counted": counted,
        "answer": answer(counted.exact.ladder, counted.exposure, counted.roles, counted.classes),
        "style": inline(style, "style"),
        "style_hash": content_hash(style),
        "pairs": counted.users * counted.children,
        "facets": list(Facet),
        "rungs": [(rung, wording.RUNG_WORDS[rung]) for rung in _rungs(counted.entries)],
        "panels": panels(counted.entries, counted.classes, counted.roles, counted.deciding),
        "policies": listed,
        "place_of": {rule.id: place for place, rule in enumerate(listed, start=1)},
        "rule_of": {rule.id: rule.rule for rule in listed},
        "charts": charts(counted.exposure),
        "hazards": wording.most_first(counted.hazards),
        "drawn": pictures(counted.exact, counted.entries, counted.classes),
    }


def _rungs(entries: Sequence[ReachEntry]) -> list[Rung]:
    counted = {entry.rung for entry in entries}
    return [rung for rung in Rung if rung in counted]
