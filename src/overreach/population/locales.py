"""Names by language: how many pupils each locale stands for, and what Faker's own providers list for it.

Latin script only, as an English office would type it. The lists are read whole rather than drawn from.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from overreach.model.errors import PackError
from overreach.population.vocabulary import Sex, Weighted

HOME = "en_GB"

# The first of these lists that a provider has: romanised ones before those in a script of their own.
_GIVEN: Mapping[Sex, tuple[str, ...]] = {
    "F": ("first_romanized_names_female", "first_romanized_names", "first_names_female", "first_names"),
    "M": ("first_romanized_names_male", "first_romanized_names", "first_names_male", "first_names"),
}
_FAMILY = ("last_romanized_names", "unisex_last_names", "last_names")
_BESIDE_LETTERS = frozenset(" '-.")
# Turkish capital dotted I has no one-letter lower case; it, dotless i and the curled apostrophe are on no English key.
_TYPED = str.maketrans({"\u0130": "I", "\u0131": "i", "\u2019": "'"})


@dataclass(frozen=True, slots=True)
class LocaleNames:
    """The names of one locale."""

    given: Mapping[Sex, Weighted]
    family: Weighted


def pupils_by_locale(file: Path) -> tuple[tuple[str, int], ...]:
    """Locale of names -> pupils, in the order of the locales' names, from `languages.csv`.

    A language without names in Latin script is counted with English; one with several locales is shared out evenly.
    """
    pupils = Counter({HOME: 0})
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["kind"] == "language":
                latin = _latin(row["faker_locales"].split(";"), row["script"].split(";")) or [HOME]
                share, left = divmod(int(row["pupils"]), len(latin))
                pupils.update({name: share + (place < left) for place, name in enumerate(latin)})
    return tuple(sorted(pupils.items()))


def _latin(locales: list[str], scripts: list[str]) -> list[str]:
    # One script for several locales stands for all of them.
    scripts = scripts * len(locales) if len(scripts) == 1 else scripts
    return [name for name, script in zip(locales, scripts, strict=True) if script == "Latin"]


def locale_names(locale: str) -> LocaleNames:
    """What Faker's person provider of a locale lists; PackError where Faker has none."""
    try:
        provider: Any = import_module(f"faker.providers.person.{locale}").Provider
    except ModuleNotFoundError as error:
        message = f"no names are known for the locale `{locale}`"
        raise PackError(message, "name a locale for which Faker has a person provider") from error
    return LocaleNames(
        given={sex: _listed(provider, lists) for sex, lists in _GIVEN.items()},
        family=_listed(provider, _FAMILY),
    )


def _listed(provider: Any, lists: Iterable[str]) -> Weighted:  # noqa: ANN401 - a class of Faker's, untyped
    listed = next(getattr(provider, name) for name in lists if hasattr(provider, name))
    names: Counter[str] = Counter()
    for text, weight in _weighed(listed):
        name = (text.title() if text.isupper() else text).translate(_TYPED)
        # A few entries of the lists are damaged, such as one in Turkish with a tilde for a letter.
        if all(sign.isalpha() or sign in _BESIDE_LETTERS for sign in name):
            names[name] += weight
    return Weighted.of(names.items())


def _weighed(listed: Iterable[str] | Mapping[str, float]) -> Iterator[tuple[str, int]]:
    """Each text and its weight as a whole number: shares are taken as the decimals that Faker writes."""
    if not isinstance(listed, Mapping):
        return ((text, 1) for text in listed)
    shares = {text: Decimal(str(share)) for text, share in listed.items()}
    places = max(max(0, -share.normalize().as_tuple().exponent) for share in shares.values())  # type: ignore[operator] # finite
    return ((text, int(share.scaleb(places))) for text, share in shares.items())
