"""From a population folder and an operator's choices to a registry that can be served."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from overreach.contactpoint import loading, minting, schema
from overreach.contactpoint.accounts import PasswordCost, Secret, StoredAccounts
from overreach.contactpoint.amendments import StoredAmendments
from overreach.contactpoint.app import App, assemble
from overreach.contactpoint.backup import SealedBackup
from overreach.contactpoint.brokering import StoredBrokering
from overreach.contactpoint.chain import Heads, genesis, heads_of
from overreach.contactpoint.clock import Clock
from overreach.contactpoint.desks import StoredDesks
from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.exports import StoredExports
from overreach.contactpoint.facts import Switches
from overreach.contactpoint.fault import Fault
from overreach.contactpoint.folder import Folder, open_folder
from overreach.contactpoint.inquiries import StoredInquiries
from overreach.contactpoint.journal import StoredAlerts, StoredLog
from overreach.contactpoint.lifecycle import StoredLifecycle
from overreach.contactpoint.lockout import StoredLockout
from overreach.contactpoint.masks import StoredMasks
from overreach.contactpoint.mediations import StoredMediations
from overreach.contactpoint.moves import StoredMoves
from overreach.contactpoint.notices import StoredNotices
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.people import StoredPeople
from overreach.contactpoint.records import StoredRecords
from overreach.contactpoint.reviews import StoredReviews
from overreach.contactpoint.routes import ROUTES
from overreach.contactpoint.rules import rules_under
from overreach.contactpoint.search import StoredSearch
from overreach.contactpoint.services import StoredServices
from overreach.contactpoint.sessions import StoredSessions
from overreach.contactpoint.shields import StoredShields
from overreach.contactpoint.storage import Durability, Storage, facts_of, largest_row
from overreach.contactpoint.suspensions import StoredSuspensions
from overreach.contactpoint.throttle import USUAL, Limits, NoThrottle, StoredThrottle
from overreach.contactpoint.watch import StoredWatch

KEPT_BESIDE = "run-secret"
SECRET_BYTES = 32
BACKUP_FILE = "backup/registry.enc"
NATION = 1_000_000  # children: of so many, a hundred thousand may have the same name


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator chose."""

    population: Path
    database: Path
    secret: Secret
    switches: Switches
    cost: PasswordCost = PasswordCost.HIGH
    durability: Durability = Durability.NORMAL
    limits: Limits | None = USUAL
    """How much a user may ask for; None is as much as it likes."""
    minting: bool = False
    """Whether sessions may be minted beside it."""
    pristine: Path | None = None
    """A database as it was loaded, or is to be: a new one starts as its copy."""


def open_registry(
    choices: Choices, faults: Iterable[Fault] = (), progress: loading.Progress = lambda _done, _total: None
) -> App:
    """The registry over a population, its database made if need be; RegistryError where that fails."""
    folder = open_folder(choices.population)
    facts = _checked(choices, folder, choices.database)
    if facts is not None and facts.get("layout") != schema.LAYOUT:
        message = f"database `{choices.database}` was made by another version of the registry"
        raise RegistryError(message, "give a file that is not there yet: it is made from the population")
    try:
        if facts is None:
            _fill(choices, folder, progress)
        minting.remember(choices.database, minting=choices.minting)
        parts = correct_parts(choices)
    except (OSError, sqlite3.Error) as error:
        message = f"database `{choices.database}` cannot be used: {error}"
        raise RegistryError(message, "give another file with --database") from error
    for each in faults:
        parts = each(parts)
    if facts is None:
        target = choices.database.parent / BACKUP_FILE
        try:
            target.parent.mkdir(exist_ok=True)
            parts.backup.write(choices.database, target)
        except BaseException as error:
            # Without its backup it is not whole, and the next start would not know.
            parts.storage.close()
            choices.database.unlink()
            if not isinstance(error, OSError):
                raise
            message = f"backup `{target}` cannot be written: {str(error.strerror or error).lower()}"
            raise RegistryError(message, "make room on that disk, or give another database") from error
    return assemble(parts)


