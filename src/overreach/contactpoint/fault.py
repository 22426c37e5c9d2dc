"""Faults: named deviations of the registry, one wrapper round one port each.

A fault is a function from parts to parts under `@fault`. Its docstring's first line says what is wrong,
`breaks` names the rule and `scenario` the audit scenario that shows it (docs/reference/faults.md).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from overreach.contactpoint.errors import RegistryError
from overreach.contactpoint.parts import Parts

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_RULES = {f"R{number}" for number in range(1, 25)}
_SCENARIOS = range(1, 43)


@dataclass(frozen=True, slots=True)
class Fault:
    """One deviation."""

    name: str
    breaks: str
    """The rule that it breaks, such as `R12`."""
    scenario: int
    """The audit scenario that shows it."""
    wrong: str
    """What is wrong, in a line."""
    apply: Callable[[Parts], Parts]

    def __call__(self, parts: Parts) -> Parts:
        """The parts with this fault in them."""
        return self.apply(parts)


def fault(name: str, *, breaks: str, scenario: int) -> Callable[[Callable[[Parts], Parts]], Fault]:
    """Make a fault of a function; RegistryError where its name, rule, scenario or docstring is not right."""

    def register(apply: Callable[[Parts], Parts]) -> Fault:
        wrong = (inspect.getdoc(apply) or "").partition("\n")[0]
        if not _NAME.fullmatch(name):
            message, remedy = f"`{name}` cannot name a fault", "use lower-case words joined by hyphens"
        elif breaks not in _RULES or scenario not in _SCENARIOS:
            message = f"fault `{name}` breaks `{breaks}`, shown by scenario `{scenario}`: there is no such thing"
            remedy = "rules are R1 to R24, scenarios 1 to 42"
        elif not wrong:
            message, remedy = f"fault `{name}` does not say what is wrong", "give its function a docstring"
        else:
            return Fault(name, breaks, scenario, wrong, apply)
        raise RegistryError(message, remedy)

    return register


def known_faults() -> list[Fault]:
    """The faults of this package, by name."""
    package = importlib.import_module("overreach.contactpoint.faults")
    modules = (
        importlib.import_module(f"{package.__name__}.{each.name}") for each in pkgutil.iter_modules(package.__path__)
    )
    return sorted((each for module in modules for each in _faults_in(module)), key=lambda each: each.name)


def find_faults(names: Iterable[str]) -> list[Fault]:
    """The faults of these names, each a known one or `FILE.py::NAME`; RegistryError for an unknown one."""
    asked = list(names)
    known = {each.name: each for each in known_faults()} if any("::" not in name for name in asked) else {}
    found = []
    for name in asked:
        if "::" in name:
            found.append(_from_file(name))
        elif name in known:
            found.append(known[name])
        else:
            message = f"no fault is called `{name}`"
            raise RegistryError(message, f"known: {', '.join(known)}")
    return found


def _from_file(asked: str) -> Fault:
    file, _, name = asked.rpartition("::")
    inside = {each.name: each for each in _faults_in(_load(Path(file)))}
    if name not in inside:
        message = f"no fault in `{file}` is called `{name}`"
        raise RegistryError(message, f"known: {', '.join(sorted(inside))}")
    return inside[name]


def _load(file: Path) -> ModuleType:
    private = f"_overreach_fault_{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:16]}"
    if private in sys.modules:
        return sys.modules[private]
    spec = importlib.util.spec_from_file_location(private, file)
    if not file.is_file() or spec is None or spec.loader is None:
        message = f"there is no Python file `{file}`"
        raise RegistryError(message, "name a fault as FILE.py::NAME")
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a file that ends the process would look like a registry that stopped
        del sys.modules[private]
        if isinstance(error, RegistryError):
            raise
        message = f"fault file `{file}` does not load: {type(error).__name__}: {error}".replace("\n", " ")
        raise RegistryError(message, "mend it, and start again") from error
    return module


def _faults_in(module: ModuleType) -> list[Fault]:
    return [each for each in vars(module).values() if isinstance(each, Fault)]
