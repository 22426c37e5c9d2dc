"""The manifest of a population folder: written last, so that a folder without it is not a population."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from overreach.model.canary import TokenKind
from overreach.model.errors import PopulationError
from overreach.model.population import Measure, Shape, TokenOwner
from overreach.model.terms import Facet

LAYOUT = 3
NAME = "manifest.json"
FILE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*/[0-9]{5,}\.parquet")
"""`TABLE/PART.parquet`: no other name leads into a folder, nor into SQL."""
_AGAIN = "generate it again: overreach generate RECIPE --out DIR"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One table's file."""

    sha256: str
    rows: int
    size: int
    """Bytes."""

    def to_json(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        return {"sha256": self.sha256, "rows": self.rows, "bytes": self.size}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> FileEntry:
        """What `to_json` gave; KeyError or TypeError for anything else."""
        rows, size = document["rows"], document["bytes"]
        if type(rows) is not int or type(size) is not int:
            message = "not a number of rows, or of bytes"
            raise TypeError(message)
        return cls(document["sha256"], rows, size)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a population is, and the files it consists of."""

    recipe: str
    children: int
    users: int
    seed: int
    as_of: date
    digest: str
    """SHA-256 over everything else in the manifest: the files' hashes, the sizes, the date and the shape."""
    files: Mapping[str, FileEntry]
    """`TABLE/PART.parquet` -> entry."""
    shape: Shape
    measures: Mapping[str, Measure]
    """What the population should be like, by key."""

    def tables(self) -> dict[str, list[str]]:
        """Names of the tables, in order, and the files that each consists of, in the order of its rows."""
        found: dict[str, list[str]] = {}
        for file in sorted(self.files):
            found.setdefault(file.partition("/")[0], []).append(file)
        return found

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return sum(self.files[file].rows for file in self.tables()[table])

    def to_json(self) -> str:
        """The text of `manifest.json`."""
        return json.dumps(self._document() | {"digest": self.digest}, indent=1) + "\n"

    def own_digest(self) -> str:
        """The digest that this manifest should have: what the judge goes by must not be changed unseen."""
        return hashlib.sha256(json.dumps(self._document(), sort_keys=True).encode()).hexdigest()

    def _document(self) -> dict[str, Any]:
        return {
            "layout": LAYOUT,
            "recipe": self.recipe,
            "children": self.children,
            "users": self.users,
            "seed": self.seed,
            "as_of": self.as_of.isoformat(),
            "files": {name: entry.to_json() for name, entry in sorted(self.files.items())},
            "shape": shape_to_json(self.shape),
            "measures": {key: asdict(measure) for key, measure in self.measures.items()},
        }

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a folder; PopulationError where there is none that can be trusted."""
        try:
            document = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if document["layout"] != LAYOUT:
                message = f"`{folder}` has layout `{document['layout']}`, this version reads {LAYOUT}"
                raise PopulationError(message, _AGAIN)
            return cls(
                recipe=document["recipe"],
                children=document["children"],
                users=document["users"],
                seed=document["seed"],
                as_of=date.fromisoformat(document["as_of"]),
                digest=document["digest"],
                files=entries_from_json(document["files"]),
                shape=shape_from_json(document["shape"]),
                measures={key: Measure(**each) for key, each in document["measures"].items()},
            )
        except FileNotFoundError as error:
            what = "is not a whole population" if folder.is_dir() else "does not exist"
            message = f"`{folder}` {what}"
            raise PopulationError(message, _AGAIN) from error
        except NotADirectoryError as error:
            message = f"`{folder}` is not a folder"
            raise PopulationError(message, _AGAIN) from error
        except (IsADirectoryError, RecursionError, ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"`{folder / NAME}` cannot be read as a manifest"
            raise PopulationError(message, _AGAIN) from error

    def check(self, folder: Path, *, hashes: bool) -> None:
        """Compare the folder's files with the manifest; PopulationError names the first that differs."""
        if self.own_digest() != self.digest:
            message = f"`{folder / NAME}` does not agree with its own digest"
            raise PopulationError(message, _AGAIN)
        for name, entry in self.files.items():
            file = folder / name
            size = file.stat().st_size if file.is_file() and not file.is_symlink() else None
            if size is None:
                message = f"`{file}` is missing"
                raise PopulationError(message, _AGAIN)
            if size != entry.size or (hashes and sha256_of(file) != entry.sha256):
                message = f"`{file}` was changed after it was generated"
                raise PopulationError(message, _AGAIN)


def entries_from_json(document: Mapping[str, Any]) -> dict[str, FileEntry]:
    """Entries by `TABLE/PART.parquet`; ValueError, KeyError, TypeError or AttributeError for anything else."""
    for name in document:
        if not FILE_NAME.fullmatch(name):
            message = f"{name!r} is not the name of a table's file"
            raise ValueError(message)
    return {name: FileEntry.from_json(entry) for name, entry in document.items()}


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def shape_to_json(shape: Shape) -> dict[str, Any]:
    """A shape as plain JSON values."""
    return {
        "user_facts": dict(shape.user_facts),
        "child_facts": dict(shape.child_facts),
        "areas": shape.areas,
        "area_attribute": list(shape.area_attribute),
        "involved": shape.involved,
        "involved_attribute": shape.involved_attribute,
        "facet_values": {facet.value: sql for facet, sql in shape.facet_values.items()},
        "token_owners": {
            kind.name.lower(): {"facet": owner.facet.value, "children": owner.children}
            for kind, owner in shape.token_owners.items()
        },
        "user_fields": shape.user_fields,
        "child_fields": shape.child_fields,
        "hazards": {key: list(hazard) for key, hazard in shape.hazards.items()},
        "users": shape.users,
        "children": shape.children,
    }


def shape_from_json(document: Mapping[str, Any]) -> Shape:
    """The shape written by `shape_to_json`; KeyError or ValueError where it is another thing."""
    areas, responsible = document["area_attribute"]
    return Shape(
        user_facts=document["user_facts"],
        child_facts=document["child_facts"],
        areas=document["areas"],
        area_attribute=(areas, responsible),
        involved=document["involved"],
        involved_attribute=document["involved_attribute"],
        facet_values={Facet(name): sql for name, sql in document["facet_values"].items()},
        token_owners={
            TokenKind[name.upper()]: TokenOwner(Facet(owner["facet"]), owner["children"])
            for name, owner in document["token_owners"].items()
        },
        user_fields=document["user_fields"],
        child_fields=document["child_fields"],
        hazards={key: (title, rule, sql) for key, (title, rule, sql) in document["hazards"].items()},
        users=document["users"],
        children=document["children"],
    )
