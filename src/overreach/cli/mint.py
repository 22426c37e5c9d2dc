"""`overreach mint`: sessions of the reference registry without signing in, for a load."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from overreach.cli.faults import told
from overreach.contactpoint.errors import RegistryError
from overreach.model.errors import OverreachError

if TYPE_CHECKING:
    from overreach.contactpoint.minting import Mint, Minted


@click.command("mint", short_help="Open sessions of the reference registry without signing in.")
@click.option("--database", required=True, type=click.Path(path_type=Path), help="The registry's own database file.")
@click.option("--secret-file", required=True, type=click.Path(path_type=Path), help="The registry's own secret file.")
def command(*, database: Path, secret_file: Path) -> None:
    """Open a session for each username on standard input, one a line, without password and code.

    Prints one JSON object a line, in that order: `username` with `authorization`, the value of the header, or with
    `refused`, the reason. Whoever may not sign in is refused. A session that a user had is over. Only a registry that
    was started with --minting has it.
    """
    # The registry's web stack is slow to import; `--help` does without.
    from overreach.contactpoint.minting import open_mint  # noqa: PLC0415
    from overreach.contactpoint.registry import read_secret  # noqa: PLC0415

    try:
        asyncio.run(_mint(open_mint(database, read_secret(secret_file))))
    except RegistryError as error:
        raise told(error) from error
    except sqlite3.Error as error:
        message = f"database `{database}` cannot be written: {error}"
        raise OverreachError(message, "what was printed holds; ask for the rest again") from error


async def _mint(mint: Mint) -> None:
    from overreach.contactpoint.minting import BATCH  # noqa: PLC0415 - as above

    names = _names()
    try:
        while batch := list(islice(names, BATCH)):
            began = time.perf_counter()
            click.echo("\n".join(_line(each) for each in await mint.mint(batch)))
            # A registry that has people to answer meanwhile is given a third of the time.
            await asyncio.sleep((time.perf_counter() - began) / 2)
    finally:
        await mint.close()


def _names() -> Iterator[str]:
    """Usernames, each once: a second session would end the first."""
    seen: set[str] = set()
    for line in sys.stdin.buffer:
        name = line.decode(errors="replace").strip()
        if name and name not in seen:
            seen.add(name)
            yield name


def _line(minted: Minted) -> str:
    if minted.refused:
        return json.dumps({"username": minted.username, "refused": minted.refused})
    return json.dumps({"username": minted.username, "authorization": f"Bearer {minted.token}"})
