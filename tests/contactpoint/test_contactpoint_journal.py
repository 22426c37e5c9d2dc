"""The log is complete, says what was asked, and comes before the answer."""

from __future__ import annotations

from pathlib import Path

from tests.contactpoint.inside import PASSWORD, Inside, key_of
from tests.contactpoint.tables import FAR, PLAIN, SHIELDED, number_of

from overreach.contactpoint.journal import _OWN, _READ, _window
from overreach.contactpoint.routes import ROUTES


def test_every_request_of_a_signed_in_user_is_in_the_log(inside: Inside) -> None:
    """Answered, denied, empty, malformed, to no page at all: one row each, in order, with its request id."""
    number = number_of(PLAIN)
    requests: list[tuple[str, str, object, str, int]] = [
        ("POST", "/children/search", {"family_name": "Plain"}, "search", 200),
        ("POST", "/children/search", {"family_name": "Nobody"}, "search", 200),
        ("POST", "/children/search", {}, "search", 422),
        ("POST", "/children/view", key_of(PLAIN), "view", 200),
        ("POST", "/children/view", key_of(FAR, None), "view", 404),
        ("POST", "/children/view", b"nonsense", "view", 422),
        ("POST", "/children/view", b"x" * 70_000, "view", 413),
        ("GET", f"/children/{number}", None, "view", 200),
        ("POST", f"/children/{number}/reason", {"reason": "welfare"}, "declare", 204),
        ("POST", f"/children/{number}/override", {"reason": "welfare"}, "override", 403),
        ("DELETE", f"/children/{number}/override", None, "end_override", 204),
        ("POST", f"/children/{number}/shield", {"ground": "x"}, "shield", 403),
        ("POST", f"/children/{number}/unshield", {"reason": "x"}, "unshield", 403),
        ("PATCH", f"/children/{number}", {"practice": None}, "amend", 403),
        ("PUT", f"/children/{number}/indicators/caf", {"phone": "01632 960001"}, "hold_caf", 409),
        ("PUT", f"/children/{number}/indicators/lead_professional", {"phone": "1"}, "hold_lead_professional", 422),
        ("DELETE", f"/children/{number}/indicators/caf", None, "release_caf", 409),
        ("DELETE", f"/children/{number}/indicators/lead_professional", None, "release_lead_professional", 204),
        ("POST", f"/children/{number}/shield-requests", {"ground": "SDV"}, "request_shield", 202),
        ("POST", f"/children/{number}/shield-decisions", None, "decide_shield", 403),
        ("GET", f"/children/{number}/readers", None, "read_readers", 403),
        ("GET", "/shields/reviews", None, "read_reviews", 403),
        ("POST", f"/children/{number}/merge", None, "merge", 403),
        ("POST", f"/children/{number}/split", None, "split", 403),
        ("POST", f"/children/{number}/move", None, "offer_move", 403),
        ("POST", f"/children/{number}/move/accept", None, "accept_move", 403),
        ("GET", "/log", None, "read_log", 403),
        ("GET", "/alerts", None, "read_alerts", 403),
        ("POST", f"/children/{number}/services", {"kind": "x", "provider": "x"}, "record_service", 422),
        ("GET", f"/children/{number}/services", None, "list_services", 403),
        ("DELETE", f"/children/{number}/services/x", None, "remove_service", 404),
        ("POST", f"/children/{number}/brokering", {"message_kind": "urgent"}, "ask_contact", 422),
        ("GET", "/brokering", None, "list_contacts", 403),
        ("GET", "/brokering/mine", None, "list_own_contacts", 200),
        ("POST", "/brokering/x/answer", {"outcome": "declined"}, "answer_contact", 403),
        ("POST", "/exports", {"columns": ["number"]}, "ask_export", 403),
        ("GET", "/exports", None, "list_exports", 403),
        ("POST", "/exports/x/approve", None, "approve_export", 403),
        ("GET", "/exports/x", None, "take_export", 403),
        ("POST", "/alerts/1/answer", {"finding": "explained", "note": "x"}, "answer_alert", 403),
        ("GET", "/findings", None, "read_findings", 403),
        ("GET", "/users/midwife", None, "show_account", 403),
        ("GET", "/users?state=orphaned", None, "list_accounts", 403),
        ("POST", "/users/midwife/suspension", {"ground": "x"}, "suspend", 403),
        ("DELETE", "/users/midwife/suspension", {"reason": "x"}, "lift_suspension", 403),
        ("POST", "/users/midwife/leaving", {"on": "2009-05-18"}, "note_leaving", 403),
        ("PUT", "/users/midwife/role", {"role": "senco"}, "note_role", 403),
        ("PUT", "/users/midwife/vetting", {"on": "2009-05-18"}, "note_vetting", 403),
        ("PUT", "/users/midwife/training", {"trained": True}, "note_training", 403),
        ("PUT", "/users/midwife/agreement", {"agreed": True}, "note_agreement", 403),
        ("PUT", "/organisations/0/accreditation", {"accredited": False}, "accredit", 403),
        ("GET", "/notices", None, "read_notices", 200),
        ("POST", "/mediations", {"username": "x", "password": "x", "code": "x"}, "mediate", 403),
        ("DELETE", "/mediations/x", None, "end_mediation", 204),
        ("GET", "/nowhere", None, "unknown", 404),
        ("PUT", "/log", None, "unknown", 405),
        ("DELETE", "/sessions", None, "sign_out", 204),
    ]
    for place, (method, path, body, _, status) in enumerate(requests):
        assert inside.by("social_worker", method, path, body, x_request_id=f"r-{place}").status == status
    rows = [row for row in inside.log() if row["request_id"]]
    assert [(row["request_id"], row["operation"], row["status"]) for row in rows] == [
        (f"r-{place}", operation, status) for place, (_, _, _, operation, status) in enumerate(requests)
    ]
    assert {row["user"] for row in rows} == {"social_worker"}
    assert {operation for _, _, _, operation, _ in requests} >= {route.operation for route in ROUTES if route.signed_in}
    assert rows[0]["query"] == {"family_name": "Plain"}
    assert rows[0]["results"] == [number]
    assert rows[1]["results"] == rows[4]["results"] == []
    assert rows[3]["query"] == key_of(PLAIN)
    assert rows[8]["query"] == {"number": number, "reason": "welfare"}


