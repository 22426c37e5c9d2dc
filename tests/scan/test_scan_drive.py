"""What a scan finds, what it leaves out, and when its silence means something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from overreach.model.errors import OverreachError
from overreach.model.terms import Kind, Part, Severity
from overreach.scan import drive
from overreach.scan.bandit import run_bandit
from overreach.scan.drive import enclosing, run_scan

CONCATENATED = """\
class Store:
    def search(self, surname):
        return self.database.execute("SELECT a FROM t WHERE name = '" + surname + "'")
"""
HARMLESS = "def double(number):\n    assert number\n    return 2 * number\n"


def written(folder: Path, name: str, text: str) -> Path:
    """A file with some text."""
    file = folder / name
    file.write_text(text)
    return file


def test_a_query_built_from_text_is_a_finding_with_its_place_and_line(tmp_path: Path) -> None:
    """The witness is file, line and code; the key names the function and nothing of this machine."""
    written(tmp_path, "store.py", CONCATENATED)
    [finding] = run_scan([tmp_path]).findings
    assert finding.kind is Kind.SOURCE
    assert finding.rule == "B608"
    assert finding.severity is Severity.MEDIUM
    assert finding.parts == (Part.SCAN,)
    assert finding.witness.request == "store.py:3"
    assert "+ surname +" in finding.witness.answer
    assert finding.key.startswith("source:B608:store.py:Store.search:")


def test_a_key_stays_the_same_when_the_lines_above_change(tmp_path: Path) -> None:
    """A baseline survives edits elsewhere in the file."""
    file = written(tmp_path, "store.py", CONCATENATED)
    before = run_scan([file]).findings[0].key
    file.write_text(f'"""Words."""\n\nX = 1\n\n{CONCATENATED}')
    assert run_scan([file]).findings[0].key == before


def test_a_result_of_low_severity_is_counted_and_no_finding(tmp_path: Path) -> None:
    """An assert is a habit, not a defect."""
    written(tmp_path, "harmless.py", HARMLESS)
    result = run_scan([tmp_path])
    assert result.findings == ()
    assert result.low == 1
    assert (result.files, result.lines) == (1, 3)
    assert all(control.passed for control in result.controls)


def test_a_place_excused_by_a_comment_is_counted(tmp_path: Path) -> None:
    """What somebody silenced is told."""
    written(tmp_path, "store.py", CONCATENATED.replace("'\")", "'\")  # nosec B608"))
    result = run_scan([tmp_path])
    assert result.findings == ()
    assert result.excused == 1
    assert ("places excused by `# nosec`", "1") in result.summary.figures


def test_a_file_that_is_no_python_is_not_examined(tmp_path: Path) -> None:
    """A file that does not parse is named with the reason, and the rest is scanned."""
    written(tmp_path, "broken.py", "def (")
    written(tmp_path, "harmless.py", HARMLESS)
    result = run_scan([tmp_path])
    assert [(gap.what, gap.part) for gap in result.not_examined] == [("broken.py", Part.SCAN)]
    assert result.files == 1


def test_a_folder_with_a_name_that_bandit_skips_is_scanned_all_the_same(tmp_path: Path) -> None:
    """Neither `.tox` in the path nor a `.bandit` file beside the source hides a defect."""
    folder = tmp_path / ".tox"
    folder.mkdir()
    written(folder, "store.py", CONCATENATED)
    written(folder, ".bandit", "[bandit]\nskips = B608\n")
    assert [finding.rule for finding in run_scan([folder]).findings] == ["B608"]


def test_excluded_files_are_left_out(tmp_path: Path) -> None:
    """A folder can be scanned without a part of it."""
    written(tmp_path, "store.py", CONCATENATED)
    other = written(tmp_path, "harmless.py", HARMLESS)
    result = run_scan([tmp_path], exclude=[tmp_path / "store.py"])
    assert result.files == 1
    assert result.findings == ()
    assert other.exists()


def test_a_scan_that_misses_the_planted_defect_is_unproven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scanner that finds nothing at all says nothing of the source."""
    monkeypatch.setattr(drive, "run_bandit", lambda files: replace(run_bandit(files), results=()))
    written(tmp_path, "harmless.py", HARMLESS)
    [control] = run_scan([tmp_path]).controls
    assert not control.passed
    assert "unproven" in control.detail


def test_a_path_without_python_is_refused(tmp_path: Path) -> None:
    """An empty scan is never a clean one."""
    with pytest.raises(OverreachError, match="no Python file at"):
        run_scan([tmp_path])


def test_the_innermost_definition_is_named_whatever_it_stands_in() -> None:
    """Functions inside classes, and inside `if` and `try`, have their dotted names."""
    source = "class A:\n    if True:\n        def f(self):\n            return 1\nx = 2\n"
    assert enclosing(source, 4) == "A.f"
    assert enclosing(source, 5) == "module"
