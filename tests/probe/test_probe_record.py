"""What a part reports arrives as it was sent."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.model.decision import Claims
from overreach.model.probe import Disclosure, Observation, Probe, Request, Violation
from overreach.model.terms import Facet, Grade, Kind, Part, Rung, Verdict
from overreach.probe.record import from_json, read_lines, to_json, to_line

ROWS = st.integers(0, 2**40)
TEXT = st.text(max_size=20)
FACETS = st.sampled_from(Facet)
PROBES = st.builds(
    Probe,
    part=st.sampled_from(Part),
    operation=TEXT,
    user=ROWS,
    role=TEXT,
    child=st.none() | ROWS,
    rung=st.sampled_from(Rung),
    claims=st.builds(Claims, reason=st.none() | TEXT, override=st.booleans(), approvals=st.integers(0, 9)),
    request=st.builds(Request, TEXT, TEXT, TEXT, TEXT),
    by=st.lists(FACETS, max_size=3).map(tuple),
)
DISCLOSURES = st.builds(Disclosure, ROWS, FACETS, st.sampled_from(Grade), TEXT, st.lists(ROWS, max_size=3).map(tuple))
VIOLATIONS = st.builds(
    Violation,
    kind=st.sampled_from(Kind),
    place=TEXT,
    subject=TEXT,
    record_class=TEXT,
    child=st.none() | ROWS,
    facet=st.none() | FACETS,
    policies=st.lists(TEXT, max_size=3).map(tuple),
    detail=TEXT,
)
OBSERVATIONS = st.builds(
    Observation,
    probe=PROBES,
    status=st.integers(0, 999),
    seconds=st.floats(0, 1e6),
    disclosures=st.lists(DISCLOSURES, max_size=2).map(tuple),
    verdict=st.sampled_from(Verdict),
    why=TEXT,
    policies=st.lists(TEXT, max_size=2).map(tuple),
    violations=st.lists(VIOLATIONS, max_size=2).map(tuple),
    hazards=st.lists(st.tuples(FACETS, ROWS), max_size=2).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(OBSERVATIONS)
def test_an_observation_comes_back_as_it_was(observation: Observation) -> None:
    """As plain values and as a line; enumerations are members again, lists are tuples."""
    assert from_json(json.loads(json.dumps(to_json(observation)))) == observation
    line = to_line(observation)
    assert line.count(b"\n") == 1
    back = from_json(json.loads(line))
    assert back == observation
    assert isinstance(back.verdict, Verdict)


@settings(max_examples=25, deadline=None)
@given(st.lists(OBSERVATIONS, max_size=4), st.data())
def test_a_file_gives_every_whole_line(observations: list[Observation], data: st.DataObject) -> None:
    """Cut at any byte, it gives what was whole before the cut: a part that was killed loses no more."""
    lines = [to_line(observation) for observation in observations]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "observations"
        file.write_bytes(whole[:cut])
        read = list(read_lines(file))
    kept = sum(len(b"".join(lines[: n + 1])) <= cut for n in range(len(lines)))
    assert read == observations[:kept]


@pytest.mark.parametrize("value", [{}, {"probe": {}}, {"probe": None}])
def test_what_is_no_observation_is_refused(value: dict[str, object]) -> None:
    """With one of the errors that the function names."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(value)
