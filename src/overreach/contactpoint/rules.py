"""The rules port: one decision a kind, each of which a fault can wrap. The decisions lie in `decisions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from overreach.contactpoint.decisions import (
    amending,
    exports,
    lifecycle,
    mediation,
    oversight,
    people,
    reading,
    services,
    shields,
    standing,
)
from overreach.contactpoint.facts import Child, Claims, Export, Person, Service, Switches, User
from overreach.contactpoint.roles import EXISTENCE, role_of


@dataclass(frozen=True, slots=True)
class Rules:
    """One port for each kind of decision."""

    account: Callable[[User, date], bool]
    """Whether the user may do anything at all today."""
    asks: Callable[[User], bool]
    """Whether the user may search and declare reasons."""
    search: Callable[[User, Child, Claims, frozenset[str]], bool]
    """Whether this child may influence the answer to a search that names facets."""
    view: Callable[[User, Child, Claims], frozenset[str]]
    """The facets that may be read; without `existence` the record must seem never to have been issued."""
    override: Callable[[User], bool]
    """Whether the user has the override right."""
    keeps_shields: Callable[[User], bool]
    """Whether the user has the right to shield and to unshield at all."""
    keeps_shield: Callable[[User, Child], bool]
    """Whether the user may shield and unshield this child."""
    overrides: Callable[[User, Child], bool]
    """Whether the override right reaches this child."""
    requests_shields: Callable[[User], bool]
    """Whether the user may request shields at all."""
    requests_shield: Callable[[Child, frozenset[str]], bool]
    """Whether somebody who reads these facets of a child may request a shield for it."""
    decides_shield: Callable[[User, Child, frozenset[int]], bool]
    """Whether the user may decide on a shield that these users requested."""
    keeps_records: Callable[[User], bool]
    """Whether the user may merge and split records at all."""
    keeps_record: Callable[[User, Child], bool]
    """Whether the user may merge and split this record."""
    moves_records: Callable[[User], bool]
    """Whether the user may give records to another authority, and accept them, at all."""
    moves_record: Callable[[User, Child], bool]
    """Whether the user may give this record to another authority."""
    accepts_record: Callable[[User, Child, int], bool]
    """Whether the user may accept this record for an authority."""
    reads_log: Callable[[User], bool]
    """Whether the user may read the log and the alerts (R9)."""
    records_services: Callable[[User], bool]
    """Whether the user may record and remove services at all."""
    records_service: Callable[[Child, frozenset[str]], bool]
    """Whether a service may be recorded of this child by somebody who reads these facets of it."""
    grounded: Callable[[Service, date], bool]
    """Whether a service has the basis that its kind needs (R3)."""
    comes_back: Callable[[Service, date | None], bool]
    """Whether a service may stand although its provider was withdrawn on that day (R3)."""
    removes_service: Callable[[User, Child, int | None], bool]
    """Whether the user may remove an entry of this child that somebody recorded."""
    brokers: Callable[[User], bool]
    """Whether the user brokers contact at all (R14)."""
    brokers_for: Callable[[User, Child], bool]
    """Whether the user brokers contact with this child (R14)."""
    asks_exports: Callable[[User], bool]
    """Whether the user may ask for exports at all (R23)."""
    exports_from: Callable[[User, int | None], frozenset[int]]
    """The authorities whose records an export reaches, where it names one authority or none (R23)."""
    exports_row: Callable[[Child, Export, frozenset[str]], frozenset[str]]
    """The facets of a child that an export may carry, of those that the asker reads; none leave the row out (R23)."""
    approves_exports: Callable[[User], bool]
    """Whether the user may approve exports at all (R23)."""
    approves_export: Callable[[User, Export], bool]
    """Whether the user may approve this export (R23)."""
    export_approved: Callable[[Export], bool]
    """Whether enough people have approved (R23)."""
    downloads: Callable[[User, Export], bool]
    """Whether the user may download this export (R23)."""
    unmasks_log: Callable[[User], bool]
    """Whether the user may read the log in full, for a stated case (R9)."""
    log_areas: Callable[[User], frozenset[int] | None]
    """Areas whose users' rows somebody who reads the log may see; None for all (R9)."""
    answers_alert: Callable[[User, int | None, int | None], bool]
    """Whether the user may answer an alert about a user with a manager, each by row (R13, R19)."""
    awake: Callable[[datetime, datetime], bool]
    """Whether a session last used at a moment is still open now (R6)."""
    keeps_accounts: Callable[[User], bool]
    """Whether the user has the right to keep accounts at all (R4)."""
    keeps_account: Callable[[Person, Person], bool]
    """Whether the first may see and change the account of the second (R4, R5, R19)."""
    appoints: Callable[[Person, Person, str], bool]
    """Whether the first may give the second that post (R4)."""
    accredits: Callable[[User], bool]
    """Whether the user may accredit organisations (R5)."""
    mediates: Callable[[User], bool]
    """Whether the user may look things up for callers (R20)."""
    lends: Callable[[User, Child, Claims], frozenset[str]]
    """The facets that a mediator may read out (R20)."""
    through: Callable[[Rules, User], Rules]
    """The rules of requests that this mediator makes for a caller (R20)."""
    amends: Callable[[User], frozenset[str]]
    """The fields that the user may write at all (R1)."""
    amends_record: Callable[[User, Child, Claims, frozenset[str]], bool]
    """Whether the user may write these fields of this child's record now."""
    ends: Callable[[User], bool]
    """Whether the user may end indicators at all."""
    holds: Callable[[User], bool]
    """Whether the user may hold indicators at all."""
    holds_here: Callable[[User, Child, Claims], bool]
    """Whether the user may hold an indicator of this child now, or give up the own one."""
    releases: Callable[[User, Child, Claims], bool]
    """Whether the user may end an indicator of this child that somebody else holds."""


