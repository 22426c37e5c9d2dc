"""A small population folder, written straight from the layout: the registry is tested without the generator.

Two authorities; somebody of every role in the first; children with a part each, named in the constants below.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

AS_OF = date(2009, 5, 18)
HERE, THERE = 0, 1

ROLES = (
    *(
        "head_teacher",
        "school_administrator",
        "senco",
        "education_welfare_officer",
        "educational_psychologist",
    ),
    *("early_years_worker", "general_practitioner", "practice_administrator", "practice_nurse"),
    *("health_visitor", "school_nurse", "midwife", "camhs_practitioner", "social_worker"),
    *("child_protection_worker", "family_support_worker", "connexions_adviser", "youth_offending_worker"),
    *("police_child_protection_officer", "police_employee", "probation_officer", "fire_strategy_officer"),
    *("national_partner_worker", "management_team", "data_manager", "central_team", "system_supplier"),
    "helpdesk_mediator",
)
NATIONAL = {"national_partner_worker", "central_team", "system_supplier", "helpdesk_mediator"}


@dataclass(frozen=True)
class Person:
    """A user."""

    username: str
    role: str
    area: int = HERE
    vetted_on: date = AS_OF - timedelta(days=100)
    trained: bool = True
    agreed: bool = True
    suspended: bool = False
    accredited: bool = True
    leaves_on: date | None = None
    family: str = "Worker"
    address: int = 7
    manager: str | None = None


@dataclass(frozen=True)
class Kid:
    """A child; `carers` are row numbers."""

    given: str
    family: str
    carers: tuple[int, ...]
    area: int = HERE
    shielded: bool = False
    contacts_protected: bool = False
    archive_year: int = 0
    gender: str = "female"
    born: date = date(2000, 2, 29)
    address: int | None = 0
    school: int | None = 0
    former: tuple[str, ...] = ()
    before: tuple[int, ...] = ()
    """Rows of former addresses, the latest last."""
    statement: str | None = None


# Row numbers of children.
PLAIN, SHIELDED, SIBLING, FAR, ARCHIVED_FIRST, ARCHIVED_LATER, ARCHIVED_SHIELDED, FAR_SHIELDED = range(8)
KIDS = (
    Kid("Amy", "Plain", (0, 1), former=("Before",), address=0, before=(8, 9)),
    Kid("Ben", "Hidden", (2,), shielded=True, gender="male", former=("Birthname",), address=1, before=(10,)),
    Kid("Cara", "Hidden", (2, 3), contacts_protected=True, address=2),
    Kid("Dan", "Faraway", (4,), area=THERE, gender="male", address=3),
    Kid("Eve", "Gone", (5,), archive_year=1, address=4),
    Kid("Fay", "Gone", (5,), archive_year=2, address=4),
    Kid("Guy", "Gone", (5,), archive_year=3, shielded=True, address=4),
    Kid("Hal", "Faraway", (6,), area=THERE, shielded=True, address=5, former=("Birthname",)),
    *(Kid(f"Twin{row:02d}", "Many", (7,), shielded=row % 10 == 0, address=6, school=1) for row in range(30)),
    Kid("Ida", "Away", (3,), address=None, before=(11,), statement="left England, return intended"),
)
AWAY = len(KIDS) - 1
MOVED = AS_OF - timedelta(days=700)
CARERS = 8
USERS = (
    *(Person(role, role) for role in ROLES),
    Person("social_worker_there", "social_worker", THERE),
    Person("management_team_second", "management_team"),
    Person("management_team_there", "management_team", THERE),
    Person("child_protection_worker_there", "child_protection_worker", THERE),
    Person("leaver", "social_worker", leaves_on=AS_OF),
    Person("leaving_tomorrow", "social_worker", leaves_on=AS_OF + timedelta(days=1)),
    Person("suspended", "social_worker", suspended=True),
    Person("unvetted", "social_worker", vetted_on=AS_OF - timedelta(days=1097)),
    Person("just_vetted", "social_worker", vetted_on=AS_OF - timedelta(days=1096)),
    Person("untrained", "social_worker", trained=False),
    Person("unsigned", "social_worker", agreed=False),
    Person("unaccredited", "social_worker", accredited=False),
    Person("managed", "social_worker", manager="head_teacher"),
    Person("managed_officer", "management_team", manager="managed"),
)
INVOLVED = (("social_worker_there", PLAIN), ("social_worker_there", SHIELDED))


def number_of(child: int) -> str:
    """The record number of a child."""
    return f"qxzc{child:08d}"


def user_row(username: str) -> int:
    """The row number of a user."""
    return next(row for row, person in enumerate(USERS) if person.username == username)


def write_population(folder: Path, extra: int = 0, rename: Mapping[int, str] | None = None) -> Path:
    """Write the population, with `extra` further ordinary children; `rename` gives some a new family name."""
    kids = [*KIDS, *(Kid(f"Extra{row}", f"Ordinary{row % 97}", (row % CARERS,)) for row in range(extra))]
    for child, family in (rename or {}).items():
        kids[child] = replace(kids[child], family=family)
    folder.mkdir(parents=True)
    files = {}
    for name, rows in _tables(kids).items():
        path = folder / name / "00000.parquet"
        path.parent.mkdir()
        pq.write_table(pa.table(rows), path, compression="zstd")
        content = path.read_bytes()
        count = len(next(iter(rows.values())))
        files[f"{name}/{path.name}"] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "rows": count,
            "bytes": len(content),
        }
    manifest: dict[str, Any] = {
        "layout": 3,
        "recipe": "tables",
        "children": len(kids),
        "users": len(USERS),
        "seed": 1,
        "as_of": AS_OF.isoformat(),
        "files": files,
        "shape": {},
    }
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest | {"digest": digest}))
    return folder


def _tables(kids: Sequence[Kid]) -> dict[str, dict[str, Any]]:
    addresses = range(12)
    lived = [
        (child, place, len(kid.before) - at) for child, kid in enumerate(kids) for at, place in enumerate(kid.before)
    ]
    former = [(child, name) for child, kid in enumerate(kids) for name in kid.former]
    cares = [(child, carer) for child, kid in enumerate(kids) for carer in kid.carers]
    areas = [(row, each.area) for row, each in enumerate(USERS) if each.role not in NATIONAL]
    areas += [(row, area) for row, each in enumerate(USERS) if each.role in NATIONAL for area in (HERE, THERE)]
    everyone = range(len(kids))
    return {
        "authorities": {"authority": [0, 1], "code": ["E1", "E2"], "name": ["Hereshire", "Therewich"]},
        "organisations": {
            "organisation": [0, 1],
            "name": ["Hereshire Council", "Unready Trust"],
            "authority": [HERE, HERE],
            "accredited": [True, False],
        },
        "users": _users(),
        "user_areas": {"user": [user for user, _ in areas], "authority": [area for _, area in areas]},
        "addresses": {
            "address": list(addresses),
            "house": [f"Qxza{row:08d} House" for row in addresses],
            "street": ["High Street" for _ in addresses],
            "locality": ["Newtown" for _ in addresses],
            "postcode": [f"CI{row} 1KV" for row in addresses],
        },
        "schools": {"school": [0, 1], "name": ["St Émile's School", "Many School"]},
        "practices": {"practice": [0], "name": ["The Surgery"], "phone": ["01632 960001"]},
        "children": _children(kids),
        "former_names": {
            "child": [child for child, _ in former],
            "given_name": [kids[child].given for child, _ in former],
            "family_name": [name for _, name in former],
            "until": [date(2005, 1, 1) for _ in former],
        },
        "former_addresses": {
            "child": [child for child, _, _ in lived],
            "address": [address for _, address, _ in lived],
            "since": [MOVED - timedelta(days=100 * ago) for _, _, ago in lived],
            "until": [MOVED - timedelta(days=100 * (ago - 1)) for _, _, ago in lived],
        },
        "carers": {
            "carer": list(range(CARERS)),
            "given_name": [f"Carer{row}" for row in range(CARERS)],
            "family_name": ["Parent" for _ in range(CARERS)],
            "phone": [f"07700 90000{row}" for row in range(CARERS)],
            "email": [f"carer.qxze{row:08d}@example.org" for row in range(CARERS)],
        },
        "child_carers": {
            "child": [child for child, _ in cares],
            "carer": [carer for _, carer in cares],
            "relation": ["mother" for _ in cares],
        },
        "services": {
            "child": [child for child in everyone for _ in range(2)],
            "kind": ["speech therapy", "substance misuse"] * len(kids),
            "provider": ["Talk Well", "Quiet Place"] * len(kids),
            "phone": ["01632 960002", None] * len(kids),
            "sensitive": [False, True] * len(kids),
            "since": [MOVED, MOVED] * len(kids),
        },
        "involvements": {
            "user": [user_row(name) for name, _ in INVOLVED],
            "child": [child for _, child in INVOLVED],
        },
    }


def _users() -> dict[str, Any]:
    return {
        "user": list(range(len(USERS))),
        "username": [each.username for each in USERS],
        "role": [each.role for each in USERS],
        "national": [each.role in NATIONAL for each in USERS],
        "vetted_on": [each.vetted_on for each in USERS],
        "trained": [each.trained for each in USERS],
        "agreed": [each.agreed for each in USERS],
        "suspended": [each.suspended for each in USERS],
        "accredited": [each.accredited for each in USERS],
        "leaves_on": pa.array([each.leaves_on for each in USERS], pa.date32()),
        "given_name": [each.username.replace("_", " ").title() for each in USERS],
        "family_name": [each.family for each in USERS],
        "organisation": [0 if each.accredited else 1 for each in USERS],
        "manager": pa.array([each.manager and user_row(each.manager) for each in USERS], pa.int64()),
        "address": [each.address for each in USERS],
    }


def _children(kids: Sequence[Kid]) -> dict[str, Any]:
    return {
        "child": list(range(len(kids))),
        "number": [number_of(child) for child in range(len(kids))],
        "given_name": [kid.given for kid in kids],
        "middle_name": pa.array([None for _ in kids], pa.string()),
        "family_name": [kid.family for kid in kids],
        "gender": [kid.gender for kid in kids],
        "date_of_birth": [kid.born for kid in kids],
        "address": [kid.address for kid in kids],
        "school": [kid.school for kid in kids],
        "practice": [0 for _ in kids],
        "responsible": [kid.area for kid in kids],
        "shielded": [kid.shielded for kid in kids],
        "shielded_since": pa.array([AS_OF if kid.shielded else None for kid in kids], pa.date32()),
        "contacts_protected": [kid.contacts_protected for kid in kids],
        "archive_year": [kid.archive_year for kid in kids],
        "caf_holder": ["A Holder" for _ in kids],
        "lead_professional": pa.array([None for _ in kids], pa.string()),
        "updated": [MOVED for _ in kids],
        "address_since": [MOVED for _ in kids],
        "whereabouts_statement": pa.array([kid.statement for kid in kids], pa.string()),
        "school_since": pa.array([None if kid.school is None else MOVED for kid in kids], pa.date32()),
        "caf_holder_phone": ["01632 960009" for _ in kids],
        "caf_holder_user": pa.array([None for _ in kids], pa.int64()),
        "lead_professional_phone": pa.array([None for _ in kids], pa.string()),
        "lead_professional_user": pa.array([None for _ in kids], pa.int64()),
    }
