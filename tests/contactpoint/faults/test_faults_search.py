"""The faults of searching: what finds a shielded child, and what the rows carry; each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contactpoint.inside import Inside
from tests.contactpoint.tables import SHIELDED, number_of

Both = Callable[..., tuple[Any, Any]]
Question = Callable[[Inside], Any]


def found_by(*queries: dict[str, str]) -> Question:
    """The given names that a social worker with a reason finds, one list a query."""

    def ask(inside: Inside) -> list[list[str]]:
        pages = [inside.search("social_worker", reason="welfare", **query).json for query in queries]
        return [[row["name"]["given"] for row in page["children"]] for page in pages]

    return ask


HIDDEN_POSTCODE, HIDDEN_PHONE = {"postcode": "CI1 1KV"}, {"phone": "07700 900002"}
HIDDEN_EMAIL = {"email": "carer.qxze00000002@example.org"}


def test_school_finds_shielded(both: Both) -> None:
    """The school's list is two longer; the same children's postcode still finds nobody."""
    correct, broken = both("school-finds-shielded", found_by({"school": "St Émile's School"}, HIDDEN_POSTCODE))
    assert correct == [["Ida", "Dan", "Cara", "Amy"], []]
    assert broken == [["Ida", "Dan", "Hal", "Ben", "Cara", "Amy"], []]


def test_practice_finds_shielded(both: Both) -> None:
    """The practice's list has everybody who is not archived."""

    def count(inside: Inside) -> int:
        return int(inside.search("social_worker", reason="welfare", practice="The Surgery").json["count"])

    assert both("practice-finds-shielded", count) == (31, 36)


def test_carer_finds_shielded(both: Both) -> None:
    """The mother's name finds the shielded child beside its sibling."""
    ask = found_by({"carer_name": "Carer2 Parent"}, HIDDEN_POSTCODE)
    assert both("carer-finds-shielded", ask) == ([["Cara"], []], [["Ben", "Cara"], []])


def test_second_facet_forgotten(both: Both) -> None:
    """Name and postcode together find the child whom the postcode alone does not."""
    ask = found_by({"family_name": "Hidden", **HIDDEN_POSTCODE}, HIDDEN_POSTCODE)
    assert both("second-facet-forgotten", ask) == ([[], []], [["Ben"], []])


def test_telephone_finds_shielded(both: Both) -> None:
    """The telephone number is confirmed, the e-mail address of the same carer is not."""
    assert both("telephone-finds-shielded", found_by(HIDDEN_PHONE, HIDDEN_EMAIL)) == ([[], []], [["Ben"], []])


def test_email_finds_shielded(both: Both) -> None:
    """The e-mail address is confirmed, the telephone number of the same carer is not."""
    assert both("email-finds-shielded", found_by(HIDDEN_EMAIL, HIDDEN_PHONE)) == ([[], []], [["Ben"], []])


def test_sibling_found_by_protected_contact(both: Both) -> None:
    """The sibling comes back, not the shielded child."""
    assert both("sibling-found-by-protected-contact", found_by(HIDDEN_PHONE)) == ([[]], [["Cara"]])


def test_postcode_prefix_finds_shielded(both: Both) -> None:
    """A star finds what the whole postcode does not."""
    ask = found_by({"postcode": "ci1*"}, HIDDEN_POSTCODE)
    assert both("postcode-prefix-finds-shielded", ask) == ([[], []], [["Ben"], []])


def test_postcode_without_space_finds_shielded(both: Both) -> None:
    """One key less, and the shield is not there."""
    ask = found_by({"postcode": "CI11KV"}, HIDDEN_POSTCODE)
    assert both("postcode-without-space-finds-shielded", ask) == ([[], []], [["Ben"], []])


def _hidden_row(inside: Inside) -> dict[str, Any]:
    row: dict[str, Any] = inside.search("social_worker", given_name="Ben").json["children"][0]
    return row


def test_rows_carry_address(both: Both) -> None:
    """The row of a shielded child says where it lives."""
    correct, broken = both("rows-carry-address", _hidden_row)
    assert "address" not in correct
    assert broken == {**correct, "address": broken["address"]}
    assert broken["address"]["postcode"] == "CI1 1KV"


def test_rows_carry_authority(both: Both) -> None:
    """The row of a shielded child says in whose area it lives."""
    correct, broken = both("rows-carry-authority", _hidden_row)
    assert "provenance" not in correct
    assert broken["provenance"]["responsible"] == "Hereshire"


def test_contact_team_named_under_shield(both: Both) -> None:
    """A masked record names the area; to the management team, who see the address, it says nothing new."""

    def ask(inside: Inside) -> list[str | None]:
        names = ("social_worker", "management_team")
        return [inside.view(name, SHIELDED).json.get("ask") for name in names]

    assert both("contact-team-named-under-shield", ask) == ([None, None], ["Hereshire contact team", None])


def test_total_count_header(both: Both) -> None:
    """The body counts those who are shown, the header everybody."""

    def ask(inside: Inside) -> tuple[int, bytes | None]:
        got = inside.search("social_worker", reason="welfare", school="Many School")
        return got.json["count"], dict(got.headers).get(b"x-total-count")

    assert both("total-count-header", ask) == ((27, None), (27, b"30"))


def test_single_match_redirects(both: Both) -> None:
    """The address of the record tells its number; a search that shows somebody or matches nobody is as before."""

    def ask(inside: Inside) -> list[tuple[int, bytes | None]]:
        postcodes = ("CI1 1KV", "CI0 1KV", "CI9 1KV")
        got = [inside.search("social_worker", reason="welfare", postcode=each) for each in postcodes]
        return [(each.status, dict(each.headers).get(b"location")) for each in got]

    correct, broken = both("single-match-redirects", ask)
    assert correct == [(200, None)] * 3
    assert broken == [(303, f"/children/{number_of(SHIELDED)}".encode()), (200, None), (200, None)]


def test_suggestions_over_hidden_values(both: Both) -> None:
    """Half a postcode is completed to that of a shielded child; where somebody is found, nothing is suggested."""

    def ask(inside: Inside) -> list[list[str] | None]:
        postcodes = ("CI1 1KI", "CI2 1KV")
        got = [inside.search("social_worker", reason="welfare", postcode=each).json for each in postcodes]
        return [each.get("did_you_mean") for each in got]

    assert both("suggestions-over-hidden-values", ask) == ([None, None], [["CI1 1KV"], None])
