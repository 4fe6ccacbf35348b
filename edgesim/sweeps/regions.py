"""Who is best where: over two axes, the planner with the best quality among those that meet the target."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgesim.sweeps.axes import BUDGETS, Axis
from edgesim.sweeps.swept import Swept

NOBODY, NOTHING = -1, -2
"""Winners of cells in which no planner meets the target, and of those without a row or where no scenario can be."""


@dataclass(frozen=True, slots=True)
class Region:
    """A planner's part of the map."""

    planner: str
    """The planner with its options."""
    cells: int
    """How many cells it wins."""
    best: int
    """At how many places it is best."""
    alone: int
    """At how many of these no other planner is exactly as good."""


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The best planner over two axes; a *place* is all that was asked for but the planner.

    The best at a place has the highest quality of those that meet the target there, then the least memory, then the
    least latency; planners that are equal in all three are best together. A cell's winner is the planner that is best
    at most of its places, then alone at most, then the first.

    Parameters
    ----------
    x, y
        The axes; None where less than two keys were swept.
    planners
        Those that are best somewhere, by the cells that they win.
    winners
        For each cell its planner, or `NOBODY` or `NOTHING`, (Y, X).
    everywhere
        Whether the winner is best at all of a cell's places, (Y, X).
    regions
        Each planner's part.
    places, met
        How many places there are, and how many have a planner that meets the target.
    nowhere
        How many more there would be if there were such scenarios; they count for nothing.
    nearest
        The largest share of inferences in time at any place.
    leaner, saved_bytes
        At how many places one that meets the target has less memory than the best, and how much less at most.
    over
        How many values other axes have, all of which are in each cell.
    """

    x: Axis | None
    y: Axis | None
    planners: tuple[str, ...]
    winners: NDArray[np.int64]
    everywhere: NDArray[np.bool_]
    regions: tuple[Region, ...]
    places: int
    met: int
    nowhere: int
    nearest: float
    leaner: int
    saved_bytes: int
    over: dict[str, int]

    @property
    def cells(self) -> int:
        """How many cells have a scenario."""
        return int((self.winners != NOTHING).sum())

    def to_dict(self) -> dict[str, Any]:
        """Return the axes, the map by names, and each planner's part."""
        names = {NOBODY: "", NOTHING: None} | dict(enumerate(self.planners))
        return {
            "x": self.x.to_dict() if self.x else None, "y": self.y.to_dict() if self.y else None, "over": self.over,
            "winners": [[names[winner] for winner in row] for row in self.winners.tolist()],
            "everywhere": self.everywhere.tolist(), "places": self.places, "met": self.met,
            "nowhere": self.nowhere, "nearest": self.nearest,
            "leaner": self.leaner, "saved_bytes": self.saved_bytes,
            "planners": [
                {"planner": one.planner, "cells": one.cells, "best": one.best, "alone": one.alone}
                for one in self.regions
            ],
        }  # fmt: skip


def choose_axes(sweep: Swept, given: Sequence[Axis | None] = (None, None)) -> tuple[Axis | None, Axis | None]:
    """Return two axes: those that are given, else the ones with most values.

    Seeds are no axes unless they are given, and axes that vary together are not taken, as they fill a diagonal only.
    """
    x, y = given
    every = [axis for axis in sweep.axes if axis.key.rpartition(".")[2] != "seed"]
    every = sorted([axis for axis in every if axis not in given], key=_first)
    if x is None and y is None:
        pairs = [pair for pair in combinations(every, 2) if _crossed(*pair)]
        pair = max(pairs, key=lambda pair: sum(len(axis.values) for axis in pair), default=None)
        return pair or (every[0] if every else None, None)
    other = x or y
    free = [axis for axis in every if other and _crossed(axis, other)]
    return x or next(iter(free), None), y or next(iter(free), None)


def _first(axis: Axis) -> tuple[int, bool, bool]:
    return -len(axis.values), axis.key != "target_latency", axis.key not in BUDGETS


