"""Names by the million: marginals, namesakes, and integers only."""

from __future__ import annotations

import ast
import hashlib
import inspect
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from overreach.pack.config import built_in
from overreach.population import lexicon as module
from overreach.population.lexicon import Lexicon
from overreach.population.locales import HOME, locale_names
from overreach.population.sampling import Draws, Ints, quota
from overreach.population.vocabulary import Register, Sex, Weighted

DATA = built_in() / "generators" / "data"
MILLION = 1_000_000
PINNED = ["Alice", "Aisha", "Melody", "Charlotte", "Baxter", "Lynn", "Cookson", "Thompson"]
BORN = 2004


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The names of England."""
    return Lexicon.read(DATA)


@pytest.fixture(scope="module")
def register() -> Register:
    """The published figures."""
    return Register.read(DATA)


def rows(lexicon: Lexicon, locale: str, count: int) -> Ints:
    """So many people of one locale."""
    return np.full(count, lexicon.locales.index(locale), dtype=np.int64)


def texts(names: pa.StringArray) -> list[str]:
    """Names as plain texts."""
    return [str(name) for name in names.to_pylist()]


def given(lexicon: Lexicon, draws: Draws, locale: Ints, sex: Sex, year: int) -> Ints:
    """First names of people of one sex and year."""
    return lexicon.given(draws, locale, np.full(len(locale), sex == "M"), np.full(len(locale), year, dtype=np.int64))


def shares(table: Weighted) -> dict[str, float]:
    """Name -> its share, the most common first."""
    pairs = sorted(zip(table.texts, table.weights, strict=True), key=lambda pair: -pair[1])
    return {text: weight / table.bounds[-1] for text, weight in pairs}


@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("year", [1946, 1975, 2004])
def test_common_first_names_are_as_common_as_the_register_says(
    lexicon: Lexicon, register: Register, sex: Sex, year: int
) -> None:
    """The twenty most common: within 2 % in five million draws."""
    draws, people = Draws(7, "given"), rows(lexicon, HOME, MILLION)
    found = np.zeros(len(lexicon.first), dtype=np.int64)
    for _ in range(5):
        found += np.bincount(given(lexicon, draws, people, sex, year), minlength=len(found))
    told = dict(zip(texts(lexicon.first), found.tolist(), strict=True))
    for name, share in list(shares(register.given(sex, year)).items())[:20]:
        assert told[name] == pytest.approx(5 * MILLION * share, rel=0.02), name


def test_common_surnames_are_as_common_as_the_register_says(register: Register) -> None:
    """The twenty most common: within 2 % in ten million draws, the rarer of them 0.4 % of people."""
    lexicon = Lexicon.read(DATA, double_surnames=0)
    draws, people = Draws(7, "family"), rows(lexicon, HOME, MILLION)
    found = np.zeros(len(lexicon.last), dtype=np.int64)
    for _ in range(10):
        found += np.bincount(lexicon.family(draws, people), minlength=len(found))
    told = dict(zip(texts(lexicon.last), found.tolist(), strict=True))
    for name, share in list(shares(register.surnames).items())[:20]:
        assert told[name] == pytest.approx(10 * MILLION * share, rel=0.02), name


def test_a_million_children_have_as_many_namesakes_as_the_registers_shares_imply(register: Register) -> None:
    """Pairs of the same first and family name within 2 %; bearers of the most common name within chance."""
    lexicon = Lexicon.read(DATA, double_surnames=0)
    draws, people = Draws(7, "namesakes"), rows(lexicon, HOME, MILLION)
    first = given(lexicon, draws, people, "M", BORN)
    _, bearers = np.unique(first * len(lexicon.last) + lexicon.family(draws, people), return_counts=True)
    forenames, surnames = shares(register.given("M", BORN)), shares(register.surnames)
    alike = sum(share**2 for share in forenames.values()) * sum(share**2 for share in surnames.values())
    pairs = int((bearers * (bearers - 1) // 2).sum())
    assert pairs == pytest.approx(MILLION * (MILLION - 1) / 2 * alike, rel=0.02)
    most = MILLION * max(forenames.values()) * max(surnames.values())
    assert abs(int(bearers.max()) - most) < 4 * most**0.5


def test_every_name_has_its_share_of_slots_to_one_slot(lexicon: Lexicon, register: Register) -> None:
    """What is drawn from is the register itself, rounded to one slot of 65,536."""
    key = lexicon.locales.index(HOME) * 2 * (1996 - lexicon.first_year + 1)
    start = int(lexicon.given_names.start[key + 1994 - lexicon.first_year])
    counted = Counter(texts(lexicon.first.take(lexicon.given_names.codes[start : start + (1 << 16)])))
    table = register.given("F", 1994)
    assert counted == dict(zip(table.texts, quota(np.array(table.weights), 1 << 16).tolist(), strict=True))


def test_first_names_at_home_follow_the_decade_of_birth_and_elsewhere_do_not(lexicon: Lexicon) -> None:
    """A year before the first list is served by it, and one after the counts by the counts."""
    for locale, alike in ((HOME, False), ("pl_PL", True)):
        people = rows(lexicon, locale, 2_000)
        old, young = (given(lexicon, Draws(7, "x"), people, "F", year).tolist() for year in (1946, 2004))
        assert (old == young) is alike
    people = rows(lexicon, HOME, 2_000)
    for year, same in ((1900, 1944), (1949, 1940), (1989, 1980), (1995, 1990), (2009, 1996)):
        drawn = (given(lexicon, Draws(7, "x"), people, "M", it).tolist() for it in (year, same))
        assert next(drawn) == next(drawn)


@pytest.mark.parametrize("sex", ["F", "M"])
def test_a_locale_has_its_own_names_by_sex(lexicon: Lexicon, sex: Sex) -> None:
    """Every first name that Faker lists comes up, and no other."""
    for locale in lexicon.locales:
        if locale != HOME:
            codes = given(lexicon, Draws(7, locale), rows(lexicon, locale, 100_000), sex, BORN)
            names = set(texts(lexicon.first.take(np.unique(codes))))
            assert names == set(locale_names(locale).given[sex].texts)


def test_families_are_shared_out_over_the_locales_exactly(lexicon: Lexicon) -> None:
    """By quota, not by chance."""
    count = 54_321
    drawn = lexicon.locale(Draws(7, "locales"), count)
    assert (np.bincount(drawn, minlength=len(lexicon.locales)) == quota(lexicon.weights, count)).all()


@pytest.mark.parametrize("share", [0, 2, 40])
def test_double_surnames_are_as_many_as_the_recipe_says(share: int) -> None:
    """A hyphen joins two different published surnames."""
    lexicon = Lexicon.read(DATA, double_surnames=share)
    codes = lexicon.family(Draws(7, "doubles"), rows(lexicon, HOME, 200_000))
    double = [name for name in texts(lexicon.last.take(codes)) if "-" in name]
    assert len(double) == pytest.approx(2_000 * share, rel=0.03)
    singles = set(Register.read(DATA).surnames.texts)
    for name in double:
        one, _, other = name.partition("-")
        assert one != other
        assert {one, other} <= singles


def test_a_double_surname_is_seldom_a_strangers(lexicon: Lexicon) -> None:
    """No double surname is as common as the rarest published one."""
    codes = lexicon.family(Draws(7, "doubles"), rows(lexicon, HOME, MILLION))
    bearers = Counter(name for name in texts(lexicon.last.take(codes)) if "-" in name)
    assert bearers.most_common(1)[0][1] < 6 * 10


@pytest.mark.parametrize("locale", ["es_ES", "pt_PT"])
def test_spanish_and_portuguese_families_have_two_surnames(lexicon: Lexicon, locale: str) -> None:
    """Joined by a space."""
    names = set(texts(lexicon.last.take(lexicon.family(Draws(7, "x"), rows(lexicon, locale, 1_000)))))
    single = set(locale_names(locale).family.texts)
    assert len(names) > 500
    assert not names & single


def test_every_text_stands_once_and_is_drawn(lexicon: Lexicon) -> None:
    """Equal names of several locales have one code."""
    for tables in (lexicon.given_names, lexicon.family_names):
        assert len(set(texts(tables.texts))) == len(tables.texts)
        assert np.unique(tables.codes).tolist() == list(range(len(tables.texts)))


def test_every_name_is_in_composed_latin_letters(lexicon: Lexicon) -> None:
    """What is no letter is a space, an apostrophe, a hyphen or a full stop."""
    for name in (*texts(lexicon.first), *texts(lexicon.last)):
        assert name == unicodedata.normalize("NFC", name).strip()
        assert all(sign in " '-." or unicodedata.name(sign).startswith("LATIN") for sign in name), name


def test_nobody_is_given_a_name_where_nobody_is(lexicon: Lexicon) -> None:
    """No people, no codes."""
    none = rows(lexicon, HOME, 0)
    assert len(lexicon.locale(Draws(7, "x"), 0)) == len(lexicon.family(Draws(7, "x"), none)) == 0
    assert len(given(lexicon, Draws(7, "x"), none, "F", BORN)) == 0


def test_the_first_names_of_a_stream_are_the_same_everywhere(lexicon: Lexicon) -> None:
    """The names were drawn once; whatever changes them changes every population."""
    people = rows(lexicon, HOME, 4)
    names = texts(lexicon.first.take(given(lexicon, Draws(2007, "example"), people, "F", 2004)))
    names += texts(lexicon.last.take(lexicon.family(Draws(2007, "example"), people)))
    assert names == PINNED


def test_two_readings_of_the_same_figures_are_the_same(lexicon: Lexicon) -> None:
    """Tables and texts, to the byte."""

    def digest(one: Lexicon) -> str:
        parts = [part for it in (one.given_names, one.family_names) for part in (it.codes, it.start, it.shift)]
        words = "\0".join([*texts(one.first), *texts(one.last), *one.locales]).encode()
        return hashlib.sha256(b"".join(part.tobytes() for part in parts) + words).hexdigest()

    assert digest(Lexicon.read(DATA)) == digest(lexicon)


def test_no_floating_point_takes_part(lexicon: Lexicon) -> None:
    """Every table holds integers, and the source has no float literal, no division but whole, no call of `float`."""
    drawn = lexicon.family(Draws(7, "x"), rows(lexicon, HOME, 10))
    arrays = [part for it in (lexicon.given_names, lexicon.family_names) for part in (it.codes, it.start, it.shift)]
    assert {array.dtype.kind for array in (*arrays, lexicon.weights, drawn)} == {"i"}
    for node in ast.walk(ast.parse(Path(inspect.getfile(module)).read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        # A path joined to a text is no division.
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)) or isinstance(
            node.right, ast.Constant
        )
        assert not (isinstance(node, ast.Name) and node.id == "float")
