"""What of Cedar cannot be decided in columns: each kind of expression that it knows, refused with its name."""

from __future__ import annotations

import pytest

from overreach.model.errors import PolicyError
from overreach.policy.expression import And, Attribute, Has
from overreach.policy.rules import understand
from overreach.policy.statements import Statement

_COLUMNS = "cannot be decided in columns"
_ALONE = "itself cannot be decided in columns, only its attributes can"
_HELD = "`contains` is decided for literal sets, areas and involvement only"
_NO_SET = "a set of anything but written values cannot be decided in columns"


def _statement(expression: str) -> Statement:
    text = f'@id("one")\npermit (principal, action, resource)\nwhen {{\n  true &&\n  {expression}\n}};'
    return Statement("policy.cedar", 1, text)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("resource.year + 1 == 2", f"`+` {_COLUMNS}"),
        ("resource.year - 1 == 2", f"`-` {_COLUMNS}"),
        ("resource.year * 2 == 2", f"`*` {_COLUMNS}"),
        ("-resource.year == 2", f"`-` before a value {_COLUMNS}"),
        ('resource.ward like "n*"', f"`like` {_COLUMNS}"),
        ("principal.areas.containsAll(resource.areas)", f"`containsAll` {_COLUMNS}"),
        ("principal.areas.containsAny(resource.areas)", f"`containsAny` {_COLUMNS}"),
        ("resource.involved.isEmpty()", f"`isEmpty` {_COLUMNS}"),
        ("principal.areas.contains(principal.area)", _HELD),
        ("resource.involved.contains(resource.owner)", _HELD),
        ("context.wards.contains(resource.ward)", _HELD),
        ("[resource.ward].contains(resource.ward)", _NO_SET),
        ("[1] == [resource.year]", f"a set outside of `in` and `contains` {_COLUMNS}"),
        ("{year: 1} == resource.years", f"a record {_COLUMNS}"),
        ("{year: 1}.year == 1", "`year` is not an attribute of principal, resource or context"),
        ('principal.team.name == "x"', "`team.name` is not an attribute of principal, resource or context"),
        ("principal.team has name", "`team.name` is not an attribute of principal, resource or context"),
        ("(if true then principal else resource).left", "`left` is not an attribute of principal, resource or context"),
        ("principal == resource.owner", f"`principal` {_ALONE}"),
        ('action == Action::"read"', f"`action` {_ALONE}"),
        ('principal in Group::"x"', "`in` is decided for an attribute in a set of entities only"),
        ("principal in resource.team", "`in` is decided for an attribute in a set of entities only"),
        ("resource.ward in resource.wards", _NO_SET),
        ('principal is User in Group::"x"', "`is` is decided for principal and resource only"),
        ("resource.owner is User", "`is` is decided for principal and resource only"),
        ('principal.getTag("x") == 1', f"`getTag` {_COLUMNS}"),
        ('principal.hasTag("x")', f"`hasTag` {_COLUMNS}"),
        ('decimal("1.0") == resource.share', f"`decimal` {_COLUMNS}"),
        ('resource.share.lessThan(decimal("2.0"))', f"`lessThan` {_COLUMNS}"),
        ('ip("127.0.0.1").isLoopback()', f"`isLoopback` {_COLUMNS}"),
        ('datetime("2009-05-18") < resource.since', f"`datetime` {_COLUMNS}"),
        ('resource.age > duration("1h")', f"`duration` {_COLUMNS}"),
    ],
)
def test_an_expression_that_cannot_be_translated_is_refused_by_name(expression: str, reason: str) -> None:
    """The error names the file, the line on which the expression stands, and what it is; it is never skipped."""
    with pytest.raises(PolicyError) as caught:
        understand(_statement(expression))
    assert caught.value.message == f"`policy.cedar` line 5: {reason}"
    assert "docs/reference/policy.md" in caught.value.remedy


def test_asking_for_a_path_asks_for_each_part_of_it() -> None:
    """`has a.b` is short for `has a` and then `has b` of it."""
    rule, _ = understand(_statement("context has switches.G1"))
    switches, one = Attribute("context", ("switches",)), Attribute("context", ("switches", "G1"))
    assert isinstance(rule.condition, And)
    assert rule.condition.right == And(Has(switches), Has(one))
