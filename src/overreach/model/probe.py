"""One request, what came back, what it disclosed and what that amounts to."""

from __future__ import annotations

from dataclasses import dataclass, field

from overreach.model.decision import Claims
from overreach.model.terms import Facet, Grade, Kind, Part, Rung, Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes of one answer, as they came."""

    status: int
    """HTTP status; 0 where no whole answer came."""
    headers: tuple[tuple[str, str], ...]
    """In order, names as sent."""
    body: bytes
    """After transfer decoding, before content decoding."""
    seconds: float
    """From the first byte sent to the last byte read."""
    error: str = ""
    """Why there is no whole answer: time-out, refused, truncated; empty otherwise."""

    def header(self, name: str) -> str:
        """First value of a header, whatever its case; empty where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A facet of a child found in the bytes of an answer."""

    child: int
    """Row number in the population."""
    facet: Facet
    grade: Grade
    where: str
    """Place in the answer: `$.address.house`, `header X-Location`, `body, base64`."""
    others: tuple[int, ...] = ()
    """Further children who share the value (siblings at an address, children of a carer)."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as sent, without its credentials."""

    method: str
    path: str
    body: str
    """As text; empty for none."""
    request_id: str
    """The correlation id that the target's log should carry."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request by one user about one child."""

    part: Part
    operation: str
    """Name of the operation in the pack's configuration."""
    user: int
    """Row number."""
    role: str
    child: int | None
    """Row number of the child asked about; None for none."""
    rung: Rung
    claims: Claims
    request: Request
    by: tuple[Facet, ...] = ()
    """The facets that a search names."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which an answer departs from the policy; several may come of one answer."""

    kind: Kind
    place: str
    """The endpoint concerned, as method and path template: `POST /children/view`."""
    subject: str
    """The facet, action or duty concerned."""
    record_class: str
    """First record class of the pair, in the order of `classes.cedar`; empty where no child is concerned."""
    child: int | None
    facet: Facet | None
    policies: tuple[str, ...]
    """The policies that deny it or owe it; empty for a default deny."""
    detail: str
    """What was seen, in words with synthetic values."""

    @property
    def cause(self) -> str:
        """Key of the finding it belongs to: nothing of one run in it.

        One cause shows as many facets of an answer: access is grouped over facets, everything else is not.
        """
        subject = "" if self.kind is Kind.ACCESS else self.subject
        return ":".join(part for part in (self.kind.value, self.place, subject, self.record_class) if part)


@dataclass(frozen=True, slots=True)
class Observation:
    """A probe with its answer, read and judged."""

    probe: Probe
    status: int
    seconds: float
    disclosures: tuple[Disclosure, ...]
    verdict: Verdict
    why: str = ""
    """What the verdict rests on, in words; the reason where it is `unproven`."""
    policies: tuple[str, ...] = ()
    """The policies that decided."""
    violations: tuple[Violation, ...] = ()
    hazards: tuple[tuple[Facet, int], ...] = field(default_factory=tuple)
    """Facets of the child asked about that came only through a value shared with a child who may be read."""
