"""Exact counts of whatever hangs on a code of the pair: pairs, distinct users and children, children of one user.

A code stands for all that is to be told apart: what one policy makes of a pair, what two policies make of it, or any
masks. Nothing here goes through the pairs. Area is counted as users x areas times areas x child classes; the sparse
involvements are then corrected for: an involved pair leaves the code it would have without the involvement and enters
its own. Where both codes are one, which is where most involvements are, nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overreach.policy.codes import Codes, compact
from overreach.policy.grid import Grid
from overreach.policy.relations import all_pairs
from overreach.reach.outcomes import FAR, INVOLVED, NEAR, Bools, Ints

Floats = NDArray[np.float64]

#: Children corrected at a time; with some tens of columns this is some tens of megabytes.
_AT_ONCE: Final = 1 << 17


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals over some users, each of one axis: what is counted."""

    pairs: Ints
    users: Ints
    """Distinct users in those pairs."""
    children: Ints
    """Distinct children in those pairs."""
    members: Floats
    """(what is counted, user) -> children; the users in ascending order."""


class Tally:
    """Counts over one grid, of any numbers that hang on a code; what all counts share is prepared once.

    `counted` is always (code, what is counted) -> whether a pair of that code counts.
    """

    def __init__(self, grid: Grid, of: Codes) -> None:
        """`of` is (user class, child class, relation) -> code, from 0 up."""
        self._grid = grid
        self.of = of
        """(user class, child class, relation) -> code."""
        relations = grid.relations
        self.by_area: Ints = relations.children_by_area(grid.children)
        """(child class, area) -> children; the last area stands for none."""
        self._users_by_area = relations.users_by_area(grid.users)
        self._of_users = np.bincount(grid.users.of, minlength=len(grid.users))
        self._effects, effect_of = self._all_effects()
        self._user, self._child, self._effect, involved = self._read(effect_of)
        self._class = grid.users.of[self._user]
        self.pairs: Ints = all_pairs(self._of_users, self._users_by_area, self.by_area, involved)
        """(user class, child class, relation) -> pairs."""

    def totals(self, user_classes: Ints, counted: Bools) -> Totals:
        """Totals over the users of some classes."""
        members = self.members(user_classes, counted)
        return Totals(
            pairs=members.sum(axis=1).astype(np.int64),
            users=(members > 0).sum(axis=1),
            children=self._distinct_children(user_classes, counted),
            members=members,
        )

    def users(self, user_classes: Ints) -> Ints:
        """The users of some classes, ascending."""
        return np.nonzero(self._chosen(user_classes)[self._grid.users.of])[0]

    def members(self, user_classes: Ints, counted: Bools) -> Floats:
        """(what is counted, user of some classes) -> children. Exact below 2**53."""
        users = self.users(user_classes)
        members = self._base_of_users(users, user_classes, counted)
        self._correct_members(members, users, self._entries(user_classes), counted)
        return members

    def base_of_children(self, user_classes: Ints, counted: Bools) -> Ints:
        """(child class, what is counted, area) -> users of one child, involvements left aside."""
        near = self._users_by_area[user_classes].astype(np.float64)
        far = self._of_users[user_classes, None] - near
        of = self.of[user_classes].transpose(1, 2, 0)  # (child class, relation, user class)
        value = counted.T.astype(np.float64)
        base = [value[:, one[NEAR]] @ near + value[:, one[FAR]] @ far for one in of]
        return np.array(base).reshape(len(of), len(value), near.shape[1]).astype(np.int64)

    def corrections(self, counted: Bools) -> tuple[Codes, Codes, Ints]:
        """Users and children of the involvements that make a difference, by child, and the difference: 1 or -1.

        `counted` is by code alone.
        """
        change = self._changes(counted[:, None])[:, 0]
        rows = np.nonzero(change[self._effect])[0]
        return self._user[rows], self._child[rows], change[self._effect[rows]]

    def corrected(self, counted: Bools) -> tuple[Ints, Ints]:
        """Children whose users the involvements change, ascending, and by how many; `counted` is by code alone."""
        _, child, change = self.corrections(counted)
        starts = _starts(child)
        changes = np.add.reduceat(change, starts) if len(child) else change
        return child[starts].astype(np.int64), changes

    def _all_effects(self) -> tuple[Ints, Codes]:
        """(effect, before and after) -> code; and (user class, child class, near) -> effect of an involvement."""
        of = self.of.astype(np.int64)
        many = int(of.max(initial=-1)) + 1
        before, after = of[:, :, [FAR, NEAR]], of[:, :, [FAR + INVOLVED, NEAR + INVOLVED]]
        pair = np.where(before == after, 0, before * many + after)  # all that change nothing are one, the first
        number, pairs = compact(np.append(pair.ravel(), 0), max(many * many, 1))
        return np.stack([pairs // max(many, 1), pairs % max(many, 1)], axis=1), number[:-1]

    def _read(self, effect_of: Codes) -> tuple[Codes, Codes, Codes, Ints]:
        """Users, children and effects of the involvements that change anything; and how many there are of all."""
        users_of, children_of = self._grid.users.of, self._grid.children.of
        shape = self.of.shape

        def read(user: Ints, child: Ints, relation: Codes) -> tuple[Codes, Codes, Codes, Ints]:
            cell = (users_of[user].astype(np.int64) * shape[1] + children_of[child]) * INVOLVED
            cell += relation - INVOLVED
            effect = effect_of[cell]
            kept = np.nonzero(effect)[0]
            counts = np.bincount(cell, minlength=len(effect_of))
            return user[kept].astype(np.int32), child[kept].astype(np.int32), effect[kept], counts

        parts = self._grid.relations.each_involvement(read)
        none = np.zeros(0, dtype=np.int32)
        user, child, effect = (np.concatenate([none, *(part[place] for part in parts)]) for place in range(3))
        involved = np.zeros(shape, dtype=np.int64)
        counts = np.sum([part[3] for part in parts], axis=0, dtype=np.int64) if parts else 0
        involved[:, :, INVOLVED:] = np.reshape(counts, (*shape[:2], INVOLVED)) if parts else 0
        return user, child, effect, involved

    def _changes(self, counted: Bools) -> Ints:
        """(effect, what is counted) -> what one involvement adds."""
        value = counted.astype(np.int64)
        changes = np.zeros((len(self._effects), counted.shape[1]), dtype=np.int64)  # the first effect is none at all
        changes[1:] = value[self._effects[1:, 1]] - value[self._effects[1:, 0]]
        return changes

    def _chosen(self, user_classes: Ints) -> Bools:
        chosen = np.zeros(len(self._of_users), dtype=np.bool_)
        chosen[user_classes] = True
        return chosen

    def _entries(self, user_classes: Ints) -> Ints:
        """The involvements kept of users of some classes."""
        return np.nonzero(self._chosen(user_classes)[self._class])[0]

    def _base_of_users(self, users: Ints, user_classes: Ints, counted: Bools) -> Floats:
        """(what is counted, user) -> children, involvements left aside."""
        classes = self._grid.users.of[users]
        by_area, of_children = self.by_area[:, :-1].astype(np.float64), self.by_area.sum(axis=1, dtype=np.float64)
        value = counted.T.astype(np.float64)
        members = np.zeros((counted.shape[1], len(users)))
        for number in user_classes:
            far, near = (value[:, self.of[number, :, relation]] for relation in (FAR, NEAR))
            if far.any() or near.any():
                rows = np.nonzero(classes == number)[0]
                has_area = self._grid.relations.has_area[users[rows]].T.astype(np.float64)
                members[:, rows] = (near - far) @ by_area @ has_area + (far @ of_children)[:, None]
        return members

    def _correct_members(self, members: Floats, users: Ints, entries: Ints, counted: Bools) -> None:
        if not len(entries):
            return
        effect, effects = compact(self._effect[entries], len(self._effects))
        rows = np.searchsorted(users, self._user[entries])
        shape = (len(users), len(effects))
        many = np.bincount(rows * shape[1] + effect, minlength=shape[0] * shape[1]).reshape(shape)
        changes = self._changes(counted)[effects]
        concerned = np.nonzero(changes.any(axis=0))[0]
        members[concerned] += changes[:, concerned].T.astype(np.float64) @ many.T.astype(np.float64)

    def _distinct_children(self, user_classes: Ints, counted: Bools) -> Ints:
        entries = self._entries(user_classes)
        base = self.base_of_children(user_classes, counted)
        found: Ints = np.einsum("ca,cma->m", self.by_area, base > 0)
        changes = self._changes(counted)
        concerned = np.nonzero(changes[np.unique(self._effect[entries])].any(axis=0))[0]
        changes, base = changes[:, concerned], base[:, concerned]
        effective: Bools = np.logical_or.reduce(changes != 0, axis=1)
        entries = entries[effective[self._effect[entries]]]
        starts = np.append(_starts(self._child[entries]), len(entries))
        for first in range(0, len(starts) - 1, _AT_ONCE):
            some = starts[first : first + _AT_ONCE + 1]
            rows = entries[some[0] : some[-1]]
            child = self._child[entries[some[:-1]]]
            before = base[self._grid.children.of[child], :, self._grid.relations.area_of[child]]
            after = before + np.add.reduceat(changes[self._effect[rows]], some[:-1] - some[0], axis=0)
            found[concerned] += (after > 0).sum(axis=0) - (before > 0).sum(axis=0)
        return found


def distinct(counted: Bools, present: Ints) -> tuple[Bools, Ints]:
    """(code, column): of the columns equal on the codes present, one; and which column each of them is."""
    flat = counted.reshape(len(counted), int(np.prod(counted.shape[1:])))
    _, some, which = np.unique(np.packbits(flat[present], axis=0), axis=1, return_index=True, return_inverse=True)
    return flat[:, some], which.reshape(counted.shape[1:])


def _starts(children: Codes) -> Ints:
    """Where the entries of each child begin; those of a child stand together."""
    return np.nonzero(np.diff(children, prepend=-1))[0]