def test_no_password_code_or_token_reaches_the_log(inside: Inside) -> None:
    """Neither from an account's opening nor from a session's, nor from fields that do not belong."""
    token = inside.token("senco")
    inside.by("senco", "POST", "/children/search", {"password": PASSWORD, "family_name": {"token": token}})
    inside.ask("POST", "/sessions", {"username": "senco", "password": PASSWORD, "code": "123456"})
    text = str(inside.log())
    assert all(hidden not in text for hidden in (PASSWORD, token, "123456"))
    rows = [(row["user"], row["operation"], row["query"], row["status"]) for row in inside.log()]
    assert rows[:2] == [
        ("", "activate", {"username": "senco"}, 201),
        ("senco", "sign_in", {"username": "senco"}, 201),
    ]
    assert ("", "sign_in", {"username": "senco"}, 403) in rows


def test_the_log_is_read_in_pieces(inside: Inside) -> None:
    """`after` and `limit` walk through it; `next` is where to go on."""
    inside.search("social_worker", family_name="Plain")
    first = inside.by("central_team", "GET", "/log?after=0&limit=2").json
    assert [row["id"] for row in first["entries"]] == ["1", "2"]
    following = inside.by("central_team", "GET", f"/log?after={first['next']}&limit=1").json
    assert [row["id"] for row in following["entries"]] == ["3"]
    assert inside.by("central_team", "GET", "/log?after=100000").json == {"entries": [], "next": 100000}
    for window in ("limit=5001", "limit=-1", "after=x", "after=1e3", "after=99999999999999999999"):
        assert inside.by("central_team", "GET", f"/log?{window}").status == 422


def test_a_page_of_the_log_is_found_by_its_key(inside: Inside) -> None:
    """Not by walking through the rows before it: all pages together take as long as the log is."""
    connection = inside.app.parts.storage._connection
    for areas in (None, frozenset({1})):
        plan = connection.execute(f"EXPLAIN QUERY PLAN {_OWN}{_READ}", _window(5, 10, areas)).fetchall()
        steps = [step for *_, step in plan]
        assert "SEARCH log USING INTEGER PRIMARY KEY (rowid>?)" in steps
        assert not [step for step in steps if "B-TREE" in step or step.startswith("SCAN log")]


def test_a_request_id_of_another_form_is_not_taken(inside: Inside) -> None:
    """What a client sends reaches the log only in the form that was agreed."""
    for sent in ("x" * 65, "a b", "é", ""):
        inside.by("social_worker", "GET", "/alerts", x_request_id=sent)
    assert [row["request_id"] for row in inside.log() if row["operation"] == "read_alerts"] == [""] * 4


def test_whoever_is_answered_on_a_full_disk_is_in_the_log(inside: Inside) -> None:
    """A failure undoes all that the same turn had done before: those requests are told, and leave no row."""
    token = inside.token("social_worker")
    rows = len(inside.log())
    storage = inside.app.parts.storage
    pages = storage._connection.execute("PRAGMA page_count").fetchone()[0]
    storage._connection.execute(f"PRAGMA max_page_count = {pages}")
    note = "x" * 900
    path = f"/children/{number_of(PLAIN)}/reason"
    body = {"reason": "welfare", "note": note}
    statuses = [answer.status for answer in inside.ask_at_once([("POST", path, body, token, {})] * 50)]
    assert set(statuses[:20]) == {503}
    storage._connection.execute("PRAGMA max_page_count = 1073741823")
    declared = [row for row in inside.log()[rows:] if row["operation"] == "declare"]
    assert len(declared) == statuses.count(204) < 50
    assert inside.view("social_worker", SHIELDED).status == 200


def test_an_operation_that_fails_answers_nothing_and_undoes_its_turn(
    inside: Inside, population: Path, tmp_path: Path
) -> None:
    """A defect in one operation is told as unavailable, and goes no further than that."""
    del inside
    own = tmp_path / "own.py"
    own.write_text(
        "from overreach.contactpoint.fault import fault\n\n"
        '@fault("breaks-down", breaks="R9", scenario=42)\n'
        "def breaks_down(parts):\n"
        '    """A view breaks down."""\n'
        "    def change(parts, call, answer):\n"
        "        raise ZeroDivisionError\n"
        '    return parts.changing("view", change)\n'
    )
    folder = tmp_path / "broken"
    folder.mkdir()
    with Inside(population, folder, (f"{own}::breaks-down",)) as broken:
        answer = broken.view("social_worker", PLAIN)
        assert (answer.status, answer.json) == (503, {"error": "not available"})
        assert broken.search("social_worker", family_name="Plain").json["count"] == 1
