"""The fault of docs/how-to/write-a-fault.md does what the document says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.contactpoint.inside import Inside
from tests.contactpoint.tables import SHIELDED

DOCUMENT = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-fault.md"


def test_the_fault_of_the_document_lifts_the_shield_for_those_involved(population: Path, tmp_path: Path) -> None:
    """A user from elsewhere who is involved sees the address, one of the area who is not does not."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    file = tmp_path / "own_faults.py"
    file.write_text(code)
    with Inside(population, tmp_path, (f"{file}::involvement-lifts-shield",)) as inside:
        assert "address" in inside.view("social_worker_there", SHIELDED).json
        assert "address" not in inside.view("social_worker", SHIELDED).json
