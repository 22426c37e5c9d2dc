"""Hostile text in a search is text: it behaves as a name that nobody has."""

from __future__ import annotations

from functools import lru_cache

from hypothesis import assume, given
from hypothesis import strategies as st

from overreach.model.terms import Facet, Kind
from overreach.population.store import Population
from overreach.population.strategies import children, reasons, users
from overreach.scenario.expect import expect, expect_same
from overreach.scenario.live import Target
from overreach.scenario.profile import scenario

BROKEN = range(500, 600)
NOT_UNDERSTOOD = 422
KNOWN = (
    "'", '"', "%", "_", "*", "\\", ";", "--", "%%%%", "' OR '1'='1", "' OR 1=1 --", '" OR ""="', "') OR ('a'='a",
    "' UNION SELECT number FROM children --", "x'; DROP TABLE children; --", "\u202eEvans", "E\u0301vans", "\u0000",
    "{child.family_name}", "${7*7}", "<script>alert(1)</script>", "../../etc/passwd", "\U0001f9d2", "a" * 990,
    "a" * 5000,
)  # fmt: skip
HOSTILE = st.sampled_from(KNOWN) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
FIELDS = {"family_name": Facet.IDENTITY, "former_name": Facet.FORMER_NAMES, "postcode": Facet.WHEREABOUTS}


@lru_cache(maxsize=8)
def texts_of(population: Population, field: str) -> frozenset[str]:
    """What the children have there, whatever its case: some are called `Null`, or `X`."""
    values = population.query(population.shape.child_fields)[field].to_pylist()
    return frozenset(str(value).casefold() for value in values if value is not None)


@scenario(17, "R12")
@given(data=st.data(), text=HOSTILE, field=st.sampled_from(sorted(FIELDS)))
def test_hostile_text_finds_nobody(target: Target, data: st.DataObject, text: str, field: str) -> None:
    """Scenario 17, R12: quotes, wildcards, foreign scripts and long words find what a name of nobody finds."""
    asker = target.as_(data.draw(users(target)))
    child, reason = data.draw(children(target, having=[field])), data.draw(reasons(target))
    value, facet = str(target.population.child_fields(child)[field]), FIELDS[field]
    assume(text.strip().casefold() not in texts_of(target.population, field))
    hostile = asker.query((facet,), {field: text}, reason)
    broken = hostile.status in BROKEN
    expect(not broken, hostile, Kind.INFERENCE, "text of a query", f"the search broke with status {hostile.status}")
    if hostile.status != NOT_UNDERSTOOD:
        nobody = asker.query((facet,), {field: target.absent.value(field, value)}, reason)
        expect_same(hostile, nobody, facet)
