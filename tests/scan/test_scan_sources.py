"""Which files are scanned, and what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from overreach.model.errors import OverreachError, UnknownNameError
from overreach.scan import sources
from overreach.scan.sources import python_files, registry_sources, stable_name

FAULTS = """\
@fault("one-thing", breaks="R1")
def one(parts):
    return parts

@fault(name="another", breaks="R2")
def other(parts):
    return parts

@staticmethod("unrelated")
def third(parts):
    return parts
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry's folder of a rule, a fault file and a package file."""
    folder = tmp_path / "registry"
    (folder / "faults").mkdir(parents=True)
    for name, text in {"__init__.py": "", "rules.py": "X = 1\n", "faults/some.py": FAULTS}.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(sources, "_registry_folder", lambda: folder)
    return folder


def test_the_reference_registry_is_found_without_its_faults() -> None:
    """The defendant's source, read and never imported."""
    files = registry_sources()
    assert files
    assert not any("faults" in file.parts for file in files)


def test_a_fault_that_is_switched_on_is_scanned(registry: Path) -> None:
    """Its file comes after the correct ones, once."""
    correct = [registry / "__init__.py", registry / "rules.py"]
    assert registry_sources() == correct
    assert registry_sources(["one-thing", "another"]) == [*correct, registry / "faults" / "some.py"]


def test_a_fault_from_outside_is_the_file_it_names(registry: Path, tmp_path: Path) -> None:
    """FILE.py::NAME is scanned beside the registry."""
    file = tmp_path / "mine.py"
    file.write_text("X = 1\n")
    assert registry_sources([f"{file}::mine"])[-1] == file
    assert registry.exists()


def test_an_unknown_fault_lists_the_known_ones(registry: Path) -> None:
    """A misspelt name is never a clean scan."""
    with pytest.raises(UnknownNameError) as caught:
        registry_sources(["one-thin"])
    assert "another, one-thing" in caught.value.remedy
    assert registry.exists()


def test_a_fault_file_that_is_missing_is_refused(registry: Path, tmp_path: Path) -> None:
    """A fault from outside must be there."""
    with pytest.raises(OverreachError, match="no Python file at"):
        registry_sources([f"{tmp_path}/nothing.py::mine"])
    assert registry.exists()


def test_a_file_of_a_package_is_named_from_the_top_of_the_package(tmp_path: Path) -> None:
    """The same name from a checkout and from a wheel; a loose file is named from the folder scanned."""
    inner = tmp_path / "top" / "inner"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").touch()
    assert stable_name(inner / "a.py", tmp_path) == "top/inner/a.py"
    assert stable_name(tmp_path / "loose" / "b.py", tmp_path) == "loose/b.py"
    assert stable_name(tmp_path / "c.py", tmp_path / "top") == "c.py"


def test_compiled_files_are_left_out(tmp_path: Path) -> None:
    """Only source counts."""
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.py").touch()
    (tmp_path / "b.py").touch()
    assert python_files(tmp_path) == [tmp_path / "b.py"]
