"""Answers made by hand about the people of a real world, and what the judge makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from overreach.model.decision import Claims
from overreach.model.probe import Answer, Observation, Probe
from overreach.model.terms import Facet, Part, Rung, facets_of
from overreach.pack.config import Operation
from overreach.probe.session import Bench
from overreach.target.identity import Session
from overreach.target.operations import render

WELFARE = Claims(reason="welfare")
BROKEN_GLASS = Claims(reason="child_protection", override=True)


@dataclass(frozen=True)
class Hand:
    """Makes probes and answers over one world."""

    bench: Bench

    def operation(self, name: str) -> Operation:
        """An operation of the pack."""
        return self.bench.pack.target.operation(name)

    def probe(self, name: str, user: int, child: int, claims: Claims = WELFARE, request_id: str = "r-1") -> Probe:
        """A request as the prober would have sent it."""
        population = self.bench.population
        request = render(self.operation(name), population.child_fields(child), claims, request_id)
        assert request is not None
        rung = Rung.OVERRIDE if claims.override else Rung.DECLARED if claims.reason else Rung.OPEN
        return Probe(
            part=Part.SWEEP,
            operation=name,
            user=user,
            role=str(population.user_fields(user)["role"]),
            child=child,
            rung=rung,
            claims=claims,
            request=request,
            by=self.operation(name).by,
        )

    def observe(self, probe: Probe, answer: Answer) -> Observation:
        """What the judge makes of an answer."""
        return self.bench.judge.observe(probe, self.operation(probe.operation), answer)

    def mask(self, user: int, child: int, claims: Claims = WELFARE) -> int:
        """What the policy lets a user read."""
        return self.bench.grid.facets(user, child, claims)

    def pair(self, fits: Callable[[int, int], bool]) -> tuple[int, int]:
        """The first (user, child) that fits."""
        population = self.bench.population
        pairs = ((u, c) for c in range(population.children_count) for u in range(population.users_count))
        return next(pair for pair in pairs if fits(*pair))

    def house_owners(self, child: int) -> tuple[int, ...]:
        """Everybody who lives in a child's house; nobody where none is known."""
        population = self.bench.population
        house = population.child_fields(child)["house"]
        if house is None:
            return ()
        owner = population.minter.read(house.split()[0].lower())
        assert owner is not None
        return population.token_children(*owner)

    def record(self, child: int, facets: Iterable[Facet]) -> dict[str, Any]:
        """A record in the form of the view, with the values of some facets of a child."""
        fields, values = self.bench.population.child_fields(child), self.bench.population.facet_values
        every = {facet: sorted(values(child, facet)) for facet in facets}
        document: dict[str, Any] = {"number": fields["number"]}
        carer: dict[str, Any] = {}
        for facet, texts in every.items():
            if not texts:
                continue
            match facet:
                case Facet.IDENTITY:
                    document["name"] = {"given": fields["given_name"], "family": fields["family_name"]}
                    document |= {"gender": fields["gender"], "date_of_birth": fields["date_of_birth"]}
                case Facet.FORMER_NAMES:
                    document["former_names"] = [{"family": text} for text in texts]
                case Facet.WHEREABOUTS:
                    document["address"] = {"house": fields["house"], "postcode": fields["postcode"]}
                case Facet.CARERS:
                    carer["name"] = fields["carer_name"]
                case Facet.CONTACTS:
                    carer |= {"phone": fields["carer_phone"], "email": fields["carer_email"]}
                case _:
                    document[facet.value] = _simple(facet, texts)
        return document | ({"carers": [carer]} if carer else {})

    def readable_record(self, user: int, child: int, claims: Claims = WELFARE) -> dict[str, Any]:
        """Exactly what the user may read."""
        return self.record(child, facets_of(self.mask(user, child, claims)))


def _simple(facet: Facet, texts: list[str]) -> object:
    if facet in {Facet.SERVICES, Facet.SENSITIVE_SERVICES}:
        return [{"provider": text} for text in texts]
    member = {
        Facet.EDUCATION: "school",
        Facet.HEALTH: "practice",
        Facet.INDICATORS: "caf_holder",
        Facet.PROVENANCE: "responsible",
        Facet.PROTECTION: "since",
    }[facet]
    return {member: texts[0]}


def answered(document: object, status: int = 200, error: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body, or with bytes as they are."""
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    return Answer(status, tuple((headers or {}).items()), body, 0.001, error)


def found(*records: dict[str, Any]) -> Answer:
    """The answer of a search."""
    return answered({"count": len(records), "page": 1, "pages": 1, "children": list(records)})


ABSENT = answered({"error": "no such record"}, 404)


@dataclass
class Script:
    """A sender whose answers are made by a function, and who remembers every request."""

    answer: Callable[[str, str, bytes], Answer]
    sent: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
        meanwhile: Callable[[], None] | None = None,
    ) -> Answer:
        """One exchange."""
        self.sent.append((method, path, body, dict(headers)))
        if meanwhile is not None:
            meanwhile()
        return replace(self.answer(method, path, body))


def session_of(user: int) -> Session:
    """A session that was never opened."""
    return Session(user, f"u{user}", f"Bearer t{user}")
