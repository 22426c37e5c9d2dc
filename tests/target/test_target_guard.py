"""The guard lets synthetic values pass and stops at what could be a real person's."""

from __future__ import annotations

import re

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overreach.model.canary import Minter, TokenKind
from overreach.model.errors import SyntheticOnlyError
from overreach.model.probe import Answer
from overreach.target.guard import Guard, suspicion

_MINTER = Minter(7)
_TOKENS = st.builds(_MINTER.mint, st.sampled_from(TokenKind), st.integers(0, 11_000_000))
_OUTWARD = st.sampled_from(["E1", "M60", "LS12", "SW1A", "EC1Y", "CR2", "ZE3"])
_WRITINGS = st.sampled_from([str, str.lower, lambda text: text.replace(" ", "")])
_TELEPHONES = st.builds(
    lambda start, end: f"{start}{end:03d}",
    st.sampled_from(
        ["01632 960", "020 7946 0", "07700 900", "0113 496 0", "+44 7700 900", "(01632) 960", "+44 (0)20 7946 0"]
    ),
    st.integers(0, 999),
)


def _guard() -> Guard:
    return Guard(lambda number: _MINTER.read(number) is not None)


def _postcodes(letters: str) -> st.SearchStrategy[str]:
    return st.builds(
        lambda outward, digit, first, last, write: write(f"{outward} {digit}{first}{last}"),
        _OUTWARD,
        st.integers(0, 9),
        st.sampled_from(letters),
        st.sampled_from(letters),
        _WRITINGS,
    )


def _nhs_number(start: int) -> str:
    digits = f"{start:09d}"
    check = -sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
    return "" if check == 10 else f"{digits}{check}"


_NHS_NUMBERS = (
    st.one_of(st.integers(400_000_000, 499_999_999), st.integers(600_000_001, 708_800_001))
    .map(_nhs_number)
    .filter(lambda number: number and len(set(number)) > 1)
)
_EMBEDDINGS = st.sampled_from(
    [
        lambda value: orjson.dumps({"number": 1, "value": value, "at": "2009-05-18"}),
        lambda value: orjson.dumps([value]),
        lambda value: f"<td>{value}</td>".encode(),
        lambda value: f"1,{value},Ray\n".encode(),
        lambda value: f"it is {value}.".encode(),
        lambda value: f"(see: {value}; since 2009-05-18)".encode(),
    ]
)


@given(_postcodes("CIKMOV"), _TELEPHONES, _TOKENS, st.sampled_from(["org", "com", "net"]), _EMBEDDINGS)
def test_everything_that_a_population_can_hold_passes(
    postcode: str, telephone: str, token: str, end: str, embed: object
) -> None:
    """Canary postcodes, drama telephones, reserved domains, its own record numbers, however they are written."""
    assert callable(embed)
    for value in (postcode, telephone, token, f"{token.capitalize()} House", f"ann.ray.{token}@example.{end}"):
        _guard().check(embed(value))


@given(_postcodes("ABDEFGHJLNPQRSTUWXYZ"), _EMBEDDINGS)
def test_a_postcode_that_can_be_allocated_stops_the_run(postcode: str, embed: object) -> None:
    """With or without its space, in any case; small ordinals such as `2nd` apart."""
    assert callable(embed)
    if re.search(r"\d(st|nd|rd|th)$", postcode):
        return
    assert suspicion(embed(postcode)) == "a postcode that can be allocated"


@given(_NHS_NUMBERS, _EMBEDDINGS)
def test_a_valid_nhs_number_stops_the_run(number: str, embed: object) -> None:
    """As a text of its own, and in its groups of three, three and four anywhere."""
    assert callable(embed)
    assert suspicion(embed(number)) == "a valid NHS number"
    assert suspicion(embed(f"{number[:3]} {number[3:6]} {number[6:]}")) == "a valid NHS number"


