"""The Faker providers, each on its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from faker import Faker

from overreach.pack.config import built_in
from overreach.population.canaries import is_canary_postcode, is_drama_telephone
from overreach.population.childindex.texts import letters
from overreach.population.vocabulary import InventedPlaces, Register, Weighted, published_names

DATA = built_in() / "generators" / "data"


@pytest.fixture
def fake() -> Faker:
    """A Faker that knows nothing yet of the project."""
    instance = Faker("en_GB", providers=[])
    instance.seed_instance(2007)
    return instance


def test_published_names_can_be_added_to_any_faker(fake: Faker) -> None:
    """Published names can be added to any faker."""
    fake.add_provider(published_names(DATA))
    girls = Counter(fake.registered_given_name("F", 2000) for _ in range(4_000))
    assert {"Chloe", "Emily", "Jessica"} <= {name for name, _ in girls.most_common(12)}
    surnames = Counter(fake.registered_family_name() for _ in range(4_000))
    assert surnames.most_common(1)[0][0] == "Smith"


def test_people_born_before_the_counts_have_the_names_of_their_decade(fake: Faker) -> None:
    """People born before the counts have the names of their decade."""
    fake.add_provider(published_names(DATA))
    older = {fake.registered_given_name("F", 1946) for _ in range(300)}
    assert "Margaret" in older
    assert "Chloe" not in older


def test_a_middle_name_is_one_of_the_first_names_of_the_decade(fake: Faker) -> None:
    """A middle name is one of the first names of the decade."""
    fake.add_provider(published_names(DATA))
    middle = {fake.registered_middle_name("M", 1946) for _ in range(300)}
    assert middle <= set(Register.read(DATA).given("M", 1946).texts)


def test_a_double_surname_is_two_different_surnames(fake: Faker) -> None:
    """A double surname is two different surnames."""
    fake.add_provider(published_names(DATA))
    surnames = set(Register.read(DATA).surnames.texts)
    for _ in range(200):
        one, other = fake.registered_double_family_name().split("-")
        assert one != other
        assert {one, other} <= surnames
    assert " " in fake.registered_double_family_name(joiner=" ")


def test_places_and_canary_values_can_be_added_to_any_faker(fake: Faker) -> None:
    """Places and canary values can be added to any faker."""
    fake.add_provider(InventedPlaces)
    assert is_canary_postcode(fake.canary_postcode("LS1"))
    assert is_drama_telephone(fake.drama_telephone())
    for text in (
        fake.invented_street(),
        fake.invented_school("secondary"),
        fake.invented_practice(),
        fake.invented_organisation("health"),
        fake.invented_organisation("a sector nobody thought of"),
    ):
        assert len(text.split()) >= 2
    assert fake.invented_locality().isalpha()
    assert fake.house_word()


def test_the_same_seed_gives_the_same_names(fake: Faker) -> None:
    """The same seed gives the same names."""
    fake.add_provider(published_names(DATA))
    first = [fake.registered_family_name() for _ in range(5)]
    fake.seed_instance(2007)
    assert [fake.registered_family_name() for _ in range(5)] == first


def test_a_weighted_text_owns_as_many_numbers_as_it_weighs() -> None:
    """A weighted text owns as many numbers as it weighs."""
    table = Weighted.of([("a", 2), ("b", 0), ("c", 1)])
    assert [table.at(number) for number in range(3)] == ["a", "a", "c"]
    assert table.weights == (2, 0, 1)


def test_usernames_are_made_of_plain_letters() -> None:
    """Usernames are made of plain letters."""
    assert letters(pa.array(["O'Leary-Núñez", "王"])).to_pylist() == ["olearynunez", ""]


def test_a_missing_file_of_figures_is_named(tmp_path: Path) -> None:
    """A missing file of figures is named."""
    with pytest.raises(FileNotFoundError, match="names_first_ranks"):
        published_names(tmp_path)
