"""Who draws the parts: this process alone, or several processes of this machine."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from overreach.model.errors import PopulationError
from overreach.population.parts import Receipt, draw_part
from overreach.population.recipe import Plan
from overreach.population.work import Job, read_answer

FEW = 2
"""Parts that this process draws itself: others would have to start first."""

# The kernel ends the process when its parent ends, from before anything slow is imported.
_START = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
from overreach.population.work import serve
serve(sys.argv[2])
"""
_AGAIN = "run it again: it goes on where it stopped"


class Crew(Protocol):
    """Draws parts of a population into a folder that `begin` made ready."""

    def draw(self, plan: Plan, parts: Sequence[int]) -> Generator[Receipt, None, None]:
        """A receipt for each part, in the order in which they become whole.

        Raises PopulationError where a part cannot be drawn or written. Whoever stops asking closes the generator:
        then nothing that was started goes on.
        """
        ...


@dataclass(frozen=True, slots=True)
class Alone:
    """This process, one part after another."""

    out: Path

    def draw(self, plan: Plan, parts: Sequence[int]) -> Generator[Receipt, None, None]:
        """In ascending order."""
        for part in parts:
            yield draw_part(plan, part, self.out)


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes of this machine, each of which draws the next part as soon as it has written one.

    They end with the thread that draws: the kernel looks at the thread that started them.
    """

    job: Job
    count: int

    def draw(self, plan: Plan, parts: Sequence[int]) -> Generator[Receipt, None, None]:
        """In this process where the parts are few or there is to be one."""
        if self.count == 1 or len(parts) <= FEW:
            yield from Alone(self.job.out).draw(plan, parts)
            return
        with contextlib.ExitStack() as stack, selectors.DefaultSelector() as ready:
            # In ascending order: part 0, which often has the most work, is begun first.
            waiting = deque(sorted(parts))
            for _ in range(min(self.count, len(parts))):
                worker = stack.enter_context(_started(self.job))
                ready.register(worker.answers, selectors.EVENT_READ, worker)
                worker.ask(waiting.popleft())
            while ready.get_map():
                for key, _ in ready.select():
                    worker = key.data
                    yield worker.receipt()
                    if waiting:
                        worker.ask(waiting.popleft())
                    else:
                        ready.unregister(worker.answers)


def usable_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    questions: IO[bytes]
    answers: IO[bytes]
    part: int = -1

    def ask(self, part: int) -> None:
        """Let it draw a part; that it has died meanwhile shows when its answer is read."""
        self.part = part
        with contextlib.suppress(BrokenPipeError):
            self.questions.write(f"{part}\n".encode())
            self.questions.flush()

    def receipt(self) -> Receipt:
        """Its answer, for which it does not wait once there is one; PopulationError where it has died."""
        line = self.answers.readline()
        if line.endswith(b"\n"):
            return read_answer(line.decode())
        code = self.process.wait()
        how = f"was killed (signal {-code})" if code < 0 else f"ended (code {code})"
        message = f"the process that drew part `{self.part}` {how}"
        raise PopulationError(message, f"{_AGAIN}; with fewer --processes if memory was short")


@contextlib.contextmanager
def _started(job: Job) -> Iterator[_Worker]:
    """A worker, gone on leaving whatever it is doing."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _START, str(os.getpid()), job.to_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(os.environ),
        # Ctrl-C at the terminal is for this process, which then ends the others itself.
        start_new_session=True,
    )
    try:
        assert process.stdin  # noqa: S101 - both are pipes: for the type checker
        assert process.stdout  # noqa: S101 - the same
        yield _Worker(process, process.stdin, process.stdout)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if pipe:
                    pipe.close()


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Libraries that calculate beside each other in several processes take one thread each."""
    return dict(own) | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
