"""The report as one HTML file that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from overreach.model.review import Review
from overreach.model.terms import LOCATING, Rung
from overreach.report import wording
from overreach.report.histogram import charts
from overreach.report.html_matrix import Panel, matrix_data, panels
from overreach.report.load.pictures import load_pictures
from overreach.report.load.style import LOAD_STYLE, with_figures
from overreach.report.matrix import STATE_SIGN, State, build_matrix
from overreach.report.reach.pictures import pictures
from overreach.report.templates import content_hash, environment, inline, read_text, rendering, seen

TEMPLATE = "report.html.j2"
STYLE = "report.css"
PARTS_STYLE = "reach.css"
SCRIPT = "report.js"


def render_html(review: Review, templates: Path) -> str:
    """The whole page; PackError where `templates` lacks a file or a template does not render."""
    shown = panels(build_matrix(review))
    style = "".join(read_text(templates / name) for name in (STYLE, PARTS_STYLE, LOAD_STYLE)) + _panel_rules(shown)
    script = read_text(templates / SCRIPT)
    with rendering(templates, TEMPLATE):
        template = with_figures(environment(templates, seen)).get_template(TEMPLATE)
        return template.render(_context(review, shown, style, script))


def _context(review: Review, shown: Sequence[Panel], style: str, script: str) -> dict[str, Any]:
    matrix = build_matrix(review)
    return {
        "review": review,
        "run": review.run,
        "style": inline(style, "style"),
        "script": inline(script, "script"),
        "style_hash": content_hash(style),
        "script_hash": content_hash(script),
        "matrix": matrix,
        "panels": shown,
        "data": matrix_data(review, matrix),
        "charts": charts(review.exposure),
        "drawn": None if review.exact is None else pictures(review.exact, review.entries, review.classes),
        "loaded": None if review.load is None else load_pictures(review.load),
        "findings": wording.worst_first(review.findings),
        "hazards": wording.most_first(review.hazards),
        "rungs": [(rung, wording.RUNG_WORDS[rung]) for rung in Rung],
        "states": [(state, *STATE_SIGN[state]) for state in State if state not in (State.DESIGN, State.ABSENT)],
        "locating": [facet for facet in matrix.facets if facet in LOCATING],
        "head_count": sum(role.users for role in review.roles),
    }


def _panel_rules(shown: Sequence[Panel]) -> str:
    """Which panel a tab shows, without a script; and room for two figures in each column."""
    show = ".tab-{0}:checked ~ .panel:nth-of-type({0}) {{ display: block; }}\n"
    room = ".panel:nth-of-type({0}) .matrix {{ min-width: calc(var(--role) + {1} * var(--column)); }}\n"
    return "".join((show + room).format(place, len(panel.columns)) for place, panel in enumerate(shown, 1))
