"""Parts as tasks on a Dask cluster, whose machines all see the folder (`overreach[cluster]`)."""

from __future__ import annotations

import contextlib
import importlib
import re
import socket
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from overreach.model.errors import PopulationError
from overreach.population.parts import Receipt
from overreach.population.recipe import Plan
from overreach.population.work import Job, answer, read_answer

CONNECT_SECONDS = 10
POLL_SECONDS = 5
"""How often to look whether there is still a worker."""
_ADDRESS = re.compile(r"(?:tcp|tls)://[^\s/@]+:[0-9]{1,5}")
_AGAIN = "run it again: it goes on where it stopped"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The workers of a cluster. Parts of one that is lost are drawn again by others; the bytes are the same."""

    job: Job
    scheduler: str
    """`tcp://HOST:PORT`."""
    patience: float = 30.0
    """Seconds that the cluster may be without a worker."""

    def draw(self, plan: Plan, parts: Sequence[int]) -> Generator[Receipt, None, None]:
        """In the order in which the workers are ready."""
        del plan  # each worker makes it from the job
        if not parts:
            return
        _refuse_wrong(self.scheduler)
        distributed = _library()
        _refuse_unreachable(self.scheduler)
        with _told(self.scheduler), distributed.Client(self.scheduler, timeout=CONNECT_SECONDS) as client:
            self._wait_for_worker(client)
            # Not pure: a result of an earlier run is no reason to leave a file unwritten.
            pending = set(client.map(answer, [self.job.to_json()] * len(parts), sorted(parts), pure=False))
            while pending:
                try:
                    done, pending = distributed.wait(pending, POLL_SECONDS, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    self._wait_for_worker(client)
                    continue
                for future in done:
                    yield read_answer(future.result())

    def _wait_for_worker(self, client: Any) -> None:  # noqa: ANN401 - a class of that library
        try:
            client.wait_for_workers(1, timeout=self.patience)
        except TimeoutError as error:
            message = f"the cluster at `{self.scheduler}` has no worker"
            raise PopulationError(message, f"start one with `dask worker {self.scheduler}`, then {_AGAIN}") from error


def _refuse_wrong(scheduler: str) -> None:
    if not _ADDRESS.fullmatch(scheduler):
        message = f"`{scheduler}` is no address of a scheduler"
        raise PopulationError(message, "give --scheduler tcp://HOST:PORT, as `dask scheduler` prints it")


def _refuse_unreachable(scheduler: str) -> None:
    """PopulationError at once where nobody listens; the library would try again and again."""
    try:
        place = urlsplit(scheduler)
        socket.create_connection((place.hostname or "", place.port or 0), CONNECT_SECONDS).close()
    except (OSError, ValueError, OverflowError) as error:  # no such host, no such port, nobody there
        message = f"no scheduler answers at `{scheduler}`"
        raise PopulationError(message, "start one with `dask scheduler`, and workers with `dask worker`") from error


def _library() -> Any:  # noqa: ANN401 - a library that may be missing
    try:
        dask = importlib.import_module("dask")
        # What goes wrong is told once, by us.
        dask.config.set({"logging": {"distributed": "critical", "distributed.client": "critical"}})
        return importlib.import_module("distributed")
    except ImportError as error:
        message = "--scheduler needs the library distributed, which is not installed"
        raise PopulationError(message, "pip install 'overreach[cluster]'") from error


@contextlib.contextmanager
def _told(scheduler: str) -> Iterator[None]:
    """Whatever the library raises becomes one line."""
    try:
        yield
    except PopulationError:
        raise
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        message = f"the cluster at `{scheduler}` failed: {what}"
        raise PopulationError(message, f"look at its workers, then {_AGAIN}") from error
