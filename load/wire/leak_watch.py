"""A mitmproxy addon: what crosses the wire is read, judged for the user who asked, and held to the rules below.

Started by `overreach audit` and `overreach watch`, in reverse mode before the target.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl

import orjson
from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader

from overreach.model.probe import Answer, Disclosure
from overreach.model.terms import Facet, Severity
from overreach.probe.session import RunSession
from overreach.wire.exchange import Exchange
from overreach.wire.record import BROKEN, READY, folder_of
from overreach.wire.rules import REGISTERED, Leak, Seen, facets_in, wire_rule
from overreach.wire.watcher import Watcher

# A record number names a record without telling anything of the child: it may stand in a path or a `Location`.
_NUMBERS = frozenset({Facet.EXISTENCE, Facet.IDENTITY})


@wire_rule(
    "personal-data-in-header",
    title="an answer carries personal data in its headers, which caches, proxies and logs keep",
    breaks="R7 R10",
    severity=Severity.HIGH,
    remedy="keep personal data in the body of the answer",
)
def header(seen: Seen) -> Leak | None:
    """Only record numbers may stand in headers, whoever asked."""
    found = tuple(each for each in seen.in_headers if each.facet not in _NUMBERS)
    return Leak(f"{_words(found)} at {found[0].where}", found) if found else None


@wire_rule(
    "personal-data-in-address",
    title="personal data stands in an address, which browsers, proxies and logs keep",
    breaks="R7 R10",
    severity=Severity.HIGH,
    remedy="send what is searched for in the body of a POST",
)
def address(seen: Seen) -> Leak | None:
    """No token of a place or a contact, and none of what a search asks for, in a path, query or redirect."""
    found = tuple(each for each in seen.in_target if each.facet not in _NUMBERS)
    if found:
        return Leak(f"{_words(found)} in an address", found)
    query = parse_qsl(seen.exchange.query, keep_blank_values=True)
    members = sorted({name for name, _ in query} & seen.search_members)
    return Leak(f"`{members[0]}` in a query") if members else None


@wire_rule(
    "answer-may-be-stored",
    title="an answer with personal data may be stored by caches on its way",
    breaks="R7 R9",
    severity=Severity.MEDIUM,
    remedy="send `Cache-Control: no-store` with every answer about a person",
)
def stored(seen: Seen) -> Leak | None:
    """An answer about a person says `no-store`."""
    directives = seen.exchange.answer.header("cache-control").lower().replace(" ", "").split(",")
    if not seen.disclosures or "no-store" in directives:
        return None
    return Leak(f"{_words(seen.disclosures)} without `no-store`", seen.disclosures)


@wire_rule(
    "answered-without-session",
    title="personal data is answered to a request without a valid session",
    breaks="R4 R6",
    severity=Severity.CRITICAL,
    remedy="check the session before anything else, for every path",
)
def stranger(seen: Seen) -> Leak | None:
    """Nobody is told anything of a child without being signed in."""
    if seen.user is not None or not seen.disclosures:
        return None
    return Leak(f"{_words(seen.disclosures)} without a session", seen.disclosures)


@wire_rule(
    "session-in-address",
    title="the token of a session stands in an address, which browsers, proxies and logs keep",
    breaks="R6",
    severity=Severity.HIGH,
    remedy="carry the token in the Authorization header only",
)
def token_in_address(seen: Seen) -> Leak | None:
    """A token in an address is shared with everybody who sees the address."""
    onward = seen.exchange.answer.header("location")
    return Leak("a session's token in an address") if seen.holds_session(f"{seen.exchange.target} {onward}") else None


@wire_rule(
    "session-in-open-cookie",
    title="a cookie carries a session's token without HttpOnly and SameSite",
    breaks="R6",
    severity=Severity.MEDIUM,
    remedy="set HttpOnly and SameSite on the cookie, or do without it",
)
def open_cookie(seen: Seen) -> Leak | None:
    """A page's scripts and other sites must not use the session."""
    for name, value in seen.exchange.answer.headers:
        if name.lower() != "set-cookie" or not seen.holds_session(value):
            continue
        lacking = [word for word in ("HttpOnly", "SameSite") if not _says(value, word.lower())]
        if lacking:
            return Leak(f"a session's token in a cookie without {' and '.join(lacking)}")
    return None


def _says(cookie: str, attribute: str) -> bool:
    try:
        morsels = SimpleCookie(cookie).values()
    except CookieError:
        return False
    return any(morsel[attribute] for morsel in morsels)


def _words(disclosures: tuple[Disclosure, ...]) -> str:
    return ", ".join(facet.value.replace("_", " ") for facet in facets_in(disclosures))


class LeakWatch:
    """Hands every exchange to the watcher; tells the starting process its port once it listens."""

    _session: RunSession
    _watcher: Watcher

    def load(self, loader: Loader) -> None:
        """Build the judge before the first request."""
        del loader
        self._session = RunSession.open()
        self._watcher = Watcher(self._session, REGISTERED)

    def running(self) -> None:
        """Write the address: mitmproxy listens."""
        server = ctx.master.addons.get("proxyserver")  # type: ignore[no-untyped-call] # mitmproxy has no types here
        port = server.listen_addrs()[0][1]
        ready = Path(folder_of(self._session.file.results)) / READY
        part = ready.with_suffix(".part")
        part.write_bytes(orjson.dumps({"port": port}))
        part.replace(ready)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """A request came."""
        del flow
        self._watcher.began()

    def response(self, flow: http.HTTPFlow) -> None:
        """A whole answer came."""
        answer = flow.response
        if answer is None or answer.raw_content is None:
            self._watcher.lost(BROKEN)
            return
        asked = flow.request
        seconds = (answer.timestamp_end or answer.timestamp_start) - asked.timestamp_start
        self._watcher.took(
            Exchange(
                method=asked.method,
                target=asked.path,
                headers=_texts(asked.headers),
                body=asked.raw_content or b"",
                answer=Answer(answer.status_code, _texts(answer.headers), answer.raw_content, seconds),
                at=answer.timestamp_start,
            )
        )

    def error(self, flow: http.HTTPFlow) -> None:
        """The target or the client went away before the answer was whole."""
        del flow
        self._watcher.lost(BROKEN)

    def done(self) -> None:
        """Judge what waits and report: mitmproxy ends."""
        self._watcher.finish()


def _texts(headers: http.Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.fields)


addons = [LeakWatch()]
