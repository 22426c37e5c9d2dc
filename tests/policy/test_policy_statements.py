"""Cutting Cedar files into statements, and finding the line that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.errors import PolicyError
from overreach.policy.rules import understand
from overreach.policy.statements import cut, parse

_SOME = st.sampled_from(
    [
        '@id("a") permit (principal, action, resource);',
        '@id("b;c")\nforbid (principal, action, resource)\nwhen { "//;" == "x" };',
        "// only a comment; with a semicolon\n",
        '@id("d") // said ; here\npermit (principal, action, resource)\n  unless { true };',
    ]
)


@given(st.lists(_SOME, max_size=6))
def test_every_statement_is_found_at_its_own_line(parts: list[str]) -> None:
    """Semicolons in comments and texts end nothing; each statement starts where its annotation stands."""
    text = "\n\n".join(parts)
    statements = cut("x.cedar", text)
    assert [statement.text for statement in statements] == [part for part in parts if not part.startswith("//")]
    lines = text.splitlines()
    for statement in statements:
        assert lines[statement.line - 1].startswith("@id")
        parse(statement)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\npermit (principal, action, resource)\nwhen { true && && false };", 3),
        ("permit (principal, action, resource)\n\n  when { 1 + };", 3),
        ("permitt (principal, action, resource);", 1),
        ("permit (principal,\n  action,\n  resource) when { true", 3),
        ('permit (principal, action, resource)\nwhen { "never closed };', 2),
        ("permit (principal, action, resource) };", 1),
    ],
)
def test_the_line_that_does_not_parse_is_named(text: str, line: int) -> None:
    """Cedar gives no line; the first beginning that cannot be completed shows it."""
    (statement,) = cut("x.cedar", text)
    with pytest.raises(PolicyError, match=f"`x.cedar` line {line}: ") as caught:
        parse(statement)
    assert "\n" not in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("(" * 1_000 + "true" + ")" * 1_000, "more than 100 brackets stand within each other"),
        (" || ".join(["principal.left"] * 2_000), "it joins too many conditions to be read"),
    ],
)
def test_a_statement_that_is_too_deep_is_refused(condition: str, said: str) -> None:
    """Cedar's own parser would end the process, or its JSON could not be read."""
    (statement,) = cut("x.cedar", f'@id("deep") permit (principal, action, resource) when {{ {condition} }};')
    with pytest.raises(PolicyError, match=f"`x.cedar` line 1: {said}"):
        understand(statement)


def test_brackets_in_texts_and_comments_are_no_nesting() -> None:
    """They do not count."""
    (statement,) = cut("x.cedar", f'// {"(" * 200}\n@note("{"(" * 200}") permit (principal, action, resource);')
    parse(statement)


def test_a_word_is_found_on_its_line_and_not_in_comments() -> None:
    """`line_of` looks for the whole word outside comments."""
    (statement,) = cut("x.cedar", "\n\npermit (principal, action, resource)\n// left\nwhen { principal.left };")
    assert statement.line_of("left") == 5
    assert statement.line_of("lef") == 3
