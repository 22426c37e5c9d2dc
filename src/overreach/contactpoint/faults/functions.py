"""Faults of function rights: somebody does what the role may not, by a route, a header or a member too many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from overreach.contactpoint.calls import DONE, Answer, Call
from overreach.contactpoint.facts import REASONS
from overreach.contactpoint.fault import fault
from overreach.contactpoint.faults.objects import whole_record, without
from overreach.contactpoint.parts import Handler, Parts, Route, answered
from overreach.contactpoint.sessions import Session

_KEPT_ALIVE = timedelta(days=30)


def _whole(parts: Parts, call: Call) -> Answer:
    return whole_record(parts, call.number)


def _with_route(parts: Parts, route: Route) -> Parts:
    return replace(parts, routes=(*parts.routes, route))


def _for_everybody(parts: Parts, operation: str) -> Parts:
    """An operation that believes everybody may read the log."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            rules = replace(parts.rules, reads_log=lambda _user: True)
            return await answered(inner, replace(parts, rules=rules), call)

        return handler

    return parts.wrapping(operation, around)


def _asking(change: Callable[[Parts, Call], Call]) -> Callable[[Handler], Handler]:
    """A wrapper that changes what a handler is asked."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            return await answered(inner, parts, change(parts, call))

        return handler

    return around


@fault("override-for-any-reason", breaks="R8", scenario=37)
def override_for_any_reason(parts: Parts) -> Parts:
    """An override is granted for whatever is typed as its reason, a full stop for example."""

    def change(_parts: Parts, call: Call) -> Call:
        plain, reason = without(call, "reason")
        if not isinstance(plain.body, dict) or reason in REASONS or reason is None:
            return call
        return replace(plain, body={**plain.body, "reason": REASONS[0]})

    return parts.wrapping("override", _asking(change))


@fault("override-claimed-in-view", breaks="R13", scenario=4)
def override_claimed_in_view(parts: Parts) -> Parts:
    """A view that says `override` of itself has one: no alert is raised."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            plain, claimed = without(call, "override")
            rules = parts.rules
            if claimed is True:
                opened = replace(
                    rules, view=lambda user, child, claims: rules.view(user, child, claims._replace(override=True))
                )
                parts = replace(parts, rules=opened)
            return await answered(inner, parts, plain)

        return handler

    return parts.wrapping("view", around)


@fault("method-override-skips-checks", breaks="R7", scenario=10)
def method_override_skips_checks(parts: Parts) -> Parts:
    """A request that names another method in a header reaches the handler of that method, past all checks."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            if call.headers.get("x-http-method-override", "").upper() == "GET" and call.number:
                return _whole(parts, call)
            return await answered(inner, parts, call)

        return handler

    return parts.wrapping("declare", around)


@fault("role-taken-from-header", breaks="R7", scenario=36)
def role_taken_from_header(parts: Parts) -> Parts:
    """The role stands in a header that a gateway should set, and anybody can."""

    def change(_parts: Parts, call: Call) -> Call:
        role = call.headers.get("x-role")
        if role is None or call.session is None:
            return call
        return replace(call, session=call.session._replace(user=call.session.user._replace(role=role)))

    return parts.wrapping("", _asking(change))


@fault("role-taken-at-activation", breaks="R4", scenario=36)
def role_taken_at_activation(parts: Parts) -> Parts:
    """Whoever activates an account can name its role: every member of the body is stored that has a column."""

    def around(inner: Handler) -> Handler:
        async def handler(parts: Parts, call: Call) -> Answer:
            plain, role = without(call, "role")
            answer = await answered(inner, parts, plain)
            if isinstance(role, str) and isinstance(plain.body, dict) and answer.body and "error" not in answer.body:
                parts.storage.run("UPDATE users SET role = ? WHERE username = ?", (role, plain.body["username"]))
            return answer

        return handler

    return parts.wrapping("activate", around)


@fault("session-never-expires", breaks="R6", scenario=35)
def session_never_expires(parts: Parts) -> Parts:
    """A token is accepted for weeks after its session should have ended."""

    async def identify(token: str, now: datetime) -> Session | None:
        return await parts.identify(token, now - _KEPT_ALIVE)

    return replace(parts, identify=identify)


@fault("sign-out-ends-nothing", breaks="R6", scenario=35)
def sign_out_ends_nothing(parts: Parts) -> Parts:
    """Signing out forgets the token on the client alone; the server goes on accepting it."""
    return parts.wrapping("sign_out", lambda _inner: lambda _parts, _call: DONE)


@fault("log-open-to-all", breaks="R9", scenario=42)
def log_open_to_all(parts: Parts) -> Parts:
    """Everybody who is signed in can read who looked for whom."""
    return _for_everybody(parts, "read_log")


@fault("alerts-open-to-all", breaks="R9", scenario=42)
def alerts_open_to_all(parts: Parts) -> Parts:
    """Everybody who is signed in can read who broke which shield."""
    return _for_everybody(parts, "read_alerts")


@fault("head-tells-existence", breaks="R7", scenario=9)
def head_tells_existence(parts: Parts) -> Parts:
    """A request for headers alone is answered by whether the record exists: no rule was written for it."""

    def head(parts: Parts, call: Call) -> Answer:
        return replace(_whole(parts, call), body=None)

    return _with_route(parts, Route("HEAD", "/children/{number}", "view", head))


@fault("trailing-slash-skips-rules", breaks="R7", scenario=10)
def trailing_slash_skips_rules(parts: Parts) -> Parts:
    """The path of a record with a slash at its end is another route, to which no rule was applied."""
    return _with_route(parts, Route("GET", "/children/{number}/", "view", _whole))


@fault("raw-record-route", breaks="R11", scenario=40)
def raw_record_route(parts: Parts) -> Parts:
    """A route from the days of development shows any record whole to whoever is signed in."""
    return _with_route(parts, Route("GET", "/children/{number}/raw", "view", _whole))


@fault("internal-route-without-sign-in", breaks="R4", scenario=40)
def internal_route_without_sign_in(parts: Parts) -> Parts:
    """A route meant for machines in the same building answers everybody, without a session."""
    return _with_route(parts, Route("GET", "/internal/children/{number}", "view", _whole, signed_in=False))


@fault("debug-adds-whole-record", breaks="R11", scenario=3)
def debug_adds_whole_record(parts: Parts) -> Parts:
    """A flag in the query adds the record as it lies in the database."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        if call.params.get("debug") != "1" or not answer.results:
            return answer
        whole = whole_record(parts, answer.results[0]).body
        return replace(answer, body={**(answer.body or {}), "debug": whole})

    return parts.changing("view", change)
