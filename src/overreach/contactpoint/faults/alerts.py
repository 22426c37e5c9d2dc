"""Faults of the alerts, and of what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from overreach.contactpoint.facts import User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.inquiries import Inquiries, Raised
from overreach.contactpoint.journal import Alert
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.wrapping import with_methods


def without(parts: Parts, *kinds: str) -> Parts:
    """Parts that never raise alerts of these kinds."""

    def sound(alert: Alert, now: datetime) -> None:
        if alert.kind not in kinds:
            parts.alerts.sound(alert, now)

    return replace(parts, alerts=with_methods(parts.alerts, sound=sound))


@fault("own-family-unnoticed", breaks="R19", scenario=2)
def own_family_unnoticed(parts: Parts) -> Parts:
    """Nobody is told when somebody opens the record of the own household."""
    return without(parts, "own_family", "same_address")


@fault("enumeration-unnoticed", breaks="R19", scenario=9)
def enumeration_unnoticed(parts: Parts) -> Parts:
    """Nobody is told when somebody tries one number after the other, or reads hundreds of records."""
    return without(parts, "enumeration", "volume")


@fault("dummy-reason-unnoticed", breaks="R8", scenario=37)
def dummy_reason_unnoticed(parts: Parts) -> Parts:
    """Any reason will do, for any number of records: nobody is told."""
    return without(parts, "dummy_reason")


@fault("unmasking-unnoticed", breaks="R9", scenario=42)
def unmasking_unnoticed(parts: Parts) -> Parts:
    """The log is shown in full and nobody is told."""
    return without(parts, "log_unmasked")


@fault("alert-answered-by-self", breaks="R13", scenario=42)
def alert_answered_by_self(parts: Parts) -> Parts:
    """Whoever an alert is about may explain it away."""

    def answers(user: User, concerned: int | None, manager: int | None) -> bool:
        return parts.rules.answers_alert(user, None if concerned == user.user else concerned, manager)

    return replace(parts, rules=replace(parts.rules, answers_alert=answers))


@fault("alert-answered-by-manager", breaks="R13", scenario=4)
def alert_answered_by_manager(parts: Parts) -> Parts:
    """An alert may be answered by the manager of the user whom it is about."""

    def answers(user: User, concerned: int | None, _manager: int | None) -> bool:
        return parts.rules.answers_alert(user, concerned, None)

    return replace(parts, rules=replace(parts.rules, answers_alert=answers))


@fault("unread-alerts-forgotten", breaks="R13", scenario=42)
def unread_alerts_forgotten(parts: Parts) -> Parts:
    """An alert that nobody answers stays what it is: it never becomes a finding."""

    @dataclass(frozen=True)
    class Patient:
        inner: Inquiries

        def find(self, alert: int) -> Raised | None:
            return self.inner.find(alert)

        def answer(self, alert: int, username: str, finding: str, note: str, now: datetime) -> None:
            self.inner.answer(alert, username, finding, note, now)

        def begin(self, session: int, reference: str) -> bool:
            return self.inner.begin(session, reference)

        def findings(self, now: datetime) -> list[dict[str, Any]]:
            return [each for each in self.inner.findings(now) if not each["kind"].startswith("unanswered_")]

    return replace(parts, inquiries=Patient(parts.inquiries))
