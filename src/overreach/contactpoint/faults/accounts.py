"""Faults of accounts and of the duties that come with a right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from overreach.contactpoint.facts import User
from overreach.contactpoint.fault import fault
from overreach.contactpoint.faults.alerts import without
from overreach.contactpoint.parts import Parts


@fault("leaver-signs-in", breaks="R4", scenario=34)
def leaver_signs_in(parts: Parts) -> Parts:
    """The account of somebody who has left goes on working."""

    def account(user: User, today: date) -> bool:
        return parts.rules.account(user._replace(leaves_on=None), today)

    return replace(parts, rules=replace(parts.rules, account=account))


@fault("override-without-alert", breaks="R13", scenario=4)
def override_without_alert(parts: Parts) -> Parts:
    """An override is granted and nobody is told."""
    return without(parts, "override")
