"""Faults of keeping accounts: what is taken back goes on, and what is asked of an account is not asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from overreach.contactpoint.calls import DONE, Answer, Call
from overreach.contactpoint.facts import Person, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.sessions import Session, digest_of
from overreach.contactpoint.throttle import Refusal
from overreach.contactpoint.wrapping import with_methods


def _overlooking(parts: Parts, overlooked: Callable[[User], User]) -> Parts:
    """Live sessions go on as if something of their users were not so; sign-ins look at it all the same."""

    async def identify(token: str, now: datetime) -> Session | None:
        session = await parts.identify(token, now)
        return session and session._replace(user=overlooked(session.user))

    def dismiss(user: int) -> None:
        if parts.people.of(user).user == overlooked(parts.people.of(user).user):
            parts.dismiss(user)

    return replace(parts, identify=identify, dismiss=dismiss)


@fault("suspension-leaves-session", breaks="R19", scenario=2)
def suspension_leaves_session(parts: Parts) -> Parts:
    """Whoever is suspended while signed in works on until signing out."""
    return _overlooking(parts, lambda user: user._replace(suspended=False))


@fault("leaver-session-goes-on", breaks="R4", scenario=34)
def leaver_session_goes_on(parts: Parts) -> Parts:
    """Whoever has left while signed in works on until signing out."""
    return _overlooking(parts, lambda user: user._replace(leaves_on=None))


@fault("role-kept-until-next-sign-in", breaks="R7", scenario=36)
def role_kept_until_next_sign_in(parts: Parts) -> Parts:
    """A new post changes nothing in a live session: the rights of the old one last until the next sign-in."""

    async def identify(token: str, now: datetime) -> Session | None:
        session = await parts.identify(token, now)
        if session is None:
            return None
        run = parts.storage.run
        run("CREATE TABLE IF NOT EXISTS posts (session INTEGER PRIMARY KEY, role TEXT, nationwide INTEGER)")
        began_as = (session.session, session.user.role, session.user.national)
        run("INSERT OR IGNORE INTO posts VALUES (?, ?, ?)", began_as)
        role, nationwide = run("SELECT role, nationwide FROM posts WHERE session = ?", (session.session,)).fetchone()
        return session._replace(user=session.user._replace(role=role, national=bool(nationwide)))

    return replace(parts, identify=identify)


@fault("vetting-never-lapses", breaks="R5", scenario=34)
def vetting_never_lapses(parts: Parts) -> Parts:
    """Whoever was vetted once counts as vetted for ever."""

    def account(user: User, today: date) -> bool:
        return parts.rules.account(user._replace(vetted_on=user.vetted_on and today), today)

    return replace(parts, rules=replace(parts.rules, account=account))


@fault("employer-accreditation-ignored", breaks="R5", scenario=38)
def employer_accreditation_ignored(parts: Parts) -> Parts:
    """An organisation loses its accreditation, and its users go on as before."""

    def account(user: User, today: date) -> bool:
        return parts.rules.account(user._replace(employer_accredited=True), today)

    return replace(parts, rules=replace(parts.rules, account=account))


@fault("lockout-counts-nothing", breaks="R6", scenario=35)
def lockout_counts_nothing(parts: Parts) -> Parts:
    """Passwords and codes can be guessed at as often as one likes."""
    return replace(parts, lockout=with_methods(parts.lockout, failed=lambda _user, _now: False))


@fault("one-time-code-replayed", breaks="R6", scenario=35)
def one_time_code_replayed(parts: Parts) -> Parts:
    """A one-time code works as often as it is sent while its half minute lasts."""

    @dataclass(frozen=True)
    class Forgetful:
        def named(self, username: str) -> User | None:
            return parts.accounts.named(username)

        async def activate(self, user: User | None, code: str, password: str) -> str | None:
            return await parts.accounts.activate(user, code, password)

        async def proves(self, user: User | None, password: str, code: str) -> bool:
            if user is not None:
                parts.storage.run("UPDATE accounts SET last_step = -1 WHERE user = ?", (user.user,))
            return await parts.accounts.proves(user, password, code)

    return replace(parts, accounts=Forgetful())


@fault("several-sessions-a-user", breaks="R6", scenario=35)
def several_sessions_a_user(parts: Parts) -> Parts:
    """A new sign-in does not end the session before it: one account, as many people as know it."""

    def remember(parts: Parts, _call: Call, answer: Answer) -> Answer:
        if answer.status == 201:  # noqa: PLR2004 - signed in
            values = (digest_of((answer.body or {})["token"]), answer.user)
            parts.storage.run("CREATE TABLE IF NOT EXISTS tokens (token BLOB PRIMARY KEY, username TEXT)")
            parts.storage.run("INSERT INTO tokens VALUES (?, ?)", values)
            parts.storage.run("UPDATE sessions SET token = ? WHERE token = ?", (_common(answer.user), values[0]))
        return answer

    async def identify(token: str, now: datetime) -> Session | None:
        parts.storage.run("CREATE TABLE IF NOT EXISTS tokens (token BLOB PRIMARY KEY, username TEXT)")
        known = parts.storage.run("SELECT username FROM tokens WHERE token = ?", (digest_of(token),)).fetchone()
        return await parts.identify(f"of {known[0]}", now) if known else None

    return replace(parts.changing("sign_in", remember), identify=identify)


def _common(username: str) -> bytes:
    return digest_of(f"of {username}")


@fault("self-promotion", breaks="R4", scenario=36)
def self_promotion(parts: Parts) -> Parts:
    """Whoever keeps accounts may give any post, to themselves too."""

    def keeps_account(officer: Person, person: Person) -> bool:
        return officer == person or parts.rules.keeps_account(officer, person)

    def appoints(officer: Person, person: Person, _post: str) -> bool:
        return keeps_account(officer, person)

    return replace(parts, rules=replace(parts.rules, keeps_account=keeps_account, appoints=appoints))


@fault("sign-out-leaves-session", breaks="R6", scenario=35)
def sign_out_leaves_session(parts: Parts) -> Parts:
    """Signing out says that it is done, and the token goes on working."""
    routes = (
        replace(route, handler=lambda _parts, _call: DONE) if route.operation == "sign_out" else route
        for route in parts.routes
    )
    return replace(parts, routes=tuple(routes))


@fault("idle-session-lives-on", breaks="R6", scenario=35)
def idle_session_lives_on(parts: Parts) -> Parts:
    """A session that nobody uses is not ended: whoever comes to the desk later works on."""
    return replace(parts, rules=replace(parts.rules, awake=lambda _used, _now: True))


@fault("enumeration-not-throttled", breaks="R7", scenario=9)
def enumeration_not_throttled(parts: Parts) -> Parts:
    """Lookups that find nothing are not counted: a user may walk through all numbers."""

    @dataclass(frozen=True)
    class Lenient:
        def refuses(self, user: int, now: datetime) -> Refusal | None:
            return parts.throttle.refuses(user, now)

        def count(self, user: int, now: datetime, *, missed: bool) -> None:
            del missed
            parts.throttle.count(user, now, missed=False)

    return replace(parts, throttle=Lenient())
