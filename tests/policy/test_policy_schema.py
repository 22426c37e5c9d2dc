"""Reading switches and closed vocabularies from a schema."""

from __future__ import annotations

import pytest
from tests.policy.drawn_people import PACK, ROLES

from overreach.model.errors import PolicyError
from overreach.policy.schema import Schema

_FILE = "policy.cedarschema"


def test_the_packs_schema_closes_roles_and_switches() -> None:
    """Roles and switch values are enumerated, so that a misspelling is refused."""
    schema = Schema.read(_FILE, (PACK / _FILE).read_text(encoding="utf-8"))
    assert set(schema.enumerations["Role"]) == set(ROLES)
    assert schema.switches == {"G1": "G1", "G2": "G2", "G3": "G3"}
    assert schema.enumerations["G3"] == ("national", "declared", "own")


def test_a_switch_must_be_enumerated() -> None:
    """A switch of free text could be misspelt in the policy without anybody noticing."""
    text = "entity User;\ntype Switches = {\n  G1: String };"
    with pytest.raises(PolicyError, match="line 3: switch `G1` is not enumerated"):
        Schema.read(_FILE, text)


def test_comments_declare_nothing() -> None:
    """What is commented out is not read."""
    schema = Schema.read(_FILE, '// entity Old enum ["x"];\nentity User;\nentity Kind, Sort enum ["// y"];')
    assert schema.enumerations == {"Kind": ("// y",), "Sort": ("// y",)}
    assert schema.switches == {}
