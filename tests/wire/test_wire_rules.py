"""The rules of the wire, each on an exchange that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from overreach.model.errors import PackError
from overreach.model.probe import Answer, Disclosure
from overreach.model.terms import Facet, Grade, Severity
from overreach.pack.content import load_module
from overreach.wire.exchange import Exchange
from overreach.wire.rules import REGISTERED, Seen, wire_rule

load_module(Path(__file__).parents[2] / "load" / "wire" / "leak_watch.py")

TOKEN = "t0k3n-of-a-session-that-is-open"  # noqa: S105 - no credential of anything
WHEREABOUTS = Disclosure(1, Facet.WHEREABOUTS, Grade.TOKEN, "header X-Address")
NUMBER = Disclosure(1, Facet.IDENTITY, Grade.TOKEN, "header Location")


def seen(target: str = "/children/qxzc4k2m9tpw", *headers: tuple[str, str]) -> Seen:
    """An orderly exchange of a signed-in user that discloses something."""
    fields = headers or (("Cache-Control", "no-store"),)
    exchange = Exchange("GET", target, (), b"", Answer(200, fields, b"{}", 0.1), at=0.0)
    return Seen(exchange, 3, (WHEREABOUTS,), (), (), frozenset({"family_name"}), lambda text: TOKEN in text)


ORDERLY = seen()
BROKEN: dict[str, Callable[[], Seen]] = {
    "personal-data-in-header": lambda: replace(ORDERLY, in_headers=(WHEREABOUTS,)),
    "personal-data-in-address": lambda: replace(ORDERLY, in_target=(WHEREABOUTS,)),
    "answer-may-be-stored": lambda: seen("/", ("Cache-Control", "private, max-age=9")),
    "answered-without-session": lambda: replace(ORDERLY, user=None),
    "session-in-address": lambda: seen(f"/children?key={TOKEN}", ("Cache-Control", "no-store")),
    "session-in-open-cookie": lambda: seen("/", ("Cache-Control", "no-store"), ("Set-Cookie", f"id={TOKEN}; HttpOnly")),
}


@pytest.mark.parametrize("name", sorted(REGISTERED))
def test_each_rule_is_silent_on_an_orderly_exchange(name: str) -> None:
    """A record number in the path, an answer that is not stored, a session in its header."""
    assert REGISTERED[name].check(ORDERLY) is None


@pytest.mark.parametrize("name", sorted(REGISTERED))
def test_each_rule_speaks_where_it_alone_is_broken(name: str) -> None:
    """One deviation, one rule; a new rule needs its line above."""
    broken = BROKEN[name]()
    assert {other for other, rule in REGISTERED.items() if rule.check(broken)} == {name}


def test_a_record_number_may_stand_in_a_header_and_an_address() -> None:
    """It tells nothing of the child."""
    fine = replace(ORDERLY, in_headers=(NUMBER,), in_target=(NUMBER,))
    assert not any(rule.check(fine) for rule in REGISTERED.values())


def test_what_a_search_asks_for_may_not_stand_in_a_query() -> None:
    """A surname in an address is personal data without any token."""
    leak = REGISTERED["personal-data-in-address"].check(seen("/children?family_name=x", ("Cache-Control", "no-store")))
    assert leak is not None
    assert leak.detail == "`family_name` in a query"


def test_no_leak_repeats_the_token_of_a_session() -> None:
    """What is told ends in a report."""
    for name in ("session-in-address", "session-in-open-cookie"):
        leak = REGISTERED[name].check(BROKEN[name]())
        assert leak is not None
        assert TOKEN not in leak.detail


def test_a_cookie_with_both_attributes_is_fine() -> None:
    """HttpOnly and SameSite, in any case."""
    cookie = ("Set-Cookie", f"id={TOKEN}; httponly; samesite=Strict")
    assert REGISTERED["session-in-open-cookie"].check(seen("/", cookie)) is None


def test_two_rules_of_one_name_are_refused() -> None:
    """A finding's identity rests on the name."""
    register = wire_rule("answer-may-be-stored", title="", breaks="R7", severity=Severity.LOW, remedy="")
    with pytest.raises(PackError, match="two rules of the wire are called `answer-may-be-stored`"):
        register(lambda _: None)
