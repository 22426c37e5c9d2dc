"""Alerts of any form, in the engine's own."""

from __future__ import annotations

import pytest

from overreach.pack.alerts import AlertEntry
from overreach.probe.alerts import Alert, alert_of

PLACES = AlertEntry("$.about[0].who", "$.what.code", "$.sent.id", owed=())


def test_an_alert_is_read_by_the_paths_of_the_pack() -> None:
    """Whatever its form; numbers become texts."""
    raw = {"about": [{"who": "senco"}, {"who": "nurse"}], "what": {"code": 7}, "sent": {"id": "load-1-2"}}
    assert alert_of(raw, PLACES) == Alert(user="senco", kind="7", request_id="load-1-2")


@pytest.mark.parametrize("raw", [{}, {"about": [], "what": None}, {"about": [{"who": None}]}, [], "text", None])
def test_a_path_that_leads_nowhere_gives_an_empty_text(raw: object) -> None:
    """Such an alert names nobody."""
    assert alert_of(raw, PLACES) == Alert("", "", "")
