"""Canaries readable in files beside the application."""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from overreach.model.canary import Minter, TokenKind
from overreach.model.errors import PackError
from overreach.model.terms import Facet, Grade
from overreach.probe.outside import search_folder, self_test
from overreach.probe.outside_streams import BLOCK, OVERLAP
from overreach.probe.owners import People


def _number(town: People, child: int) -> str:
    return town.minter.mint(TokenKind.RECORD, child)


def _rows(town: People) -> bytes:
    house = town.minter.mint(TokenKind.PLACE, 0).capitalize()
    lines = [f"{_number(town, child)},{house} House,{'x' * 200}" for child in range(6)]
    return "\n".join(lines * 3).encode()


def test_a_file_says_what_it_holds_and_whose(town: People, tmp_path: Path) -> None:
    """Different tokens are counted by kind; the first is the example; files without any are only counted."""
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "registry.csv").write_bytes(_rows(town))
    (tmp_path / "empty.bin").write_bytes(b"")
    (tmp_path / "noise.bin").write_bytes(os.urandom(5000))
    result = search_folder(town, tmp_path)
    assert [finding.path for finding in result.files] == ["backup/registry.csv"]
    assert dict(result.files[0].tokens) == {TokenKind.RECORD: 6, TokenKind.PLACE: 1}
    example = result.files[0].example
    assert (example.child, example.facet, example.grade) == (0, Facet.IDENTITY, Grade.TOKEN)
    assert result.files_read == 3
    assert result.bytes_read == len(_rows(town)) + 5000
    assert result.unreadable == ()


@pytest.mark.parametrize("place", [BLOCK - 6, BLOCK + OVERLAP - 6, 2 * BLOCK + 17])
def test_a_token_across_the_border_of_blocks_is_found(town: People, tmp_path: Path, place: int) -> None:
    """Files are read in blocks."""
    (tmp_path / "dump.sql").write_bytes(b" " * place + _number(town, 1).encode() + b" " * BLOCK)
    assert search_folder(town, tmp_path).files[0].tokens == ((TokenKind.RECORD, 1),)


def test_a_database_file_is_searched(town: People, tmp_path: Path) -> None:
    """SQLite keeps texts as they are."""
    with closing(sqlite3.connect(tmp_path / "registry.db")) as database, database:
        database.execute("CREATE TABLE children (number TEXT)")
        database.executemany("INSERT INTO children VALUES (?)", [(_number(town, child),) for child in range(6)])
    assert search_folder(town, tmp_path).files[0].tokens == ((TokenKind.RECORD, 6),)


def test_packed_files_are_unpacked_as_streams(town: People, tmp_path: Path) -> None:
    """A gzip file of two members, in a ZIP, with a token far behind the first block."""
    packed = gzip.compress(b" " * (2 * BLOCK)) + gzip.compress(_rows(town))
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("children.csv.gz", packed)
    result = search_folder(town, tmp_path)
    assert result.files[0].example.where == "export.zip, zip member children.csv.gz, gzip"
    assert result.bytes_read > 2 * BLOCK


def test_damaged_and_truncated_files_are_unreadable_and_searched_as_far_as_they_go(
    town: People, tmp_path: Path
) -> None:
    """What could not be read is a value with a reason."""
    noise = os.urandom(3 * BLOCK)
    (tmp_path / "short.gz").write_bytes(gzip.compress(_rows(town) + noise)[:-BLOCK])
    broken = bytearray(gzip.compress(noise, compresslevel=0))
    broken[2 * BLOCK : 2 * BLOCK + 70000] = bytes(70000)
    (tmp_path / "broken.gz").write_bytes(bytes(broken))
    result = search_folder(town, tmp_path)
    assert [finding.path for finding in result.files] == ["short.gz"]
    assert dict(result.unreadable) == {"broken.gz": "gzip: is damaged", "short.gz": "gzip: ends early"}


def test_a_damaged_archive_is_unreadable(town: People, tmp_path: Path) -> None:
    """Its members are salvaged where they can be."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", _rows(town))
    (tmp_path / "cut.zip").write_bytes(file.getvalue()[:-40])
    result = search_folder(town, tmp_path)
    assert [finding.path for finding in result.files] == ["cut.zip"]
    assert "ends early" in result.unreadable[0][1]


def test_links_and_pipes_are_listed_and_not_followed(town: People, tmp_path: Path) -> None:
    """A link may lead anywhere; a pipe may never end."""
    (tmp_path / "link").symlink_to("/")
    os.mkfifo(tmp_path / "pipe")
    result = search_folder(town, tmp_path)
    assert result.unreadable == (("link", "symbolic link, not followed"), ("pipe", "not a file"))


def test_ignored_files_are_left_out_and_said(town: People, tmp_path: Path) -> None:
    """The live database holds everything by design."""
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "registry.db").write_bytes(_rows(town))
    result = search_folder(town, tmp_path, ["live/*"])
    assert (result.files, result.files_read, result.ignored) == ((), 0, ("live/registry.db",))


def test_a_file_named_after_a_child_is_found(town: People, tmp_path: Path) -> None:
    """Names are searched as contents are."""
    (tmp_path / f"{_number(town, 2)}.txt").write_bytes(b"")
    assert search_folder(town, tmp_path).files[0].example.where == "file name"


def test_tokens_of_another_population_are_not_this_ones(town: People, tmp_path: Path) -> None:
    """They have no owner here."""
    (tmp_path / "other.csv").write_text(Minter(8).mint(TokenKind.RECORD, 0), encoding="ascii")
    assert search_folder(town, tmp_path).files == ()


def test_a_folder_that_does_not_exist_is_refused(town: People, tmp_path: Path) -> None:
    """Silence about a folder that is not there would prove nothing."""
    with pytest.raises(PackError, match="does not exist"):
        search_folder(town, tmp_path / "no such folder")


def test_the_self_test_finds_everything_it_planted(town: People) -> None:
    """Plain, encoded, packed, across a border; and nothing where nothing is."""
    control = self_test(town)
    assert control.passed
    assert control.detail == "11 of 11 planted canaries found"
