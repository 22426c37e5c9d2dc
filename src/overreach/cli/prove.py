"""`overreach prove`: what holds for every possible request, not only for those of a population."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from overreach.cli.options import fault_option, json_option, pack_option, switch_option, switches_of, the_pack
from overreach.model.terms import ExitCode
from overreach.pack.config import Pack
from overreach.policy.amend import another
from overreach.policy.load import Policy
from overreach.policy.prove import Proof, Verdict, errors, prove
from overreach.policy.prove_policy import questions
from overreach.policy.prove_rules import differences, idle_rules, overlaps
from overreach.policy.prove_solver import LIMIT, Effort
from overreach.population.recipe import Order
from overreach.population.store import Population
from overreach.probe.live.counterexamples import Tried, try_proofs
from overreach.probe.session import Bench
from overreach.probe.workspace import populate, temporary_folder
from overreach.report.live import tried_json, tried_text
from overreach.report.proof import (
    Findings,
    differences_json,
    differences_text,
    effort_text,
    findings_json,
    findings_text,
)
from overreach.scan.sources import registry_sources

_MOST = 2**32 - 1  # what z3 can count to


@click.command("prove")
@pack_option
@switch_option
@click.option("--equal", "other", type=click.Path(path_type=Path), metavar="FILE", help="Compare with this policy.")
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=LIMIT, show_default=True, help="Units of work for one query."
)
@click.option("--live", is_flag=True, help="Ask the pack's target what it makes of each counterexample.")
@click.option("--population", type=click.Path(path_type=Path), help="With --live: a population folder.")
@fault_option
@json_option
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    ctx: click.Context,
    pack_folder: Path | None,
    switches: Sequence[str],
    other: Path | None,
    limit: int,
    population: Path | None,
    faults: Sequence[str],
    *,
    live: bool,
    as_json: bool,
) -> None:
    """Prove that every invariant follows from the policy, for all users, children and claims.

    What fails is shown by a smallest request, which cedarpy has decided too. Also told: policies that never matter,
    and permits under a forbid. With --equal: where two policies decide differently.

    With --live the target is started over the pack's population, and what fails is asked of it as people of that
    population: a defect that it `reaches` is real, one that it `refuses` is on paper only.

    Exit codes: 0 all follow (or equal), 1 an invariant fails (or a difference), 3 the solver gave up.
    """
    pack = the_pack(pack_folder)
    values = switches_of(pack, switches)
    policy, effort = Policy.load(pack.scenarios, values), Effort(limit)
    if not live and (population or faults):
        message = "--population and --fault are for --live"
        raise click.UsageError(message)
    if live and other is not None:
        message = "--live tries the invariants: ask for it without --equal"
        raise click.UsageError(message)
    if other is None:
        trying = _Trying(population, tuple(faults)) if live else None
        ctx.exit(_prove(pack, policy, effort, trying, as_json=as_json))
    ctx.exit(_compare(pack, (policy, another(policy, other, values)), effort, as_json=as_json))


@dataclass(frozen=True, slots=True)
class _Trying:
    """On what counterexamples are tried."""

    population: Path | None
    """A folder; the pack's own population is made otherwise."""
    faults: tuple[str, ...]

    def on(self, pack: Pack, policy: Policy, proofs: Sequence[Proof]) -> dict[str, tuple[Tried, ...]]:
        """Invariant -> its counterexamples, tried; nothing is started where there are none.

        What cannot be used is refused all the same: UnknownNameError for a fault, PopulationError for a folder.
        """
        registry_sources(self.faults)
        if self.population is not None:
            Population.open(self.population)
        if not any(proof.counterexamples for proof in proofs):
            return {}
        with temporary_folder() as folder:
            order = Order(pack.children, pack.users, pack.seed)
            people = populate(pack, self.population, pack.population, order, folder)
            return try_proofs(Bench.build(pack, people, policy.switches), proofs, self.faults)


def _prove(pack: Pack, policy: Policy, effort: Effort, trying: _Trying | None, *, as_json: bool) -> int:
    asked = questions(policy, effort)
    findings = Findings(prove(policy, asked), errors(asked), idle_rules(policy, asked), overlaps(asked), effort)
    fails = bool(findings.count(Verdict.FAILS)) or any(one.verdict is Verdict.FAILS for one in findings.failing)
    tried = None if trying is None else trying.on(pack, policy, findings.proofs)
    if as_json:
        about = {"policy": policy.digest, "switches": dict(policy.switches)}
        live = {} if tried is None else {"live": tried_json(tried)}
        click.echo(json.dumps(about | findings_json(findings, pack.target.operations) | live))
    else:
        click.echo("\n".join([*findings_text(findings), *([] if tried is None else tried_text(tried))]))
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
