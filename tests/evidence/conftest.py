"""Sealed runs to verify, to change and to gate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from overreach.model.review import Review
from overreach.pack.content import load_module
from overreach.report.folder import RunFolder
from overreach.report.write import write_reports

ROOT = Path(__file__).parents[2]
SAMPLE = load_module(ROOT / "tests" / "report" / "sample.py")


def small(review: Review) -> Review:
    """The same review with fewer rows, so that it is quickly read and written."""
    roles = review.roles[:3]
    names = {role.role for role in roles}
    return replace(review, roles=roles, entries=tuple(one for one in review.entries if one.role in names))


def seal(runs: Path, run_id: str, review: Review) -> Path:
    """A sealed run of a review."""
    folder = RunFolder.create(runs, run_id)
    with folder.open_observations() as observations:
        observations.write({"status": 200})
    write_reports(review, folder.path, ROOT / "reports" / "templates")
    return folder.seal()


@pytest.fixture(scope="session")
def review() -> Review:
    """A review with findings."""
    return small(SAMPLE.sample())


@pytest.fixture(scope="session")
def clean_review() -> Review:
    """A review of a correct system."""
    return small(SAMPLE.clean())


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory, review: Review) -> Path:
    """A sealed run with findings; tests leave it as it is."""
    return seal(tmp_path_factory.mktemp("runs"), "one", review)


@pytest.fixture(scope="session")
def sealed_clean(tmp_path_factory: pytest.TempPathFactory, clean_review: Review) -> Path:
    """A sealed run of a correct system; tests leave it as it is."""
    return seal(tmp_path_factory.mktemp("runs"), "clean", clean_review)
