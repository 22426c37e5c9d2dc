"""What a running system made of a policy's mistakes is told in few lines, all of it in the JSON."""

from __future__ import annotations

from overreach.model.decision import Claims
from overreach.model.terms import Action, Facet
from overreach.probe.live.asking import Reply
from overreach.probe.live.counterexamples import Outcome, Tried
from overreach.probe.live.likeness import Like
from overreach.report.live import tried_json, tried_text

LIKE = Like(3, 5, Claims(reason="welfare"), (True, False))
VIEW = Reply(3, "a.b01", "view", "curl -X POST ...", 200, Facet.IDENTITY.bit | Facet.HEALTH.bit, "")


def _tried(what: Facet | Action, outcome: Outcome, why: str = "", number: str = "qxzc1") -> Tried:
    return Tried(what, outcome, why, LIKE, "a.b01", number, (VIEW,), 2)


def test_what_is_alike_is_told_once_and_worst_first() -> None:
    """The requests of the first of each outcome; the others' are in the JSON."""
    tried = {
        "no-health": (
            _tried(Facet.SERVICES, Outcome.UNPROVEN, "nobody entitled got it"),
            _tried(Facet.HEALTH, Outcome.REACHES),
            _tried(Facet.EDUCATION, Outcome.UNPROVEN, "nobody entitled got it"),
            _tried(Facet.CONTACTS, Outcome.REACHES, number="qxzc2"),
        )
    }
    assert list(tried_text(tried)) == [
        "REACHES no-health",
        "  `health`: the system reaches it, too; asked as a.b01, record qxzc1",
        "    a.b01: curl -X POST ...",
        "      200, with identity, health",
        "  `contacts`: the system reaches it, too; asked as a.b01, record qxzc2",
        "    requests in --json",
        "  `services`, `education`: unproven on the running system: nobody entitled got it",
        "1 invariants tried on the running system: 1 reached, 0 unproven, 0 refused",
    ]


def test_the_json_has_every_counterexample_with_people_claims_and_requests() -> None:
    """Nobody is null, not an empty name."""
    lost = Tried(Action.EXPORT, Outcome.UNPROVEN, "nobody like this", None, "", "", (), 0)
    (told,) = tried_json({"no-export": (_tried(Facet.HEALTH, Outcome.REFUSES), lost)})
    assert (told["id"], told["outcome"]) == ("no-export", "unproven")
    refused, unproven = told["counterexamples"]
    assert (refused["username"], refused["number"], refused["in_area"], refused["people_tried"]) == (
        "a.b01",
        "qxzc1",
        True,
        2,
    )
    assert refused["claims"] == {"reason": "welfare", "override": False, "approvals": 0}
    assert refused["requests"][0]["opened"] == ["identity", "health"]
    assert (unproven["username"], unproven["claims"], unproven["requests"]) == (None, None, [])
