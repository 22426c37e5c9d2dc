"""`overreach prove`: what holds for every possible request, not only for those of a population."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from overreach.cli.options import json_option, pack_option, switch_option, switches_of, the_pack
from overreach.model.terms import ExitCode
from overreach.pack.config import Pack
from overreach.policy.amend import another
from overreach.policy.load import Policy
from overreach.policy.prove import Verdict, errors, prove
from overreach.policy.prove_policy import questions
from overreach.policy.prove_rules import differences, idle_rules, overlaps
from overreach.policy.prove_solver import LIMIT, Effort
from overreach.report.proof import (
    Findings,
    differences_json,
    differences_text,
    effort_text,
    findings_json,
    findings_text,
)

_MOST = 2**32 - 1  # what z3 can count to


@click.command("prove")
@pack_option
@switch_option
@click.option("--equal", "other", type=click.Path(path_type=Path), metavar="FILE", help="Compare with this policy.")
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=LIMIT, show_default=True, help="Units of work for one query."
)
@json_option
@click.pass_context
def command(  # noqa: PLR0913 - one argument an option
    ctx: click.Context,
    pack_folder: Path | None,
    switches: Sequence[str],
    other: Path | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    """Prove that every invariant follows from the policy, for all users, children and claims.

    What fails is shown by a smallest request, which cedarpy has decided too. Also told: policies that never matter,
    and permits under a forbid. With --equal: where two policies decide differently.

    Exit codes: 0 all follow (or equal), 1 an invariant fails (or a difference), 3 the solver gave up.
    """
    pack = the_pack(pack_folder)
    values = switches_of(pack, switches)
    policy, effort = Policy.load(pack.scenarios, values), Effort(limit)
    if other is None:
        ctx.exit(_prove(pack, policy, effort, as_json=as_json))
    ctx.exit(_compare(pack, (policy, another(policy, other, values)), effort, as_json=as_json))


def _prove(pack: Pack, policy: Policy, effort: Effort, *, as_json: bool) -> int:
    asked = questions(policy, effort)
    findings = Findings(prove(policy, asked), errors(asked), idle_rules(policy, asked), overlaps(asked), effort)
    fails = bool(findings.count(Verdict.FAILS)) or any(one.verdict is Verdict.FAILS for one in findings.failing)
    if as_json:
        about = {"policy": policy.digest, "switches": dict(policy.switches)}
        click.echo(json.dumps(about | findings_json(findings, pack.target.operations)))
    else:
        click.echo("\n".join(findings_text(findings)))
    return _code(effort, wrong=fails)


def _compare(pack: Pack, policies: tuple[Policy, Policy], effort: Effort, *, as_json: bool) -> int:
    found, sure = differences(*policies, effort)
    if as_json:
        click.echo(json.dumps({"equal": sure and not found} | differences_json(found, pack.target.operations, effort)))
    else:
        told = "the same for every request that the schema allows" if sure else "nothing found, and not all was asked"
        lines = [*differences_text(found)] or [told]
        click.echo("\n".join([*lines, effort_text(effort)]))
    return _code(effort, wrong=bool(found))


def _code(effort: Effort, *, wrong: bool) -> int:
    if wrong:
        return ExitCode.FINDINGS
    return ExitCode.UNPROVEN if effort.gave_up else ExitCode.CLEAN
