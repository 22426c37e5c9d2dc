"""The faults that need several requests at once: alone each behaves like the correct registry, together none does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Inside, key_of
from tests.contactpoint.officers import LIFTING
from tests.contactpoint.tables import PLAIN, SHIELDED, SIBLING, number_of

Both = Callable[..., tuple[Any, Any]]
ENTITLED, OTHER = "management_team", "social_worker"
TWIN = 8  # a shielded child of its own


def _numbers_right(inside: Inside, *, together: bool) -> bool:
    """Whether everybody who views a record is answered with that record."""
    children = [PLAIN, SIBLING] * 10
    if together:
        token = inside.token(OTHER)
        got = inside.ask_at_once([("POST", "/children/view", key_of(child), token, {}) for child in children])
    else:
        got = [inside.view(OTHER, child) for child in children]
    return [each.json["number"] for each in got] == [number_of(child) for child in children]


def _masked_right(inside: Inside, *, together: bool) -> bool:
    """Whether the address of a shielded child is shown to whom it should be, and to nobody else."""
    names = [ENTITLED, OTHER] * 10
    if together:
        tokens = [inside.token(name) for name in names]
        got = inside.ask_at_once([("POST", "/children/view", key_of(SHIELDED), token, {}) for token in tokens])
    else:
        got = [inside.view(name, SHIELDED) for name in names]
    return ["address" in each.json for each in got] == [name == ENTITLED for name in names]


def _found_right(inside: Inside, *, together: bool) -> bool:
    """Whether everybody who searches is answered with what they searched for."""
    names = ["Plain", "Hidden"] * 10
    if together:
        token = inside.token(OTHER)
        got = inside.ask_at_once([("POST", "/children/search", {"family_name": each}, token, {}) for each in names])
    else:
        got = [inside.search(OTHER, family_name=each) for each in names]
    return [each.json["children"][0]["name"]["family"] for each in got] == names


def _logged_right(inside: Inside, *, together: bool) -> bool:
    """Whether the log names those who asked."""
    names = [ENTITLED, OTHER] * 10
    requests = [
        ("POST", "/children/view", key_of(PLAIN), inside.token(name), {"x_request_id": f"{together}-{place}"})
        for place, name in enumerate(names)
    ]
    if together:
        inside.ask_at_once(requests)
    else:
        for request in requests:
            inside.ask_at_once([request])
    rows = [(row["request_id"], row["user"]) for row in inside.log() if row["request_id"].startswith(f"{together}-")]
    return sorted(rows) == sorted((f"{together}-{place}", name) for place, name in enumerate(names))


def _lifted_right(inside: Inside, *, together: bool) -> bool:
    """Whether one officer alone cannot lift a shield, however often they ask."""
    child = TWIN if together else SHIELDED
    path, body = f"/children/{number_of(child)}/unshield", LIFTING
    if together:
        got = inside.ask_at_once([("POST", path, body, inside.token(ENTITLED), {})] * 2)
    else:
        got = [inside.by(ENTITLED, "POST", path, body) for _ in range(2)]
    return [each.status for each in got] == [202, 202] and "address" not in inside.view(OTHER, child).json


def _shows_together_only(both: Both, name: str, right: Callable[..., bool]) -> None:
    """Correct alone and together; broken together, and not alone."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        return right(inside, together=False), right(inside, together=True)

    assert both(name, ask) == ((True, True), (True, False))


def test_record_buffer_shared_in_parallel(both: Both) -> None:
    """Somebody gets the record of another request."""
    _shows_together_only(both, "record-buffer-shared-in-parallel", _numbers_right)


def test_facets_of_last_request_in_parallel(both: Both) -> None:
    """Somebody gets the facets of another user."""
    _shows_together_only(both, "facets-of-last-request-in-parallel", _masked_right)


def test_search_page_mixed_in_parallel(both: Both) -> None:
    """Somebody gets what another one searched for."""
    _shows_together_only(both, "search-page-mixed-in-parallel", _found_right)


def test_log_names_another_in_parallel(both: Both) -> None:
    """The log says that another one asked."""
    _shows_together_only(both, "log-names-another-in-parallel", _logged_right)


def test_log_row_dropped_in_parallel(both: Both) -> None:
    """The log does not say that somebody asked."""
    _shows_together_only(both, "log-row-dropped-in-parallel", _logged_right)


def test_log_row_twice_in_parallel(both: Both) -> None:
    """The log says that somebody asked twice."""
    _shows_together_only(both, "log-row-twice-in-parallel", _logged_right)


def test_first_answer_shared_in_parallel(both: Both) -> None:
    """Whoever asks second gets the answer to the first."""
    _shows_together_only(both, "first-answer-shared-in-parallel", _masked_right)


def test_clicked_twice_lifts_shield_in_parallel(both: Both) -> None:
    """Two clicks of one officer are taken for two officers."""
    _shows_together_only(both, "clicked-twice-lifts-shield-in-parallel", _lifted_right)
