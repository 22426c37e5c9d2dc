"""A description as one HTML file that needs nothing but itself, in the look of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overreach.report.describe import telling
from overreach.report.describe.description import Description
from overreach.report.describe.plot import BASE, Upright, in_words, plot
from overreach.report.html import STYLE as SHARED_STYLE
from overreach.report.templates import content_hash, environment, inline, read_text, rendering, seen

TEMPLATE = "population.html.j2"
STYLE = "population.css"


def render_page(description: Description, templates: Path) -> str:
    """The whole page; PackError where `templates` lacks a file or a template does not render."""
    style = read_text(templates / SHARED_STYLE) + read_text(templates / STYLE)
    with rendering(templates, TEMPLATE):
        made = environment(templates, seen)
        made.filters.update(share=telling.share, points=_points, size=telling.size)
        return made.get_template(TEMPLATE).render(_context(description, style))


def _context(description: Description, style: str) -> dict[str, Any]:
    return {
        "population": description,
        "verdict": telling.verdict(description).replace(" %", "\N{NO-BREAK SPACE}%"),
        "style": inline(style, "style"),
        "style_hash": content_hash(style),
        "rows": sum(table.rows for table in description.tables),
        "bytes": sum(table.size for table in description.tables),
        "base": BASE,
        "sections": [
            (one, drawn, isinstance(drawn, Upright), in_words(one))
            for one in description.distributions
            for drawn in [plot(one)]
        ],
    }


def _points(value: float | None) -> str:
    """With the minus sign of print."""
    return telling.points(value).replace("-", "\N{MINUS SIGN}")
