"""What officers state with an operation on a record: texts that say something, coded grounds, named parties."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from overreach.contactpoint.calls import LONGEST_TEXT, Call, MalformedError, NotPossibleError, texts
from overreach.contactpoint.facts import GROUNDS
from overreach.contactpoint.parts import Parts
from overreach.contactpoint.sessions import user_named

MOST_NAMED = 20  # users in one statement


def stated(call: Call, required: Collection[str], optional: Collection[str] = ()) -> dict[str, str]:
    """The body's texts without the space around them; MalformedError also for a required one that is blank."""
    said = {name: text.strip() for name, text in texts(call, required, optional).items()}
    if not all(said[name] for name in required):
        raise MalformedError
    return said


def coded_ground(ground: str) -> str:
    """A ground from the coded list; MalformedError for any other text."""
    if ground not in GROUNDS:
        raise MalformedError
    return ground


def named_users(parts: Parts, call: Call, member: str) -> tuple[Call, tuple[int, ...]]:
    """The call without a list of usernames in its body, and those users; NotPossibleError for an unknown one."""
    if not isinstance(call.body, dict):
        raise MalformedError
    body = dict(call.body)
    names = body.pop(member, [])
    if not isinstance(names, list) or len(names) > MOST_NAMED:
        raise MalformedError
    if any(not isinstance(name, str) or len(name) > LONGEST_TEXT for name in names):
        raise MalformedError
    found = [user_named(parts.storage, name) for name in names]
    users = tuple(user.user for user in found if user is not None)
    if len(users) < len(found):
        raise NotPossibleError
    return replace(call, body=body), users
