"""What a scenario claims of the answers it got, and what it raises where they are otherwise."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from overreach.model.finding import Finding
from overreach.model.probe import Violation
from overreach.model.terms import Facet, Kind, Verdict

if TYPE_CHECKING:
    from overreach.scenario.reply import Reply


class Overreached(AssertionError):  # noqa: N818 - a verdict, not an error
    """The system did what the policy denies, or left out what it owes; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.title}\n{finding.witness.summary}\n{finding.witness.request}")
        self.finding = finding


class Unproven(Exception):  # noqa: N818 - a verdict, not an error
    """Nothing can be concluded: no positive control, no value to ask with, no whole answer."""


def expect_held(*replies: Reply) -> None:
    """Every answer keeps to the policy. Overreached names the first that does not; Unproven where one says nothing."""
    for reply in replies:
        observation = reply.observation
        if observation.violations:
            overreached(reply, observation.violations[0])
        if observation.verdict is Verdict.UNPROVEN:
            message = f"`{observation.probe.operation}`: {observation.why}"
            raise Unproven(message)


def expect_given(reply: Reply, *facets: Facet) -> None:
    """A positive control: the answer keeps to the policy and gives these facets of the child asked about."""
    expect_held(reply)
    missing = [facet for facet in facets if facet not in reply.facets]
    if missing or not reply.ok:
        what = ", ".join(missing) or reply.observation.probe.operation
        message = f"refused though allowed: {what} (status {reply.status})"
        raise Unproven(message)


def expect_same(reply: Reply, other: Reply, facet: Facet) -> None:
    """Two answers that must not tell a facet apart are equal: status, headers and every byte of the body."""
    expect_held(reply, other)
    difference = reply.difference(other)
    expect(
        not difference,
        reply,
        Kind.INFERENCE,
        f"equal answer: {facet}",
        f"the answer differs from that for a value that nobody has: {difference}",
        facet=facet,
    )


def expect_nobody(reply: Reply, hidden: Sequence[int]) -> None:
    """A search that may not be influenced by these children does not find them."""
    expect_held(reply)
    found = set(reply.found) & set(hidden)
    by = reply.observation.probe.by
    expect(
        not found,
        reply,
        Kind.INFERENCE,
        by[-1] if by else Facet.EXISTENCE,
        f"{reply.observation.probe.operation} found a record that it may not find",
        facet=by[-1] if by else Facet.EXISTENCE,
        child=min(found, default=None),
    )


def expect(  # noqa: PLR0913 - what a violation consists of
    truth: bool,  # noqa: FBT001 - as in `assert truth`
    reply: Reply,
    kind: Kind,
    subject: str,
    detail: str,
    *,
    facet: Facet | None = None,
    child: int | None = None,
) -> None:
    """Anything else that must hold: `subject` is the facet, action or duty, `detail` says what was seen instead."""
    if not truth:
        overreached(reply, reply.violation(kind, subject, detail, facet, child))


def overreached(reply: Reply, violation: Violation) -> None:
    """Raise Overreached for a violation in an answer.

    The type is one of its own for each defect: Hypothesis tells failures apart by type and line, and so shrinks
    each defect by itself.
    """
    raise _type_of(violation.kind, violation.subject, violation.place)(reply.finding(violation))


@functools.cache
def _type_of(*defect: str) -> type[Overreached]:
    del defect
    return type("Overreached", (Overreached,), {"__module__": __name__, "__doc__": Overreached.__doc__})
