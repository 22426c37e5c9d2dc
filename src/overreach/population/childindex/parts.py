"""Everything drawn for one world, before it becomes tables."""

from __future__ import annotations

from dataclasses import dataclass

from overreach.population.childindex import links
from overreach.population.childindex.carers import Carers
from overreach.population.childindex.ground import Ground, Institutions
from overreach.population.childindex.naming import People
from overreach.population.childindex.setting import Setting
from overreach.population.childindex.staff import Staff


@dataclass(frozen=True, slots=True)
class Parts:
    """What the stages drew."""

    setting: Setting
    people: People
    ground: Ground
    schools: Institutions
    practices: Institutions
    carers: Carers
    staff: Staff
    practitioners: links.Practitioners
    services: links.Services
    involved: links.Involvements
    ties: links.Ties
