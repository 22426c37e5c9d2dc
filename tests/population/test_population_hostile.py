"""Hostile names: of every kind, carried whole by what a population passes through; and spelling variants."""

from __future__ import annotations

import csv
import io
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyarrow import parquet
from tests.probe.conftest import Town

from overreach.contactpoint.calls import LONGEST_TEXT
from overreach.model.canary import LITERAL, TokenKind
from overreach.model.probe import Answer
from overreach.model.terms import Facet
from overreach.pack.config import built_in
from overreach.population import canaries
from overreach.population.hostile import HOSTILE, LATIN, variant
from overreach.population.lexicon import Lexicon
from overreach.population.sampling import Draws
from overreach.probe.anchors import normal
from overreach.probe.disclosure import Reader

TEXTS = [hostile.text for hostile in HOSTILE]
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)


def test_each_text_stands_once_and_says_why() -> None:
    """No text comes twice, and those in Latin script are among them."""
    assert len(set(TEXTS)) == len(TEXTS)
    assert all(hostile.why for hostile in HOSTILE)
    assert set(LATIN) < set(HOSTILE)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("an apostrophe", lambda text: "'" in text and text.count("'") == 1 and text[0].isalpha()),
        ("right to left", lambda text: any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in text)),
        ("an override of direction", lambda text: "\u202e" in text),
        ("a combining mark", lambda text: any(unicodedata.combining(sign) for sign in text)),
        ("a dotted capital I", lambda text: "\u0130" in text),
        ("more than 255 signs", lambda text: len(text) > 255),
        ("1,000 signs", lambda text: len(text) == LONGEST_TEXT),
        ("markup", lambda text: text.startswith("<b>")),
        ("a script", lambda text: "<script>" in text),
        ("SQL", lambda text: "DROP TABLE" in text),
        ("a formula", lambda text: text == "=1+1"),
        ("a null", lambda text: text == "NULL"),
        ("a sign of the other planes", lambda text: any(ord(sign) > 0xFFFF for sign in text)),
        ("a sign without width", lambda text: "\u200b" in text),
        ("a line separator", lambda text: "\u2028" in text),
        ("a tab", lambda text: "\t" in text),
        ("a quotation mark", lambda text: '"' in text),
        ("a backslash", lambda text: text.endswith("\\")),
        ("percent encoding", lambda text: "%27" in text),
        ("a JSON escape", lambda text: text.startswith("\\u")),
        ("a comma", lambda text: ", " in text),
        ("a space before", lambda text: text.startswith(" ")),
        ("a space behind", lambda text: text.endswith(" ")),
        ("one letter", lambda text: len(text) == 1 and text.isalpha()),
        ("digits", str.isdecimal),
    ],
)
def test_every_kind_that_breaks_parsers_is_there(kind: str, found: object) -> None:
    """One text at least of each kind."""
    assert callable(found)
    assert any(found(text) for text in TEXTS), kind


def test_some_look_the_same_and_are_not() -> None:
    """Composed and decomposed spellings of one name are both there."""
    composed = [text for text in TEXTS if text == unicodedata.normalize("NFC", text)]
    decomposed = [text for text in TEXTS if text != unicodedata.normalize("NFC", text)]
    assert {unicodedata.normalize("NFC", text) for text in decomposed} & set(composed)


def test_the_latin_ones_could_stand_in_a_real_register() -> None:
    """Latin letters and what is typed between them, no longer than a form."""
    for hostile in LATIN:
        assert len(hostile.text) < 40
        assert all(unicodedata.category(sign)[0] in "LPSN" or sign == " " for sign in hostile.text)
        assert any(unicodedata.name(sign).startswith("LATIN") for sign in hostile.text)


def test_a_registry_could_hold_and_an_audit_compare_all_of_them() -> None:
    """Valid UTF-8, not blank, no NUL, no longer than a field of the reference registry; nothing of a real person."""
    for text in TEXTS:
        assert text.encode().decode() == text
        assert normal(text)
        assert "\0" not in text
        assert len(text) <= LONGEST_TEXT
        assert LITERAL not in text.lower()
        assert not canaries.is_drama_telephone(text)
        assert "@" not in text.lstrip("@")


