"""The sample review, and the templates of the pack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from overreach.model.review import Review
from overreach.pack.content import load_module

ROOT = Path(__file__).parents[2]
SAMPLE = load_module(Path(__file__).with_name("sample.py"))


@pytest.fixture(scope="session")
def templates() -> Path:
    """Templates of the pack that comes with overreach."""
    return ROOT / "reports" / "templates"


@pytest.fixture(scope="session")
def review() -> Review:
    """A review with findings, hazards and gaps."""
    made: Review = SAMPLE.sample()
    return made


@pytest.fixture(scope="session")
def small_review(review: Review) -> Review:
    """The same with one role and two classes, so that it is quickly written."""
    kept = [one for one in review.entries if one.role == "head_teacher" and one.record_class in review.classes[:2]]
    return replace(review, roles=review.roles[:1], classes=review.classes[:2], entries=tuple(kept))


@pytest.fixture(scope="session")
def clean_review() -> Review:
    """A review of a correct system."""
    made: Review = SAMPLE.clean()
    return made
