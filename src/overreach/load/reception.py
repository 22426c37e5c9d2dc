"""Where workers of a fleet call: a listening socket, a thread for each connection, an answer to each question."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

from overreach.load.post import Letter, Post
from overreach.load.sealing import MASTER
from overreach.model.errors import OverreachError, TargetError

GREETING_SECONDS = 10.0
"""For the first message, whose sender may be anybody."""
STRANGERS = 64
"""Connections beside those of the workers that are there: more are not taken."""

Answer = Callable[[Letter, "Caller"], dict[str, Any]]


class Caller:
    """One connection, as whoever answers it knows it."""

    def __init__(self) -> None:
        self.worker = 0
        """The worker who asked last; 0 where none has."""


class Reception:
    """Listens until it is closed; `answer` makes the answers, `hung_up` is told of connections that end.

    TargetError where this port or the next one is taken.
    """

    def __init__(self, address: tuple[str, int], key: bytes, answer: Answer, hung_up: Callable[[Caller], None]) -> None:
        self._key, self._answer, self._hung_up = key, answer, hung_up
        host, port = address
        _listening(host, port + 1).close()  # Locust's: known now, not when all workers have come
        self._listener = _listening(host, port)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Hang up on everybody."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        strangers = threading.Semaphore(STRANGERS)
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            if strangers.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(connected, strangers), daemon=True).start()
            else:
                connected.close()

    def _serve(self, connected: socket.socket, strangers: threading.Semaphore) -> None:
        """Answer one connection until it ends; a stranger's ends with its first message."""
        caller = Caller()
        with self._lock:
            self._connections.add(connected)
        with connected:
            post = self._greet(connected)
            strangers.release()
            # What cannot be read ends the connection, and with it whatever it was for.
            with contextlib.suppress(OSError, OverreachError, ValueError, LookupError, TypeError):
                while post is not None:
                    post.send(Letter(self._told(post.receive(), caller)))
        with self._lock:
            self._connections.discard(connected)
        self._hung_up(caller)

    def _greet(self, connected: socket.socket) -> Post | None:
        """The connection of somebody who has the key; None for a stranger's."""
        # Whoever sends a byte now and then has no longer than anybody else.
        limit = threading.Timer(GREETING_SECONDS, _hang_up, (connected,))
        limit.daemon = True
        limit.start()
        try:
            connected.settimeout(GREETING_SECONDS)
            post = Post(connected, self._key, MASTER)
            post.send(Letter(self._told(post.receive(), Caller())))
            connected.settimeout(None)
        except (OSError, OverreachError, ValueError, LookupError, TypeError):
            return None
        finally:
            limit.cancel()
        return post

    def _told(self, letter: Letter, caller: Caller) -> dict[str, Any]:
        try:
            return self._answer(letter, caller)
        except OverreachError as error:
            return {"refused": error.message, "remedy": error.remedy}


def _hang_up(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        message = f"the master cannot listen at `{host}:{port}`: {(error.strerror or str(error)).lower()}"
        raise TargetError(message, "name an address of this machine and a free port with --master HOST:PORT") from error
    return listener
