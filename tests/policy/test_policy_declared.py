"""What a schema declares of users, children and contexts is read from Cedar's own validator."""

from __future__ import annotations

import pytest
from tests.policy.drawn_people import PACK
from tests.policy.drawn_policies import SCHEMA

from overreach.model.errors import PolicyError
from overreach.policy.declared import Declared, declared_attributes
from overreach.policy.schema import Schema


def test_kinds_sets_and_what_may_be_missing() -> None:
    """Records, such as the switches, are left out."""
    assert declared_attributes(Schema.read("policy.cedarschema", SCHEMA)) == {
        "principal": {
            "areas": Declared("Area", is_set=True, optional=False),
            "left": Declared("Bool", is_set=False, optional=False),
            "level": Declared("Long", is_set=False, optional=True),
            "role": Declared("Role", is_set=False, optional=False),
        },
        "resource": {
            "area": Declared("Area", is_set=False, optional=False),
            "involved": Declared("User", is_set=True, optional=False),
            "shielded": Declared("Bool", is_set=False, optional=False),
            "status": Declared("String", is_set=False, optional=True),
            "year": Declared("Long", is_set=False, optional=False),
        },
        "context": {
            "approvals": Declared("Long", is_set=False, optional=False),
            "override": Declared("Bool", is_set=False, optional=False),
            "reason": Declared("String", is_set=False, optional=True),
        },
    }


def test_names_in_quotes_aliases_and_comments() -> None:
    """As the validator understands them; what only a comment says is nothing."""
    text = SCHEMA.replace("year: Long", '"year of birth": Year').replace("entity System;", "type Year = Long;")
    text += "entity System; // imaginary: Bool"
    found = declared_attributes(Schema.read("policy.cedarschema", text))["resource"]
    assert found["year of birth"] == Declared("Long", is_set=False, optional=False)
    assert "imaginary" not in found


def test_a_kind_that_nothing_can_be_proven_about_is_refused() -> None:
    """Rather than left out: the proof would be of something else."""
    schema = Schema.read("policy.cedarschema", SCHEMA.replace("year: Long", "year: { born: Long }"))
    with pytest.raises(PolicyError, match="attribute `year` of `Child` is of a kind that cannot be proven about"):
        declared_attributes(schema)


def test_every_attribute_of_the_pack_is_found() -> None:
    """Eight of users, eight of children, three claims."""
    text = (PACK / "policy.cedarschema").read_text(encoding="utf-8")
    found = declared_attributes(Schema.read("policy.cedarschema", text))
    assert {of: len(attributes) for of, attributes in found.items()} == {"principal": 8, "resource": 8, "context": 3}
