"""People by a library that invents one value at a time: a peer of `benchmarks/generate.py`, as a process of its own.

    python benchmarks/peers/people.py faker|mimesis CHILDREN

The values of each child are those that a record holds in `overreach generate england`: for every child its names,
sex, date of birth and number; for every family of 1.81 children an address; for every child 1.03 carers with names,
telephone and address for mail. They are drawn and dropped: nothing is written. The last line is the seconds it took.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

FAMILIES_OF_100 = 55
CARERS_OF_100 = 103


def main(library: str, children: int) -> None:
    """Draw, and tell the seconds."""
    child, address, carer = {"faker": by_faker, "mimesis": by_mimesis}[library]()
    began = time.perf_counter()
    for number in range(children):
        child()
        if number * FAMILIES_OF_100 // 100 != (number + 1) * FAMILIES_OF_100 // 100:
            address()
        for _ in range((number + 1) * CARERS_OF_100 // 100 - number * CARERS_OF_100 // 100):
            carer()
    print(time.perf_counter() - began)


Draws = tuple[Callable[[], object], Callable[[], object], Callable[[], object]]


def by_faker() -> Draws:
    """Faker's own providers for the United Kingdom."""
    from faker import Faker  # noqa: PLC0415 - the peer's environment has only one of the two

    fake = Faker("en_GB")
    fake.seed_instance(2007)

    def child() -> object:
        names = fake.first_name(), fake.first_name(), fake.last_name()
        sex, born = fake.random_element(("female", "male")), fake.date_of_birth(maximum_age=17)
        return *names, sex, born, fake.bothify("###???###")

    def address() -> object:
        return fake.building_number(), fake.street_name(), fake.city(), fake.postcode()

    def carer() -> object:
        return fake.first_name(), fake.last_name(), fake.phone_number(), fake.email()

    return child, address, carer


def by_mimesis() -> Draws:
    """mimesis, the fastest of the libraries that work so."""
    from mimesis import (  # type: ignore[import-not-found]  # noqa: PLC0415 - as above
        Address,
        Code,
        Datetime,
        Locale,
        Person,
    )

    person, place = Person(Locale.EN_GB, seed=2007), Address(Locale.EN_GB, seed=2007)
    day, code = Datetime(Locale.EN_GB, seed=2007), Code(seed=2007)

    def child() -> object:
        names = person.first_name(), person.first_name(), person.last_name()
        return *names, person.gender(), day.date(start=1991, end=2009), code.pin("###@@@###")

    def address() -> object:
        return place.street_number(), place.street_name(), place.city(), place.postal_code()

    def carer() -> object:
        return person.first_name(), person.last_name(), person.phone_number(), person.email()

    return child, address, carer


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
