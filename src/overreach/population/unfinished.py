"""A population that is not whole yet: what it is to be, and which of its parts are written."""

from __future__ import annotations

import contextlib
import fcntl
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from overreach.model.errors import PopulationError
from overreach.population.manifest import NAME, Manifest
from overreach.population.parts import WORK, Receipt, receipt_file
from overreach.population.placing import SUFFIX, flush, place
from overreach.population.stamp import Stamp

_TABLE_FILE = re.compile(r"[0-9]{5,}\.parquet")
_RECEIPT = re.compile(r"[0-9]{5,}\.json")
_WORK_FILE = re.compile(rf"order\.json|{_RECEIPT.pattern}|(?:ready|[0-9a-f]{{32}}){re.escape(SUFFIX)}")


def order_file(out: Path) -> Path:
    """Where it stands what the folder is to be."""
    return out / WORK / "order.json"


def read_stamp(out: Path) -> Stamp:
    """What the unfinished population in a folder is to be; PopulationError where that cannot be read."""
    try:
        return Stamp.from_json(order_file(out).read_text(encoding="utf-8"))
    except (RecursionError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"`{order_file(out)}` cannot be read"
        raise PopulationError(message, "remove the folder, or choose another with --out") from error


def refuse_unfinished(out: Path) -> None:
    """PopulationError where the folder holds a population that was begun and is not whole; says how to go on."""
    if order_file(out).is_file() and not (out / NAME).is_file():
        stamp = read_stamp(out)
        written = sum(receipt_file(out, part).is_file() for part in range(stamp.parts))
        message = f"`{out}` is not a whole population: {written} of {stamp.parts} parts are written"
        raise PopulationError(message, f"go on with {going_on(stamp, out)}")


def refuse_occupied(out: Path) -> None:
    """PopulationError unless `out` is absent or holds nothing of anybody's."""
    # A process that was killed before it had written what it began leaves an empty folder of work.
    if out.is_dir() and all(entry.name == WORK and _only(entry, _WORK_FILE) for entry in out.iterdir()):
        return
    if out.is_file():
        message = f"`{out}` is a file"
        raise PopulationError(message, "choose a folder with --out")
    if out.exists() or out.is_symlink():
        message = f"`{out}` already exists and is not empty"
        raise PopulationError(message, "choose another folder with --out, or remove it yourself")


def going_on(stamp: Stamp, out: Path) -> str:
    """The command that goes on with an unfinished population."""
    size = ("--children", str(stamp.children), "--users", str(stamp.users), "--seed", str(stamp.seed))
    return f"`{shlex.join(('overreach', 'generate', stamp.recipe, *size, '--out', str(out)))}`"


def begin(out: Path, stamp: Stamp) -> bool:
    """Make the folder ready for parts; False where it was begun before and this goes on.

    Raises PopulationError, having touched nothing, where it holds anything but parts of the same population.
    """
    if order_file(out).is_file():
        _refuse_other(out, stamp)
        _refuse_foreign(out)
        return False
    refuse_occupied(out)
    existed = out.is_dir()
    try:
        (out / WORK).mkdir(parents=True, exist_ok=True)
        place(stamp.to_json().encode(), order_file(out), out / WORK)
        flush(order_file(out))
    except BaseException:
        abandon(out, keep=existed)
        raise
    return True


def whole_parts(out: Path, parts: Iterable[int]) -> Iterator[Receipt]:
    """Receipts of those parts whose files are all there and unchanged; reads every byte of them."""
    for part in parts:
        with contextlib.suppress(OSError, RecursionError, ValueError, KeyError, TypeError, AttributeError):
            receipt = Receipt.from_json(receipt_file(out, part).read_text(encoding="utf-8"))
            if receipt.part == part and receipt.agrees(out):
                yield receipt


def finish(out: Path, manifest: Manifest) -> None:
    """Write the manifest, which makes the folder a population, and take away what only the work needed."""
    for table in manifest.tables():
        flush(out / table)
    # The same disk, and not yet the name that makes a population of the folder.
    ready = out / WORK / f"ready{SUFFIX}"
    place(manifest.to_json().encode(), ready, out / WORK)
    flush(ready)
    ready.rename(out / NAME)
    flush(out)
    _remove(out / WORK, _WORK_FILE)


def abandon(out: Path, *, keep: bool) -> None:
    """Take away what was begun, where not one part is whole; the folder itself too, unless `keep`.

    Another run may have made the population whole meanwhile: then its receipts are gone, and nothing of it is touched.
    """
    if (
        (out / NAME).exists()
        or not _alone(out)
        or any(_RECEIPT.fullmatch(file.name) for file in (out / WORK).glob("*"))
    ):
        return
    for table in [entry for entry in out.glob("*") if entry.is_dir() and entry.name != WORK]:
        _remove(table, _TABLE_FILE)
    _remove(out / WORK, _WORK_FILE)
    if not keep:
        with contextlib.suppress(OSError):
            out.rmdir()


@contextlib.contextmanager
def at_work(out: Path) -> Iterator[None]:
    """Tell other runs that this one is at work in the folder, until it is left."""
    with order_file(out).open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)
        yield


def _alone(out: Path) -> bool:
    """Whether no other run is at work in the folder."""
    try:
        with order_file(out).open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _refuse_other(out: Path, stamp: Stamp) -> None:
    begun = read_stamp(out)
    if begun.order != stamp.order:
        message = f"`{out}` holds an unfinished population of another order"
        raise PopulationError(message, f"go on with {going_on(begun, out)}, or choose another folder with --out")
    if begun != stamp:
        message = f"`{out}` was begun with {begun.apart(stamp)}"
        raise PopulationError(message, "go on with what it was begun with, or choose another folder with --out")


def _refuse_foreign(out: Path) -> None:
    for entry in sorted(out.iterdir()):
        allowed = _WORK_FILE if entry.name == WORK else _TABLE_FILE
        if entry.name != NAME and not _only(entry, allowed):
            message = f"`{entry}` is no part of the unfinished population in `{out}`"
            raise PopulationError(message, "move it elsewhere, or choose another folder with --out")


def _only(folder: Path, names: re.Pattern[str]) -> bool:
    return folder.is_dir() and not folder.is_symlink() and all(names.fullmatch(file.name) for file in folder.iterdir())


def _remove(folder: Path, names: re.Pattern[str]) -> None:
    with contextlib.suppress(FileNotFoundError):
        for file in list(folder.iterdir()):
            if names.fullmatch(file.name):
                file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()
