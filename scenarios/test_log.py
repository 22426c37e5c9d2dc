"""What users did stands in the log, with what they asked and what they got."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from overreach.model.terms import Kind
from overreach.population.strategies import children, reasons, users
from overreach.scenario.expect import expect, expect_given, expect_held
from overreach.scenario.profile import scenario
from overreach.scenario.reply import Reply
from overreach.scenario.stage import Actor
from overreach.scenario.world import World, Worlds


def something(data: st.DataObject, here: World, actor: Actor) -> Reply:
    """One thing that a user may try; most of it is refused, or finds nobody."""
    child, reason = data.draw(children(here, having=["postcode"])), data.draw(reasons(here))
    tries = {
        "search": lambda: actor.search("name", child, reason),
        "search for nobody": lambda: actor.search("postcode", None, reason, here.absent.like(child, ["postcode"])),
        "view": lambda: actor.view(child, reason),
        "view of nothing": lambda: actor.perform("view", reason=reason, fields=here.absent.like(child, ["number"])),
        "declare": lambda: actor.declare(child, reason),
        "override": lambda: actor.override(child, reason),
        "shield": lambda: actor.shield(child),
    }
    return tries[data.draw(st.sampled_from(sorted(tries)))]()


@scenario(42, "R9")
@given(data=st.data())
def test_everything_is_in_the_log(world: Worlds, data: st.DataObject) -> None:
    """Scenario 42, R9: who asked, and every record answered; also where nothing was found or all was refused."""
    here = world()
    done: list[tuple[Actor, Reply]] = []
    for user in data.draw(st.lists(users(here), min_size=1, max_size=4)):
        actor = here.as_(user)
        done.append((actor, something(data, here, actor)))
    expect_held(*(reply for _, reply in done))
    reader = here.reader()
    page = reader.log(after=here.logged)
    expect_given(page)
    rows = {row["request_id"]: row for row in reader.entries(page)}
    for actor, reply in done:
        row = rows.get(reply.request_id, {})
        expect(bool(row), reply, Kind.DUTY, "log", "no row of the log names this request")
        expect(row["user"] == actor.session.username, reply, Kind.DUTY, "log", "the row names another user")
        numbers = {str(here.population.child_fields(child)["number"]) for child in reply.found}
        expect(numbers <= set(row["results"]), reply, Kind.DUTY, "log", "the row lacks a record that was answered")
        asked = json.loads(reply.observation.probe.request.body or "{}")
        lacking = sorted(name for name, value in asked.items() if value not in row["query"].values())
        expect(not lacking, reply, Kind.DUTY, "log", f"the row does not say what was asked: {', '.join(lacking)}")
