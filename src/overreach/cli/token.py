"""`overreach token`: sign in as one member of a population, to repeat a request by hand."""

from __future__ import annotations

import os
from pathlib import Path

import click

from overreach.cli.options import pack_option, the_pack
from overreach.model.errors import OverreachError, TargetError
from overreach.population.store import Population
from overreach.target.http import HttpTarget
from overreach.target.identity import Credentials, Refusal, sign_in


@click.command()
@pack_option
@click.option("--population", required=True, type=click.Path(path_type=Path), help="Folder that the registry serves.")
@click.option("--secret-file", required=True, type=click.Path(path_type=Path), help="The registry's own secret file.")
@click.option("--url", default="http://127.0.0.1:8008", show_default=True, help="Where the registry answers.")
@click.argument("username")
def command(pack_folder: Path | None, population: Path, secret_file: Path, url: str, username: str) -> None:
    """Activate the account of USERNAME on a fresh registry, sign in, and print the token of the session.

    An account can be activated once: serve a new database to start again.
    """
    pack, people = the_pack(pack_folder), Population.open(population)
    user = next((row for row in range(people.users_count) if people.user_fields(row)["username"] == username), None)
    if user is None:
        message = f"nobody in `{population}` is called `{username}`"
        raise OverreachError(message, "the report names users of its own population: generate that one")
    try:
        credentials = Credentials(secret_file.read_bytes())
    except OSError as error:
        message = f"`{secret_file}` cannot be read: {os.strerror(error.errno or 0).lower()}"
        raise OverreachError(message, "name the file that `overreach serve` was given or told of") from error
    outcome = sign_in(HttpTarget(url, pack.target.allow_hosts), pack.target, credentials, user, username)
    if isinstance(outcome, Refusal):
        reason = outcome.answer.error or f"status {outcome.answer.status}"
        message = f"`{username}` could not {outcome.step}: {reason}"
        raise TargetError(message, "an account is activated once, and only if it may sign in: serve a new database")
    click.echo(outcome.authorization.removeprefix("Bearer "))
