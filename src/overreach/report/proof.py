"""What was proven of a policy, in lines for a reader and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overreach.model.decision import Decision
from overreach.model.terms import Facet
from overreach.pack.config import Operation
from overreach.policy.expression import Entity
from overreach.policy.prove import Counterexample, Failing, Proof, Verdict
from overreach.policy.prove_request import Value, written
from overreach.policy.prove_rules import Change, Difference, Idle, Overlaps, Why
from overreach.policy.prove_solver import Effort
from overreach.policy.prove_witness import Witness


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was asked about one policy."""

    proofs: tuple[Proof, ...]
    failing: tuple[Failing, ...]
    idle: tuple[Idle, ...]
    overlaps: Overlaps
    effort: Effort

    def count(self, verdict: Verdict) -> int:
        """How many invariants have that verdict."""
        return sum(proof.verdict is verdict for proof in self.proofs)


def findings_text(findings: Findings) -> Iterator[str]:
    """Lines: what fails first, with its smallest example."""
    for proof in findings.proofs:
        if proof.verdict is not Verdict.FOLLOWS:
            yield f"{proof.verdict.upper()} {proof.invariant} ({proof.rule or 'no rule named'})"
            yield from _examples(proof.counterexamples)
        elif proof.empty:
            yield f"forbids nothing at these switches, so that it follows says nothing: {proof.invariant}"
    for failing in findings.failing:
        yield f"ERROR {failing.file}: `{failing.policy}` {_cannot(failing)}"
        if failing.witness is not None:
            yield from _request(failing.witness)
    for idle in findings.idle:
        known = idle.why is not Why.UNKNOWN
        yield f"{'never matters' if known else 'may never matter'}: {idle.effect} `{idle.policy}`: {idle.why}"
    yield from _overlaps(findings.overlaps)
    counts = ", ".join(f"{findings.count(verdict)} {_VERB[verdict]}" for verdict in Verdict)
    yield f"{len(findings.proofs)} invariants, for every request that the schema allows: {counts}"
    yield effort_text(findings.effort)


def differences_text(differences: Sequence[Difference]) -> Iterator[str]:
    """Lines: how decisions differ, with the smallest example of each way."""
    for change in Change:
        found = [one for one in differences if one.change is change]
        if found:
            first, *others = found
            yield f"{change.upper()} {first.witness.what}: {_decided(first.before)}, then {_decided(first.after)}"
            yield from _request(first.witness)
            yield from _others([one.witness for one in others])


def effort_text(effort: Effort) -> str:
    """How much was asked of the solver."""
    gave_up = f"; {effort.gave_up} without an answer, try a higher --limit" if effort.gave_up else ""
    return f"{effort.queries:,} queries in {effort.seconds:.2f} s{gave_up}"


def findings_json(findings: Findings, operations: Mapping[str, Operation]) -> dict[str, Any]:
    """The same as JSON; `operations` of the pack say how a request can be asked of the target."""
    return {
        "invariants": [
            {
                "id": proof.invariant,
                "rule": proof.rule,
                "verdict": proof.verdict.value,
                "empty": proof.empty,
                "counterexamples": [
                    {**witness_json(one.witness, operations), "allowed_by": list(one.policies)}
                    for one in proof.counterexamples
                ],
            }
            for proof in findings.proofs
        ],
        "errors": [
            {
                "policy": failing.policy,
                "file": failing.file,
                "verdict": failing.verdict.value,
                "example": failing.witness and witness_json(failing.witness, operations),
            }
            for failing in findings.failing
        ],
        "never_matter": [
            {"policy": idle.policy, "effect": idle.effect, "why": idle.why.value} for idle in findings.idle
        ],
        "overlaps": {
            "pairs": [
                {"permit": pair.permit, "forbid": pair.forbid, "meet": pair.meet} for pair in findings.overlaps.pairs
            ],
            "example": findings.overlaps.example and witness_json(findings.overlaps.example, operations),
        },
        **effort_json(findings.effort),
    }


def differences_json(
    differences: Sequence[Difference], operations: Mapping[str, Operation], effort: Effort
) -> dict[str, Any]:
    """What two policies decide differently, as JSON."""
    return {
        "differences": [
            {
                "change": one.change.value,
                **witness_json(one.witness, operations),
                "before": _decision_json(one.before),
                "after": _decision_json(one.after),
            }
            for one in differences
        ],
        **effort_json(effort),
    }


