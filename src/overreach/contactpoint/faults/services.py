"""Faults of sensitive services and of brokering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from overreach.contactpoint import roles
from overreach.contactpoint.calls import Answer, Call
from overreach.contactpoint.facts import Basis, Child, Claims, Service, User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.records import Record
from overreach.contactpoint.services import Issued, Services


@dataclass(frozen=True)
class _Services:
    """Services that behave; a fault changes one method of them."""

    inner: Services

    def add(self, child: int, user: int, service: Service, now: datetime) -> str:
        return self.inner.add(child, user, service, now)

    def pass_over(self, child: int, user: int, now: datetime) -> str:
        return self.inner.pass_over(child, user, now)

    def withdrawn(self, child: int, provider: str) -> date | None:
        return self.inner.withdrawn(child, provider)

    def issued(self, child: int, service: str) -> Issued | None:
        return self.inner.issued(child, service)

    def remove(self, child: int, service: str, now: datetime) -> None:
        self.inner.remove(child, service, now)

    def entries(self, child: int) -> list[dict[str, Any]]:
        return self.inner.entries(child)


def _showing(parts: Parts, show: Callable[[list[Record]], list[Record]]) -> Parts:
    """Parts whose views add to a child's services what is shown of its sensitive ones."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        body = answer.body or {}
        found = parts.records.find(str(body.get("number")), call.signed_in.user.user)
        if found is None or roles.SERVICES not in body or roles.SENSITIVE_SERVICES in body:
            return answer
        hidden = parts.records.read(found.child.child, frozenset({roles.SENSITIVE_SERVICES}))
        services = [*body[roles.SERVICES], *show(hidden[roles.SENSITIVE_SERVICES])]
        return replace(answer, body={**body, roles.SERVICES: services})

    return parts.changing("view", change)


@fault("sensitive-service-without-basis", breaks="R3", scenario=25)
def sensitive_service_without_basis(parts: Parts) -> Parts:
    """A sensitive service is stored without anybody's consent and without a ground of harm."""
    return replace(parts, rules=replace(parts.rules, grounded=lambda _service, _today: True))


@fault("harm-ground-not-stored", breaks="R3", scenario=25)
def harm_ground_not_stored(parts: Parts) -> Parts:
    """A sensitive service is stored on a ground of harm, and the ground is thrown away."""

    class Forgetful(_Services):
        def add(self, child: int, user: int, service: Service, now: datetime) -> str:
            return self.inner.add(child, user, service._replace(basis=Basis()), now)

    return replace(parts, services=Forgetful(parts.services))


@fault("withdrawn-service-comes-back", breaks="R3", scenario=25)
def withdrawn_service_comes_back(parts: Parts) -> Parts:
    """After consent was withdrawn the same service is stored again on the old consent."""
    return replace(parts, rules=replace(parts.rules, comes_back=lambda _service, _withdrawn_on: True))


@fault("sensitive-services-readable", breaks="R2", scenario=23)
def sensitive_services_readable(parts: Parts) -> Parts:
    """Whoever reads the services of a child reads its sensitive services too."""

    def view(user: User, child: Child, claims: Claims) -> frozenset[str]:
        readable = parts.rules.view(user, child, claims)
        return readable | {roles.SENSITIVE_SERVICES} if roles.SERVICES in readable else readable

    return replace(parts, rules=replace(parts.rules, view=view))


@fault("sensitive-provider-shown", breaks="R2", scenario=23)
def sensitive_provider_shown(parts: Parts) -> Parts:
    """Sensitive services stand among the ordinary ones, as if they were such, for everybody who reads those."""
    return _showing(parts, lambda sensitive: [{**service, "phone": None} for service in sensitive])


@fault("sensitive-service-marked", breaks="R2", scenario=23)
def sensitive_service_marked(parts: Parts) -> Parts:
    """A service without kind and provider marks the records that have a sensitive one, and only those."""
    return _showing(parts, lambda sensitive: [{"kind": None, "provider": None, "phone": None}][: len(sensitive)])


@fault("sensitive-service-updates-record", breaks="R2", scenario=23)
def sensitive_service_updates_record(parts: Parts) -> Parts:
    """The day of the last update tells that a sensitive service was recorded."""

    class Touching(_Services):
        def add(self, child: int, user: int, service: Service, now: datetime) -> str:
            day = now.date().isoformat()
            parts.storage.run("UPDATE children SET updated = ? WHERE child = ?", (day, child))
            return self.inner.add(child, user, service, now)

    return replace(parts, services=Touching(parts.services))


@fault("withdrawn-service-tells", breaks="R2", scenario=23)
def withdrawn_service_tells(parts: Parts) -> Parts:
    """Whoever records a service that was withdrawn is told so, and knows that the child had it."""

    class Telling(_Services):
        def pass_over(self, _child: int, _user: int, _now: datetime) -> str:
            return "withdrawn"

    return replace(parts, services=Telling(parts.services))


@fault("service-of-another-child-removed", breaks="R7", scenario=10)
def service_of_another_child_removed(parts: Parts) -> Parts:
    """An entry's id is enough to remove it: whose entry it is, and who recorded it, is not looked at."""

    class Careless(_Services):
        def issued(self, _child: int, _service: str) -> Issued | None:
            return Issued(None)

        def remove(self, _child: int, service: str, now: datetime) -> None:
            row = parts.storage.run("SELECT child FROM services WHERE service = ?", (service,)).fetchone()
            if row is not None:
                self.inner.remove(row[0], service, now)

    return replace(parts, services=Careless(parts.services))


@fault("service-removed-by-anybody", breaks="R7", scenario=25)
def service_removed_by_anybody(parts: Parts) -> Parts:
    """An entry is removed by anybody who may see the child, not only by whoever recorded it."""

    def removes_service(_user: User, _child: Child, _recorded_by: int | None) -> bool:
        return True

    return replace(parts, rules=replace(parts.rules, removes_service=removes_service))


@fault("brokering-tells-sensitive-service", breaks="R14", scenario=23)
def brokering_tells_sensitive_service(parts: Parts) -> Parts:
    """Whoever asks for contact is answered otherwise where the child has a sensitive service."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        found = parts.records.find(call.number, call.signed_in.user.user)
        if answer.status != 202 or found is None:  # noqa: PLR2004 - accepted
            return answer
        read = parts.records.read(found.child.child, frozenset({roles.SENSITIVE_SERVICES}))
        return answer if read["sensitive_services"] else replace(answer, body={"state": "nobody to be contacted"})

    return parts.changing("ask_contact", change)


@fault("brokering-names-area", breaks="R11", scenario=21)
def brokering_names_area(parts: Parts) -> Parts:
    """Whoever asks for contact is told which authority's team will make it, under a shield too."""

    def change(parts: Parts, call: Call, answer: Answer) -> Answer:
        found = parts.records.find(call.number, call.signed_in.user.user)
        if answer.status != 202 or found is None:  # noqa: PLR2004 - accepted
            return answer
        read = parts.records.read(found.child.child, frozenset({roles.PROVENANCE}))
        return replace(answer, body={**(answer.body or {}), "team": read["provenance"]["responsible"]})

    return parts.changing("ask_contact", change)


@fault("brokering-for-every-area", breaks="R14", scenario=8)
def brokering_for_every_area(parts: Parts) -> Parts:
    """A management team answers requests about children of other authorities."""

    def brokers_for(user: User, child: Child) -> bool:
        return parts.rules.brokers_for(user._replace(areas=frozenset({child.responsible})), child)

    return replace(parts, rules=replace(parts.rules, brokers_for=brokers_for))