def test_all_of_them_pass_whole_through_files_and_databases(tmp_path: Path) -> None:
    """Parquet, DuckDB, SQLite, JSON and CSV give back what they were given."""
    file = tmp_path / "names.parquet"
    parquet.write_table(pa.table({"row": range(len(TEXTS)), "name": TEXTS}), file)
    assert parquet.read_table(file).column("name").to_pylist() == TEXTS
    with duckdb.connect() as duck:
        rows = duck.execute("SELECT name FROM read_parquet(?) ORDER BY row", [str(file)]).fetchall()
        assert [name for (name,) in rows] == TEXTS
    with closing(sqlite3.connect(":memory:")) as lite:
        lite.execute("CREATE TABLE names (name TEXT NOT NULL)")
        lite.executemany("INSERT INTO names VALUES (?)", [(text,) for text in TEXTS])
        assert [name for (name,) in lite.execute("SELECT name FROM names ORDER BY rowid")] == TEXTS
        for text in TEXTS:
            assert lite.execute("SELECT count(*) FROM names WHERE name = ?", (text,)).fetchone() == (1,)
    assert orjson.loads(orjson.dumps(TEXTS)) == TEXTS
    written = io.StringIO(newline="")
    csv.writer(written).writerows([text] for text in TEXTS)
    assert [row[0] for row in csv.reader(io.StringIO(written.getvalue(), newline=""))] == TEXTS


class Renamed(Town):
    """A town where child 0 was once called something hostile."""

    name = ""

    def facet_values(self, child: int, facet: Facet) -> frozenset[str]:
        """The former name beside the other values."""
        return (
            frozenset({self.name}) if (child, facet) == (0, Facet.FORMER_NAMES) else super().facet_values(child, facet)
        )


def test_a_disclosed_hostile_name_is_recognised() -> None:
    """Anchored by the record number in the same object, as any other value."""
    for text in TEXTS:
        town = Renamed()
        town.name = text
        body = orjson.dumps({"number": town.minter.mint(TokenKind.RECORD, 0), "former_names": [{"family": text}]})
        paths = {Facet.FORMER_NAMES: ["$.former_names[*].family"]}
        reading = Reader(town).read(Answer(200, (), body, 0.01), paths, "/children", 0)
        assert Facet.FORMER_NAMES in {found.facet for found in reading.disclosures}, text
        assert not reading.cut


@given(NAMES, st.integers(0, 2**32))
@example("\u0301", 0)
@example("-", 0)
@example("\u00df", 0)
@example("\u0130", 0)
def test_a_variant_is_another_name(name: str, seed: int) -> None:
    """In another case, trimmed or composed otherwise it is still another; and it is valid text, not blank."""
    other = variant(name, Draws(seed, "variant"))
    assert other.strip()
    assert other.encode()
    for form in ("NFC", "NFD"):
        assert unicodedata.normalize(form, normal(other)) != unicodedata.normalize(form, normal(name))


@given(st.sampled_from(TEXTS), st.integers(0, 2**32))
def test_hostile_names_have_variants_too(name: str, seed: int) -> None:
    """A hostile name has a variant as any other."""
    assert normal(variant(name, Draws(seed, "variant"))) != normal(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Smith-Jones", {"Smith Jones", "SmithJones"}),
        ("Núñez", {"Nunez"}),
        ("MacDonald", {"McDonald"}),
        ("McIntyre", {"MacIntyre"}),
        ("Emily", {"Eimly", "Emmily"}),
        ("Ng", {"Nng", "Ngg"}),
        ("007", {"0007", "0077"}),
    ],
)
def test_a_variant_is_the_slip_of_a_feed(name: str, expected: set[str]) -> None:
    """Each of the slips comes up."""
    assert expected <= {variant(name, Draws(seed, "variant")) for seed in range(200)}


def test_a_variant_of_an_ordinary_name_is_near_it() -> None:
    """At most two signs more or fewer: a person who knows the name would read over it."""
    names = map(str, Lexicon.read(built_in() / "generators" / "data").first.to_pylist())
    draws = Draws(7, "variants")
    assert all(abs(len(variant(name, draws)) - len(name)) <= 2 for name in names)


def test_the_same_draws_give_the_same_variant() -> None:
    """The same draws give the same variant."""
    first, again = ([variant("Catherine", draws) for _ in range(9)] for draws in (Draws(7, "v"), Draws(7, "v")))
    assert first == again


@pytest.mark.parametrize("name", ["", " ", "\u2028\t"])
def test_a_blank_name_has_no_variant(name: str) -> None:
    """A blank name has no variant."""
    with pytest.raises(ValueError, match="blank"):
        variant(name, Draws(7, "variant"))
