"""The faults of keeping accounts, each beside the correct behaviour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.contactpoint.desks import activate, alive, keep, later, lift, miss, sign_in, suspend
from tests.contactpoint.inside import Inside
from tests.contactpoint.tables import AS_OF, PLAIN

Both = Callable[..., tuple[Any, Any]]
WORKER, OFFICER, CENTRAL = "social_worker", "management_team", "central_team"


def test_suspension_leaves_session(both: Both) -> None:
    """The session goes on; no new one begins, and a leaver's ends as it should."""

    def ask(inside: Inside) -> list[bool]:
        secret = inside.secret(WORKER)
        before = [alive(inside, WORKER), alive(inside, "midwife")]
        suspend(inside, WORKER)
        keep(inside, OFFICER, "POST", "midwife/leaving", {"on": AS_OF.isoformat()})
        again = sign_in(inside, WORKER, secret, steps=1).status == 201
        return [*before, alive(inside, WORKER), alive(inside, "midwife"), again]

    assert both("suspension-leaves-session", ask) == (
        [True, True, False, False, False],
        [True, True, True, False, False],
    )


def test_leaver_session_goes_on(both: Both) -> None:
    """The leaver's goes on; the suspended user's ends."""

    def ask(inside: Inside) -> list[bool]:
        before = [alive(inside, WORKER), alive(inside, "midwife")]
        suspend(inside, WORKER)
        keep(inside, OFFICER, "POST", "midwife/leaving", {"on": AS_OF.isoformat()})
        return [*before, alive(inside, WORKER), alive(inside, "midwife")]

    assert both("leaver-session-goes-on", ask) == ([True, True, False, False], [True, True, False, True])


def test_role_kept_until_next_sign_in(both: Both) -> None:
    """The old post reads on in the live session; the next one has the new post."""

    def ask(inside: Inside) -> list[int]:
        statuses = [inside.view(WORKER, PLAIN).status]
        keep(inside, CENTRAL, "PUT", f"{WORKER}/role", {"role": "data_manager"})
        statuses.append(len(inside.view(WORKER, PLAIN).json))
        token = sign_in(inside, WORKER, inside.secret(WORKER), steps=1).json["token"]
        body = {"number": "qxzc00000000", "date_of_birth": "2000-02-29", "reason": "welfare"}
        return [*statuses, len(inside.ask("POST", "/children/view", body, token=token).json)]

    correct, broken = both("role-kept-until-next-sign-in", ask)
    assert correct == [200, 5, 5]
    assert broken[0] == 200
    assert broken[1] > broken[2] == 5


def test_vetting_never_lapses(both: Both) -> None:
    """A lapsed account opens; a leaver's does not."""
    assert both(
        "vetting-never-lapses",
        lambda inside: [activate(inside, name).status for name in ("unvetted", "leaver", "midwife")],
    ) == ([403, 403, 201], [201, 403, 201])


def test_employer_accreditation_ignored(both: Both) -> None:
    """The users of the organisation go on; the account that itself is not accredited stays closed."""

    def ask(inside: Inside) -> tuple[bool, int]:
        inside.token(WORKER)
        inside.by(CENTRAL, "PUT", "/organisations/0/accreditation", {"accredited": False})
        return alive(inside, WORKER), activate(inside, "unaccredited").status

    assert both("employer-accreditation-ignored", ask) == ((False, 403), (True, 403))


def test_lockout_counts_nothing(both: Both) -> None:
    """The right words are taken after any number of wrong ones."""

    def ask(inside: Inside) -> list[int]:
        secret = inside.secret(WORKER)
        wrong = [sign_in(inside, WORKER, secret, password="wrong").status for _ in range(9)]  # noqa: S106
        return [*set(wrong), sign_in(inside, WORKER, secret).status]

    assert both("lockout-counts-nothing", ask) == ([403, 403], [403, 201])


def test_one_time_code_replayed(both: Both) -> None:
    """The same code works again; a wrong one never does."""

    def ask(inside: Inside) -> list[int]:
        secret = inside.secret(WORKER)
        return [
            *(sign_in(inside, WORKER, secret).status for _ in range(2)),
            sign_in(inside, WORKER, secret, steps=9).status,
        ]

    assert both("one-time-code-replayed", ask) == ([201, 403, 403], [201, 201, 403])


def test_several_sessions_a_user(both: Both) -> None:
    """Both tokens are answered, until one of them signs out."""

    def ask(inside: Inside) -> list[int]:
        secret = inside.secret(WORKER)
        first, second = (sign_in(inside, WORKER, secret, steps).json["token"] for steps in (0, 1))
        asked = ("GET", first), ("GET", second), ("DELETE", second), ("GET", first), ("GET", f"of {WORKER}")
        paths = {"GET": "/notices", "DELETE": "/sessions"}
        return [inside.ask(method, paths[method], token=token).status for method, token in asked]

    assert both("several-sessions-a-user", ask) == ([401, 200, 204, 401, 401], [200, 200, 204, 401, 401])


def test_self_promotion(both: Both) -> None:
    """An officer becomes the central team; a practitioner still becomes nothing."""

    def ask(inside: Inside) -> list[int]:
        post = {"role": CENTRAL}
        return [keep(inside, name, "PUT", f"{name}/role", post) for name in (WORKER, OFFICER)]

    assert both("self-promotion", ask) == ([403, 404], [403, 204])


def test_sign_out_leaves_session(both: Both) -> None:
    """The answer is the same, and the token still works."""

    def ask(inside: Inside) -> tuple[int, bool]:
        return inside.by(WORKER, "DELETE", "/sessions").status, alive(inside, WORKER)

    assert both("sign-out-leaves-session", ask) == ((204, False), (204, True))


def test_idle_session_lives_on(both: Both) -> None:
    """Hours later it is answered still; the session's own end holds."""

    def ask(inside: Inside) -> list[bool]:
        states = [alive(inside, WORKER)]
        for hours in (7, 2):
            later(inside, timedelta(hours=hours))
            states.append(alive(inside, WORKER))
        return states

    assert both("idle-session-lives-on", ask) == ([True, False, False], [True, True, False])


def test_enumeration_not_throttled(both: Both) -> None:
    """Hundreds of numbers never issued may be tried; reads are counted all the same."""

    def ask(inside: Inside) -> set[int]:
        return {miss(inside, WORKER) for _ in range(70)}

    assert both("enumeration-not-throttled", ask) == ({404, 429}, {404})


def test_the_second_officer_still_lifts(both: Both) -> None:
    """What is overlooked in sessions is not overlooked by officers."""

    def ask(inside: Inside) -> list[int]:
        suspend(inside, WORKER)
        return [lift(inside, WORKER, officer) for officer in (OFFICER, "management_team_second")]

    assert both("suspension-leaves-session", ask) == ([409, 204], [409, 204])
