"""What each session has claimed so far, learnt from the requests that crossed the wire (rules R8, R13)."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.model.decision import Claims
from overreach.model.terms import Rung
from overreach.wire.exchange import Exchange, Matched

OVERRIDE_SECONDS = 600.0  # an override ends by itself after ten minutes


@dataclass(slots=True)
class _Override:
    number: str
    reason: str | None
    began: float


class Follower:
    """Claims by session: reasons declared for a record, and the one record whose glass is broken."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[str, str], str | None] = {}
        self._overrides: dict[str, _Override] = {}

    def claims(self, session: str, matched: Matched, at: float) -> Claims:
        """The claims at which a request was made; a request for another record ends an override."""
        override = self._overrides.get(session)
        if override is not None and (override.number != matched.number or at - override.began > OVERRIDE_SECONDS):
            del self._overrides[session]
            override = None
        stated = matched.reason or self._reasons.get((session, matched.number))
        if override is None:
            return Claims(reason=stated)
        return Claims(reason=stated or override.reason, override=True)

    def learn(self, session: str, matched: Matched, exchange: Exchange) -> None:
        """Take note of what an acknowledged request changed."""
        if not 200 <= exchange.answer.status < 300:  # noqa: PLR2004 - acknowledged, in HTTP
            return
        operation = matched.operation
        if operation.ends is Rung.OVERRIDE:
            self._overrides.pop(session, None)
        elif operation.raises is Rung.OVERRIDE:
            self._overrides[session] = _Override(matched.number, matched.reason, exchange.at)
        elif operation.raises is Rung.DECLARED:
            self._reasons[session, matched.number] = matched.reason


def rung_of(claims: Claims) -> Rung:
    """The lowest rung at which such claims are made."""
    if claims.override:
        return Rung.OVERRIDE
    return Rung.DECLARED if claims.reason is not None else Rung.OPEN
