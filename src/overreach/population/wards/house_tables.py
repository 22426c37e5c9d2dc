"""The tables of part 0: wards, practices, and staff with their accounts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from overreach.population import words
from overreach.population.recipe import Tables
from overreach.population.sampling import Draws
from overreach.population.wards.layout import NEVER, table
from overreach.population.wards.names import phrase
from overreach.population.wards.setting import Setting
from overreach.population.wards.staff import LAPSED, LEFT, SUSPENDED

_GONE = 90  # days since somebody left, at most
_OVERDUE = 400  # days since a training lapsed, at most


def house(setting: Setting) -> Tables:
    """Wards, practices and staff."""
    names = Draws(setting.order.seed, "wards").order(len(words.PLAIN))[: setting.wards].tolist()
    specialties = np.array([each.name for each in setting.judgement.specialties], dtype=object)
    member, ward = setting.staff.works.T
    columns = {
        "ward": np.arange(setting.wards),
        "name": [f"{words.PLAIN[place]} Ward" for place in names],
        "specialty": specialties[setting.specialty],
    }
    practice = np.arange(setting.practices, dtype=np.int64)
    practices = phrase(setting.order.seed, "practices", practice, words.PLAIN, words.SITES, words.PRACTICES)
    return {
        "wards": table("wards", columns),
        "practices": table("practices", {"practice": practice, "name": practices}),
        "staff": _staff(setting),
        "ward_staff": table("ward_staff", {"member": member, "ward": ward}),
    }


def _staff(setting: Setting) -> pa.Table:
    staff, roles, today = setting.staff, setting.judgement.roles, setting.today
    rows = np.arange(len(staff.role), dtype=np.int64)
    draws, counts = setting.draws("accounts"), setting.judgement.trained_days
    overdue = counts + 1 + draws.below(_OVERDUE, rows)
    trained = today - np.where(staff.state == LAPSED, overdue, draws.below(counts, rows))
    return table(
        "staff",
        {
            "member": rows,
            "username": [f"staff{row:05d}" for row in rows.tolist()],
            "given_name": staff.given,
            "family_name": staff.family,
            "role": np.array([role.name for role in roles], dtype=object)[staff.role],
            "directorate": np.array([role.directorate for role in roles], dtype=object)[staff.role],
            "left_on": np.where(staff.state == LEFT, today - draws.below(_GONE, rows), NEVER),
            "suspended": staff.state == SUSPENDED,
            "trained_on": trained,
            "on_shift": staff.on_shift,
        },
    )
