"""Faults that show outside the running registry."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts


@fault("plaintext-backup", breaks="R4", scenario=40)
def plaintext_backup(parts: Parts) -> Parts:
    """The backup is a copy of the database that anybody who holds the file can read."""

    class Copied:
        def write(self, database: Path, target: Path) -> None:
            shutil.copyfile(database, target)

    return replace(parts, backup=Copied())
