"""The faults of the log and of the alerts, each beside the correct behaviour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Inside, flat, key_of
from tests.contactpoint.tables import PLAIN, SHIELDED, number_of, user_row

from overreach.contactpoint.chain import verify

Both = Callable[..., tuple[Any, Any]]

FULL_DISK = "CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'disk full'); END"
EXPLAINED = {"finding": "explained", "note": "a rehearsal"}


def change(inside: Inside, statement: str, *values: object) -> None:
    """Change what lies in the database."""
    inside.app.parts.storage._connection.execute(statement, values)


def kinds(inside: Inside) -> list[str]:
    """The kinds of the alerts raised."""
    return [alert["kind"] for alert in inside.by("central_team", "GET", "/alerts").json["alerts"]]


def override(inside: Inside) -> None:
    """An override, which raises the first alert."""
    path = f"/children/{number_of(SHIELDED)}/override"
    inside.by("child_protection_worker", "POST", path, {"reason": "section_47"})


def test_denied_not_logged(both: Both) -> None:
    """What was allowed is there either way."""

    def ask(inside: Inside) -> list[int]:
        inside.view("social_worker", PLAIN)
        inside.by("social_worker", "POST", f"/children/{number_of(PLAIN)}/shield", {"ground": "x"})
        inside.by("social_worker", "POST", "/children/view", {**key_of(PLAIN), "date_of_birth": "1999-01-01"})
        return [row["status"] for row in inside.log() if row["user"] == "social_worker"]

    assert both("denied-not-logged", ask) == ([201, 200, 403, 404], [201, 200])


def test_results_left_out_of_log(both: Both) -> None:
    """The row is there, the record in it is not."""

    def ask(inside: Inside) -> list[list[str]]:
        inside.view("social_worker", PLAIN)
        return [row["results"] for row in inside.log() if row["operation"] == "view"]

    assert both("results-left-out-of-log", ask) == ([[number_of(PLAIN)]], [[]])


def test_query_left_out_of_log(both: Both) -> None:
    """The row is there, what was asked is not."""

    def ask(inside: Inside) -> list[dict[str, str]]:
        inside.search("social_worker", family_name="Plain")
        return [row["query"] for row in inside.log() if row["operation"] == "search"]

    assert both("query-left-out-of-log", ask) == ([{"family_name": "Plain"}], [{}])


def test_logged_after_the_answer(both: Both) -> None:
    """A moment after the answer the row is missing, later it is there; what fails in between, nobody sees."""

    def ask(inside: Inside) -> tuple[int, int, int]:
        token = inside.token("social_worker")
        connection = inside.app.parts.storage._connection

        def rows() -> int:
            return int(connection.execute("SELECT count(*) FROM log WHERE operation = 'view'").fetchone()[0])

        at_once = (inside.view("social_worker", PLAIN).status, rows())
        inside._loop.run_until_complete(asyncio.sleep(0.15))
        assert rows() == 1
        change(inside, FULL_DISK)
        inside._loop.set_exception_handler(lambda _loop, _context: None)
        status = inside.ask("POST", "/children/view", key_of(PLAIN), token=token).status
        inside._loop.run_until_complete(asyncio.sleep(0.15))
        return at_once[1], status, rows()

    assert both("logged-after-the-answer", ask) == ((1, 503, 1), (0, 200, 1))


def test_answers_though_not_logged(both: Both) -> None:
    """The answer comes although there is no room for its row."""

    def ask(inside: Inside) -> int:
        inside.token("social_worker")
        change(inside, FULL_DISK)
        return inside.view("social_worker", PLAIN).status

    assert both("answers-though-not-logged", ask) == (503, 200)


def test_chain_not_continued(both: Both) -> None:
    """The rows are there; nothing holds them together."""

    def ask(inside: Inside) -> tuple[int, bool]:
        inside.view("social_worker", PLAIN)
        rows = [row for row in inside.log() if row["operation"] == "view"]
        return len(rows), verify(inside.database).broken is None

    assert both("chain-not-continued", ask) == ((1, True), (1, False))


def test_own_rows_deletable(both: Both) -> None:
    """Whoever was there was never there, and only they."""

    def ask(inside: Inside) -> tuple[int, int, bool]:
        inside.view("social_worker", PLAIN)
        inside.view("senco", PLAIN)
        status = inside.by("social_worker", "DELETE", "/log").status
        rows = [row["user"] for row in inside.log() if row["operation"] == "view"]
        return status, len(rows), verify(inside.database).broken is None

    assert both("own-rows-deletable", ask) == ((405, 2, True), (204, 1, False))


def test_log_reading_not_logged(both: Both) -> None:
    """Reading the alerts is still logged."""

    def ask(inside: Inside) -> set[str]:
        for place in ("/log", "/alerts"):
            inside.by("central_team", "GET", place)
        return {row["operation"] for row in inside.log() if row["operation"].startswith("read")}

    assert both("log-reading-not-logged", ask) == ({"read_log", "read_alerts"}, {"read_alerts"})


def test_log_never_masked(both: Both) -> None:
    """Names and numbers of shielded children, without a case."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        inside.search("social_worker", family_name="Hidden")
        rows = [flat(event) for event in inside.by("management_team", "GET", "/log").json["entries"]]
        return "Hidden" in str(rows), number_of(SHIELDED) in str(rows)

    assert both("log-never-masked", ask) == ((False, False), (True, True))


