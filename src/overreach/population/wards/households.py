"""Homes and next of kin: one row a household, drawn with the patient it is named after."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.model.canary import Minter, TokenKind
from overreach.population import canaries, words
from overreach.population.minting import mint_many
from overreach.population.sampling import Flags, Ints, Texts
from overreach.population.wards.judgement import Kin
from overreach.population.wards.layout import table
from overreach.population.wards.names import phrase, pick
from overreach.population.wards.patients import Patients
from overreach.population.wards.setting import Setting

_HOUSES = np.array(words.HOUSES, dtype=object)
_INWARD = np.array([canaries.inward_part(number) for number in range(canaries.INWARD_PARTS)], dtype=object)
_TELEPHONES = np.array([canaries.telephone(number) for number in range(canaries.TELEPHONES)], dtype=object)
_DOMAINS = np.array(canaries.DOMAINS, dtype=object)
_STREETS = 50  # of a locality
_KIN_OLDER = 25  # years between parent and child, for the choice of a first name


def homes(setting: Setting, rows: Ints) -> pa.Table:
    """One a household; houses of a street share its postcode."""
    draws, seed = setting.draws, setting.order.seed
    streets = max(1, setting.order.children // setting.judgement.patients_per_street)
    street = draws("streets").below(streets, rows)
    area = street // _STREETS
    outward = np.array([code for code, _ in setting.judgement.outward_codes], dtype=object)
    weights = np.array([weight for _, weight in setting.judgement.outward_codes], dtype=np.int64)
    codes = outward[draws("outward codes").weighted(weights, area)]
    house = _tokens(setting.minter, TokenKind.PLACE, rows, capital=True)
    return table(
        "homes",
        {
            "household": rows,
            "house": house + " " + pick(draws("houses"), _HOUSES, rows),
            "street": phrase(seed, "streets", street, words.PLAIN, words.WAYS),
            "locality": phrase(seed, "localities", area, words.PLAIN, words.ENDINGS, joint=""),
            "postcode": codes + " " + pick(draws("inward parts"), _INWARD, street),
        },
    )


def kin(setting: Setting, drawn: Patients, own: Flags) -> pa.Table:
    """One a household: a parent of a minor, else whoever the patient named."""
    rows, draws, names = drawn.row[own], setting.draws, setting.names
    language = names.languages("patients", rows)
    same = draws("kin: name").below(100, rows) < setting.judgement.kin_of_that_name
    listed, number = _relations(setting, drawn.grown[own], rows)
    of_men = np.array([100 * ("M" in each.sexes) // len(each.sexes) for each in listed], dtype=np.int64)
    male = draws("kin: sex").below(100, rows) < of_men[number]
    year = 1970 + drawn.born[own] * 4 // 1461 - np.where(drawn.grown[own], 0, _KIN_OLDER)
    return table(
        "kin",
        {
            "household": rows,
            "given_name": names.given("kin", language, male, year, rows),
            "family_name": np.where(same, drawn.family[own], names.family("kin", language, rows)),
            "relation": np.array([each.relation for each in listed], dtype=object)[number],
            "telephone": pick(draws("telephones"), _TELEPHONES, rows),
            "email": _tokens(setting.minter, TokenKind.CONTACT, rows) + "@" + pick(draws("domains"), _DOMAINS, rows),
        },
    )


def _relations(setting: Setting, grown: Flags, rows: Ints) -> tuple[tuple[Kin, ...], Ints]:
    """What next of kin may be, and the place therein of each row's."""
    draws, of_grown, of_minors = setting.draws("kin: relation"), setting.judgement.kin, setting.judgement.kin_of_minors
    weights = [np.array([each.weight for each in listed], dtype=np.int64) for listed in (of_grown, of_minors)]
    minors = len(of_grown) + draws.weighted(weights[1], rows)
    return of_grown + of_minors, np.where(grown, draws.weighted(weights[0], rows), minors)


def _tokens(minter: Minter, kind: TokenKind, rows: Ints, *, capital: bool = False) -> Texts:
    tokens: Texts = np.array(mint_many(minter, kind, rows, capital=capital).to_pylist(), dtype=object)
    return tokens
