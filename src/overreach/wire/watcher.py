"""Judging what crosses the wire, in a thread of its own, so that watching never holds up the traffic for long.

Whatever cannot be judged is counted and makes the part unproven; no exchange is dropped in silence.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from overreach.model.decision import Claims
from overreach.model.errors import SyntheticOnlyError
from overreach.model.probe import Answer, Disclosure, Observation, Probe, Request
from overreach.model.terms import Action, Facet, Kind, Part, Rung, Verdict
from overreach.probe.findings import curl
from overreach.probe.judge import place_of
from overreach.probe.record import to_line
from overreach.probe.session import RunSession
from overreach.wire import record
from overreach.wire.exchange import Exchange, Matched, Matcher
from overreach.wire.follow import Follower, rung_of
from overreach.wire.rules import Leak, Seen, WireRule, facets_in

WAITING = 10_000  # exchanges waiting to be judged; more than these hold the traffic up
DRAIN_SECONDS = 30.0
_STOPPED = "the run stopped"

# Long enough to be a session's token and too long to be a record number or a word.
_CANDIDATE = re.compile(r"[A-Za-z0-9_.~+-]{16,}")


class Watcher:
    """Takes exchanges as they come, judges them in order, and reports into the session's folder."""

    def __init__(self, session: RunSession, rules: Mapping[str, WireRule]) -> None:
        self._session = session
        self._bench = session.bench
        self._rules = tuple(rules.values())
        self._folder = record.folder_of(session.file.results)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._matcher = Matcher(session.bench.pack.target, session.bench.population.child_by_number)
        self._follower = Follower()
        self._users: dict[str, int] = {}
        operations = session.bench.pack.target.operations.values()
        self._members = frozenset(
            name for operation in operations for name, text in operation.body.items() if "{child." in text
        )
        self._summary = record.Summary()
        self._observations = (self._folder / record.OBSERVATIONS).open("wb")
        self._leaks = (self._folder / record.LEAKS).open("wb")
        self._queue: queue.Queue[Exchange | str | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._work, name="overreach-wire", daemon=True)
        self._thread.start()

    def began(self) -> None:
        """A request came."""
        self._summary.flows += 1

    def took(self, exchange: Exchange) -> None:
        """An exchange is complete; blocks while too many wait."""
        self._queue.put(exchange)

    def lost(self, reason: str) -> None:
        """A request ended without an answer that could be read."""
        self._queue.put(reason)

    def finish(self) -> record.Summary:
        """Judge what waits, and write the summary; what is left after `DRAIN_SECONDS` is not judged."""
        self._queue.put(None)
        self._thread.join(DRAIN_SECONDS)
        summary = self._summary
        left = summary.flows - summary.judged - summary.failed
        for _ in range(left):
            summary.fail("not judged before the end")
        for file in (self._observations, self._leaks):
            file.flush()
        record.write_summary(self._folder, summary)
        return summary

    def _work(self) -> None:
        while (exchange := self._queue.get()) is not None:
            if isinstance(exchange, str) or self._summary.stopped:
                self._summary.fail(exchange if isinstance(exchange, str) else _STOPPED)
                continue
            try:
                self._judge(exchange)
            except SyntheticOnlyError as error:
                self._summary.stopped = error.message
                self._summary.fail(_STOPPED)
            except Exception as error:  # noqa: BLE001 - counted, and makes the part unproven: fail closed
                self._summary.fail(f"{type(error).__name__} in the watcher")
            else:
                self._summary.judged += 1

    def _judge(self, exchange: Exchange) -> None:
        matched = self._matcher.match(exchange)
        authorization = exchange.header("authorization")
        user = self._who(authorization) if authorization else None
        sent = f"{exchange.target} {exchange.body.decode(errors='replace')}"
        if user is None:
            self._summary.strangers += 1
            probe = self._probe(exchange, matched, -1, "nobody", Claims())
            self._bench.judge.guard.check(exchange.answer)
            disclosures = self._read(exchange.answer, matched, sent)
        else:
            claims = self._follower.claims(authorization, matched, exchange.at)
            self._follower.learn(authorization, matched, exchange)
            probe = self._probe(exchange, matched, user, str(self._bench.population.user_fields(user)["role"]), claims)
            observation = self._observe(probe, matched, exchange.answer)
            disclosures = observation.disclosures
            self._observations.write(to_line(observation))
            self._summary.permitted += observation.verdict is Verdict.HELD and bool(disclosures)
        self._check(self._seen(exchange, matched, user, disclosures, sent), probe, matched)

    def _observe(self, probe: Probe, matched: Matched, answer: Answer) -> Observation:
        observation = self._bench.judge.observe(probe, matched.operation, answer)
        if matched.operation.action is not Action.READ_LOG:
            return observation
        # Record numbers in a page of the log are the log's own business: what counts is that it was read.
        kept = tuple(each for each in observation.violations if each.kind is Kind.ACTION)
        verdict = Verdict.OVERREACH if kept else Verdict.HELD
        return replace(observation, violations=kept, disclosures=(), verdict=verdict, why="")

    def _seen(
        self, exchange: Exchange, matched: Matched, user: int | None, disclosures: tuple[Disclosure, ...], sent: str
    ) -> Seen:
        answer = exchange.answer
        heads = Answer(answer.status, answer.headers, b"", 0.0)
        onward = " ".join((unquote(exchange.target), unquote(answer.header("location"))))
        addresses = Answer(0, (), onward.encode(errors="replace"), 0.0)
        return Seen(
            exchange=exchange,
            user=user,
            disclosures=disclosures,
            in_headers=self._read(heads, matched, sent),
            in_target=self._read(addresses, matched, ""),
            search_members=self._members,
            holds_session=self._holds_session,
        )

    def _read(self, answer: Answer, matched: Matched, sent: str) -> tuple[Disclosure, ...]:
        return self._bench.judge.reader.read(answer, matched.operation.facets, sent, matched.child).disclosures

    def _check(self, seen: Seen, probe: Probe, matched: Matched) -> None:
        for rule in self._rules:
            leak = rule.check(seen)
            if leak is not None:
                self._leaks.write(record.to_line(self._record(rule, leak, probe, matched)))

    def _record(self, rule: WireRule, leak: Leak, probe: Probe, matched: Matched) -> record.LeakRecord:
        population = self._bench.population
        children = tuple(sorted({disclosure.child for disclosure in leak.disclosures}))
        return record.LeakRecord(
            rule=rule.name,
            title=rule.title,
            breaks=rule.breaks,
            severity=rule.severity,
            remedy=rule.remedy,
            place=place_of(matched.operation),
            user=probe.user if probe.user >= 0 else None,
            role=probe.role,
            username=str(population.user_fields(probe.user)["username"]) if probe.user >= 0 else "",
            children=children,
            number=str(population.child_fields(children[0])["number"]) if children else "",
            facets=facets_in(leak.disclosures),
            detail=leak.detail,
            request=curl(probe),
        )

    def _probe(self, exchange: Exchange, matched: Matched, user: int, role: str, claims: Claims) -> Probe:
        request = Request(
            exchange.method,
            self._redacted(exchange.target),
            exchange.body.decode(errors="replace"),
            exchange.header("x-request-id"),
        )
        by: tuple[Facet, ...] = matched.operation.by
        rung: Rung = rung_of(claims)
        return Probe(Part.WIRE, matched.operation.name, user, role, matched.child, rung, claims, request, by)

    def _who(self, authorization: str) -> int | None:
        """The user of a session; asked of the broker once, strangers each time they come."""
        known = self._users.get(authorization)
        if known is None:
            known = self._session.broker.who(authorization)
            if known is not None:
                self._users[authorization] = known
        return known

    def _is_session(self, text: str) -> bool:
        return self._who(f"Bearer {text}") is not None

    def _holds_session(self, text: str) -> bool:
        return any(self._is_session(candidate) for candidate in _CANDIDATE.findall(unquote(text)))

    def _redacted(self, target: str) -> str:
        if _CANDIDATE.search(target) is None:
            return target
        return _CANDIDATE.sub(lambda match: "$TOKEN" if self._is_session(match[0]) else match[0], unquote(target))
