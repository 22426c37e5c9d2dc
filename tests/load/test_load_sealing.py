"""Sealed messages: who has the key reads them once; nobody else reads, makes or repeats one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.load.sealing import KEY_BYTES, MASTER, WORKER, Seal, SealError, derived, make_key, read_key
from overreach.model.errors import OverreachError

KEY = bytes(range(KEY_BYTES))


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_what_one_side_closes_the_other_opens(texts: list[bytes]) -> None:
    """In order, whatever it is; and nothing of a longer text can be read on the way."""
    master, worker = Seal(KEY, MASTER), Seal(KEY, WORKER)
    for text in texts:
        sealed = master.close(text)
        assert worker.open(sealed) == text
        assert len(text) < 4 or text not in sealed


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_a_message_with_one_changed_byte_is_refused(text: bytes, place: int, change: int) -> None:
    """Its sender, its number and its text are all under the seal."""
    sealed = bytearray(Seal(KEY, MASTER).close(text))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(SealError):
        Seal(KEY, WORKER).open(bytes(sealed))


def test_a_message_is_opened_once() -> None:
    """Who says again what another said is refused, and the next true message is not."""
    master, worker = Seal(KEY, MASTER), Seal(KEY, WORKER)
    first, second = master.close(b"first"), master.close(b"second")
    assert worker.open(second) == b"second"
    assert worker.open(first) == b"first", "messages may overtake each other"
    for again in (first, second):
        with pytest.raises(SealError, match="said again"):
            worker.open(again)
    assert worker.open(master.close(b"third")) == b"third"


def test_nobody_is_answered_with_its_own_words() -> None:
    """A worker's message sent back to a worker is no message of the master."""
    with pytest.raises(SealError):
        Seal(KEY, WORKER).open(Seal(KEY, WORKER).close(b"quit"))


def test_another_key_opens_nothing() -> None:
    """Not that of another run, and not that of another connection."""
    other = derived(KEY, b"another run", b"post")
    with pytest.raises(SealError) as caught:
        Seal(other, WORKER).open(Seal(KEY, MASTER).close(b"order"))
    assert caught.value.remedy


@pytest.mark.parametrize("text", [b"", b"short", bytes(23), bytes(24), bytes(100)])
def test_noise_is_refused(text: bytes) -> None:
    """Whatever a stranger sends, of whatever length."""
    with pytest.raises(SealError):
        Seal(KEY, MASTER).open(text)


def test_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It is made so, never overwritten, and refused where others may read it."""
    file = tmp_path / "key"
    make_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(read_key(file)) == KEY_BYTES
    with pytest.raises(OverreachError, match="cannot be written"):
        make_key(file)
    file.chmod(0o640)
    with pytest.raises(OverreachError, match="others may read") as caught:
        read_key(file)
    assert "chmod 600" in caught.value.remedy


@pytest.mark.parametrize("text", ["", "no key", "AAAA", "é"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    """An empty or a wrong one is not taken for a short key."""
    file = tmp_path / "key"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(OverreachError, match="holds no key"):
        read_key(file)
    with pytest.raises(OverreachError, match="cannot be read"):
        read_key(tmp_path / "other")
