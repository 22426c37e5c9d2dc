"""No credential enters a run: replaced in every format, and looked for once more before sealing."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.errors import OverreachError
from overreach.model.review import Review
from overreach.report.folder import RunFolder
from overreach.report.json_form import dump
from overreach.report.leaks import leaking_files
from overreach.report.redact import REDACTED, redact, redact_text
from overreach.report.secret_search import SecretFinder, encoded_forms
from overreach.report.write import write_reports

TOKEN = "s3ss10n-T0k3n+with/odd=&<chars>\"'"  # noqa: S105 - nobody's
NOTHING = SecretFinder(frozenset())


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("-H 'Authorization: Bearer abc.def-123'", "-H 'Authorization: Bearer [redacted]'"),
        ("-H 'Authorization: Bearer $TOKEN'", "-H 'Authorization: Bearer $TOKEN'"),
        ("authorization: basic dXNlcjpw", "authorization: basic [redacted]"),
        ("otpauth://totp/x?secret=JBSWY3DP", "[redacted]"),
        ('{"password": "it\'s me", "username": "u1"}', '{"password": "[redacted]", "username": "u1"}'),
        (r"{\"totp_secret\":\"JBSW\"}", r"{\"totp_secret\":\"[redacted]\"}"),
        ('{"code": 123456}', '{"code": "[redacted]"}'),
        ("password=hunter2&x=1", "password=[redacted]&x=1"),
        ("Set-Cookie: session=abc; HttpOnly", "Set-Cookie: [redacted]"),
        ("the bearer of a reason code", "the bearer of a reason code"),
        (
            '{"reason": "welfare", "number": "qxzc4k2m9tpw"}',
            '{"reason": "welfare", "number": "qxzc4k2m9tpw"}',
        ),
    ],
)
def test_what_looks_like_a_credential_is_replaced(text: str, clean: str) -> None:
    """Whoever it belongs to; what has to be copied stays."""
    assert redact_text(text, NOTHING) == clean


@given(st.text(min_size=1, max_size=24), st.text(max_size=12), st.text(max_size=12))
def test_no_form_of_a_secret_survives(secret: str, before: str, after: str) -> None:
    """However it stands in the text: as it is, escaped or encoded."""
    finder = SecretFinder(frozenset({secret, ""}))
    for form in encoded_forms(secret):
        text = before + form.decode("utf-8", "replace") + after
        spans = finder.spans(text.encode("utf-8", "replace"))
        assert any(start <= len(before.encode("utf-8", "replace")) < end for start, end in spans)


@given(st.binary(max_size=200), st.lists(st.binary(min_size=1, max_size=6), max_size=4))
def test_the_fast_search_finds_what_a_slow_one_finds(data: bytes, needles: list[bytes]) -> None:
    """Every occurrence of every secret lies in a span, and every span holds one."""
    secrets = frozenset(needle.decode("latin-1") for needle in needles)
    forms = {form for secret in secrets for form in encoded_forms(secret)}
    spans = SecretFinder(secrets).spans(data)
    covered = {place for start, end in spans for place in range(start, end)}
    for form in forms:
        for at in range(len(data) - len(form) + 1):
            if data.startswith(form, at):
                assert at in covered
    assert all(any(form in data[start:end] for form in forms) for start, end in spans)


def leaky(review: Review) -> Review:
    """A review into which a session token found its way."""
    witness = replace(review.findings[0].witness, answer=f"got {TOKEN}", request=f"-H 'X: {TOKEN}'")
    return replace(
        review,
        sentence=f"{review.sentence} {TOKEN}",
        findings=(replace(review.findings[0], witness=witness), *review.findings[1:]),
        run=replace(review.run, command=f"audit --secret {TOKEN}"),
    )


def test_no_written_file_holds_a_secret(small_review: Review, templates: Path, tmp_path: Path) -> None:
    """Not in HTML, JSON or XML."""
    folder = RunFolder.create(tmp_path, "one")
    write_reports(leaky(small_review), folder.path, templates, frozenset({TOKEN, ""}))
    for path in folder.path.iterdir():
        text = path.read_text()
        assert not any(form.decode() in text for form in encoded_forms(TOKEN))
        assert "[redacted]" in text
    assert folder.seal(frozenset({TOKEN})) == tmp_path / "one"


@pytest.mark.parametrize(
    "content",
    [
        TOKEN.encode(),
        base64.b64encode(TOKEN.encode()),
        b"Authorization: Bearer abcdefghijklmnop1234",
        b"otpauth://totp/a",
    ],
)
def test_a_run_that_holds_a_credential_is_not_sealed(tmp_path: Path, content: bytes) -> None:
    """The file is named, unpacked where need be, and the folder stays partial."""
    folder = RunFolder.create(tmp_path, "one")
    (folder.path / "notes.txt").write_bytes(b"harmless")
    (folder.path / "trace.gz").write_bytes(gzip.compress(b"x" * 5_000_000 + content + b"y" * 100))
    with pytest.raises(OverreachError, match=r"`trace\.gz`"):
        folder.seal(frozenset({TOKEN}))
    assert not (tmp_path / "one").exists()
    assert not (folder.path / "manifest.json").exists()


def test_a_secret_across_the_border_of_two_reads_is_found(tmp_path: Path) -> None:
    """Files are read in parts; the parts overlap."""
    for shift in range(0, len(TOKEN), 7):
        (tmp_path / f"at{shift}").write_bytes(b"x" * ((1 << 22) - shift) + TOKEN.encode() + b"y")
    assert len(leaking_files(tmp_path, frozenset({TOKEN}))) == len(range(0, len(TOKEN), 7))


def test_what_follows_from_the_policy_alone_is_redacted_like_everything_else(review: Review) -> None:
    """A secret that came into a name or a file's comment is in no format."""
    exact = review.exact
    assert exact is not None
    way, other = exact.ways[0], exact.alternatives[0]
    leaking = replace(
        exact,
        ways=(replace(way, user="tok-4711-secret"),),
        alternatives=(replace(other, question="What if tok-4711-secret were known?"),),
    )
    clean = redact(replace(review, exact=leaking), frozenset({"tok-4711-secret"}))
    assert clean.exact is not None
    assert clean.exact.ways[0].user == REDACTED
    assert b"4711" not in dump(clean)
