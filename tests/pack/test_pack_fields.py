"""Tables of the configuration are read key by key, and every refusal names the key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overreach.model.errors import PackError
from overreach.model.terms import Severity
from overreach.pack.fields import Fields, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("2m", 120), ("1h", 3600), ("90", 90), (" 1.5s ", 1.5), ("0.5h", 1800)]
)
def test_a_duration_has_a_unit_or_is_in_seconds(text: str, seconds: float) -> None:
    """Seconds, minutes, hours."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "0", "0s", "-1s", "1d", "1e3s", "ten", "1 s", "1s2m", "nan", "inf"])
def test_what_is_no_duration_is_refused_by_name(text: str) -> None:
    """And the remedy shows how to write one."""
    with pytest.raises(PackError) as refused:
        seconds_of(text)
    assert f"`{text}`" in refused.value.message
    assert "10s" in refused.value.remedy


@given(st.dictionaries(st.text(min_size=1), st.integers(0), min_size=1), st.data())
def test_a_key_that_nobody_asked_for_is_refused(table: dict[str, int], data: st.DataObject) -> None:
    """A misspelt key is never ignored; where all were asked for, nothing is refused."""
    asked = data.draw(st.sets(st.sampled_from(sorted(table))))
    fields = Fields(table, "tool")
    for key in asked:
        assert fields.whole(key) == table[key]
    if asked == set(table):
        fields.finish()
    else:
        with pytest.raises(PackError, match="is not a known key"):
            fields.finish()


WRONG: list[tuple[Callable[[Fields], Any], Any]] = [
    (lambda fields: fields.text("key"), 1),
    (lambda fields: fields.whole("key"), -1),
    (lambda fields: fields.whole("key"), True),
    (lambda fields: fields.whole("key"), "1"),
    (lambda fields: fields.whole("key"), 1.0),
    (lambda fields: fields.count("key"), 0),
    (lambda fields: fields.flag("key"), "yes"),
    (lambda fields: fields.flag("key"), 1),
    (lambda fields: fields.texts("key"), "one"),
    (lambda fields: fields.texts("key"), ["one", 2]),
    (lambda fields: fields.table("key"), []),
    (lambda fields: fields.section("key"), "text"),
    (lambda fields: fields.sections("key"), {}),
    (lambda fields: fields.sections("key"), ["text"]),
    (lambda fields: fields.request("key"), "/log"),
    (lambda fields: fields.request("key"), "GET log"),
    (lambda fields: fields.request("key"), "FETCH /log"),
    (lambda fields: fields.path("key"), "agent.name"),
    (lambda fields: fields.choice("key", Severity), "worst"),
    (lambda fields: fields.choice("key", Severity), ["low"]),
]


@pytest.mark.parametrize(("read", "value"), WRONG)
def test_a_value_of_the_wrong_kind_is_refused_with_its_key(read: Callable[[Fields], Any], value: object) -> None:
    """One lower-case line without a full stop."""
    with pytest.raises(PackError) as refused:
        read(Fields({"key": value}, "tool.part"))
    assert "tool.part.key" in refused.value.message
    assert not refused.value.message.endswith(".")


@pytest.mark.parametrize("read", [Fields.text, Fields.whole, Fields.count, Fields.request])
def test_a_required_key_that_is_missing_is_named(read: Callable[[Fields, str], Any]) -> None:
    """Nothing is taken for granted."""
    with pytest.raises(PackError, match=r"`tool\.key` is missing"):
        read(Fields({}, "tool"), "key")


def test_what_may_be_missing_has_its_default() -> None:
    """Empty, false, or as given."""
    fields = Fields({}, "tool")
    assert fields.text("a", "b") == "b"
    assert fields.whole("a", 3) == 3
    assert fields.flag("a") is False
    assert fields.texts("a") == []
    assert fields.table("a") == {}
    assert fields.sections("a") == []
    assert fields.choice("a", Severity, Severity.HIGH) is Severity.HIGH
    assert fields.choice("a", Severity, None) is None


def test_a_choice_outside_the_list_shows_the_list() -> None:
    """So that the next try succeeds."""
    with pytest.raises(PackError) as refused:
        Fields({"fail_on": "worst"}, "tool").choice("fail_on", Severity)
    assert refused.value.remedy == "known: low, medium, high, critical"


def test_what_is_no_table_is_refused() -> None:
    """At its place."""
    with pytest.raises(PackError, match=r"`tool\.x` is not a table"):
        Fields(3, "tool.x")
