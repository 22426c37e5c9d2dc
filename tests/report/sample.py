"""A realistic review, made without chance: 27 roles, 9 record classes, 13 facets, 4 rungs."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from overreach.model.exact import (
    Account,
    Alternative,
    Case,
    ExactReach,
    Fewest,
    LadderStep,
    Moved,
    Taken,
    Way,
)
from overreach.model.finding import BlastRadius, Finding, Hazard, NotExamined, Witness
from overreach.model.review import Control, Entry, Exposure, PartSummary, Review, RoleSummary, RunInfo
from overreach.model.terms import Facet, Kind, Part, Rung, Severity, Verdict

CLASSES = (
    "any",
    "shielded",
    "out_of_area",
    "sensitive_service",
    "archived",
    "looked_after",
    "adopted",
    "contacts_protected",
    "uninvolved",
)
RUNGS = (Rung.OPEN, Rung.DECLARED, Rung.OVERRIDE, Rung.GRANTED)
#: role, sector, users, facets beyond identity (initials as below)
_ROLES = (
    ("head_teacher", "education", 118, "fo wh ca co ed se in pr"),
    ("school_administrator", "education", 204, "wh ca co ed"),
    ("senco", "education", 61, "wh ca co ed he se in pr"),
    ("education_welfare_officer", "education", 57, "fo wh ca co ed se in pr"),
    ("educational_psychologist", "education", 22, "wh ca co ed he se in pr"),
    ("early_years_worker", "education", 96, "wh ca co ed he se in"),
    ("general_practitioner", "health", 171, "fo wh ca co he se in pr"),
    ("practice_administrator", "health", 113, "wh ca co he"),
    ("practice_nurse", "health", 84, "wh ca co he se in"),
    ("health_visitor", "health", 90, "fo wh ca co ed he se in pr"),
    ("school_nurse", "health", 41, "fo wh ca co ed he se in pr"),
    ("midwife", "health", 52, "wh ca co he se in"),
    ("camhs_practitioner", "health", 39, "wh ca co ed he se in"),
    ("social_worker", "social care", 208, "fo wh ca co ed he se in pr"),
    ("child_protection_worker", "social care", 64, "fo wh ca co ed he se in pr"),
    ("family_support_worker", "social care", 76, "wh ca co ed he se in"),
    ("connexions_adviser", "youth and justice", 69, "wh ca co ed se in"),
    ("youth_offending_worker", "youth and justice", 47, "fo wh ca co ed se in"),
    ("police_child_protection_officer", "youth and justice", 58, "fo wh ca co ed he se in pr"),
    ("police_employee", "youth and justice", 88, "wh ca in"),
    ("probation_officer", "youth and justice", 36, "wh ca se in"),
    ("fire_strategy_officer", "youth and justice", 12, "wh"),
    ("national_partner_worker", "voluntary", 34, "wh ca co ed se in"),
    ("management_team", "operators", 122, "fo wh ca co ed he se in pr ss pt"),
    ("data_manager", "operators", 31, "pr"),
    ("central_team", "operators", 5, ""),
    ("system_supplier", "operators", 2, ""),
)
_SHORT = {
    "fo": Facet.FORMER_NAMES,
    "wh": Facet.WHEREABOUTS,
    "ca": Facet.CARERS,
    "co": Facet.CONTACTS,
    "ed": Facet.EDUCATION,
    "he": Facet.HEALTH,
    "se": Facet.SERVICES,
    "in": Facet.INDICATORS,
    "pr": Facet.PROVENANCE,
    "ss": Facet.SENSITIVE_SERVICES,
    "pt": Facet.PROTECTION,
}
_OVERRIDE = {"child_protection_worker", "police_child_protection_officer"}
_SIZE = {
    "any": 10_000,
    "shielded": 300,
    "out_of_area": 9_912,
    "sensitive_service": 412,
    "archived": 640,
    "looked_after": 270,
    "adopted": 96,
    "contacts_protected": 58,
    "uninvolved": 9_990,
}
POSTCODE = "access/search by postcode/whereabouts/shielded"
_FAULTY = ("head_teacher", "general_practitioner", "police_employee")


def _dice(*parts: object) -> int:
    return int.from_bytes(hashlib.blake2s(repr(parts).encode()).digest()[:4], "big")


def _permitted_at(role: str, facets: set[Facet], record_class: str, facet: Facet) -> Rung | None:
    if role in ("central_team", "system_supplier") or record_class == "archived":
        return None
    if facet in (Facet.EXISTENCE, Facet.IDENTITY):
        return Rung.DECLARED if record_class == "out_of_area" else Rung.OPEN
    if record_class == "shielded" and role in _OVERRIDE and facet is not Facet.SENSITIVE_SERVICES:
        return Rung.OVERRIDE
    if facet not in facets or (record_class == "shielded" and role != "management_team"):
        return None
    if record_class == "contacts_protected" and facet is Facet.CONTACTS and role != "management_team":
        return None
    return Rung.DECLARED


def _entries() -> tuple[Entry, ...]:
    entries = []
    for role, _, head_count, short in _ROLES:
        facets = {_SHORT[part] for part in short.split()}
        for record_class in CLASSES:
            for facet in Facet:
                permitted = _permitted_at(role, facets, record_class, facet)
                entries += [
                    _entry(role, head_count, record_class, facet, rung, permitted=rung is permitted) for rung in RUNGS
                ]
    return tuple(entries)


def _entry(  # noqa: PLR0913 - the coordinates of an entry
    role: str, head_count: int, record_class: str, facet: Facet, rung: Rung, *, permitted: bool
) -> Entry:
    size = _SIZE[record_class]
    locating = facet in (Facet.WHEREABOUTS, Facet.CONTACTS) and record_class in ("shielded", "out_of_area")
    children = size - _dice(role, record_class) % (size // 3) if permitted else 0
    probes = 0 if permitted else 299 if locating else 59
    entry = Entry(
        role=role,
        record_class=record_class,
        facet=facet,
        rung=rung,
        pairs=children * head_count // 3,
        users=head_count if permitted else 0,
        children=children,
        one_member=children // 4 if permitted else 0,
        verdict=Verdict.HELD,
        probes=probes,
        failures=0,
        bound=None if permitted else 0.00997 if locating else 0.0496,
        allowed_probes=24 if permitted else 0,
        policies=(f"{facet.value.replace('_', '-')}-in-area-with-reason",) if permitted else (),
    )
    return _flawed(entry)


def _flawed(entry: Entry) -> Entry:
    place = (entry.role, entry.record_class, entry.facet, entry.rung)
    if entry.role in _FAULTY and place[1:] == ("shielded", Facet.WHEREABOUTS, Rung.OPEN):
        return replace(entry, verdict=Verdict.OVERREACH, failures=41, bound=0.178, finding=POSTCODE)
    if place == ("midwife", "looked_after", Facet.SERVICES, Rung.DECLARED):
        return replace(entry, verdict=Verdict.UNDERREACH, why="11 of 24 permitted requests were refused")
    if place[:3] == ("fire_strategy_officer", "adopted", Facet.WHEREABOUTS):
        why = "time-out in 31 of 59 probes"
        return replace(entry, verdict=Verdict.UNPROVEN, probes=28, bound=0.102, why=why)
    if entry.record_class == "archived" and entry.facet is Facet.SENSITIVE_SERVICES:
        return replace(entry, why="no reader")
    return entry


FINDINGS = (
    Finding(
        key="duty/override/alert/any",
        kind=Kind.DUTY,
        title="An answered override raises no alert",
        rule="R13",
        severity=Severity.HIGH,
        roles=("child_protection_worker", "police_child_protection_officer"),
        facets=(),
        subject="duty to alert on override",
        parts=(Part.SWEEP,),
        witness=Witness(
            part=Part.SWEEP,
            summary="child_protection_worker u000817 overrode the shield of qxzc4k2m9tpw, and no alert came",
            request="curl -s -X POST $BASE/children/qxzc4k2m9tpw/override -H 'Authorization: Bearer $TOKEN' "
            "-H 'Content-Type: application/json' -d '{\"reason\": \"child_protection\"}'",
            answer='201 {"warning": "this override starts an investigation"}; GET /alerts: no entry',
            user="u000817",
            child="qxzc4k2m9tpw",
        ),
        blast=BlastRadius(8, 31, 122, 300, 0.907),
        policies=("override-right",),
        remedy="write the alert in the transaction that opens the record",
    ),
    Finding(
        key=POSTCODE,
        kind=Kind.ACCESS,
        title="A search by postcode finds shielded children by an address that is hidden from the role",
        rule="R10 R12",
        severity=Severity.CRITICAL,
        roles=_FAULTY,
        facets=(Facet.WHEREABOUTS,),
        subject="whereabouts",
        parts=(Part.SWEEP, Part.SCENARIOS, Part.WIRE),
        witness=Witness(
            part=Part.SWEEP,
            summary="head_teacher u000012 searched for postcode ZE1 9CK and got shielded child qxzc7h1n4dxa",
            request="curl -s -X POST $BASE/children/search -H 'Authorization: Bearer $TOKEN' "
            "-H 'Content-Type: application/json' -d '{\"postcode\": \"ZE1 9CK\"}'",
            answer='{"count": 1, "children": [{"number": "qxzc7h1n4dxa", "name": {"given": "Maisie", '
            '"family": "<script>alert(1)</script>"}}]}',
            user="u000012",
            child="qxzc7h1n4dxa",
        ),
        blast=BlastRadius(23, 41, 377, 300, 0.112),
        policies=("shielded-hides-whereabouts",),
        remedy="decide each candidate with the facets that the query names before counting or paging",
    ),
    Finding(
        key="source/B608/contactpoint/search.py",
        kind=Kind.SOURCE,
        title="A query is built from text that the user typed",
        rule="R12",
        severity=Severity.MEDIUM,
        roles=(),
        facets=(),
        subject="query built from text",
        parts=(Part.SCAN,),
        witness=Witness(
            part=Part.SCAN,
            summary="bandit B608: hard-coded SQL expressions",
            request="overreach/contactpoint/search.py:88",
            answer='sql = "SELECT number FROM children WHERE family_name = \'" + family_name + "\'"',
        ),
        remedy="bind the value as a parameter",
    ),
)
HAZARDS = (
    Hazard(
        "sibling-at-address",
        "A shielded child has an unshielded sibling at the same address",
        "R10",
        37,
        1_648,
        "qxzc0a1 (shielded) and qxzc0b2 live at the same address; a social_worker in area opens the second",
    ),
    Hazard(
        "carer-phone",
        "A carer of a shielded child also cares for one who is not",
        "R11",
        58,
        912,
        "qxzc0c3, qxzc0d4",
    ),
)


def _exposures() -> tuple[Exposure, ...]:
    shielded = ((0, 4), (1, 96), (2, 131), (3, 52), (7, 17))
    hidden = ((0, 644), (1, 96), (2, 131), (3, 172), (7, 17))
    everyone = (*hidden, (9, 980), (14, 2_110), (22, 3_310), (41, 1_900), (90, 560), (212, 80))
    return tuple(
        Exposure(facet, group, counts)
        for facet in (Facet.WHEREABOUTS, Facet.CONTACTS)
        for group, counts in (("all", everyone), ("shielded", shielded))
    )


def _ladder() -> tuple[LadderStep, ...]:
    """Two roles that reach shielded children: one with a reason, one through a glass."""
    return tuple(
        LadderStep(role, "shielded", facet, rung, pairs=children * 9, users=users if children else 0, children=children)
        for role, users, reached in (
            ("management_team", 122, (0, 290, 290)),
            ("child_protection_worker", 64, (0, 0, 300)),
            ("head_teacher", 118, (0, 0, 0)),
        )
        for facet in (Facet.WHEREABOUTS, Facet.CONTACTS)
        for rung, children in zip(RUNGS[:3], reached, strict=True)
    )


EXACT = ExactReach(
    ladder=_ladder(),
    ways=(
        Way(
            role="senco",
            record_class="shielded",
            facets=(Facet.WHEREABOUTS, Facet.HEALTH),
            steps=(
                Taken(
                    name="grant a right",
                    changes=(("role", "child_protection_worker"),),
                    user="u000701",
                    by_accomplice=True,
                    approved_by="",
                    operation="",
                ),
            ),
            rung=Rung.OVERRIDE,
            accomplice="management_team",
            user="u000033",
            child="qxzc4k2m9tpw",
            other="u000701",
            pairs=None,
        ),
        Way(
            role="midwife",
            record_class="out_of_area",
            facets=(Facet.HEALTH,),
            steps=(Taken("declare an involvement", (), "u000511", by_accomplice=False, approved_by="", operation=""),),
            rung=None,
            accomplice="",
            user="u000511",
            child="qxzc7h1n4dxa",
            other="",
            pairs=4_107,
        ),
    ),
    alternatives=(
        Alternative(
            name="own_area_only",
            question="What if nobody reached a record beyond the `own area`?",
            switches=(("G3", "own"),),
            by_role=(
                Moved("social_worker", "", (Facet.WHEREABOUTS, Facet.CONTACTS), RUNGS[1:3], 81_400, 115, 0),
                Moved("midwife", "", (Facet.HEALTH,), (Rung.DECLARED,), 12, 0, 3),
            ),
            by_class=(Moved("", "shielded", (Facet.WHEREABOUTS,), RUNGS[1:3], 928, 13, 0),),
            cases=(
                Case(
                    role="social_worker",
                    facet=Facet.WHEREABOUTS,
                    rung=Rung.DECLARED,
                    user="u000208",
                    child="qxzc0b2",
                    in_area=False,
                    involved=True,
                    allowed_before=True,
                    policies_before=("whereabouts",),
                    allowed_after=False,
                    policies_after=(),
                ),
            ),
        ),
        Alternative("nothing_else", "", (), (), (), ()),
    ),
    accounts=(
        Account("social_worker", "", None, 208, 9_912, 9_912.0, "u000208"),
        Account("social_worker", "", Facet.WHEREABOUTS, 208, 9_912, 9_900.5, "u000208"),
        Account("social_worker", "shielded", Facet.WHEREABOUTS, 208, 0, 0.0, "u000208"),
        Account("management_team", "shielded", Facet.WHEREABOUTS, 122, 31, 2.0, "u000701"),
    ),
    fewest=(
        Fewest("", Facet.WHEREABOUTS, Rung.OPEN, 10_000, 0, 0, 0, ()),
        Fewest("", Facet.WHEREABOUTS, Rung.OVERRIDE, 10_000, 9_998, 5, 6, ("u000001", "u000002")),
        Fewest("shielded", Facet.WHEREABOUTS, Rung.OVERRIDE, 300, 290, 1, 1, ("u000001",)),
    ),
)


RUN = RunInfo(
    run_id="20090518-101500-2007",
    started="2009-05-18T10:15:00Z",
    seconds=83.4,
    command="overreach audit --fault shield-ignored-in-postcode-search",
    version="0.1.0",
    versions=(
        ("cedarpy", "4.12.0"),
        ("hypothesis", "6.170.15"),
        ("locust", "2.47.0"),
        ("mitmproxy", "11.0.2"),
    ),
    seed=2007,
    recipe="small_england",
    as_of="2009-05-18",
    children=10_000,
    users=2_000,
    shielded=300,
    authorities=150,
    policy_digest=hashlib.sha256(b"policy").hexdigest(),
    population_digest=hashlib.sha256(b"population").hexdigest(),
    switches=(("G1", "no"), ("G2", "no"), ("G3", "declared")),
    target="embedded registry at http://127.0.0.1:41873, SQLite",
)
PARTS = (
    PartSummary(Part.REACH, ran=True, seconds=6.1, figures=(("pairs counted", "20,000,000"),)),
    PartSummary(Part.SWEEP, ran=True, seconds=31.9, figures=(("requests", "41,880"), ("users signed in", "648"))),
    PartSummary(Part.SCENARIOS, ran=True, seconds=14.0, figures=(("scenarios", "9"), ("examples", "612"))),
    PartSummary(Part.LOAD, ran=True, seconds=12.2, figures=(("users", "300"), ("requests", "5,118"))),
    PartSummary(Part.WIRE, ran=True, seconds=12.2, figures=(("answers read", "5,118"),)),
    PartSummary(Part.OUTSIDE, ran=False, seconds=0.0, figures=()),
    PartSummary(Part.SCAN, ran=True, seconds=2.4, figures=(("files", "31"),)),
)


def sample() -> Review:
    """A review with three findings, two hazards and three gaps; exit code 1."""
    return Review(
        run=RUN,
        sentence="3 of 27 roles reached the whereabouts of shielded children that the policy denies them: "
        "377 users, 300 children. By design 3 roles can, two of them with an override.",
        roles=tuple(RoleSummary(role, sector, count) for role, sector, count, _ in _ROLES),
        classes=CLASSES,
        entries=_entries(),
        exposure=_exposures(),
        findings=FINDINGS,
        hazards=HAZARDS,
        not_examined=(
            NotExamined(Part.SWEEP, "fire_strategy_officer, adopted, whereabouts", "time-out in 31 of 59 probes", 4),
            NotExamined(Part.OUTSIDE, "encrypted backup", "no key was configured", 1),
            NotExamined(Part.LOAD, "answers during a change of shield", "either state is right", 12),
        ),
        controls=(
            Control("user", passed=True, detail="648 of 648 sessions got something permitted"),
            Control(
                "operation",
                passed=True,
                detail="every operation gave each of its facets to somebody entitled",
            ),
            Control("datum", passed=True, detail="10,000 of 10,000 records read back after loading"),
            Control("detector: wire", passed=True, detail="4,902 permitted canaries and 1 planted defect seen"),
        ),
        parts=PARTS,
        cells=18_204,
        cells_unproven=4,
        underreach=11,
        notes=("A clean result says nothing about people who share their account.",),
        exact=EXACT,
    )


def clean() -> Review:
    """The same run on a correct registry: nothing found, nothing left open; exit code 0."""
    whole = sample()
    entries = tuple(
        replace(entry, verdict=Verdict.HELD, failures=0, finding="", bound=0.01 if entry.probes else None, why="")
        for entry in whole.entries
    )
    return replace(
        whole,
        sentence="No role reached what the policy denies it.",
        entries=entries,
        findings=(),
        not_examined=(),
        cells_unproven=0,
        underreach=0,
    )
