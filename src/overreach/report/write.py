"""Every report of a run, from one redacted review."""

from __future__ import annotations

from pathlib import Path

from overreach.model.review import Review
from overreach.report.html import render_html
from overreach.report.json_form import dump
from overreach.report.junit import render_junit
from overreach.report.leaks import refuse_leaks
from overreach.report.markdown import render_markdown
from overreach.report.redact import redact
from overreach.report.storage import write_whole, writing

HTML, JSON, JUNIT = "report.html", "report.json", "junit.xml"
#: Name of a format on the command line.
FORMATS = ("html", "json", "junit", "markdown")


def write_reports(review: Review, folder: Path, templates: Path, secrets: frozenset[str] = frozenset()) -> None:
    """Write `report.html`, `report.json` and `junit.xml` into a run's folder.

    `secrets` are the session tokens, passwords, activation codes and one-time-code secrets of the run; they
    and whatever looks like a credential are replaced before anything is rendered, and the whole folder is
    searched for them afterwards. OverreachError where the disk is full, a template does not render, or a file
    of the folder, the observations among them, holds a credential all the same.
    """
    clean = redact(review, secrets)
    for name, form in ((HTML, "html"), (JSON, "json"), (JUNIT, "junit")):
        write_whole(folder / name, render(clean, form, templates))
    with writing(folder):
        refuse_leaks(folder, secrets)


def render(review: Review, form: str, templates: Path) -> bytes:
    """A redacted review in one of `FORMATS`, as bytes; KeyError for another name."""
    if form == "html":
        return render_html(review, templates).encode("utf-8", "replace")
    if form == "markdown":
        return render_markdown(review, templates).encode("utf-8", "replace")
    return {"json": dump, "junit": render_junit}[form](review)
