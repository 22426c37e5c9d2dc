"""Small worlds for the detection matrix: a whole audit of 200 children in a few seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from overreach.audit.options import Options
from overreach.audit.run import Result, run_audit
from overreach.model.terms import Part, Severity
from overreach.pack.config import SweepConfig, find_pack

CHILDREN, USERS = 200, 160
ROOT = Path(__file__).parents[2]


@pytest.fixture
def audit(tmp_path: Path) -> object:
    """Run some parts of an audit over a small world and give its result."""
    # Fewer probes an entry than a real audit: the bounds are wider, the cells are all asked.
    pack = replace(
        find_pack(ROOT), sweep=SweepConfig(locating_probes=12, other_probes=3, members=2, searches=1, comparisons=3)
    )

    def run(*faults: str, parts: set[Part], seed: int = 1, users: int = 60) -> Result:
        options = Options(
            pack=pack,
            population=None,
            recipe="small_england",
            children=CHILDREN,
            users=USERS,
            seed=seed,
            faults=faults,
            switches=dict(pack.switches),
            parts=frozenset(parts),
            runs=tmp_path / "runs",
            port=0,
            fail_on=Severity.LOW,
            load_users=users,
            load_seconds=4.0,
            examples=5,
            command="overreach audit",
        )
        return run_audit(options, lambda _text, _done, _total: None)

    return run
