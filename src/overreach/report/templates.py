"""How templates of a pack are read: nothing undefined passes, and a failure names the file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from overreach.model.errors import PackError
from overreach.report import wording


def environment(templates: Path, finalise: Callable[[object], object]) -> jinja2.Environment:
    """A Jinja environment over a folder; `finalise` sees every value before it is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=finalise,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        words=wording.words,
        spans=_spans,
        number=wording.number,
        median=wording.median,
        children=wording.children,
        users=wording.users,
        at_least=wording.percent_at_least,
        duration=wording.duration,
        listed=wording.listed,
        concerned=wording.concerned,
    )
    return made


def _spans(text: str) -> Markup:
    """A sentence with what stands in backticks as code; everything is made visible and escaped first."""
    parts = re.split(r"`([^`]*)`", wording.visible(text))
    shown = [Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)]
    return Markup("").join(shown)


@contextmanager
def rendering(templates: Path, name: str) -> Iterator[None]:
    """Turn what Jinja raises into a PackError that names the template and says why."""
    try:
        yield
    except jinja2.TemplateNotFound as error:
        message = f"`{templates}` holds no template `{error.name}`"
        raise PackError(message, "copy it from the pack that comes with overreach") from error
    except (jinja2.TemplateError, TypeError) as error:
        message = f"template `{name}` in `{templates}` does not render: {error}"
        raise PackError(message, "mend the template; the pack that comes with overreach has one that works") from error


def read_text(path: Path) -> str:
    """A file of the pack's templates; PackError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        message = f"cannot read template `{path}`: {(reason or str(error)).lower()}"
        raise PackError(message, "name another pack with --pack, or reinstall overreach") from error


def seen(value: object) -> object:
    """For `environment`: text with what cannot be seen made visible, anything else as it is."""
    return wording.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def inline(source: str, element: str) -> Markup:
    """Trusted text of the pack for a raw text element; PackError where it would end that element."""
    if f"</{element}" in source.lower():
        message = f"the template's {element} holds its own end tag"
        raise PackError(message, f"write it without `</{element}`")
    return Markup(source)  # noqa: S704 - the pack's own file, not data


def content_hash(source: str) -> str:
    """The source as the content security policy names it, so that no other script or style runs."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
