"""What the target's own alerts told of the people of a load: figures, never a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from overreach.audit.context import Context
from overreach.load import keep
from overreach.load.conclude import LoadResult
from overreach.load.habit import habits_of
from overreach.load.watched import Watchers
from overreach.load.watchers import watch
from overreach.model.review import PartOutcome
from overreach.probe.alerts import Alert


def compare_alerts(
    context: Context, load: LoadResult, alerts: Sequence[Alert], compared: PartOutcome
) -> tuple[Watchers, PartOutcome]:
    """What the alerts told, kept where the record of the load is; and the log's outcome with its figures."""
    pack, population = context.bench.pack, context.bench.population
    watchers = watch(
        load.folder,
        alerts,
        habits_of(pack),
        pack.target.alert_entry.owed,
        lambda user: str(population.user_fields(user)["username"]),
    )
    if context.options.load_out is not None:
        keep.add(context.options.load_out, {"watchers": watchers.to_json()})
    figures = (
        ("misusers of the load named by alerts", f"{watchers.named:,} of {watchers.misusers:,}"),
        ("honest users named by alerts", f"{watchers.honest_accused:,}"),
    )
    return watchers, replace(compared, summary=replace(compared.summary, figures=(*compared.summary.figures, *figures)))
