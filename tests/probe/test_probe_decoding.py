"""Tokens are found however an answer is packed; what cannot be read is said."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import quote_from_bytes

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overreach.model.canary import LITERAL, Minter, TokenKind
from overreach.model.probe import Answer
from overreach.probe.anchors import tokens_in
from overreach.probe.decoding import LIMITS, Limits, Unfolded, unfold, unfold_bytes

_TOKEN = Minter(7).mint(TokenKind.RECORD, 3)
_MEGABYTE = 1 << 20


def _zip(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", data)
    return file.getvalue()


def _pdf(data: bytes) -> bytes:
    content = b"BT /F1 12 Tf (" + data.hex().encode() + b") Tj ET"
    return _pdf_of(zlib.compress(content), b"/Filter /FlateDecode")


def _pdf_of(stream: bytes, filters: bytes = b"") -> bytes:
    head = b"%%PDF-1.7\n1 0 obj\n<< /Length %d %b >>\nstream\n" % (len(stream), filters)
    return head + stream + b"\nendstream\nendobj\n%%EOF"


def _headerless(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(data) + deflate.flush()


_PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstandard.compress,
    "zip": _zip,
}
_WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64, URL-safe and without padding": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "base64 in lines": base64.encodebytes,
    "hex": lambda data: data.hex().encode(),
    "hex in capitals": lambda data: data.hex().upper().encode(),
    "percent": lambda data: quote_from_bytes(data, safe="").encode(),
    "percent throughout": lambda data: b"".join(b"%%%02x" % byte for byte in data),
    "entities": lambda data: "".join(f"&#{byte};" for byte in data).encode(),
    "entities in hex": lambda data: "".join(f"&#x{byte:X};" for byte in data).encode(),
    "named entities": lambda data: html.escape(data.decode()).encode() if data.isascii() else data,
    "JSON escapes": lambda data: "".join(f"\\u{byte:04x}" for byte in data).encode(),
    "JSON string": lambda data: json.dumps(data.decode("latin-1")).encode(),
}
_ANY = st.sampled_from(sorted(_WRITTEN) + sorted(_PACKED))
_AROUND = st.text("abcXYZ019 ,;{}<>\"':é", max_size=9).map(lambda text: text.encode())


def _answer(body: bytes, *headers: tuple[str, str], error: str = "") -> Answer:
    return Answer(200, headers, body, 0.01, error)


def _found(unfolded: Unfolded) -> dict[str, str]:
    return {
        token: layer.where for layer in reversed(unfolded.layers) for token in tokens_in(layer.data.decode("latin-1"))
    }


@settings(deadline=None, max_examples=300)
@example(["deflate", "JSON string", "JSON string"], b"", b"", str.lower)
@given(st.lists(_ANY, max_size=3), _AROUND, _AROUND, st.sampled_from([str.lower, str.upper, str.capitalize]))
def test_a_token_is_found_in_any_nesting_of_the_encodings(
    names: list[str], before: bytes, after: bytes, case: Callable[[str], str]
) -> None:
    """Up to three deep, at any alignment, in any case, whatever stands around it."""
    data = before + case(_TOKEN).encode() + after
    for name in names:
        data = {**_PACKED, **_WRITTEN}[name](data)
    assert _TOKEN in _found(unfold(_answer(data)))


_HEADERS = st.tuples(
    st.sampled_from(["Server", "date", "x-request-id", "Set-Cookie", "Location"]),
    st.one_of(
        st.sampled_from(["granian", "Mon, 18 May 2009 10:00:00 GMT", f"/children/{_TOKEN}", "a=b; Path=/"]),
        st.text("abcXYZ0129+/=%&<; -", max_size=50),
        st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode()),
    ),
)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(_HEADERS, max_size=4), st.lists(_ANY, max_size=1), _AROUND, st.sampled_from([_TOKEN, "lead_professional"])
)
def test_plain_answers_are_opened_no_differently_at_once_than_piece_by_piece(
    headers: list[tuple[str, str]], names: list[str], around: bytes, held: str
) -> None:
    """A per cent sign that encodes nothing keeps an answer from being taken for plain."""
    body = around + held.encode() + around
    for name in names:
        body = {**_PACKED, **_WRITTEN}[name](body)
    at_once, in_pieces = unfold(_answer(body, *headers)), unfold(_answer(body, *headers, ("X-Share", "100%")))
    assert [each for each in at_once.layers if each.where.startswith("body")] == [
        each for each in in_pieces.layers if each.where.startswith("body")
    ]
    assert _found(at_once) == _found(in_pieces)
    assert (at_once.body, at_once.cut, at_once.inside) == (in_pieces.body, in_pieces.cut, in_pieces.inside)


@pytest.mark.parametrize("name", [*_PACKED, *_WRITTEN])
def test_whole_encodings_are_not_called_cut(name: str) -> None:
    """A cut makes an answer unproven: it must not be cried without reason."""
    data = {**_PACKED, **_WRITTEN}[name](json.dumps({"number": _TOKEN, "name": "Zoë Ray-Smith"}).encode())
    for body in (data, b'{"data": "' + data + b'"}') if data.isascii() else (data,):
        assert unfold(_answer(body)).cut == ""


@settings(deadline=None)
@given(_ANY, st.text("abcdefghijXYZ/_-0123", max_size=5))
def test_an_encoded_token_is_found_behind_letters_of_the_same_alphabet(name: str, prefix: str) -> None:
    """`path/` and `id_` belong to the alphabet of base64: the encoded part may begin anywhere in a word."""
    if name in _WRITTEN:
        data = prefix.encode() + _WRITTEN[name](_TOKEN.encode())
        assert _TOKEN in _found(unfold(_answer(b'{"a":"' + data + b'"}')))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=3000))
def test_random_bytes_hold_no_token_and_raise_nothing(data: bytes) -> None:
    """Whatever comes, reading ends in layers."""
    for body in (data, b"\x1f\x8b\x08" + data, b"PK\x03\x04" + data, b"%PDF-1.7 stream\n" + data, b"x\x9c" + data):
        assert _TOKEN not in _found(unfold(_answer(body, ("Content-Encoding", "br, gzip"))))


def test_plain_json_is_one_layer_beside_the_headers() -> None:
    """The usual answer costs no decoding: key names and dates are no encodings."""
    body = b'{"lead_professional":"Jo Ray","sensitive_services":[],"since":"2006-09-01T10:00:00"}'
    unfolded = unfold(_answer(body, ("Content-Type", "application/json"), ("Date", "Mon, 18 May 2009 10:00:00 GMT")))
    assert [layer.where for layer in unfolded.layers] == ["headers", "body"]
    assert unfolded.inside == ()


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("X-Location", f"{_TOKEN} House", "header X-Location"),
        ("Set-Cookie", f"last={base64.b64encode(_TOKEN.encode()).decode()}; Path=/", "cookie last, base64"),
        ("Location", f"/children/{_TOKEN}", "redirect"),
        ("Content-Disposition", f"attachment; filename*=UTF-8''%71%78%7A{_TOKEN[3:]}.csv", "file name, percent"),
        (_TOKEN, "1", "header names"),
    ],
)
def test_headers_are_read_and_named(name: str, value: str, where: str) -> None:
    """Values and names, cookies, redirects, file names."""
    assert _found(unfold(_answer(b"{}", ("Server", "x"), (name, value)))) == {_TOKEN: where}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_content_codings_are_removed(coding: str) -> None:
    """Also where two were applied, the last one first."""
    packed = _PACKED[coding](b'"' + _TOKEN.encode() + b'"')
    unfolded = unfold(_answer(packed, ("content-encoding", coding)))
    assert (unfolded.body, unfolded.cut) == (b'"' + _TOKEN.encode() + b'"', "")
    twice = unfold(_answer(gzip.compress(packed), ("Content-Encoding", f"{coding}, GZIP")))
    assert twice.body == unfolded.body


def test_deflate_without_its_zlib_header_is_read() -> None:
    """As some servers send it."""
    assert unfold(_answer(_headerless(b"{}"), ("Content-Encoding", "deflate"))).body == b"{}"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_truncated_compression_is_cut_and_what_came_is_searched(coding: str) -> None:
    """The token at the start shows; the missing end is said."""
    noise = b"".join(b"%d," % (number * number * 7919) for number in range(20000))
    packed = _PACKED[coding](_TOKEN.encode() + noise)
    unfolded = unfold(_answer(packed[: len(packed) // 2], ("Content-Encoding", coding)))
    assert _TOKEN in _found(unfolded)
    assert unfolded.cut.startswith(f"body, {coding}: ")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "compress"])
def test_a_body_that_is_not_what_its_header_says_is_cut_and_read_as_it_is(coding: str) -> None:
    """A lying header hides nothing."""
    unfolded = unfold(_answer(b'{"a":"' + _TOKEN.encode() + b'"}', ("Content-Encoding", coding)))
    assert _TOKEN in _found(unfolded)
    assert coding in unfolded.cut


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "zip"])
def test_a_bomb_is_read_up_to_the_limit_and_said(coding: str) -> None:
    """16 megabytes of zeros in a few kilobytes."""
    bomb = _PACKED[coding](bytes(16 * _MEGABYTE))
    limits = Limits(total=2 * _MEGABYTE, layer=_MEGABYTE)
    for headers in ((), (("Content-Encoding", coding),)):
        unfolded = unfold(_answer(bomb, *headers), limits)
        assert sum(len(layer.data) for layer in unfolded.layers) <= 2 * _MEGABYTE
        assert unfolded.cut


def test_bombs_inside_bombs_stay_within_the_total() -> None:
    """Many members, each below the limit of a layer."""
    data = gzip.compress(bytes(_MEGABYTE))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(40):
            archive.writestr(f"{number}.gz", gzip.compress(data + b"%d" % number))
    unfolded = unfold(_answer(file.getvalue()), Limits(total=8 * _MEGABYTE))
    assert sum(len(layer.data) for layer in unfolded.layers) <= 8 * _MEGABYTE


def test_nesting_beyond_the_stated_depth_is_said() -> None:
    """What is not opened any more is not passed over in silence."""
    data = _TOKEN.encode()
    for _ in range(LIMITS.depth + 1):
        data = gzip.compress(data)
    unfolded = unfold(_answer(data))
    assert _found(unfolded) == {}
    assert "nested more than" in unfolded.cut


def test_an_incomplete_answer_is_cut() -> None:
    """What did come is searched."""
    unfolded = unfold(_answer(_TOKEN.encode(), error="timed out"))
    assert (_found(unfolded), unfolded.cut) == ({_TOKEN: "body"}, "no whole answer: timed out")


def test_member_names_of_archives_are_read() -> None:
    """A file may be named after a child."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"letters/{_TOKEN}.txt", "")
    assert _TOKEN in _found(unfold(_answer(file.getvalue())))


