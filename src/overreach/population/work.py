"""What is drawn in another process, here or on another machine: a job, and an answer for each part of it."""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import threading
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from overreach.model.errors import OverreachError, PopulationError
from overreach.population.parts import Receipt, draw_part
from overreach.population.recipe import Order, Plan, load_recipe
from overreach.population.stamp import Stamp
from overreach.population.unfinished import order_file, read_stamp

_drawing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Job:
    """All that another process must know to draw parts; it finds the same pack and folder at the same paths."""

    root: Path
    """The pack."""
    recipe: str
    order: Order
    out: Path
    """The folder of the unfinished population, absolute."""

    def to_json(self) -> str:
        """One line."""
        paths = {"root": str(self.root), "out": str(self.out)}
        return json.dumps({"recipe": self.recipe, "order": asdict(self.order)} | paths)

    @classmethod
    def from_json(cls, text: str) -> Job:
        """What `to_json` wrote."""
        document = json.loads(text)
        order = Order(**document["order"])
        return cls(Path(document["root"]), document["recipe"], order, Path(document["out"]))


def answer(job_text: str, part: int) -> str:
    """Draw a part of a job: the receipt as JSON, or what went wrong. Raises nothing."""
    try:
        # What a plan remembers between parts is not made for several threads at a time.
        with _drawing:
            return json.dumps({"receipt": _draw(Job.from_json(job_text), part).to_json()})
    except OverreachError as error:
        return json.dumps({"message": error.message, "remedy": error.remedy})
    except Exception as error:  # noqa: BLE001 - whatever it is, another process tells it
        what = " ".join(f"{type(error).__name__}: {error}".split())
        remedy = "for its traceback run it with --processes 1 and OVERREACH_DEBUG=1"
        return json.dumps({"message": f"part `{part}` cannot be drawn: {what}", "remedy": remedy})


def read_answer(text: str) -> Receipt:
    """The receipt of an answer; PopulationError where it tells of an error instead."""
    document = json.loads(text)
    if "receipt" not in document:
        raise PopulationError(document["message"], document["remedy"])
    return Receipt.from_json(document["receipt"])


def serve(job_text: str) -> None:
    """Answer the part numbers on standard input, a line each, on standard output, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a recipe prints must not stand among the answers.
    os.dup2(2, 1)
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    for line in sys.stdin:
        print(answer(job_text, int(line)), file=answers, flush=True)


def _draw(job: Job, part: int) -> Receipt:
    if not order_file(job.out).is_file():
        message = f"`{platform.node()}` does not see the unfinished population in `{job.out}`"
        raise PopulationError(message, "give a folder that every machine sees under the same path")
    plan, stamp = _planned(job)
    begun = read_stamp(job.out)
    if begun != stamp:
        message = f"`{job.out}` was begun with {begun.apart(stamp)} (on `{platform.node()}`)"
        raise PopulationError(
            message, "install the same versions and the same pack on every machine, and start its workers anew"
        )
    return draw_part(plan, part, job.out)


@lru_cache(maxsize=1)
def _planned(job: Job) -> tuple[Plan, Stamp]:
    if not job.root.is_dir():
        message = f"`{platform.node()}` has no pack at `{job.root}`"
        raise PopulationError(message, "put the pack at the same path on every machine")
    recipe = load_recipe(job.root, job.recipe)
    plan = recipe.plan(job.order)
    return plan, Stamp.of(recipe, job.order, plan, job.root)
