"""The faults that show only when a record changes while somebody reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Inside, Request, key_of
from tests.contactpoint.tables import PLAIN, SHIELDED, number_of

Both = Callable[..., tuple[Any, Any]]
OFFICER, SECOND, RECEIVER, READER = (
    "management_team",
    "management_team_second",
    "management_team_there",
    "social_worker",
)
GROUND = {"ground": "risk of significant harm"}


def _asks(inside: Inside, username: str, path: str, body: object = None) -> Request:
    return "POST", path, body, inside.token(username), {}


def _reads(inside: Inside, child: int, username: str = READER) -> Request:
    return _asks(inside, username, "/children/view", key_of(child))


def _moved(inside: Inside, *, together: bool) -> bool:
    """Whether the old area's team reads a record no longer without a reason once it was accepted elsewhere."""
    inside.by(OFFICER, "POST", f"/children/{number_of(PLAIN)}/move", {"to": "Therewich"})
    accept = _asks(inside, RECEIVER, f"/children/{number_of(PLAIN)}/move/accept")
    for requests in ([_reads(inside, PLAIN), accept],) if together else ([_reads(inside, PLAIN)], [accept]):
        got = inside.ask_at_once(requests)
    assert got[-1].status == 200
    return inside.view(OFFICER, PLAIN, None).status == 404


def _shielded(inside: Inside, *, together: bool) -> bool:
    """Whether a record is masked once its shield was acknowledged."""
    shield = _asks(inside, OFFICER, f"/children/{number_of(PLAIN)}/shield", GROUND)
    for requests in ([_reads(inside, PLAIN), shield],) if together else ([_reads(inside, PLAIN)], [shield]):
        got = inside.ask_at_once(requests)
    assert got[-1].status == 201
    return "address" not in inside.view(READER, PLAIN).json


def _merged(inside: Inside, *, together: bool) -> bool:
    """Whether a number that leads to a shielded record gives what its reader may read of that one."""
    path, into = f"/children/{number_of(PLAIN)}/merge", {"into": number_of(SHIELDED)}
    assert inside.by(OFFICER, "POST", path, into).status == 202
    # A view would ask for the other one's date of birth: it was given the number by a search.
    assert inside.search(READER, family_name="Plain").json["count"] == 1
    inside.by(READER, "POST", f"/children/{number_of(PLAIN)}/reason", {"reason": "welfare"})
    opens: Request = "GET", f"/children/{number_of(PLAIN)}", None, inside.token(READER), {}
    merge = _asks(inside, SECOND, path, into)
    for requests in ([opens, merge],) if together else ([merge], [opens]):
        got = inside.ask_at_once(requests)
    read = got[0].json
    return "address" not in read if read["number"] == number_of(SHIELDED) else read["number"] == number_of(PLAIN)


def _both_ways(both: Both, name: str, right: Callable[..., bool]) -> tuple[tuple[bool, bool], ...]:
    """What a correct registry does one request after the other and together, and one with the fault."""
    alone = both(name, lambda inside: right(inside, together=False))
    return alone, both(name, lambda inside: right(inside, together=True))


RIGHT_ALONE_ONLY = ((True, True), (True, False))


def test_move_undone_by_reader_in_parallel(both: Both) -> None:
    """The old area's team goes on reading after the other authority has accepted."""
    assert _both_ways(both, "move-undone-by-reader-in-parallel", _moved) == RIGHT_ALONE_ONLY


def test_shield_undone_by_reader_in_parallel(both: Both) -> None:
    """An acknowledged shield is not there."""
    assert _both_ways(both, "shield-undone-by-reader-in-parallel", _shielded) == RIGHT_ALONE_ONLY


def test_merged_number_shows_other_in_parallel(both: Both) -> None:
    """Who may read the one record is shown the hidden part of the other."""
    assert _both_ways(both, "merged-number-shows-other-in-parallel", _merged) == RIGHT_ALONE_ONLY


def test_override_end_lost_in_parallel(both: Both) -> None:
    """Of two who end their overrides at once one goes on seeing behind the shield."""
    who, twin = ("child_protection_worker", "police_child_protection_officer"), 8
    open_ones = dict(zip(who, (SHIELDED, twin), strict=True))

    def closed(inside: Inside, *, together: bool) -> bool:
        for name, child in open_ones.items():
            opened = inside.by(name, "POST", f"/children/{number_of(child)}/override", {"reason": "child_protection"})
            assert opened.status == 201
        ends: list[Request] = [
            ("DELETE", f"/children/{number_of(child)}/override", None, inside.token(name), {})
            for name, child in open_ones.items()
        ]
        for some in [ends] if together else [[end] for end in ends]:
            assert all(got.status == 204 for got in inside.ask_at_once(some))
        return not any("address" in inside.view(name, child).json for name, child in open_ones.items())

    assert _both_ways(both, "override-end-lost-in-parallel", closed) == RIGHT_ALONE_ONLY
