"""A practitioner's day, as a Locust user: each is one member of the population, signed in as itself.

Most children they look for are near: in their area, or involved with them. Some are elsewhere and some are
shielded, so that the target has something to refuse. People press their keys at the same moment more often than
chance would have it, which is when a target mixes them up: pauses end on common beats.
"""

from __future__ import annotations

import random
import threading
import time
from typing import Any

from locust import FastHttpUser, events, task
from locust.contrib.fasthttp import FastResponse, HTTPClientPool  # type: ignore[attr-defined] # no __all__ there
from locust.env import Environment
from locust.exception import StopUser

from overreach.load.shift import Shift, Worker
from overreach.model.errors import OverreachError
from overreach.model.probe import Answer, Observation
from overreach.pack.config import Operation

RATE = 150  # requests a second that all users together aim at, unless that would make them slower than SLOWEST
SLOWEST = 8.0  # seconds between two requests of one user, at most
BEAT = 0.1  # seconds between two moments at which pauses end
SHIELDED, ELSEWHERE = 0.2, 0.2  # share of the children asked about; the others are near
BY_POSTCODE, WITH_REASON, DECLARES, STATES = 0.15, 0.5, 0.7, 0.5  # shares of what practitioners do
PATIENCE = 10.0  # seconds that a target may make a user wait with Retry-After
TIMEOUT = 10.0
RAMP_PATIENCE = 60.0  # seconds that those who are up wait for the others
DEAF = 15.0  # seconds without any answer after which the shift is given up
CONNECTIONS = 256  # open at once, all users together


class WholeResponse(FastResponse):
    """An answer as it came: nothing decoded, and what there is of one that broke off."""

    broken = ""

    def _content(self) -> bytes:
        if self._response is None:
            return b""
        try:
            return bytes(self._response.read())
        except Exception as error:  # noqa: BLE001 - whatever broke, the bytes that came are judged
            self.broken = f"answer broke off: {type(error).__name__}"
            return bytes(self._response._body_buffer)  # noqa: SLF001 - what came before it broke off


class Practitioner(FastHttpUser):
    """Searches, declares a reason, views."""

    # Users share connections, as those of one office do; it also keeps thousands of them small.
    client_pool = HTTPClientPool(concurrency=CONNECTIONS, network_timeout=TIMEOUT, connection_timeout=TIMEOUT)
    shift: Shift
    worker: Worker | None = None

    def on_start(self) -> None:
        """Sign in as the next member."""
        # Answers are judged as they came, redirects and content encodings included.
        client: Any = self.client.client
        client.response_type = WholeResponse
        client.redirect_response_codes = frozenset()
        self.worker = self.shift.arrive()
        if self.worker is None:
            raise StopUser

    def wait_time(self) -> float:
        """Time to think, ending on a beat that all users share."""
        return self._until_beat(random.uniform(0.5, 1.5))  # noqa: S311 - habits, nothing secret

    @task
    def case(self) -> None:
        """One child: search, say why, view."""
        shift, worker = self.shift, self.worker
        if worker is None or shift.summary.stopped:
            raise StopUser
        child = self._child(worker)
        reason = random.choice(shift.reasons) if shift.reasons else None  # noqa: S311 - habits
        search = shift.operation("search by postcode" if _chance(BY_POSTCODE) else "search by name")
        found = self.ask(search, child, reason if _chance(WITH_REASON) else None)
        self.pause()
        if reason and _chance(DECLARES):
            declared = self.ask(shift.operation("declare"), child, reason)
            if declared is not None and declared.status < 300:  # noqa: PLR2004 - acknowledged, in HTTP
                worker.declared[child] = reason
            self.pause()
        if found is not None and any(each.child == child for each in found.disclosures):
            self.ask(shift.operation("open"), child, worker.declared.get(child), carried=False)
        elif reason and _chance(STATES):
            self.ask(shift.operation("view"), child, reason)
        else:
            self.ask(shift.operation("view"), child, worker.declared.get(child), carried=False)

    def pause(self) -> None:
        """Think; go home where the shift ends meanwhile."""
        thinking = self.wait_time()
        if not self.shift.up.is_set():
            # Whoever is up early leaves the target to those who still sign in; then they start one after the other.
            self.shift.up.wait(RAMP_PATIENCE)
            thinking = self._until_beat(random.random())  # noqa: S311 - habits
        if self.shift.over.wait(thinking):
            raise StopUser

    def ask(self, operation: Operation, child: int, stated: str | None, *, carried: bool = True) -> Observation | None:
        """Send one request, read the whole answer, have it judged."""
        shift, worker = self.shift, self.worker
        if shift.over.is_set():
            raise StopUser
        probe = shift.probe(worker, operation, child, stated, carried=carried) if worker else None
        if probe is None or worker is None:
            return None
        request = probe.request
        headers = {
            "Authorization": worker.session.authorization,
            "X-Request-ID": request.request_id,
            "Accept-Encoding": "identity",
        }
        if request.body or request.method != "GET":
            headers["Content-Type"] = "application/json"
        answer = self._exchange(request.method, request.path, request.body, headers, operation.name)
        observation = shift.judge(probe, operation, answer)
        if observation is None:
            raise StopUser
        _wait_if_told(answer)
        return observation

    def _exchange(self, method: str, path: str, body: str, headers: dict[str, str], name: str) -> Answer:
        began = time.perf_counter()
        with self.client.request(
            method, path, name=name, data=body or None, headers=headers, catch_response=True
        ) as response:
            content = response.content or b""
            seconds = time.perf_counter() - began
            status = response.status_code or 0
            error = getattr(response, "broken", "")
            if not status:
                error = f"no answer: {type(response.error).__name__}"
            if error:
                response.failure(error)
            else:
                response.success()
            fields = tuple(_fields(response.headers))
        return Answer(status, fields, content, seconds, error)

    def _until_beat(self, share: float) -> float:
        """Seconds until the first beat after a share of the usual time to think."""
        until = time.time() + share * min(self.shift.order.users / RATE, SLOWEST)
        return until - until % BEAT + BEAT - time.time()

    def _child(self, worker: Worker) -> int:
        caseload, user = self.shift.caseload, worker.session.user
        chance = random.random()  # noqa: S311 - habits
        if chance < SHIELDED:
            return caseload.in_class(user, "shielded")
        return caseload.anywhere() if chance < SHIELDED + ELSEWHERE else caseload.near(user)