def rules_under(switches: Switches) -> Rules:
    """The rules at configured switches."""
    return Rules(
        account=standing.account,
        asks=lambda user: role_of(user.role).asks,
        search=partial(reading.search, switches),
        view=partial(reading.view, switches),
        override=shields.override,
        keeps_shields=shields.keeps_shields,
        keeps_shield=shields.keeps_shield,
        records_services=services.records_services,
        records_service=services.records_service,
        grounded=services.grounded,
        comes_back=services.comes_back,
        removes_service=services.removes_service,
        brokers=services.brokers,
        brokers_for=services.brokers_for,
        asks_exports=exports.asks_exports,
        exports_from=exports.exports_from,
        exports_row=exports.exports_row,
        approves_exports=exports.approves_exports,
        approves_export=exports.approves_export,
        export_approved=exports.export_approved,
        downloads=exports.downloads,
        reads_log=oversight.reads_log,
        unmasks_log=oversight.unmasks_log,
        log_areas=oversight.log_areas,
        answers_alert=oversight.answers_alert,
        awake=standing.awake,
        keeps_accounts=people.keeps_accounts,
        keeps_account=people.keeps_account,
        appoints=people.appoints,
        accredits=people.accredits,
        mediates=mediation.mediates,
        lends=partial(mediation.lends, switches),
        through=mediated,
        overrides=shields.overrides,
        requests_shields=shields.requests_shields,
        requests_shield=shields.requests_shield,
        decides_shield=shields.decides_shield,
        keeps_records=lifecycle.keeps_records,
        keeps_record=lifecycle.keeps_record,
        moves_records=lifecycle.moves_records,
        moves_record=lifecycle.moves_record,
        accepts_record=lifecycle.accepts_record,
        amends=amending.amends,
        amends_record=partial(amending.amends_record, switches),
        ends=amending.ends,
        holds=amending.holds,
        holds_here=partial(amending.holds_here, switches),
        releases=amending.releases,
    )


def mediated(rules: Rules, mediator: User) -> Rules:
    """The same rules for the caller's own search and view, each of them asked of the mediator too."""

    def search(caller: User, child: Child, claims: Claims, by: frozenset[str]) -> bool:
        return rules.search(caller, child, claims, by) and by | {EXISTENCE} <= rules.lends(mediator, child, claims)

    def view(caller: User, child: Child, claims: Claims) -> frozenset[str]:
        return mediation.both(rules.view(caller, child, claims), rules.lends(mediator, child, claims))

    return replace(rules, search=search, view=view)
