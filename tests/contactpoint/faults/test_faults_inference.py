"""The faults that tell what they do not show, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Got, Inside, key_of
from tests.contactpoint.tables import FAR, MOVED, PLAIN, SHIELDED, number_of

Both = Callable[..., tuple[Any, Any]]


def _header(got: Got, name: bytes) -> bytes | None:
    return dict(got.headers).get(name)


def test_rows_sorted_by_postcode(both: Both) -> None:
    """The same children, in the order of where they live."""

    def ask(inside: Inside) -> list[str]:
        rows = inside.search("social_worker", reason="welfare", school="St Émile's School").json["children"]
        return [row["name"]["given"] for row in rows]

    assert both("rows-sorted-by-postcode", ask) == (["Ida", "Dan", "Cara", "Amy"], ["Amy", "Cara", "Dan", "Ida"])


def test_shielded_rows_come_last(both: Both) -> None:
    """Whoever stands out of order is shielded."""

    def ask(inside: Inside) -> list[str]:
        rows = inside.search("social_worker", reason="welfare", date_of_birth="2000-02-29").json["children"]
        return [row["name"]["given"] for row in rows][:4]

    correct, broken = both("shielded-rows-come-last", ask)
    assert correct == ["Ida", "Dan", "Hal", "Ben"]
    assert broken == ["Ida", "Dan", "Cara", "Twin01"]


def test_hidden_rows_take_a_place(both: Both) -> None:
    """The count is right; the first page is short by three."""

    def ask(inside: Inside) -> list[int]:
        pages = [
            inside.search("social_worker", reason="welfare", school="Many School", page=page).json for page in (1, 2)
        ]
        return [pages[0]["count"], *(len(page["children"]) for page in pages)]

    assert both("hidden-rows-take-a-place", ask) == ([27, 25, 2], [27, 22, 5])


def test_too_many_matches_counts_hidden(both: Both) -> None:
    """Twenty-seven would not be too many; thirty are."""

    def ask(inside: Inside) -> list[int]:
        schools = ("Many School", "St Émile's School")
        return [inside.search("social_worker", reason="welfare", school=each).status for each in schools]

    assert both("too-many-matches-counts-hidden", ask) == ([200, 200], [422, 200])


def test_hidden_record_words_its_refusal(both: Both) -> None:
    """The status is the same, the words are not."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        hidden = inside.view("social_worker", FAR, reason=None)
        never = {**key_of(FAR, None), "number": number_of(999)}
        absent = inside.by("social_worker", "POST", "/children/view", never)
        return hidden.status == absent.status, hidden.body == absent.body

    assert both("hidden-record-words-its-refusal", ask) == ((True, True), (True, False))


def test_wrong_birth_date_confirms_number(both: Both) -> None:
    """A guessed number is confirmed by what the answer complains of; with the right date nothing changed."""

    def ask(inside: Inside) -> tuple[bool, int]:
        wrong = [
            {"number": number_of(child), "date_of_birth": "1999-01-01", "reason": "welfare"} for child in (PLAIN, 999)
        ]
        real, never = (inside.by("social_worker", "POST", "/children/view", body) for body in wrong)
        return real == never, inside.view("social_worker", PLAIN).status

    assert both("wrong-birth-date-confirms-number", ask) == ((True, 200), (False, 200))


def test_hidden_match_takes_longer(both: Both) -> None:
    """A hit that is not shown costs more statements than a miss, and is answered in the same bytes."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        inside.search("social_worker", reason="welfare", postcode="CI9 1KV")  # the first of a session costs more
        run: list[str] = []
        inside.app.parts.storage._connection.set_trace_callback(run.append)
        answers, costs = [], []
        for postcode in ("CI1 1KV", "CI9 1KV"):
            answers.append(inside.search("social_worker", reason="welfare", postcode=postcode).body)
            costs.append(len(run))
            run.clear()
        return answers[0] == answers[1], costs[0] == costs[1]

    assert both("hidden-match-takes-longer", ask) == ((True, True), (True, False))


def test_etag_of_whole_record(both: Both) -> None:
    """The shielded child moves: what may be seen of it stays the same, its tag does not."""

    def ask(inside: Inside) -> tuple[bool, bool]:
        before = inside.view("social_worker", SHIELDED)
        inside.app.parts.storage._connection.execute("UPDATE addresses SET postcode = 'CI9 9KV' WHERE address = 1")
        after = inside.view("social_worker", SHIELDED)
        return before.body == after.body, _header(before, b"etag") == _header(after, b"etag")

    assert both("etag-of-whole-record", ask) == ((True, True), (True, False))


def test_last_modified_of_hidden_part(both: Both) -> None:
    """The date of the last change, which the record itself does not show."""

    def ask(inside: Inside) -> bytes | None:
        return _header(inside.view("social_worker", SHIELDED), b"last-modified")

    assert both("last-modified-of-hidden-part", ask) == (None, MOVED.isoformat().encode())


def test_hidden_members_are_null(both: Both) -> None:
    """A shielded record shows empty places; one that is merely beyond the role does not."""

    def ask(inside: Inside) -> list[bool]:
        return [
            "address" in inside.view("social_worker", SHIELDED).json,
            "education" in inside.view("fire_strategy_officer", SHIELDED).json,
            "education" in inside.view("fire_strategy_officer", PLAIN).json,
        ]

    assert both("hidden-members-are-null", ask) == ([False, False, False], [True, True, False])


def test_answers_outlive_override(both: Both) -> None:
    """After the override is closed the address is still there for the same user, and for nobody else."""

    def ask(inside: Inside) -> list[bool]:
        breaker, path = "child_protection_worker", f"/children/{number_of(SHIELDED)}/override"
        before = "address" in inside.view(breaker, SHIELDED).json
        inside.by(breaker, "POST", path, {"reason": "section_47"})
        during = "address" in inside.view(breaker, SHIELDED).json
        inside.by(breaker, "DELETE", path)
        after = ["address" in inside.view(name, SHIELDED).json for name in (breaker, "social_worker")]
        return [before, during, *after]

    assert both("answers-outlive-override", ask) == ([False, True, False, False], [False, True, True, False])


def test_answers_may_be_stored(both: Both) -> None:
    """A cache on the way may keep the record."""

    def ask(inside: Inside) -> bytes | None:
        return _header(inside.view("social_worker", PLAIN), b"cache-control")

    assert both("answers-may-be-stored", ask) == (b"no-store", b"private, max-age=3600")
