"""Pools of names drawn once from seeded Faker; a world then picks from them by integer draws."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
from faker import Faker

from overreach.population.sampling import Draws, Texts
from overreach.population.vocabulary import COUNTS_FROM, InventedPlaces, PublishedNames, Sex

HOME = "en_GB"
_PERSON = ["faker.providers.person"]
_FOREIGN = 96  # names of each sort for a locale other than home
_DECADE = 10


class Pools:
    """The words of one world; each pool is drawn when first asked for."""

    def __init__(self, seed: int, names: type[PublishedNames], size: int) -> None:
        self._seed = seed
        self._names = names
        self._size = size
        self._pools: dict[tuple[str, ...], Texts] = {}
        self._home: Faker | None = None

    def given(self, locale: str, sex: Sex, born: int) -> Texts:
        """First names of people born about that year; elsewhere than at home whatever the year."""
        if locale != HOME:
            return self._pool(("given", locale, sex), lambda fake: _foreign_given(fake, locale, sex), _FOREIGN)
        year = COUNTS_FROM if born >= COUNTS_FROM else born // _DECADE * _DECADE + 4
        return self._pool(
            ("given", locale, sex, str(year)), lambda fake: fake.registered_given_name(sex, year), self._size
        )

    def family(self, locale: str) -> Texts:
        """Family names."""
        if locale != HOME:
            return self._pool(("family", locale), lambda fake: _foreign_family(fake, locale), _FOREIGN)
        return self._pool(("family", locale), lambda fake: fake.registered_family_name(), 2 * self._size)

    def invented(self, what: str, *details: str, size: int = 128) -> Texts:
        """What a method of `InventedPlaces` gives, each text once."""
        pool = self._pool((what, *details), lambda fake: getattr(fake, what)(*details), 2 * size)
        return np.array(list(dict.fromkeys(pool.tolist()))[:size], dtype=object)

    def local_parts(self) -> Texts:
        """Local parts of e-mail addresses."""
        return self._pool(("local",), lambda fake: fake.user_name(), min(256, self._size))

    def _pool(self, key: tuple[str, ...], draw: Any, size: int) -> Texts:  # noqa: ANN401 - methods added to Faker are untyped
        if key not in self._pools:
            fake = self._faker(key)
            # Each pool has its own seed: the order in which pools are asked for changes nothing.
            fake.seed_instance(Draws(self._seed, "/".join(key)).seed)
            self._pools[key] = np.array([draw(fake) for _ in range(size)], dtype=object)
        return self._pools[key]

    def _faker(self, key: tuple[str, ...]) -> Faker:
        locale = key[1] if key[0] in {"given", "family"} else HOME
        if locale != HOME:
            return Faker(locale, providers=_PERSON)
        if self._home is None:
            self._home = Faker(HOME, providers=[*_PERSON, "faker.providers.internet"])
            self._home.add_provider(self._names)
            self._home.add_provider(InventedPlaces)
        return self._home


def plain(text: str) -> str:
    """A name in lower-case ASCII letters, for usernames: accents dropped, other signs left out."""
    decomposed = unicodedata.normalize("NFKD", text).lower()
    return "".join(sign for sign in decomposed if "a" <= sign <= "z")


def _foreign_given(fake: Faker, locale: str, sex: Sex) -> str:
    if locale.startswith("zh_"):
        return str(fake.romanized_name()).partition(" ")[2].title()
    return _dotless(fake.first_name_female() if sex == "F" else fake.first_name_male())


def _foreign_family(fake: Faker, locale: str) -> str:
    if locale.startswith("zh_"):
        return str(fake.romanized_name()).partition(" ")[0].title()
    return _dotless(fake.last_name())


def _dotless(name: str) -> str:
    """Turkish capital dotted I has no one-letter lower case: written as an English office would type it."""
    return name.replace("\u0130", "I").replace("\u0131", "i")
