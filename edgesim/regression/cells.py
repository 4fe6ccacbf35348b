"""The cells of a grid, and what planners make of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import NamedTuple

from edgesim.grid import Grid
from edgesim.regression.classify import Failure, Outcome
from edgesim.regression.judge import judged
from edgesim.regression.outside import Outside
from edgesim.regression.planning import Answer, Asked, ask, forget
from edgesim.scenario import Scenario
from edgesim.workers import Lost, Progress, each

SIMULATED_EVERY = 101
"""One of so many cells is simulated, too; a prime, so that it is not the same corner of the grid each time."""
Outcomes = tuple[Outcome, ...]
"""What comes of one cell on each side."""


class Cell(NamedTuple):
    """One question to one planner; `place` and `planner` count the grid's scenarios and planners."""

    place: int
    planner: int
    target_latency_ns: int
    preload_bytes: int
    load_buffer_bytes: int | None


class Side(NamedTuple):
    """Planners of one source tree, None for this process; `folder` is where files of planners are looked for."""

    tree: Path | None
    folder: str


def cells(grid: Grid) -> list[Cell]:
    """Return all cells, those of one device and model side by side."""
    axes = (grid.target_latency_ns, grid.preload_bytes, grid.load_buffer_bytes)
    return [Cell(*row) for row in product(range(len(grid.scenarios)), range(len(grid.planners)), *axes)]


@dataclass(slots=True)
class Trial:
    """Asks the planners of some source trees for a plan of one cell after the other, and judges the plans.

    Everything that cells share is read once in each process that does some of them.
    """

    grid: Grid
    scenarios: tuple[Scenario, ...]
    sides: tuple[Side, ...]
    files: tuple[dict[str, str], dict[str, str]]
    outside: dict[Path, Outside] = field(default_factory=dict)

    @classmethod
    def of(cls, grid: Grid, sides: Iterable[Side]) -> "Trial":
        """Prepare for a grid."""
        forget()
        devices = zip(grid.devices, grid.device_files, strict=True)
        models = zip(grid.models, grid.model_files, strict=True)
        files = ({device.name: file for device, file in devices}, {model.name: file for model, file in models})
        return cls(grid, grid.scenarios, tuple(sides), files)

    def __call__(self, numbered: tuple[int, Cell]) -> Outcomes:
        """Return what comes of a cell on each side."""
        number, cell = numbered
        answers = [self.answer(side, cell) for side in self.sides]
        first = self._outcome(answers[0], cell, simulated=number % SIMULATED_EVERY == 0)
        return first, *(first if other == answers[0] else self._outcome(other, cell) for other in answers[1:])

    def answer(self, side: Side, cell: Cell, calls: int = 0) -> Answer:
        """Ask one side; with `calls`, for the least time of so many calls [ns]."""
        asked = self._asked(cell, side.folder)
        if side.tree is None:
            return ask(asked)
        return self.outside.setdefault(side.tree, Outside(side.tree)).ask(asked, calls)

    def _asked(self, cell: Cell, folder: str) -> Asked:
        scenario, choice = self.scenarios[cell.place], self.grid.planners[cell.planner]
        device, model = self.files[0][scenario.device.name], self.files[1][scenario.model.name]
        return Asked(choice.name, choice.options, folder, device, scenario.processor, model, *cell[2:])

    def _outcome(self, answer: Answer, cell: Cell, *, simulated: bool = False) -> Outcome:
        kind, value = answer
        if kind == "plan":
            names = Cell._fields[2:]
            scenario = self.scenarios[cell.place].model_copy(update=dict(zip(names, cell[2:], strict=True)))
            return judged(value, scenario, simulated=simulated)
        return Failure(kind, value)  # type: ignore[arg-type]  # nobody asked for a time

    def close(self) -> None:
        """End the processes of other source trees."""
        for other in self.outside.values():
            other.close()


def outcomes(trial: Trial, workers: int | None = None, progress: Progress | None = None) -> list[Outcomes]:
    """Return what comes of every cell on every side, in the order of `cells`.

    Raises
    ------
    RuntimeError
        If the recurrence and the simulation of a plan differ.
    """
    every = list(enumerate(cells(trial.grid)))
    found = (value for _, value in each(trial, every, workers, progress=progress))
    return [_dead(value, len(trial.sides)) if isinstance(value, Lost) else value for value in found]


def _dead(lost: Lost, sides: int) -> Outcomes:
    return (Failure("error", f"ended its process, {lost.reason}"),) * sides