def _fields(headers: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - the client's own mapping
    return [(str(name), str(value)) for name, value in headers.items()] if headers else []


def _chance(share: float) -> bool:
    return random.random() < share  # noqa: S311 - habits, nothing secret


def _wait_if_told(answer: Answer) -> None:
    """Do as the target asks: a load that ignores Retry-After is an attack."""
    told = answer.header("retry-after")
    if answer.status in (429, 503) and told:
        time.sleep(min(float(told), PATIENCE) if told.isdigit() else PATIENCE)


@events.init.add_listener  # type: ignore[untyped-decorator] # Locust has no types here
def open_shift(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - Locust's own arguments
    """Build the judge before the first user."""
    Practitioner.shift = Shift.open()
    environment.events.user_error.add_listener(_failed)  # type: ignore[no-untyped-call] # as above


@events.test_start.add_listener  # type: ignore[untyped-decorator] # Locust has no types here
def watch_clock(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - Locust's own arguments
    """End the shift when it has lasted as ordered, or when it must stop."""

    def clock() -> None:
        shift = Practitioner.shift
        given_up = time.monotonic() + DEAF
        while not shift.up.is_set() and not shift.summary.stopped:
            time.sleep(BEAT)
            if time.monotonic() > given_up and not shift.heard:
                shift.fail(f"no answer within {DEAF:.0f} seconds")
                break
        end = time.monotonic() + shift.order.seconds
        while shift.heard and time.monotonic() < end and not shift.summary.stopped:
            time.sleep(BEAT)
        shift.over.set()
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end and shift.summary.asked > shift.summary.requests and not shift.summary.stopped:
            time.sleep(BEAT)
        if environment.runner is not None:
            environment.runner.quit()

    threading.Thread(target=clock, daemon=True).start()


@events.quitting.add_listener  # type: ignore[untyped-decorator] # Locust has no types here
def close_shift(environment: Environment, **_: Any) -> None:  # noqa: ANN401 - Locust's own arguments
    """Report."""
    environment.process_exit_code = 0
    Practitioner.shift.finish()


def _failed(user_instance: object, exception: Exception, **_: Any) -> None:  # noqa: ANN401 - Locust's own arguments
    del user_instance
    if isinstance(exception, OverreachError):
        Practitioner.shift.stop(exception)
    else:
        Practitioner.shift.fail(f"{type(exception).__name__} in a user")
