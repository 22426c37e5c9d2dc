"""What the parts of one audit share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from overreach.audit.listen import Listener
from overreach.audit.options import Options
from overreach.probe.findings import Gatherer
from overreach.probe.session import Bench
from overreach.probe.workspace import Workspace

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Context:
    """One audit at work."""

    options: Options
    bench: Bench
    workspace: Workspace
    listener: Listener
    gatherer: Gatherer
    progress: Progress
