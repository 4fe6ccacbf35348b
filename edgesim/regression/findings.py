"""What a comparison of old and new plans has found: every cell with its verdict, and the time of planning."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from edgesim.grid import Grid
from edgesim.regression.cells import Cell
from edgesim.regression.classify import CATEGORIES, WORSE, Failure, Outcome, Verdict
from edgesim.regression.timing import Timing
from edgesim.result import plain

SCHEMA = "edgesim.regression/1"


@dataclass(frozen=True, slots=True)
class Compared:
    """One cell: what came of it, what comes of it now, and the verdict."""

    cell: Cell
    old: Outcome
    new: Outcome
    verdict: Verdict


@dataclass(frozen=True)
class Regression:
    """What a comparison has found.

    Parameters
    ----------
    grid
        What was asked.
    against
        What the old plans are: a revision, or a file.
    cells
        Every cell, in the order of the grid.
    timings
        Planning times of some cells; none where the old plans are in a file.
    """

    grid: Grid
    against: str
    cells: tuple[Compared, ...]
    timings: tuple[Timing, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether anything became worse."""
        return bool(self.worse)

    @property
    def every(self) -> list[Compared | Timing]:
        """All cells, and those that take longer to plan than they may."""
        return [*self.cells, *(one for one in self.timings if one.verdict.category == "slower")]

    @property
    def worse(self) -> list[Compared | Timing]:
        """What fails the gate."""
        return [one for one in self.every if one.verdict.category in WORSE]

    @property
    def errors(self) -> list[Compared]:
        """Cells in which a planner breaks now, whether it did before or not."""
        return [one for one in self.cells if isinstance(one.new, Failure) and one.new.kind != "no plan"]

    @cached_property
    def counts(self) -> dict[str, Counter[str]]:
        """How many cells of each planner are in each category; of the timed ones those that are slower."""
        found = {choice.label: Counter[str]() for choice in self.grid.planners}
        for one in self.every:
            found[self.label(one.cell)][one.verdict.category] += 1
        return found

    def label(self, cell: Cell) -> str:
        """Return the planner of a cell as reports show it."""
        return self.grid.planners[cell.planner].label

    def to_dict(self) -> dict[str, Any]:
        """Return counts, every cell that is not as it was, and all timings, ready for JSON."""
        changed = [one for one in self.cells if one.verdict.category != "unchanged"]
        return {
            "schema": SCHEMA,
            "grid": {"name": self.grid.name, "digest": self.grid.digest, "cells": len(self.cells)},
            "against": self.against,
            "regression": self.failed,
            "planners": {
                label: {category: counts[category] for category in CATEGORIES} for label, counts in self.counts.items()
            },
            "changed": [self._place(one.cell) | _told(one) for one in changed],
            "planning_times": [
                self._place(one.cell)
                | {"old_ns": one.old_ns, "new_ns": one.new_ns, "turns": one.turns}
                | one.verdict._asdict()
                for one in self.timings
            ],
        }

    def _place(self, cell: Cell) -> dict[str, Any]:
        scenario = self.grid.scenarios[cell.place]
        names = ("target_latency_ns", "preload_bytes", "load_buffer_bytes")
        place = {"device": scenario.device.name, "processor": scenario.processor, "model": scenario.model.name}
        return {"planner": self.label(cell), **place, **{name: getattr(cell, name) for name in names}}


def _told(one: Compared) -> dict[str, Any]:
    return {**one.verdict._asdict(), "old": plain(one.old), "new": plain(one.new)}
