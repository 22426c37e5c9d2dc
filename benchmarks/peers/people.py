"""People by a library that invents one value at a time: a peer of `benchmarks/generate.py`, as a process of its own.

    python benchmarks/peers/people.py faker|mimesis CHILDREN

The fields are those that `overreach generate england` writes, as many of each as it writes on average: a record's
names, sex, dates, number, flags and references; addresses, present and earlier; carers and whose they are; services;
involvements. What the records of a family share is drawn once. Values are dropped, nothing is written. The last line
is the seconds it took.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from datetime import date

ROWS_OF_100 = {
    "child": 100,
    "family": 55,
    "address": 71,
    "earlier": 22,
    "carer": 103,
    "caring": 186,
    "service": 16,
    "involvement": 230,
}
"""Rows of each sort for 100 children, as `overreach generate england --json` counts them."""
FIRST, LAST, USERS = date(1991, 5, 19), date(2009, 5, 18), 330_000

Rows = Mapping[str, Callable[[], object]]


def main(library: str, children: int) -> None:
    """Draw, and tell the seconds."""
    rows = {"faker": by_faker, "mimesis": by_mimesis}[library]()
    began = time.perf_counter()
    for number in range(children):
        for sort, share in ROWS_OF_100.items():
            for _ in range((number + 1) * share // 100 - number * share // 100):
                rows[sort]()
    print(time.perf_counter() - began)


def by_faker() -> Rows:
    """Faker's own providers for the United Kingdom."""
    from faker import Faker  # noqa: PLC0415 - the peer's environment has only one of the two

    fake = Faker("en_GB")
    fake.seed_instance(2007)

    def day() -> object:
        return fake.date_between_dates(FIRST, LAST)

    def child() -> object:
        person = (
            fake.first_name(),
            fake.first_name(),
            fake.random_element(("female", "male")),
            fake.bothify("###???###"),
        )
        places = fake.random_int(0, 25_000), fake.random_int(0, 8_300), fake.random_int(0, 149)
        flags = [fake.boolean() for _ in range(5)]
        return person, places, flags, [day() for _ in range(4)]

    def address() -> object:
        return fake.building_number(), fake.street_name(), fake.city(), fake.postcode()

    def carer() -> object:
        return fake.first_name(), fake.last_name(), fake.random_element(("f", "m")), fake.phone_number(), fake.email()

    return {
        "child": child,
        "family": fake.last_name,
        "address": address,
        "earlier": lambda: (day(), day()),
        "carer": carer,
        "caring": lambda: fake.random_element(("mother", "father")),
        "service": lambda: (fake.random_element(("youth", "family")), fake.company(), fake.phone_number(), day()),
        "involvement": lambda: (fake.random_int(0, USERS - 1), day()),
    }


def by_mimesis() -> Rows:
    """mimesis, the fastest of the libraries that work so."""
    from mimesis import (  # type: ignore[import-not-found]  # noqa: PLC0415 - as above
        Address,
        Choice,
        Code,
        Datetime,
        Development,
        Finance,
        Locale,
        Numeric,
        Person,
    )

    person, place = Person(Locale.EN_GB, seed=2007), Address(Locale.EN_GB, seed=2007)
    days, code, number = Datetime(Locale.EN_GB, seed=2007), Code(seed=2007), Numeric(seed=2007)
    choice, firm, logic = Choice(seed=2007), Finance(Locale.EN_GB, seed=2007), Development(seed=2007)

    def day() -> object:
        return days.date(start=FIRST.year, end=LAST.year)

    def child() -> object:
        who = person.first_name(), person.first_name(), person.gender(), code.pin("###@@@###")
        places = number.integer_number(0, 25_000), number.integer_number(0, 8_300), number.integer_number(0, 149)
        flags = [logic.boolean() for _ in range(5)]
        return who, places, flags, [day() for _ in range(4)]

    def address() -> object:
        return place.street_number(), place.street_name(), place.city(), place.postal_code()

    def carer() -> object:
        return person.first_name(), person.last_name(), person.gender(), person.phone_number(), person.email()

    return {
        "child": child,
        "family": person.last_name,
        "address": address,
        "earlier": lambda: (day(), day()),
        "carer": carer,
        "caring": lambda: choice(("mother", "father")),
        "service": lambda: (choice(("youth", "family")), firm.company(), person.phone_number(), day()),
        "involvement": lambda: (number.integer_number(0, USERS - 1), day()),
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
