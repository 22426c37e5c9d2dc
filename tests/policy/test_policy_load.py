"""Loading a policy: what is refused, and in which words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.policy.drawn_people import PACK, SWITCHES

from overreach.model.errors import OverreachError, PolicyError, UnknownNameError
from overreach.model.terms import Duty
from overreach.policy.load import Policy

_PERMIT = '\n@id("extra")\npermit (principal, action == Action::"identity", resource)\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the pack's policy, to break."""
    for file in ("policy.cedar", "policy.cedarschema", "classes.cedar", "invariants.cedar"):
        shutil.copy(PACK / file, tmp_path / file)
    return tmp_path


def _refused(folder: Path, file: str, extra: str) -> tuple[str, int]:
    """Message after adding a text to a file, and the line at which that text begins."""
    path = folder / file
    before = path.read_text(encoding="utf-8")
    path.write_text(before + extra, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        Policy.load(folder, SWITCHES)
    assert "\n" not in caught.value.message
    assert caught.value.remedy
    return caught.value.message, before.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "below", "reason"),
    [
        (f"{_PERMIT}when {{ principal.lef }};", 3, "attribute `lef` on entity type `User` not found"),
        (f'{_PERMIT}when {{ principal.role == Role::"nures" }};', 3, 'enumerated entity type, but `"nures"`'),
        (f'{_PERMIT}when {{ context.reason == "welfare" }};', 3, "optional attribute `reason`"),
        ("\npermit (principal, action, resource);", 1, "a policy has no `@id`"),
        ('\n@id("account")\npermit (principal, action, resource);', 1, "`@id` `account` is used twice"),
        (f"{_PERMIT}when {{ resource.archive_year + 1 == 2 }};", 3, "`+` cannot be decided in columns"),
        (f'{_PERMIT}when {{\n  context has reason &&\n  context.reason like "w*" }};', 5, "`like` cannot"),
        (f"{_PERMIT}when {{ resource.involved.isEmpty() }};", 3, "`isEmpty` cannot be decided"),
        (f'{_PERMIT}when {{ resource.responsible == Authority::"x" && }};', 3, "unexpected token `}`"),
        ('\n@id("t")\npermit (principal == ?principal, action, resource);', 1, "a template decides nothing"),
        ('\n@id("u")\npermit (principal == User::"1", action, resource);', 1, "names single principals"),
        ('\n@id("c")\npermit (principal, action, resource == Child::"1");', 1, "names single resources"),
        ('\n@id("d") @duty("lgo")\npermit (principal, action, resource);', 1, "no duty is called `lgo`"),
        ('\n@id("a")\npermit (principal, action == Action::"peek", resource);', 2, "no facet or action"),
    ],
)
def test_a_broken_policy_is_refused_with_file_line_and_reason(folder: Path, text: str, below: int, reason: str) -> None:
    """One line names the place; the remedy says what to do."""
    message, start = _refused(folder, "policy.cedar", text)
    assert message.startswith(f"`policy.cedar` line {start + below}: ")
    assert reason in message


def test_classes_are_permits_and_invariants_are_forbids(folder: Path) -> None:
    """Either file refuses the other effect."""
    message, _ = _refused(folder, "invariants.cedar", _PERMIT + ";")
    assert "`extra` is a permit" in message


def test_a_schema_that_does_not_parse_is_refused(folder: Path) -> None:
    """Cedar's reason and a line are given."""
    message, start = _refused(folder, "policy.cedarschema", "\nentity Broken { size: Lnog };\n")
    assert message.startswith(f"`policy.cedarschema` line {start + 1}: ")


def test_a_schema_must_know_every_facet(folder: Path) -> None:
    """A facet that is missing from the schema could never be judged."""
    schema = folder / "policy.cedarschema"
    text = schema.read_text(encoding="utf-8")
    schema.write_text(text.replace('"indicators", "provenance", "protection"\n', '"indicators", "provenance"\n'))
    (folder / "policy.cedar").write_text("")
    (folder / "invariants.cedar").write_text("")
    with pytest.raises(PolicyError, match="facet `protection` cannot be asked of a Child"):
        Policy.load(folder, SWITCHES)


def test_a_missing_file_is_named(folder: Path) -> None:
    """The remedy says where to put it."""
    (folder / "classes.cedar").unlink()
    with pytest.raises(PolicyError, match=r"`classes\.cedar` cannot be read"):
        Policy.load(folder, SWITCHES)


@pytest.mark.parametrize(
    ("switches", "error", "message"),
    [
        (SWITCHES | {"G9": "yes"}, UnknownNameError, "no switch is called `G9`"),
        (SWITCHES | {"G1": "maybe"}, UnknownNameError, "no value of switch G1 is called `maybe`"),
        ({"G1": "no", "G2": "no"}, PolicyError, "switch `G3` has no value"),
    ],
)
def test_switches_are_checked_against_the_schema(
    switches: dict[str, str], error: type[OverreachError], message: str
) -> None:
    """Unknown names and values are refused with the known ones; a switch without a value is too."""
    with pytest.raises(error, match=message) as caught:
        Policy.load(PACK, switches)
    assert caught.value.remedy


def test_rules_carry_their_annotations() -> None:
    """Several duties and several rules stand in one annotation each."""
    rule = Policy.load(PACK, SWITCHES).rules["override"]
    assert rule.duties == {Duty.LOG, Duty.ALERT}
    assert (rule.effect, rule.rule) == ("permit", "R13")
    assert rule.text.startswith('@id("override")')


def test_the_digest_changes_with_every_file_and_switch(folder: Path) -> None:
    """Same files and switches, same digest."""
    digests = {Policy.load(folder, SWITCHES).digest, Policy.load(PACK, SWITCHES).digest}
    assert len(digests) == 1
    digests.add(Policy.load(PACK, SWITCHES | {"G1": "yes"}).digest)
    for file in ("policy.cedar", "policy.cedarschema", "classes.cedar", "invariants.cedar"):
        with (folder / file).open("a", encoding="utf-8") as text:
            text.write("\n// another\n")
        digests.add(Policy.load(folder, SWITCHES).digest)
    assert len(digests) == 6
