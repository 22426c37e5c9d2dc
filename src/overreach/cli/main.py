"""The command line: finds the commands of this folder; every error becomes one clear line and a code."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click

from overreach.model.errors import OverreachError
from overreach.model.terms import ExitCode

_NOT_COMMANDS = {"__init__", "main", "options", "fleet"}


class Commands(click.Group):
    """Every module of this folder that defines `command`; loaded only when asked for: starting is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in alphabetical order."""
        del ctx
        files = Path(__file__).parent.glob("*.py")
        return sorted(file.stem for file in files if file.stem not in _NOT_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"overreach.cli.{cmd_name}")
        command: click.Command = module.command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="overreach", prog_name="overreach")
def overreach() -> None:
    """Prove who could reach whose record in a running system.

    Exit codes: 0 clean, 1 findings, 2 bad usage or set-up, 3 not enough was proven, 130 interrupted.
    """


def run() -> NoReturn:
    """Run the command line and leave with the code of docs/reference/exit-codes.md; never a stack trace."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _terminated)
    try:
        code = overreach(standalone_mode=False)
    except SystemExit as error:
        # Click's own way out when the reader of our output has gone away: neither a finding nor proof.
        sys.exit(ExitCode.USAGE if error.code else ExitCode.CLEAN)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _leave(ExitCode.INTERRUPTED, "interrupted", "nothing half written was kept; start it again")
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "overreach"
        _leave(ExitCode.USAGE, error.format_message().rstrip("."), f"see `{where} --help`")
    except click.ClickException as error:
        _leave(ExitCode.USAGE, error.format_message(), "")
    except OverreachError as error:
        _leave(ExitCode.USAGE, error.message, error.remedy)
    except BrokenPipeError:
        # The reader of our output went away: say nothing more, and keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.USAGE)
    except Exception as error:  # noqa: BLE001 - the last net
        _fail(error)
    sys.exit(code if isinstance(code, int) else ExitCode.CLEAN)


def _fail(error: Exception) -> NoReturn:
    """What no command foresaw: it must read neither as a finding (1) nor as proof (0)."""
    if isinstance(error, OSError):
        where = f": `{error.filename}`" if error.filename else ""
        remedy = "make room and start again" if error.errno == errno.ENOSPC else ""
        _leave(ExitCode.USAGE, f"{(error.strerror or str(error)).lower()}{where}", remedy)
    if isinstance(error, MemoryError):
        _leave(ExitCode.USAGE, "out of memory", "ask for fewer children or users")
    if os.environ.get("OVERREACH_DEBUG"):
        raise error
    remedy = "run it again with OVERREACH_DEBUG=1 and report what it prints (SECURITY.md)"
    _leave(ExitCode.USAGE, f"internal error: {type(error).__name__}: {error}", remedy)


def _terminated(_number: int, _frame: object) -> NoReturn:
    """Being asked to end is an interrupt: everything that was started is stopped on the way out."""
    raise KeyboardInterrupt


def _leave(code: int, message: str, remedy: str) -> NoReturn:
    with contextlib.suppress(OSError):  # where nobody can be told, the code still says it
        click.echo(f"overreach: {message}", err=True)
        if remedy:
            click.echo(f"  {remedy}", err=True)
    sys.exit(code)
