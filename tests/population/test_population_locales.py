"""Names by language: pupils of each locale, and the lists of Faker's providers."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from overreach.model.errors import PackError
from overreach.pack.config import built_in
from overreach.population.locales import HOME, locale_names, pupils_by_locale

LANGUAGES = built_in() / "generators" / "data" / "languages.csv"


def written(file: Path, *rows: str) -> Path:
    """A file of languages with those rows."""
    file.write_text("\n".join(["kind,group,pupils,faker_locales,script", *rows]), encoding="utf-8")
    return file


def test_every_pupil_is_counted_once() -> None:
    """Sharing a language out over several locales loses nobody."""
    with LANGUAGES.open(encoding="utf-8") as stream:
        pupils = sum(int(row["pupils"]) for row in csv.DictReader(stream) if row["kind"] == "language")
    assert sum(weight for _, weight in pupils_by_locale(LANGUAGES)) == pupils


def test_a_language_without_names_in_latin_script_counts_with_english(tmp_path: Path) -> None:
    """Neither a language without a locale nor one in a script of its own has a locale here."""
    file = written(
        tmp_path / "l.csv", "language,Somali,5,,", "language,Bengali,7,bn_BD,Bengali", "language,Polish,3,pl_PL,Latin"
    )
    assert pupils_by_locale(file) == ((HOME, 12), ("pl_PL", 3))


def test_a_language_with_several_locales_is_shared_out_over_those_in_latin_script(tmp_path: Path) -> None:
    """One script stands for all its locales; several belong to one locale each; what is left goes to the first."""
    file = written(
        tmp_path / "l.csv",
        "language,Panjabi,5,en_IN;en_PK,Latin",
        "language,Gujarati,4,gu_IN;en_IN,Gujarati;Latin",
        "ethnic,Indian,9,en_IN,",
    )
    assert pupils_by_locale(file) == ((HOME, 0), ("en_IN", 3 + 4), ("en_PK", 2))


def test_what_faker_weighs_keeps_its_weight_as_a_whole_number() -> None:
    """Faker gives Chen 11.2 of a hundred, and Chang 0.01."""
    family = locale_names("zh_TW").family
    weights = dict(zip(family.texts, family.weights, strict=True))
    assert (weights["Chen"], weights["Chang"]) == (1_120, 1)


def test_names_are_in_latin_letters_as_an_english_office_types_them() -> None:
    """Chinese is romanised, and Turkish i has its English dots."""
    chinese, turkish = locale_names("zh_CN"), locale_names("tr_TR")
    assert "Xiulan" in chinese.given["F"].texts
    assert "Zhang" in chinese.family.texts
    assert "Ibrahim" in turkish.given["M"].texts
    assert not set("\u0130\u0131") & set("".join(turkish.given["M"].texts))


def test_a_damaged_entry_of_a_list_is_left_out() -> None:
    """Faker's Turkish list of men holds one with tildes for letters."""
    assert not any("\u02dc" in name for name in locale_names("tr_TR").given["M"].texts)


def test_a_locale_that_faker_does_not_know_is_named() -> None:
    """The message names the locale."""
    with pytest.raises(PackError, match="`so_SO`"):
        locale_names("so_SO")
