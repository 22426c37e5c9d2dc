"""Which files a scan reads: a tree of Python files, or the reference registry with the faults switched on."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

from overreach.model.errors import OverreachError, UnknownNameError

REGISTRY = "overreach.contactpoint"
FAULTS = "faults"
_DECORATOR = "fault"


def python_files(path: Path) -> list[Path]:
    """Every Python file at or below a path, in order; OverreachError where there is none."""
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob("*.py") if "__pycache__" not in file.parts)
    if not found:
        message = f"no Python file at `{path}`"
        raise OverreachError(message, "name a Python file or a folder that holds some")
    return found


def registry_sources(faults: Sequence[str] = ()) -> list[Path]:
    """The reference registry's files without its faults, and the files of the faults that are switched on.

    A fault is a registered name, or FILE.py::NAME from outside. Raises UnknownNameError for a name that no
    file registers. The registry is found and read, never imported.
    """
    folder = _registry_folder()
    correct = [file for file in python_files(folder) if FAULTS not in file.relative_to(folder).parts]
    added: list[Path] = []
    known = dict(_registered(folder / FAULTS))
    for fault in faults:
        file, outside, _ = fault.partition("::")
        if outside:
            added += python_files(Path(file).resolve())
        elif fault in known:
            added.append(known[fault])
        else:
            raise UnknownNameError("fault", fault, list(known))
    return list(dict.fromkeys([*correct, *added]))


def stable_name(file: Path, root: Path) -> str:
    """A file's name, the same on every machine: from the top of its Python package, else from `root`."""
    top = file.parent
    while (top / "__init__.py").exists():
        top = top.parent
    if top != file.parent:
        return file.relative_to(top).as_posix()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name


def _registry_folder() -> Path:
    spec = importlib.util.find_spec(REGISTRY)
    if spec is None or spec.origin is None:
        message = f"the source of `{REGISTRY}` is not installed"
        raise OverreachError(message, "install the project again: `make setup`")
    return Path(spec.origin).parent


def _registered(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and file of everything that is decorated with `@fault("name", ...)`."""
    for file in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for decorator in getattr(node, "decorator_list", []):
                name = _fault_name(decorator)
                if name:
                    yield name, file


def _fault_name(decorator: ast.expr) -> str:
    match decorator:
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=[ast.Constant(value=str(name)), *_]):
            return name if called == _DECORATOR else ""
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), keywords=keywords):
            named = {word.arg: word.value for word in keywords}.get("name")
            if called == _DECORATOR and isinstance(named, ast.Constant):
                return str(named.value)
    return ""
