"""Looking things up for a caller: begin and end a mediation (R20)."""

from __future__ import annotations

from overreach.contactpoint.calls import DONE, FORBIDDEN, REFUSED, Answer, Call, texts
from overreach.contactpoint.describing import COUNT, TEXT, UNKNOWN_SESSION, answer, described, empty, shape
from overreach.contactpoint.facts import User
from overreach.contactpoint.mediations import LIFE
from overreach.contactpoint.operations.entry import proven
from overreach.contactpoint.parts import Parts, Route
from overreach.contactpoint.schemas import CREDENTIALS


async def mediate(parts: Parts, call: Call) -> Answer:
    """Begin a mediation for a caller who proves itself as at a sign-in; nobody mediates for themselves."""
    if not parts.rules.mediates(call.signed_in.user):
        return FORBIDDEN
    asked = texts(call, required=("username", "password", "code"))
    caller = await proven(parts, call, asked)
    if caller is None or caller.user == call.signed_in.user.user:
        return REFUSED
    return mediation_for(parts, call, caller)


def mediation_for(parts: Parts, call: Call, caller: User) -> Answer:
    """Begin a mediation for this caller."""
    token = parts.mediations.begin(call.signed_in, caller, call.now)
    return Answer(201, {"mediation": token, "expires_in": int(LIFE.total_seconds())})


def end(parts: Parts, call: Call) -> Answer:
    """End a mediation of this session; the same answer whether there was one or not."""
    parts.mediations.end(call.signed_in, call.path["mediation"])
    return DONE


_REFUSED = (403, "the role does not mediate, or the caller was not accepted: one answer for every cause of that")

ROUTES = (
    Route(
        "POST",
        "/mediations",
        "mediate",
        mediate,
        frozenset({"username"}),
        described=described(
            "mediate",
            {201: answer("the mediation", shape({"mediation": TEXT, "expires_in": COUNT}))},
            *(UNKNOWN_SESSION, _REFUSED),
            body=CREDENTIALS,
        ),
    ),
    Route(
        "DELETE",
        "/mediations/{mediation}",
        "end_mediation",
        end,
        described=described("endMediation", {204: empty("ended")}, UNKNOWN_SESSION),
    ),
)
