"""The backup: the database under AES-256-GCM, in frames, so that its size does not matter.

`OVERREACH-BACKUP-1` and a line feed; then for each frame a nonce (12 bytes) and the sealed frame. The number
of the frame and whether it is the last are authenticated with it: none can be dropped, repeated or moved.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from overreach.contactpoint.errors import RegistryError

MAGIC = b"OVERREACH-BACKUP-1\n"
FRAME = 1 << 20  # bytes of the database in a frame
NONCE = 12
TAG = 16


class Backup(Protocol):
    """The port."""

    def write(self, database: Path, target: Path) -> None:
        """Write the backup of a database that nobody is writing to."""


@dataclass(frozen=True, slots=True)
class SealedBackup:
    """A backup that only the run's secret opens."""

    key: bytes

    def write(self, database: Path, target: Path) -> None:
        """Write the backup of a database that nobody is writing to."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - once, and slow to import

        cipher = AESGCM(self.key)
        partial = target.with_name(f"{target.name}.partial")
        try:
            with database.open("rb") as source, partial.open("wb") as sealed:
                sealed.write(MAGIC)
                frame, number = source.read(FRAME), 0
                while True:
                    following = source.read(FRAME)
                    nonce = os.urandom(NONCE)
                    sealed.write(nonce + cipher.encrypt(nonce, frame, _mark(number, last=not following)))
                    if not following:
                        break
                    frame, number = following, number + 1
                _put_by(sealed)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def restore(self, sealed: Path, database: Path) -> None:
        """Write the database that a backup holds; RegistryError where it was changed or the key differs."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        cipher = AESGCM(self.key)
        try:
            with sealed.open("rb") as source, database.open("wb") as target:
                _frames(source, target, cipher)
        except (InvalidTag, ValueError) as error:
            message = f"backup `{sealed}` does not open: it was changed, cut short, or made under another secret"
            raise RegistryError(message, "give the secret file of its run") from error


def _put_by(file: BinaryIO) -> None:
    """Have a file on the disk and out of memory, which is for what is being served."""
    file.flush()
    os.fsync(file.fileno())
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _frames(source: BinaryIO, target: BinaryIO, cipher: object) -> None:
    source.read(len(MAGIC))
    sealed, number = source.read(NONCE + FRAME + TAG), 0
    while sealed or not number:
        following = source.read(NONCE + FRAME + TAG)
        target.write(cipher.decrypt(sealed[:NONCE], sealed[NONCE:], _mark(number, last=not following)))  # type: ignore[attr-defined]
        sealed, number = following, number + 1


def _mark(number: int, *, last: bool) -> bytes:
    return MAGIC + number.to_bytes(8, "big") + bytes([last])
