"""The faults of view, search, log, cache, wire, backup and source, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import PASSWORD, SECRET, Inside, key_of
from tests.contactpoint.tables import FAR, PLAIN, SHIELDED, number_of, user_row

Both = Callable[..., tuple[Any, Any]]


def test_shield_ignored_in_postcode_search(both: Both) -> None:
    """The shielded child comes back for its postcode and for its house, not for its telephone."""

    def counts(inside: Inside) -> list[int]:
        fields = ({"postcode": "CI1 1KV"}, {"house": "Qxza00000001 House"}, {"phone": "07700 900002"})
        return [inside.search("social_worker", reason="welfare", **each).json["count"] for each in fields]

    assert both("shield-ignored-in-postcode-search", counts) == ([0, 0, 0], [1, 1, 0])


def test_shield_ignored_in_view(both: Both) -> None:
    """The address is there."""
    assert both("shield-ignored-in-view", lambda inside: "address" in inside.view("social_worker", SHIELDED).json) == (
        False,
        True,
    )


def test_area_not_checked(both: Both) -> None:
    """A record of another authority opens without a reason, and is found."""

    def ask(inside: Inside) -> tuple[int, int]:
        found = inside.search("social_worker", family_name="Faraway").json["count"]
        return inside.view("social_worker", FAR, reason=None).status, found

    assert both("area-not-checked", ask) == ((404, 0), (200, 2))


def test_leaver_signs_in(both: Both) -> None:
    """The account opens; somebody suspended is still refused."""

    def ask(inside: Inside) -> list[int]:
        bodies = [
            {"username": name, "code": SECRET.activation_code(user_row(name)), "password": PASSWORD}
            for name in ("leaver", "suspended")
        ]
        return [inside.ask("POST", "/accounts/activate", body).status for body in bodies]

    assert both("leaver-signs-in", ask) == ([403, 403], [201, 403])


def test_override_without_alert(both: Both) -> None:
    """The override is granted either way; the alert is missing."""

    def ask(inside: Inside) -> tuple[int, int]:
        path = f"/children/{number_of(SHIELDED)}/override"
        granted = inside.by("child_protection_worker", "POST", path, {"reason": "section_47"}).status
        return granted, len(inside.by("central_team", "GET", "/alerts").json["alerts"])

    assert both("override-without-alert", ask) == ((201, 1), (201, 0))


def test_former_name_searchable(both: Both) -> None:
    """The name before finds the shielded child."""
    assert both(
        "former-name-searchable",
        lambda inside: inside.search("social_worker", reason="welfare", former_name="Birthname").json["count"],
    ) == (0, 2)


def test_count_includes_hidden(both: Both) -> None:
    """Thirty are counted, twenty-seven are shown."""

    def ask(inside: Inside) -> tuple[int, int, int]:
        pages = [
            inside.search("social_worker", reason="welfare", school="Many School", page=page).json for page in (1, 2)
        ]
        return pages[0]["count"], pages[0]["pages"], sum(len(page["children"]) for page in pages)

    assert both("count-includes-hidden", ask) == ((27, 2, 27), (30, 2, 27))


def test_forbidden_differs_from_absent(both: Both) -> None:
    """The record that is there says so by its refusal."""

    def ask(inside: Inside) -> list[int]:
        never = {**key_of(FAR, None), "number": number_of(999)}
        return [
            inside.view("social_worker", FAR, reason=None).status,
            inside.by("social_worker", "POST", "/children/view", never).status,
            inside.view("social_worker", PLAIN).status,
        ]

    assert both("forbidden-differs-from-absent", ask) == ([404, 404, 200], [403, 404, 200])


def test_empty_search_not_logged(both: Both) -> None:
    """The search that finds nothing is missing from the log, the other one is there."""

    def ask(inside: Inside) -> list[int]:
        inside.search("social_worker", family_name="Nobody")
        inside.search("social_worker", family_name="Plain")
        return [len(row["results"]) for row in inside.log() if row["operation"] == "search"]

    assert both("empty-search-not-logged", ask) == ([0, 1], [1])


def test_cache_shared_between_users(both: Both) -> None:
    """What the management team was shown, a social worker is shown after it, and not before it."""

    def ask(inside: Inside) -> list[bool]:
        order = ("management_team", "social_worker")
        return ["address" in inside.view(username, SHIELDED).json for username in order]

    assert both("cache-shared-between-users", ask) == ([True, False], [True, True])


def test_sessions_mixed_in_parallel(both: Both) -> None:
    """Alone each user gets the own answer; together, somebody gets another's."""

    def ask(inside: Inside) -> tuple[set[bool], bool]:
        names = ("social_worker", "management_team")
        alone = {("address" in inside.view(name, SHIELDED).json) == (name == names[1]) for name in names * 10}
        tokens = [inside.token(name) for name in names * 50]
        together = inside.ask_at_once([("POST", "/children/view", key_of(SHIELDED), token, {}) for token in tokens])
        leaked = any("address" in answer.json for answer in together[::2])
        missing = any("address" not in answer.json for answer in together[1::2])
        return alone, leaked or missing

    assert both("sessions-mixed-in-parallel", ask) == (({True}, False), ({True}, True))


def test_whereabouts_in_header(both: Both) -> None:
    """A header tells the address of the shielded record; where it may be read anyway, there is none."""

    def ask(inside: Inside) -> list[bytes | None]:
        return [
            dict(inside.view(name, SHIELDED).headers).get(b"x-record-hint")
            for name in ("social_worker", "management_team")
        ]

    correct, broken = both("whereabouts-in-header", ask)
    assert correct == [None, None]
    assert broken == [b"Qxza00000001 House, CI1 1KV", None]


def test_plaintext_backup(both: Both) -> None:
    """The backup can be read by anybody who holds it."""

    def ask(inside: Inside) -> bool:
        backup = (inside.database.parent / "backup" / "registry.enc").read_bytes()
        return number_of(SHIELDED).encode() in backup

    assert both("plaintext-backup", ask) == (False, True)


def test_query_built_from_text(both: Both) -> None:
    """Ordinary names find the same; whoever types SQL is obeyed."""

    def ask(inside: Inside) -> list[int]:
        names = ("Plain", "O'Brien", "many", "x' OR '1'='1", "x' OR 1=1 --")
        return [inside.search("social_worker", family_name=name).json["count"] for name in names]

    correct, broken = both("query-built-from-text", ask)
    assert correct == [1, 0, 30, 0, 0]
    assert broken[:3] == correct[:3]
    assert min(broken[3:]) >= 30
