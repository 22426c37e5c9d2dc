"""What bytes depend on: the order, the code and content that fill it, and the libraries underneath."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import overreach.population
from overreach.population.manifest import LAYOUT, shape_to_json
from overreach.population.recipe import Order, Plan, Recipe

LIBRARIES = ("overreach", "pyarrow", "numpy", "faker")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Equal stamps give equal bytes: parts of one population may be drawn wherever they agree."""

    recipe: str
    children: int
    users: int
    seed: int
    parts: int
    layout: int
    versions: Mapping[str, str]
    """Library -> version."""
    sources: str
    """SHA-256 over the recipe's shape and measures, this package and the pack's recipes."""

    @classmethod
    def of(cls, recipe: Recipe, order: Order, plan: Plan, root: Path | None) -> Stamp:
        """What this process would write; `root` is the pack of the recipe, None for one that is in no file."""
        described = {
            "shape": shape_to_json(recipe.shape),
            "measures": {key: asdict(measure) for key, measure in plan.measures.items()},
            "code": _code(root),
        }
        return cls(
            recipe=recipe.name,
            children=order.children,
            users=order.users,
            seed=order.seed,
            parts=plan.parts,
            layout=LAYOUT,
            versions={library: version(library) for library in LIBRARIES},
            sources=hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest(),
        )

    @property
    def order(self) -> tuple[str, int, int, int]:
        """What was asked for: recipe, children, users, seed."""
        return (self.recipe, self.children, self.users, self.seed)

    def apart(self, other: Stamp) -> str:
        """What this stamp has where another of the same order differs, for a sentence."""
        for library, ours in self.versions.items():
            theirs = other.versions.get(library)
            if ours != theirs:
                return f"{library} `{ours}`, and here is `{theirs}`"
        return "other source files of the recipe"

    def to_json(self) -> str:
        """A document that `from_json` reads."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Stamp:
        """What `to_json` wrote; ValueError, KeyError, TypeError or AttributeError for anything else."""
        stamp = cls(**json.loads(text))
        if not isinstance(stamp.parts, int) or not isinstance(stamp.versions, dict):
            message = "not a stamp"
            raise TypeError(message)
        return stamp


@cache
def _code(root: Path | None) -> str:
    """SHA-256 over the files that a population is drawn by, as this process first saw them.

    Once for each process: what it has loaded it keeps, whatever becomes of the files.
    """
    digest = hashlib.sha256()
    for name, file in _files(root):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()


def _files(root: Path | None) -> Iterator[tuple[str, Path]]:
    """Name, the same on every machine, and file."""
    package = Path(overreach.population.__file__).parent
    folders = [(package, "*.py"), (package.parent / "model", "*.py")]
    folders += [] if root is None else [(root / "generators", "*")]
    for folder, pattern in folders:
        for file in sorted(folder.rglob(pattern)):
            if file.is_file() and "__pycache__" not in file.parts:
                yield f"{folder.name}/{file.relative_to(folder).as_posix()}", file
