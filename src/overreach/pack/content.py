"""Loading content files: each gets a private module name, put in `sys.modules` before it runs."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from overreach.model.errors import PackError


def load_module(path: Path) -> ModuleType:
    """Run a Python file of a pack as a module of its own and return it; a second call returns the same one.

    Raises PackError, naming file and line, where the file is missing or fails on loading.
    """
    resolved = path.resolve()
    digest = hashlib.sha256(str(resolved).encode()).hexdigest()[:12]
    name = f"_overreach_content_{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, resolved)
    if spec is None or spec.loader is None or not resolved.is_file():
        message = f"no content file `{path}`"
        raise PackError(message, "check the name, or the folder of the pack")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickling look their module up by name while the file is still running.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # content that ends the process would look like a clean end
        del sys.modules[name]
        message = f"`{path}` cannot be loaded: {type(error).__name__}: {error}"
        raise PackError(message, "mend the file; the line is in its traceback: python -X dev FILE") from error
    return module