def correct_parts(choices: Choices) -> Parts:
    """The correct part at every port, over a database that is loaded."""
    facts = facts_of(choices.database)
    if facts is None:
        message = f"database `{choices.database}` is empty"
        raise RegistryError(message, "give another file with --database")
    storage = Storage(choices.database, choices.durability)
    sessions = StoredSessions(storage)
    clock = Clock(date.fromisoformat(facts["as_of"]), float(facts["loaded"]))
    return Parts(
        clock=clock,
        storage=storage,
        accounts=StoredAccounts(storage, choices.secret, choices.cost, clock.wall),
        sessions=sessions,
        desks=StoredDesks(storage),
        identify=sessions.find,
        rules=rules_under(choices.switches),
        search=StoredSearch(storage),
        records=StoredRecords(storage),
        shields=StoredShields(storage),
        log=StoredLog(storage, genesis(facts["digest"]), Heads(storage, heads_of(choices.database))),
        reviews=StoredReviews(storage),
        lifecycle=StoredLifecycle(storage),
        moves=StoredMoves(storage),
        amendments=StoredAmendments(storage),
        alerts=StoredAlerts(storage),
        masks=StoredMasks(storage, choices.secret.pseudonym),
        inquiries=StoredInquiries(storage),
        watch=StoredWatch(storage),
        backup=SealedBackup(choices.secret.backup_key()),
        services=StoredServices(storage, choices.secret.withdrawal_key()),
        brokering=StoredBrokering(storage),
        exports=StoredExports(storage),
        people=StoredPeople(storage),
        suspensions=StoredSuspensions(storage),
        notices=StoredNotices(storage),
        lockout=StoredLockout(storage),
        mediations=StoredMediations(storage),
        throttle=NoThrottle() if choices.limits is None else StoredThrottle(storage, choices.limits),
        dismiss=sessions.dismiss,
        strip=sessions.strip,
        routes=ROUTES,
        wide=largest_row(choices.database) < NATION,
        minting=choices.minting,
    )


def read_secret(file: Path) -> Secret:
    """The run's secret from a file; RegistryError where there is none in it."""
    try:
        value = file.read_bytes()
    except OSError as error:
        message = f"secret file `{file}` cannot be read"
        raise RegistryError(message, "write some random bytes to it") from error
    if not value:
        message = f"secret file `{file}` is empty"
        raise RegistryError(message, "write some random bytes to it")
    return Secret(value)


def own_secret(folder: Path) -> tuple[Secret, Path]:
    """The secret kept beside the database, made where there is none, readable by its owner only."""
    file = folder / KEPT_BESIDE
    if file.exists():
        return read_secret(file), file
    value = secrets.token_bytes(SECRET_BYTES)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(opened, "wb") as target:
                target.write(value)
        except OSError:
            # The next start would take an empty one for the run's.
            file.unlink()
            raise
    except OSError as error:
        message = f"secret `{file}` cannot be written: {str(error.strerror or error).lower()}"
        raise RegistryError(message, "give one with --secret-file, or another database") from error
    return Secret(value), file


def _fill(choices: Choices, folder: Folder, progress: loading.Progress) -> None:
    """Make the database: from the population, or as a copy of one that was made of it."""
    choices.database.parent.mkdir(parents=True, exist_ok=True)
    if choices.pristine is None:
        loading.load(folder, choices.database, choices.secret.mark(), progress)
        return
    choices.pristine.parent.mkdir(parents=True, exist_ok=True)
    with loading.alone(choices.pristine):
        facts = _checked(choices, folder, choices.pristine)
        if facts is None or facts.get("layout") != schema.LAYOUT:
            # It is made to be copied, and nobody's only one: what an older version made is made anew.
            loading.load(folder, choices.pristine, choices.secret.mark(), progress)
    loading.copy(choices.pristine, choices.database)


def _checked(choices: Choices, folder: Folder, database: Path) -> dict[str, str] | None:
    """What a database says of itself, None where it is still to be made; RegistryError where it is another's."""
    facts = facts_of(database)
    if facts is None:
        return None
    if facts.get("digest") != folder.digest:
        message = f"database `{database}` holds another population than `{choices.population}`"
        raise RegistryError(message, "give the population it was made from, or another database")
    if facts.get("secret") != choices.secret.mark():
        message = f"database `{database}` was made under another secret"
        raise RegistryError(message, "give the secret file of its run, or another database")
    return facts
