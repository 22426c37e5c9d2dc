"""A load as one HTML file that needs nothing but itself, in the look of the report."""

from __future__ import annotations

from pathlib import Path

from overreach.model.underload import UnderLoad
from overreach.report.html import PARTS_STYLE, STYLE
from overreach.report.load.pictures import load_pictures
from overreach.report.load.style import LOAD_STYLE, with_figures
from overreach.report.templates import content_hash, environment, inline, read_text, rendering, seen

TEMPLATE = "load.html.j2"


def render_page(load: UnderLoad, templates: Path) -> str:
    """The whole page; PackError where `templates` lacks a file or a template does not render."""
    style = "".join(read_text(templates / name) for name in (STYLE, PARTS_STYLE, LOAD_STYLE))
    with rendering(templates, TEMPLATE):
        template = with_figures(environment(templates, seen)).get_template(TEMPLATE)
        return template.render(
            run=load.run,
            drawn=load_pictures(load),
            style=inline(style, "style"),
            style_hash=content_hash(style),
        )