def test_log_of_every_area(both: Both) -> None:
    """The rows of another authority's users are there."""

    def ask(inside: Inside) -> list[bool]:
        inside.view("social_worker", PLAIN)
        inside.view("social_worker_there", PLAIN)
        rows = [flat(event) for event in inside.by("management_team", "GET", "/log").json["entries"]]
        return [name in {row["user"] for row in rows} for name in ("social_worker", "social_worker_there")]

    assert both("log-of-every-area", ask) == ([True, False], [True, True])


def test_log_row_for_last_user_too(both: Both) -> None:
    """Whoever asked last is booked for what the next one asks, under no request of theirs."""

    def ask(inside: Inside) -> list[tuple[str, bool]]:
        for name in ("social_worker", "senco", "senco"):
            inside.token(name)
        for name in ("social_worker", "senco", "senco"):
            inside.by(name, "POST", "/children/view", key_of(PLAIN), x_request_id=name)
        return [(row["user"], bool(row["request_id"])) for row in inside.log() if row["operation"] == "view"]

    worker, senco = ("social_worker", True), ("senco", True)
    broken = [worker, ("senco", False), senco, ("social_worker", False), senco]
    assert both("log-row-for-last-user-too", ask) == ([worker, senco, senco], broken)


def test_own_family_unnoticed(both: Both) -> None:
    """The record of the own household is opened, and nobody hears of it."""

    def ask(inside: Inside) -> tuple[int, list[str]]:
        change(inside, "UPDATE users SET address = 0 WHERE username = 'social_worker'")
        return inside.view("social_worker", PLAIN).status, kinds(inside)

    assert both("own-family-unnoticed", ask) == ((200, ["own_family"]), (200, []))


def test_enumeration_unnoticed(both: Both) -> None:
    """One number after the other; an override is still told of."""

    def ask(inside: Inside) -> list[str]:
        for row in range(25):
            inside.by("senco", "POST", "/children/view", {**key_of(PLAIN), "number": number_of(900 + row)})
        override(inside)
        return kinds(inside)

    assert both("enumeration-unnoticed", ask) == (["enumeration", "override"], ["override"])


def test_dummy_reason_unnoticed(both: Both) -> None:
    """A full stop is reason enough."""

    def ask(inside: Inside) -> list[str]:
        for _ in range(4):
            path = f"/children/{number_of(PLAIN)}/reason"
            inside.by("senco", "POST", path, {"reason": "welfare", "note": "."})
        return kinds(inside)

    assert both("dummy-reason-unnoticed", ask) == (["dummy_reason"], [])


def test_unmasking_unnoticed(both: Both) -> None:
    """The log is read in full, and nobody hears of it."""

    def ask(inside: Inside) -> list[str]:
        inside.by("central_team", "GET", "/log?case=C-1")
        return kinds(inside)

    assert both("unmasking-unnoticed", ask) == (["log_unmasked"], [])


def test_alert_answered_by_self(both: Both) -> None:
    """The one who read the log in full explains it away."""

    def ask(inside: Inside) -> int:
        inside.by("central_team", "GET", "/log?case=C-1")
        return inside.by("central_team", "POST", "/alerts/1/answer", EXPLAINED).status

    assert both("alert-answered-by-self", ask) == (403, 204)


def test_alert_answered_by_manager(both: Both) -> None:
    """The manager of the one who broke the glass explains it away; nobody may for themselves."""

    def ask(inside: Inside) -> list[int]:
        manager = user_row("management_team")
        change(inside, "UPDATE users SET manager = ? WHERE username = 'child_protection_worker'", manager)
        override(inside)
        inside.by("central_team", "GET", "/log?case=C-1")
        who = (("central_team", 2), ("management_team", 1))
        return [inside.by(name, "POST", f"/alerts/{alert}/answer", EXPLAINED).status for name, alert in who]

    assert both("alert-answered-by-manager", ask) == ([403, 403], [403, 204])


def test_unread_alerts_forgotten(both: Both) -> None:
    """Two days later nothing is said of it; other findings are still told."""

    def ask(inside: Inside) -> list[str]:
        override(inside)
        change(inside, "UPDATE alerts SET time = '2009-05-16T00:00:00.000+00:00'")
        change(inside, "UPDATE users SET leaves_on = '2009-05-01' WHERE username = 'child_protection_worker'")
        findings = inside.by("central_team", "GET", "/findings").json["findings"]
        return [each["kind"] for each in findings if each["kind"] != "leaver_signed_in"]

    assert both("unread-alerts-forgotten", ask) == (["unanswered_override", "leaver_account"], ["leaver_account"])