def test_an_archive_without_its_end_gives_its_members_and_a_cut() -> None:
    """The directory of a ZIP stands at its end."""
    unfolded = unfold(_answer(_zip(_TOKEN.encode() * 3)[:-30]))
    assert _TOKEN in _found(unfolded)
    assert "ends early" in unfolded.cut


def test_an_encrypted_member_is_a_cut() -> None:
    """Bit 0 of the general flags, in the local header and in the directory."""
    archive = bytearray(_zip(b"secret"))
    archive[6] |= 1
    archive[archive.find(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted" in unfold(_answer(bytes(archive))).cut


@pytest.mark.parametrize(
    "shown", [f"({_TOKEN}) Tj", f"[({_TOKEN[:5]}) -20 ({_TOKEN[5:]})] TJ", f"<{_TOKEN.encode().hex()}> Tj"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_text_that_a_pdf_shows_is_read(shown: str, packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Strings in brackets, split by kerning, and in hex; plain and Flate streams."""
    content = f"BT /F1 12 Tf {shown} ET".encode()
    pdf = _pdf_of(zlib.compress(content), b"/Filter /FlateDecode") if packed else _pdf_of(content)
    assert _TOKEN in _found(unfold(_answer(pdf)))


def test_text_in_a_pdf_font_of_two_byte_codes_is_read_by_its_map() -> None:
    """As typesetters write it: glyph numbers, and a `ToUnicode` map in another stream."""
    codes = {letter: number for number, letter in enumerate(dict.fromkeys(_TOKEN), 3)}
    content = "<" + "".join(f"{codes[letter]:04X}" for letter in _TOKEN) + "> Tj"
    lines = "\n".join(f"<{code:04X}> <{ord(letter):04X}>" for letter, code in codes.items())
    mapping = f"{len(codes)} beginbfchar\n{lines}\nendbfchar"
    pdf = b"".join(_pdf_of(zlib.compress(part.encode()), b"/Filter /FlateDecode") for part in (content, mapping))
    assert _TOKEN in _found(unfold(_answer(pdf)))


def test_an_encrypted_pdf_is_a_cut() -> None:
    """Its streams cannot be read without the key."""
    assert "is encrypted" in unfold(_answer(_pdf_of(b"x") + b"trailer << /Encrypt 5 0 R >>")).cut


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_characters_are_read(encoding: str) -> None:
    """As spreadsheets export CSV."""
    assert _TOKEN in _found(unfold(_answer(f"number,name\n{_TOKEN},x\n".encode(encoding))))


def test_markup_within_a_token_is_seen_through() -> None:
    """Search pages mark what was found; rich text splits words."""
    assert _TOKEN in _found(unfold(_answer(f"<p><b>{_TOKEN[:6]}</b>{_TOKEN[6:]}</p>".encode())))


@settings(deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_layers_never_repeat_bytes(before: bytes, after: bytes) -> None:
    """The work stays in proportion to what is there."""
    layers = unfold_bytes(before + LITERAL.encode() + after, "file").layers
    assert len({layer.data for layer in layers}) == len(layers)
