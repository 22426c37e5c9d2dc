"""Content files are modules of their own, and their errors are one line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from overreach.model.errors import PackError
from overreach.pack.content import load_module


def test_a_content_file_runs_once(tmp_path: Path) -> None:
    """However often it is asked for, and by whatever path."""
    file = tmp_path / "recipe.py"
    file.write_text("RUNS = []\nRUNS.append(1)\n")
    first = load_module(file)
    assert load_module(tmp_path / "." / "recipe.py") is first
    assert first.RUNS == [1]


def test_two_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    """Two packs may both have a `recipe.py`; neither hides a library of that name."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "json.py").write_text(f"WHERE = {folder!r}\n")
    where = [load_module(tmp_path / folder / "json.py").WHERE for folder in ("one", "two")]
    assert where == ["one", "two"]
    assert not hasattr(sys.modules["json"], "WHERE")


def test_dataclasses_of_a_content_file_work(tmp_path: Path) -> None:
    """They look their module up by name while the file still runs."""
    file = tmp_path / "records.py"
    file.write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Row:\n    number: int = 1\n"
    )
    assert load_module(file).Row().number == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(PackError, match=r"no content file `.*absent\.py`"):
        load_module(tmp_path / "absent.py")


def test_a_folder_is_no_content_file(tmp_path: Path) -> None:
    """Not even one whose name ends like a file's."""
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(PackError, match="no content file"):
        load_module(tmp_path / "folder.py")


@pytest.mark.parametrize("text", ["import not_a_module_of_anybody", "def (", "1 / 0", "raise ValueError('no')"])
def test_a_file_that_fails_is_named_and_can_be_mended(tmp_path: Path, text: str) -> None:
    """The failure leaves nothing behind: the mended file is read anew."""
    file = tmp_path / "broken.py"
    file.write_text(text)
    with pytest.raises(PackError, match=r"broken\.py` cannot be loaded"):
        load_module(file)
    file.write_text("MENDED = True\n")
    assert load_module(file).MENDED