@pytest.mark.parametrize(
    "value",
    [
        "ann.ray@gmail.com",
        "ann@mail.nhs.uk",
        "Ann Ray <ann@example.co>",
        "ann@notexample.com",
        "020 7123 4567",
        "02071234567",
        "+44 20 7123 4567",
        "+44 (0)20 7123 4567",
        "0044 7712 345678",
        "(01223) 123456",
        "07700-901123",
        "01632 961000",
        "12 07712 345678",
        "2001-01-01 07712 345678",
    ],
)
def test_real_looking_addresses_and_telephones_stop_the_run(value: str) -> None:
    """Also one digit beside a range kept for drama."""
    for text in (orjson.dumps({"v": value}), f"x={value}".encode(), f"{value}\n".encode()):
        with pytest.raises(SyntheticOnlyError):
            _guard().check(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"time": 1242604800, "sequence": 9434765919, "next": 4010232137}',
        '{"seconds": 0.02071234567}',
        '"1242604800"',
        "@media (min-width: 40em)",
        "pkg@1.2.3",
        "ann@localhost",
        "ann@mail.example",
        "01-02-2009 10:00",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "999 000 0018",
        "on the M1 2nd exit",
        "AA1 2AB",
        "eyJhbGciOi.E1-2AB_x",
        "/assets/E12AB/x.js",
        "0000000000",
    ],
)
def test_numbers_and_words_of_other_kinds_pass(text: str) -> None:
    """Times, sequence numbers, versions, digests, test numbers of the NHS, areas that do not exist."""
    assert suspicion(text.encode()) == ""


def test_a_number_whose_key_names_the_nhs_needs_no_quotes() -> None:
    """Then it is no position or time."""
    assert suspicion(b'{"nhs_number": 9434765919}') == "a valid NHS number"


def test_a_record_number_of_nobody_stops_the_run_unless_it_was_asked_for() -> None:
    """Neither in the population nor created by this run."""
    stranger = Minter(8).mint(TokenKind.RECORD, 1)
    known: set[str] = set()
    guard = Guard(known.__contains__)
    body = orjson.dumps({"number": stranger.upper()})
    with pytest.raises(SyntheticOnlyError, match="a record number of nobody"):
        guard.check(body)
    guard.check(body, sent=f"/children/{stranger}")
    known.add(stranger)
    guard.check(body)


def test_headers_of_an_answer_are_checked_with_its_body() -> None:
    """A redirect may carry an address."""
    answer = Answer(302, (("Location", "/mail?to=ann@gmail.com"),), b"", 0.01)
    with pytest.raises(SyntheticOnlyError):
        _guard().check(answer)


@given(st.sampled_from(["SW1A 2AA", "ann@gmail.com", "020 7123 4567", "943 476 5919"]))
def test_the_message_never_repeats_the_value(value: str) -> None:
    """Nothing of the answer is kept, the message included."""
    with pytest.raises(SyntheticOnlyError) as stopped:
        _guard().check(value)
    shown = f"{stopped.value.message} {stopped.value.remedy}"
    assert value not in shown
    assert "\n" not in shown


@given(st.binary(max_size=2000))
def test_any_bytes_can_be_checked(data: bytes) -> None:
    """No answer breaks the guard."""
    suspicion(data)


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            _TOKENS,
            _TELEPHONES,
            _NHS_NUMBERS,
            _postcodes("ABDEFGHJLNPQRSTUWXYZ"),
            st.sampled_from(
                ["nhs:", "751", "no-store", "SW1A", "2AA", "a@example.com", "Mon, 18 May 2009 10:00:00 GMT"]
            ),
            st.text("0123456789 ()-+@.abS:", max_size=30),
        ),
        max_size=4,
    )
)
def test_headers_are_refused_as_the_text_that_they_are_together(values: list[str]) -> None:
    """Each value is known from earlier answers; what is refused is what stands in them all."""
    together = suspicion("\n".join(values).encode())
    answer = Answer(200, tuple(("X-Value", value) for value in values), b"", 0.01)
    if together:
        with pytest.raises(SyntheticOnlyError, match=together):
            _guard().check(answer)
    else:
        _guard().check(answer)


def test_a_telephone_number_is_judged_anew_where_other_letters_stand_before_it() -> None:
    """Digits inside a word are no telephone number; the same digits alone are."""
    assert suspicion(b'"id_02079461234"') == ""
    assert suspicion(b'" 02079461234"') != ""
    assert suspicion(b'"id_02079461234"') == ""
