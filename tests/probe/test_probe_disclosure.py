"""What an answer discloses of whom: tokens, echoes, shared values, anchored values."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.canary import TokenKind
from overreach.model.errors import PackError
from overreach.model.probe import Answer
from overreach.model.terms import Facet, Grade, facets_of
from overreach.probe.disclosure import Reader, Reading
from overreach.probe.owners import People

_VIEW: Mapping[Facet, Sequence[str]] = {
    Facet.IDENTITY: ["$.name.given", "$.date_of_birth", "$.gender"],
    Facet.WHEREABOUTS: ["$.address.house", "$.address.street"],
    Facet.CONTACTS: ["$.carers[*].phone"],
    Facet.EDUCATION: ["$.education.school"],
}
_SEARCH: Mapping[Facet, Sequence[str]] = {Facet.IDENTITY: ["$.children[*].given"], Facet.EDUCATION: ["$.children[*].s"]}


def _number(town: People, child: int) -> str:
    return town.minter.mint(TokenKind.RECORD, child)


def _house(town: People, row: int) -> str:
    return f"{town.minter.mint(TokenKind.PLACE, row).capitalize()} House"


def _email(town: People, row: int) -> str:
    return f"ann.smith.{town.minter.mint(TokenKind.CONTACT, row)}@example.org"


def _read(
    town: People,
    body: Any,  # noqa: ANN401 - anything JSON can hold
    sent: str = "",
    child: int | None = None,
    paths: Mapping[Facet, Sequence[str]] = _VIEW,
) -> Reading:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return Reader(town).read(Answer(200, (), data, 0.01), paths, sent, child)


def _found(reading: Reading) -> set[tuple[int, Facet, Grade, tuple[int, ...]]]:
    return {(each.child, each.facet, each.grade, each.others) for each in reading.disclosures}


def test_a_record_number_proves_existence_and_identity(town: People) -> None:
    """Wherever it stands: here in the text of an error, encoded."""
    text = base64.b64encode(f"no access to {_number(town, 2)}".encode()).decode()
    reading = _read(town, {"error": text})
    assert _found(reading) == {
        (2, Facet.IDENTITY, Grade.TOKEN, ()),
        (2, Facet.EXISTENCE, Grade.TOKEN, ()),
    }
    assert {each.where for each in reading.disclosures} == {"body, base64"}


def test_a_token_in_json_is_placed_by_its_path(town: People) -> None:
    """The report can point at the member."""
    reading = _read(town, {"children": [{"n": 1}, {"number": _number(town, 2)}]})
    assert reading.disclosures[0].where == "$.children[1].number"


@given(st.integers(0, 5), st.sampled_from(["", "percent", "base64"]))
def test_a_number_that_the_request_sent_proves_nothing_when_it_comes_back(
    town: People, child: int, encoding: str
) -> None:
    """However the request wrote it."""
    number = _number(town, child)
    written = {
        "": number.upper(),
        "percent": "".join(f"%{ord(letter):02X}" for letter in number),
        "base64": base64.b64encode(number.encode()).decode(),
    }[encoding]
    reading = _read(town, {"error": f"nothing known of {number}"}, f"/children/{written}", child)
    assert (reading.disclosures, reading.asked, reading.foreign) == ((), 0, ())
    assert reading.tokens == 1


def test_sent_values_beside_a_sent_number_are_an_echo_too(town: People) -> None:
    """Number and date of birth asked for and repeated say nothing about the record."""
    sent = orjson.dumps({"number": _number(town, 1), "date_of_birth": "2001-01-31"}).decode()
    assert _read(town, orjson.loads(sent), f"/children/view {sent}", 1).disclosures == ()


def test_a_sent_number_still_says_whose_object_it_stands_in(town: People) -> None:
    """The answer to a view: values that were not sent are this child's; gender was, in no request."""
    record = {
        "number": _number(town, 1),
        "name": {"given": " GIVEN1"},
        "gender": "female",
        "carers": [{"phone": "07700 900009"}, {"phone": "07700 900001"}],
        "education": {"school": "Hill School"},
    }
    reading = _read(town, record, f"/children/{_number(town, 1)}", 1)
    assert _found(reading) == {
        (1, facet, Grade.ANCHORED, ()) for facet in (Facet.EXISTENCE, Facet.IDENTITY, Facet.CONTACTS, Facet.EDUCATION)
    }
    assert facets_of(reading.asked) == (Facet.EXISTENCE, Facet.IDENTITY, Facet.CONTACTS, Facet.EDUCATION)
    assert {each.where for each in reading.disclosures if each.facet is Facet.CONTACTS} == {"$.carers[1].phone"}


def test_values_in_a_list_belong_to_the_element_that_holds_the_number(town: People) -> None:
    """A value of one child beside the number of another proves nothing."""
    rows = [
        {"number": _number(town, 0), "given": "Given0", "s": "Other School"},
        {"number": _number(town, 5), "given": "Given5", "s": "Hill School"},
        {"given": "Given3", "s": "Hill School"},
    ]
    reading = _read(town, {"children": rows}, paths=_SEARCH)
    assert not any(each.facet is Facet.EDUCATION for each in reading.disclosures)
    assert {each.child for each in reading.disclosures} == {0, 5}


def test_a_value_outside_every_record_proves_nothing(town: People) -> None:
    """Many children have that school."""
    reading = _read(town, {"education": {"school": "Hill School"}, "row": {"number": _number(town, 1)}}, "", 1)
    assert Facet.EDUCATION not in {each.facet for each in reading.disclosures}


