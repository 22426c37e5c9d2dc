"""What every live part of an audit needs: population, policy, a running target, a broker; and its clearing away."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from overreach.model.errors import TargetError
from overreach.pack.config import Pack
from overreach.population.recipe import Order, load_recipe
from overreach.population.store import Population
from overreach.population.writing import generate
from overreach.probe.session import Bench, SessionFile
from overreach.target.broker import Broker, BrokerServer, ManyOpener
from overreach.target.embedded import Running, registry
from overreach.target.http import HttpTarget
from overreach.target.identity import Credentials, Refusal, Session, sign_in
from overreach.target.minting import Minter

SECRET_BYTES = 32
_SHORT = "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108 - a folder of its own is made in it


@dataclass(frozen=True)
class Workspace:
    """A target that answers, and everything to ask and judge it with."""

    folder: Path
    bench: Bench
    running: Running
    broker: Broker
    credentials: Credentials
    session_file: Path
    session: SessionFile

    def target(self) -> HttpTarget:
        """A connection of the caller's own."""
        return HttpTarget(self.running.url, self.bench.pack.target.allow_hosts)

    def secrets(self) -> frozenset[str]:
        """Everything that must never stand in a report: session tokens, passwords, activation codes."""
        known = set(self.broker.secrets())
        for user in range(self.bench.population.users_count):
            known.add(self.credentials.password(user))
            known.add(self.credentials.activation_code(user))
        return frozenset(known)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A folder in which what takes long to make is kept for later runs.

    `lookups`, of which each population has its own; `secret`, for all of them; `registry-DIGEST.sqlite`, as loaded.
    """

    folder: Path

    def secret(self) -> Path:
        """The secret under which databases were made here; TargetError where there can be none."""
        file = self.folder / "secret"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                self._make(file)
            if file.stat().st_size != SECRET_BYTES:
                message = f"`{file}` is not a whole secret"
                raise TargetError(message, "remove that folder: what was prepared under it cannot be used")
        except OSError as error:
            message = f"`{self.folder}` cannot be used: {(error.strerror or str(error)).lower()}"
            raise TargetError(message, "give a folder of your own with --prepared") from error
        return file

    def _make(self, file: Path) -> None:
        """Make the secret, whole or not at all; of two who do so at once the first one's counts for both."""
        ready = self.folder / f"secret.{uuid.uuid4().hex}"
        try:
            write_secret(ready)
            with contextlib.suppress(FileExistsError):
                os.link(ready, file)
        finally:
            ready.unlink(missing_ok=True)

    def database(self, population: Population) -> Path:
        """Where the registry's database of a population stands, or will."""
        return self.folder / f"registry-{population.digest[:12]}.sqlite"


def populate(  # noqa: PLR0913, PLR0917 - a population, or an order for one, and where it is kept
    pack: Pack, population: Path | None, recipe: str, order: Order, folder: Path, prepared: Prepared | None = None
) -> Population:
    """The population in a folder, or a new one made to order; what is looked up of it is kept, too."""
    lookups = (prepared.folder if prepared else folder) / "lookups"
    if population is not None:
        return Population.open(population, lookups)
    out = folder / "population"
    generate(load_recipe(pack.root, recipe), order, out)
    return Population.open(out, lookups)


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of the owner's alone, gone afterwards whatever happens."""
    with tempfile.TemporaryDirectory(prefix="overreach-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@dataclass(frozen=True, slots=True)
class TargetOrder:
    """How the target is to be started."""

    switches: Mapping[str, str]
    faults: Sequence[str]
    port: int
    seed: int
    """Of everything that is drawn against it."""
    minting: bool = False
    """Whether it lets sessions be opened without signing in, by the command that the pack names."""
    prepared: Prepared | None = None


@contextlib.contextmanager
def open_workspace(folder: Path, bench: Bench, order: TargetOrder) -> Iterator[Workspace]:
    """Start the target over the bench's population and a broker beside it; stop both whatever happens."""
    pack = bench.pack
    if pack.target.kind != "embedded":
        message = f"a target of kind `{pack.target.kind}` cannot be audited yet"
        raise TargetError(message, 'set kind = "embedded" in [tool.overreach.target]')
    secret_file = order.prepared.secret() if order.prepared else write_secret(folder / "secret")
    credentials = Credentials(secret_file.read_bytes())
    started = registry(
        bench.population.path,
        folder / "registry",
        secret_file=secret_file,
        faults=order.faults,
        switches=order.switches,
        port=order.port,
        host=pack.target.listen,
        pristine=order.prepared.database(bench.population) if order.prepared else None,
        minting=order.minting,
    )
    with started as running, contextlib.closing(HttpTarget(running.url, pack.target.allow_hosts)) as door:

        def opener(user: int) -> Session | Refusal:
            username = str(bench.population.user_fields(user)["username"])
            return sign_in(door, pack.target, credentials, user, username)

        broker = Broker(opener, _minting(bench, running, secret_file) if order.minting else None)
        with (
            # The path of a Unix socket may have about a hundred characters: not every temporary folder is that short.
            tempfile.TemporaryDirectory(prefix="overreach-", dir=_SHORT) as place,
            contextlib.closing(BrokerServer(broker, Path(place) / "broker")) as server,
        ):
            session = _session(folder, bench, order, running.url, (server.path, secret_file))
            session_file = folder / "session.json"
            session.write(session_file)
            yield Workspace(folder, bench, running, broker, credentials, session_file, session)


def _minting(bench: Bench, running: Running, secret_file: Path) -> ManyOpener:
    places = {"database": running.database, "secret_file": secret_file}
    minter = Minter(bench.pack.target.mint, places)

    def many(users: Sequence[int]) -> Mapping[int, Session | Refusal]:
        return minter.open_many({user: str(bench.population.user_fields(user)["username"]) for user in users})

    return many


def write_secret(file: Path) -> Path:
    """A new secret, in a file of the owner's alone; FileExistsError where there is one."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as open_file:
        open_file.write(secrets.token_bytes(SECRET_BYTES))
    return file


def _session(folder: Path, bench: Bench, order: TargetOrder, url: str, files: tuple[Path, Path]) -> SessionFile:
    broker, secret_file = files
    results = folder / "results"
    results.mkdir()
    return SessionFile(
        # Whoever reads it may stand in another folder.
        pack=str(bench.pack.root.resolve()),
        population=str(bench.population.path.resolve()),
        base_url=url,
        broker=str(broker),
        results=str(results.resolve()),
        seed=order.seed,
        secret_file=str(secret_file.resolve()),
        switches=dict(order.switches),
        allow_hosts=list(bench.pack.target.allow_hosts),
        faults=list(order.faults),
        lookups="" if bench.population.lookups is None else str(bench.population.lookups.resolve()),
    )
