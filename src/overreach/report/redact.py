"""Redaction: once, on the review, before any format is written from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TypeVar, cast

from overreach.report.secret_search import SecretFinder

REDACTED = "[redacted]"
_MEMBERS = (
    "password|passwd|pin|passphrase|secret|totp_secret|client_secret|token|access_token|refresh_token|id_token"
    "|code|activation_code|otp|api_key|apikey|private_key|session|session_id"
)
_QUOTE = r"\\{0,4}[\"']"
#: (pattern, replacement): credentials by their look. `$TOKEN` stays, so that commands can be repeated.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(Bearer)[ \t]+(?!\$)[A-Za-z0-9._~+/=-]{3,}"), rf"\1 {REDACTED}"),
    (
        re.compile(r"\b(authorization\b[\"']?:[ \t]*[\"']?[a-z]+)[ \t]+(?!\$|\[)[^\s\"']+", re.IGNORECASE),
        rf"\1 {REDACTED}",
    ),
    (re.compile(r"otpauth[^\s\"'<>]*", re.IGNORECASE), REDACTED),
    (
        re.compile(
            rf"({_QUOTE}(?:{_MEMBERS}){_QUOTE}\s*:\s*)({_QUOTE})(?!\$)(?:(?!\2).)*\2",
            re.IGNORECASE | re.DOTALL,
        ),
        rf"\1\2{REDACTED}\2",
    ),
    (
        re.compile(rf"({_QUOTE}(?:{_MEMBERS}){_QUOTE}\s*:\s*)-?[0-9][0-9.]*", re.IGNORECASE),
        rf'\1"{REDACTED}"',
    ),
    (re.compile(rf"\b((?:{_MEMBERS})=)(?!\$)[^\s&\"';,]+", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"\b((?:set-)?cookie:[ \t]*)(?!\$)[^\r\n\"']+", re.IGNORECASE), rf"\1{REDACTED}"),
)
_HINT = re.compile(rf"bearer|authorization|otpauth|cookie|{_MEMBERS}", re.IGNORECASE)

T = TypeVar("T")


def redact(review: T, secrets: frozenset[str]) -> T:
    """The same review, or part of one, every secret and everything that looks like a credential `[redacted]`."""
    finder = SecretFinder(secrets)

    @cache  # the same few texts stand in thousands of entries
    def text(value: str) -> str:
        return redact_text(value, finder)

    return _over_texts(review, text)


def redact_text(value: str, finder: SecretFinder) -> str:
    """One text without secrets; what cannot be encoded as UTF-8 becomes a question mark."""
    raw = value.encode("utf-8", "replace")
    pieces, at = [], 0
    for start, end in finder.spans(raw):
        pieces += [raw[at:start], REDACTED.encode()]
        at = end
    clean = b"".join([*pieces, raw[at:]]).decode("utf-8", "replace")
    if _HINT.search(clean):
        for pattern, replacement in _PATTERNS:
            clean = pattern.sub(replacement, clean)
    return clean


def _over_texts(value: T, text: Callable[[str], str]) -> T:
    """Apply `text` to every plain string below a dataclass or tuple; names of closed vocabularies stay."""
    if type(value) is str:
        return cast("T", text(str(value)))
    if isinstance(value, tuple):
        return cast("T", tuple(_over_texts(item, text) for item in value))
    if is_dataclass(value) and not isinstance(value, type):
        changes = {field.name: _over_texts(getattr(value, field.name), text) for field in fields(value)}
        return cast("T", replace(value, **changes))
    return value
