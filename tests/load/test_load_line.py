"""One connection of a load: what is asked a second time can be told from what was asked once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from overreach.load.line import Line
from overreach.model.probe import Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(*answers: int) -> Iterator[tuple[str, list[bytes]]]:
    """Answers so many requests on each connection, then reads one more where there is, and hangs up."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for number in answers:
                connection, _ = listening.accept()
                with connection:
                    for _ in range(number):
                        heads.append(connection.recv(4096))
                        connection.sendall(OK)
                    heads.append(connection.recv(4096))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", heads
        thread.join(5)


def test_a_request_on_a_connection_that_was_closed_is_sent_again_under_another_id() -> None:
    """The log may have a row of either: which one the target saw is not known."""
    with server(1, 1) as (address, heads):
        line = Line(address)
        for number in (1, 2):
            assert line.exchange(Request("GET", "/a", "", f"load-7-{number}"), "Bearer x").status == 200
        line.close()
    ids = [head.partition(b"X-Request-ID: ")[2].partition(b"\r\n")[0] for head in heads if head]
    assert ids == [b"load-7-1", b"load-7-2", b"load-7-2-again"]


def test_a_request_on_a_new_connection_is_sent_once() -> None:
    """Whatever became of it: it may have been carried out."""
    with server(0) as (address, heads):
        line = Line(address)
        answer = line.exchange(Request("POST", "/a", "{}", "load-7-1"), "Bearer x")
        line.close()
    assert (answer.status, answer.error) == (0, "no answer: connection dropped")
    assert len(heads) == 1