def _crossed(one: Axis, other: Axis) -> bool:
    """Tell whether axes vary independently, at least in part."""
    pairs = len(np.unique(one.codes * len(other.values) + other.codes))
    return pairs > max(len(one.values), len(other.values))


def best_regions(sweep: Swept, x: Axis | None, y: Axis | None, shape: tuple[int, int] | None = None) -> Regions:
    """Return who is best where.

    Parameters
    ----------
    sweep, x, y
        What to map, over which axes.
    shape
        The most rows and columns; more values are put together, neighbours with neighbours.
    """
    cell, sizes = cells_of(sweep, x, y, shape)
    best, alone, saved = _best(sweep)
    many, cells = len(sweep.planners), sizes[0] * sizes[1]
    wins, lone = (
        np.bincount(cell[rows] * many + sweep.planner[rows], minlength=cells * many).reshape(cells, many)
        for rows in (best, best[alone])
    )
    of_place = np.full(sweep.places, cells)
    of_place[sweep.place[sweep.exists]] = cell[sweep.exists]
    per_cell = np.bincount(of_place, minlength=cells + 1)[:cells]
    places = int(per_cell.sum())
    winner = np.argmax(wins * (len(sweep.frame) + 1) + lone, axis=1) if many else np.zeros(cells, np.int64)
    won = wins.max(axis=1, initial=0)
    winner[won == 0] = NOBODY
    winner[per_cell == 0] = NOTHING
    regions = [
        Region(label, int((winner == at).sum()), int(wins[:, at].sum()), int(lone[:, at].sum()))
        for at, label in enumerate(sweep.planners)
    ]
    order = sorted(
        (at for at, one in enumerate(regions) if one.best), key=lambda at: (-regions[at].cells, -regions[at].best, at)
    )
    rank = {at: number for number, at in enumerate(order)} | {NOBODY: NOBODY, NOTHING: NOTHING}
    return Regions(
        x, y, tuple(sweep.planners[at] for at in order),
        np.array([rank[at] for at in winner.tolist()], np.int64).reshape(sizes),
        ((won == per_cell) & (per_cell > 0)).reshape(sizes),
        tuple(regions[at] for at in order), places, len(saved),
        sweep.places - places, float(sweep.in_time.max(initial=0)), int((saved > 0).sum()), int(saved.max(initial=0)),
        {axis.key: len(axis.values) for axis in sweep.axes if axis not in (x, y)},
    )  # fmt: skip


def cells_of(
    sweep: Swept, x: Axis | None, y: Axis | None, shape: tuple[int, int] | None = None
) -> tuple[NDArray[np.int64], tuple[int, int]]:
    """Return in which cell each row is, counted row by row, (N,), and how many rows and columns there are."""
    most = shape or (2**31, 2**31)
    rows, columns = (min(len(axis.values), limit) if axis else 1 for axis, limit in zip((y, x), most, strict=True))
    at_y, at_x = (
        axis.codes * size // len(axis.values) if axis else np.zeros(len(sweep.frame), np.int64)
        for axis, size in ((y, rows), (x, columns))
    )
    return at_y * columns + at_x, (rows, columns)


def _best(sweep: Swept) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Return the rows that are best at their place, which are so alone, and what memory another saves at each place."""
    rows = np.flatnonzero(sweep.comparable & sweep.met)
    quality = np.nan_to_num(sweep.quality[rows])
    order = np.lexsort((sweep.latency_ns[rows], sweep.memory_bytes[rows], -quality, sweep.place[rows]))
    rows, own = rows[order], sweep.place[rows][order]
    start = np.flatnonzero(np.diff(own, prepend=-1))
    leader = np.repeat(start, np.diff(start, append=len(rows)))
    memory = sweep.memory_bytes[rows]
    saved = memory[start] - np.minimum.reduceat(memory, start) if len(start) else memory
    same = np.ones(len(rows), np.bool_)
    for figure in (quality[order], memory, sweep.latency_ns[rows]):
        same &= figure == figure[leader]
    best = rows[same]
    together = np.bincount(sweep.place[best], minlength=1)
    return best, together[sweep.place[best]] == 1, saved
