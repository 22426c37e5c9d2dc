"""Cases arranged on purpose, for looking them up; no detector reads this table.

Each is what an audit scenario asks about. Where a case is common, some of each part are listed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from overreach.population.childindex.bonds import NOBODY
from overreach.population.childindex.columns import coded, rows
from overreach.population.childindex.part import Part
from overreach.population.childindex.ties import TieKind
from overreach.population.sampling import Draws, Flags, Ints

_LISTED = 32  # of a common case in each part

_TIES = (
    (TieKind.THREAT, "threat_is_a_user", "the child is shielded from this user"),
    (
        TieKind.THREAT_WITH_OVERRIDE,
        "threat_may_override",
        "the child is shielded from this user, who may override shields",
    ),
    (TieKind.ACCOMPLICE, "accomplice", "works where a user works from whom the child is shielded"),
    (TieKind.CARER, "carer_is_a_user", "this user is a carer of the child"),
    (TieKind.COLLEAGUE, "colleague_of_carer", "works where a carer of the child works"),
    (TieKind.EX_PARTNER, "ex_partner_is_a_user", "this user is the parent who lives elsewhere"),
    (TieKind.NEIGHBOUR, "neighbour_is_a_user", "this user lives in the child's street"),
)

Case = tuple[str, str, Ints, Ints]
"""Cohort, note, users (-1 for none), children (rows of the part)."""


def cohorts(part: Part) -> pa.Table:
    """The cases of a part."""
    cases = [*_tied(part), *_families(part), *_records(part), *_edges(part)]
    names, notes = [cohort for cohort, *_ in cases], [note for _, note, *_ in cases]
    sizes = np.array([len(children) for *_, children in cases], dtype=np.int64)
    case = np.repeat(np.arange(len(cases), dtype=np.int64), sizes)
    child = np.concatenate([children for *_, children in cases])
    columns = {
        "cohort": coded(case, names),
        "user": rows(np.concatenate([users for _, _, users, _ in cases])),
        "child": rows(part.first_child + child),
        "note": coded(case, notes),
    }
    return pa.table(columns)


def _tied(part: Part) -> Iterator[Case]:
    bonds = part.people.bonds
    for kind, cohort, note in _TIES:
        bond = bonds.of(kind)
        yield cohort, note, bonds.ties.user[bond], bonds.child[bond]
    parents = bonds.of(TieKind.THREAT)
    parents = parents[bonds.relation[parents] != NOBODY]
    note = "the child is shielded from this user, its father"
    yield "threat_is_a_parent", note, bonds.ties.user[parents], bonds.child[parents]


def _of(cohort: str, note: str, children: Ints) -> Case:
    return cohort, note, np.full(len(children), NOBODY, dtype=np.int64), children


def _some(draws: Draws, cohort: str, note: str, which: Flags) -> Case:
    return _of(cohort, note, np.sort(draws.some(which, _LISTED)))


def _families(part: Part) -> Iterator[Case]:
    draws = part.draws("cohorts: families")
    eldest, families = part.people.families.eldest, part.people.families
    first, second = part.people.households.mother_of
    across = families.authority[first] != families.authority[second]
    yield _of("half_sibling", "lives with the mother", eldest[first])
    yield _of("half_sibling", "lives elsewhere; its record names the same mother", eldest[second])
    yield _of("half_sibling_across_a_border", "lives in another authority than the mother", eldest[second[across]])
    note = "the mother's other child, who is shielded, lives elsewhere"
    hidden = families.having(part.people.standing.shielded)[first]
    yield _of("carrier_of_a_protected_contact", note, eldest[second[hidden]])
    moved = eldest[part.people.moves.handover]
    yield _of("mover", "lives in another area; the old authority is still responsible", moved)
    shielded = part.people.standing.shielded
    yield _of("shielded_mover", "shielded, and lives in another area than the authority's", moved[shielded[moved]])
    twin = np.r_[
        False,
        (families.family[1:] == families.family[:-1]) & (part.people.births.born[1:] == part.people.births.born[:-1]),
    ]
    yield _some(draws, "twin", "born on the day of the sibling before", twin)
    yield _some(draws, "shielded_twin", "shielded, and born on the day of the sibling before", twin & shielded)


def _records(part: Part) -> Iterator[Case]:
    draws = part.draws("cohorts: records")
    standing, shielded = part.people.standing, part.people.standing.shielded
    yield _some(
        draws, "shielded_beside_sibling", "a sibling at the same address is not shielded", standing.beside_sibling
    )
    yield _of("homonym", "shielded; another child has this name and date of birth", part.people.homonyms.shielded)
    yield _of("homonym", "not shielded; has the same name and date of birth", part.people.homonyms.open)
    yield _some(draws, "adopted", "adopted, with a former name", standing.adopted)
    yield _some(draws, "former_name_under_shield", "shielded, with a former name", standing.renamed & shielded)
    yield _some(draws, "looked_after", "in foster care", standing.looked_after)
    held = (part.holders.caf != NOBODY) | (part.holders.lead != NOBODY)
    yield _some(draws, "indicator_under_shield", "shielded, with a CAF or a lead professional", shielded & held)
    yield _some(draws, "archived_shielded", "the shield outlasts the archiving", shielded & ~standing.live)
    yield _some(draws, "stays_with_consent", "18 or older, with consent", standing.live & (standing.grown > 0))
    kinds = np.array([kind.sensitive for kind in part.frame.setting.judgement.service_kinds])
    sensitive = np.zeros(part.people.families.children, dtype=np.bool_)
    sensitive[part.services.child[kinds[part.services.kind]]] = True
    yield _some(draws, "sensitive_service", "a sensitive service is recorded", sensitive & ~shielded)
    yield _some(draws, "sensitive_service_under_shield", "shielded, with a sensitive service", sensitive & shielded)
    involved = np.sort(draws.some(shielded[part.involved.child], _LISTED))
    note = "works with this child, who is shielded"
    yield "practitioner_of_shielded", note, part.involved.user[involved], part.involved.child[involved]


def _edges(part: Part) -> Iterator[Case]:
    draws = part.draws("cohorts: edges")
    for child, note in zip(part.people.edges.child.tolist(), part.people.edges.note, strict=True):
        yield _of("age_edge", note, np.array([child], dtype=np.int64))
    hostile = part.people.names.family >= part.base.wordlists.hostile_last
    yield _some(draws, "hostile_name", "a name that parsers stumble over", hostile)
    yield _of("feed_variant", "a supplier's next delivery spells the shielded child's name another way", part.fed)