def effort_json(effort: Effort) -> dict[str, Any]:
    """How much was asked of the solver, as JSON."""
    return {"queries": effort.queries, "seconds": effort.seconds, "gave_up": effort.gave_up}


def witness_json(witness: Witness, operations: Mapping[str, Operation]) -> dict[str, Any]:
    """A request as JSON: what to ask, with which claims, by whom, about whom."""
    in_area, involved = witness.relation
    return {
        "action": witness.what.value,
        "operations": [one.name for one in operations.values() if _carries(one, witness)],
        "claims": {
            "reason": witness.claims.reason,
            "override": witness.claims.override,
            "approvals": witness.claims.approvals,
        },
        "user": {name: _plain(value) for name, value in witness.user.items()},
        "child": witness.child and {name: _plain(value) for name, value in witness.child.items()},
        "in_area": in_area,
        "involved": involved,
        "away": list(witness.away),
    }


_VERB = {Verdict.FOLLOWS: "follow", Verdict.FAILS: "fail", Verdict.UNKNOWN: "unknown"}


def _carries(operation: Operation, witness: Witness) -> bool:
    """Whether the target's operation asks for what the witness asks for."""
    if isinstance(witness.what, Facet):
        return witness.what in operation.facets
    return operation.action is witness.what


def _examples(counterexamples: Sequence[Counterexample]) -> Iterator[str]:
    if counterexamples:
        first, *others = counterexamples
        yield f"  `{first.witness.what}` is allowed by {', '.join(f'`{name}`' for name in first.policies)}"
        yield from _request(first.witness)
        yield from _others([one.witness for one in others])


def _others(witnesses: Sequence[Witness]) -> Iterator[str]:
    if witnesses:
        yield f"  and {', '.join(witness.what for witness in witnesses)}: examples in --json"


def _request(witness: Witness) -> Iterator[str]:
    """User, child, relation and claims; what is not plain is marked."""
    yield f"    user:   {_facts('principal', witness.user, witness.away)}"
    if witness.child is not None:
        yield f"    child:  {_facts('resource', witness.child, witness.away)}"
        for test, holds in witness.relations.items():
            mark = "*" if written(test) in witness.away else ""
            yield f"    {'holds' if holds else 'fails'}:  {written(test)}{mark}"
    claims = {"override": witness.claims.override, "approvals": witness.claims.approvals}
    reason = {} if witness.claims.reason is None else {"reason": witness.claims.reason}
    yield f"    claims: {_facts('context', {**reason, **claims}, witness.away)}"


def _facts(of: str, facts: Mapping[str, Value], away: Sequence[str]) -> str:
    """The facts that are set, and those that are not though they are in a plain request."""
    words = []
    for name, value in facts.items():
        mark = "*" if f"{of}.{name}" in away else ""
        if isinstance(value, bool):
            words += [f"{'' if value else 'not '}{name}{mark}"] if value or mark else []
        elif value != 0 or mark:
            words.append(f"{name} {_plain(value)}{mark}")
    missing = [name for side, _, name in (key.partition(".") for key in away) if side == of and name not in facts]
    words += [f"no {name}*" for name in missing if "(" not in name]
    return ", ".join(words) or "nothing set"


def _overlaps(overlaps: Overlaps) -> Iterator[str]:
    if overlaps.pairs:
        first = overlaps.pairs[0]
        yield f"permits under a forbid: {len(overlaps.pairs)} pairs, for example `{first.permit}` and `{first.forbid}`"
        if overlaps.example is not None:
            yield f"  `{overlaps.example.what}` is denied to"
            yield from _request(overlaps.example)


def _cannot(failing: Failing) -> str:
    if failing.verdict is Verdict.FAILS:
        return "cannot be evaluated on this request, and Cedar would skip it"
    return "could not be shown to be free of errors"


def _decided(decision: Decision) -> str:
    what = "allowed" if decision.allowed else "denied"
    duties = f" owing {', '.join(sorted(decision.duties))}" if decision.duties else ""
    return f"{what} ({', '.join(decision.policies) or 'by default'}){duties}"


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "allowed": decision.allowed,
        "policies": list(decision.policies),
        "duties": sorted(duty.value for duty in decision.duties),
    }


def _plain(value: Value) -> bool | int | str:
    return value.id if isinstance(value, Entity) else value
