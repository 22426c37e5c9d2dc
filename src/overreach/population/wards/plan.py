"""A hospital about to be drawn: part 0 is the house, each further part a fixed number of patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from overreach.model.population import Measure
from overreach.population.recipe import Order, Tables
from overreach.population.wards.house_tables import house
from overreach.population.wards.judgement import Judgement
from overreach.population.wards.measures import measures
from overreach.population.wards.setting import Setting
from overreach.population.wards.staff import posts
from overreach.population.wards.tables import patients

PATIENTS = 16_384
"""Patients in a part."""


@dataclass(frozen=True, slots=True)
class Hospital:
    """The plan of one hospital."""

    setting: Setting

    @property
    def as_of(self) -> date:
        """The day on which everybody is as described."""
        return self.setting.judgement.as_of

    @property
    def parts(self) -> int:
        """The house, and the patients in parts."""
        return 1 + -(-self.setting.order.children // PATIENTS)

    @property
    def measures(self) -> Mapping[str, Measure]:
        """The figures of the judgement."""
        judgement, users = self.setting.judgement, self.setting.order.users
        counts = posts(judgement, users).tolist()
        return measures(judgement, {role.name: count for role, count in zip(judgement.roles, counts, strict=True)})

    def part(self, number: int) -> Tables:
        """The house, or some patients with what belongs to them."""
        if number == 0:
            return house(self.setting)
        first = PATIENTS * (number - 1)
        return patients(self.setting, np.arange(first, min(first + PATIENTS, self.setting.order.children)))


def planner(judgement: Judgement, data: Path) -> Callable[[Order], Hospital]:
    """What makes the plan of an order; `data` is the folder of the published names."""
    return lambda order: Hospital(Setting(judgement, order, data))