def test_a_house_is_everybodys_who_lives_there_with_the_child_asked_about_first(town: People) -> None:
    """Siblings share it: one disclosure, the others named."""
    body = f"deliver to {_house(town, 2)}".encode()
    assert _found(_read(town, body, "", 4)) == {
        (4, Facet.WHEREABOUTS, Grade.TOKEN, (3, 5)),
        (4, Facet.EXISTENCE, Grade.TOKEN, (3, 5)),
    }
    assert _read(town, body, "", 0).disclosures[0].child == 3
    assert facets_of(_read(town, body, "", 4).asked) == (Facet.EXISTENCE, Facet.WHEREABOUTS)
    assert _read(town, body, "", 0).asked == 0


def test_an_e_mail_is_a_contact_of_the_carers_children(town: People) -> None:
    """Also of the child of another family that the carer cares for."""
    assert (1, Facet.CONTACTS, Grade.TOKEN, (2,)) in _found(_read(town, {"x": _email(town, 2)}, "", 1))


def test_an_address_in_a_childs_own_record_is_that_childs_besides_being_shared(town: People) -> None:
    """The record says that this child lives there, not only that somebody does."""
    record = {"number": _number(town, 0), "address": {"house": _house(town, 0)}}
    found = _found(_read(town, record, "", 0))
    assert (0, Facet.WHEREABOUTS, Grade.TOKEN, (1,)) in found
    assert (0, Facet.WHEREABOUTS, Grade.ANCHORED, ()) in found
    assert (0, Facet.EXISTENCE, Grade.TOKEN, (1,)) not in found


def test_a_token_of_one_child_alone_anchors_like_a_record_number(town: People) -> None:
    """An answer without the number but with this child's own house; a shared house anchors nothing."""
    alone = {"address": {"house": _house(town, 1)}, "house": _house(town, 1), "education": {"school": "hill school"}}
    shared = {"house": _house(town, 0), "education": {"school": "hill school"}}
    assert (2, Facet.EDUCATION, Grade.ANCHORED, ()) in _found(_read(town, alone))
    assert Facet.EDUCATION not in {each.facet for each in _read(town, shared, "", 0).disclosures}


def test_a_search_by_e_mail_that_finds_a_child_confirms_the_contact(town: People) -> None:
    """The e-mail was sent, the record was not: the row ties them together."""
    row = {"number": _number(town, 2), "phone": "07700 900002"}
    paths = {Facet.CONTACTS: ["$.children[*].phone"]}
    reading = _read(town, {"children": [row]}, '{"phone": "07700 900002"}', 2, paths)
    assert (2, Facet.CONTACTS, Grade.ANCHORED, ()) in _found(reading)


def test_tokens_of_nobody_are_foreign_unless_they_were_sent(town: People) -> None:
    """A record created behind the audit's back, another population's, or a number made up."""
    strangers = (_number(town, 77), "qxzc00000000")
    reading = _read(town, {"a": strangers[0], "b": strangers[1]})
    assert (set(reading.foreign), reading.disclosures) == (set(strangers), ())
    assert _read(town, {"a": strangers[0]}, strangers[0]).foreign == ()


def test_a_postcode_alone_is_a_lead_and_no_disclosure(town: People) -> None:
    """Many people share it; sent by the request it is not even that."""
    reading = _read(town, {"error": "not at LS2 2CK"}, "", 2)
    assert [(each.child, each.grade) for each in reading.leads] == [(2, Grade.LEAD)]
    assert (reading.disclosures, reading.asked) == ((), 0)
    assert _read(town, {"error": "not at LS2 2CK"}, "postcode=ls2+2ck", 2).leads == ()


def test_bodies_that_are_no_json_are_read_for_tokens(town: People) -> None:
    """Text, broken JSON, nothing."""
    assert _found(_read(town, b'{"number": "' + _number(town, 1).encode())) == {
        (1, Facet.IDENTITY, Grade.TOKEN, ()),
        (1, Facet.EXISTENCE, Grade.TOKEN, ()),
    }
    assert _read(town, b"").disclosures == ()


def test_what_could_not_be_read_is_passed_on(town: People) -> None:
    """With a cut, silence proves nothing."""
    answer = Answer(200, (("Content-Encoding", "gzip"),), b"\x1f\x8b\x08", 0.01)
    assert Reader(town).read(answer, {}, "", None).cut


def test_what_was_opened_is_handed_to_the_guard(town: People) -> None:
    """The guard reads an answer as it came; this is the rest."""
    hidden = b"a real person, opened"
    assert hidden in _read(town, {"data": base64.b64encode(hidden).decode()}).opened
    assert _read(town, {"data": "plain"}).opened == ()


def test_underreach_counts_only_facets_with_a_value(town: People) -> None:
    """Child 5 goes to no school; everybody has a record."""
    reader = Reader(town)
    assert reader.value_facets(0) - reader.value_facets(5) == Facet.EDUCATION.bit
    assert reader.value_facets(0) & Facet.EXISTENCE.bit


def test_a_path_that_cannot_be_read_is_refused_when_the_reader_is_made(town: People) -> None:
    """Before anything is sent."""
    with pytest.raises(PackError, match="cannot be read"):
        Reader(town, [{Facet.IDENTITY: ["$..name"]}])
