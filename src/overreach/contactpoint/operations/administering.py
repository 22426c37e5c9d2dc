"""What all operations on an account have in common: who may, on whom, in which order that is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from overreach.contactpoint.calls import FORBIDDEN, NO_ACCOUNT, Answer, Call
from overreach.contactpoint.facts import Person
from overreach.contactpoint.parts import Handler, Parts

Asked = TypeVar("Asked")


def on_account(read: Callable[[Call], Asked], act: Callable[[Parts, Call, Person, Asked], Answer]) -> Handler:
    """An operation on the account that the path names.

    403 without the right to keep accounts, 422 where `read` finds the body malformed, 404 for an account that is not
    there or not this officer's to keep; then `act`.
    """

    def handler(parts: Parts, call: Call) -> Answer:
        if not parts.rules.keeps_accounts(call.signed_in.user):
            return FORBIDDEN
        asked = read(call)
        person = parts.people.named(call.path["username"])
        if person is None or not parts.rules.keeps_account(officer_of(parts, call), person):
            return NO_ACCOUNT
        return act(parts, call, person, asked)

    return handler


def officer_of(parts: Parts, call: Call) -> Person:
    """Whoever asks, with employer and manager."""
    return parts.people.of(call.signed_in.user.user)


def shut_out(parts: Parts, call: Call, user: int) -> None:
    """End session and word of a user whose account is no longer in order (R4, R5)."""
    if not parts.rules.account(parts.people.of(user).user, call.now.date()):
        parts.dismiss(user)
        parts.people.take_back(user)
