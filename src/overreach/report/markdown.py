"""The report as Markdown, for a pull request or a ticket."""

from __future__ import annotations

import re
from pathlib import Path

from markupsafe import Markup

from overreach.model.review import Review
from overreach.model.terms import Rung
from overreach.report import exposure, wording
from overreach.report.load.pictures import load_pictures
from overreach.report.load.style import with_figures
from overreach.report.matrix import STATE_SIGN, Cell, State, build_matrix
from overreach.report.reach.pictures import highest, pictures
from overreach.report.templates import environment, rendering

TEMPLATE = "report.md.j2"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#!|<>~&$@]|:(?=//))")


def render_markdown(review: Review, templates: Path) -> str:
    """The document; PackError where the template is missing or does not render."""
    jinja = with_figures(environment(templates, _escape))
    jinja.filters.update(code=_code)
    drawn = None if review.exact is None else pictures(review.exact, review.entries, review.classes)
    with rendering(templates, TEMPLATE):
        return jinja.get_template(TEMPLATE).render(
            review=review,
            run=review.run,
            matrix=build_matrix(review),
            sign=_sign,
            rungs=[(rung, wording.RUNG_SIGN[rung], wording.RUNG_WORDS[rung]) for rung in Rung],
            states=[STATE_SIGN[state] for state in State if STATE_SIGN[state][0].strip()],
            drawn=drawn,
            alone=0 if drawn is None else sum(not lane.accomplice for lane in drawn.lanes),
            highest=() if drawn is None else highest(drawn.fewest, review.classes),
            loaded=None if review.load is None else load_pictures(review.load),
            exposures=[(one, exposure.figures(one)) for one in review.exposure],
            findings=wording.worst_first(review.findings),
            hazards=wording.most_first(review.hazards),
        )


def _sign(cell: Cell) -> Markup:
    rungs = cell.wrong or cell.rungs
    circle = wording.RUNG_SIGN[rungs[0]] if rungs and cell.state is not State.CLOSED else ""
    return Markup(STATE_SIGN[cell.state][0] + circle)  # noqa: S704 - signs of ours


def _escape(value: object) -> object:
    """Text of the audited system as text: no mark-up, no link, no mention, on one line."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return Markup(_SPECIAL.sub(r"\\\1", wording.one_line(value)))  # noqa: S704 - escaped just here


def _code(text: str) -> Markup:
    """A code span: its fence is longer than any run of backticks inside, and no pipe ends the cell."""
    shown = wording.one_line(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or not shown else ""
    return Markup(f"{fence}{pad}{shown}{pad}{fence}")  # noqa: S704 - nothing leaves a code span
