"""Execute cases for real: every round in another random order, the first round not counted."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.errors import ExecutionError, InputError
from edgesim.host.disturbance import Disturbance, why_disturbed
from edgesim.metrics import measure
from edgesim.nets.extra import needs_extra
from edgesim.shards.match import check_same
from edgesim.shards.store import open_store
from edgesim.timeline import Timeline
from edgesim.validation.cases import Planned
from edgesim.validation.records import Run

if TYPE_CHECKING:
    from edgesim.backends.real.engine import Engine, Settings

Progress = Callable[[str, int, int], None]
_PAUSE_S = 0.01
"""Between two runs: time for everything that must not happen in one."""


@dataclass(slots=True)
class Executions:
    """Runs of some cases on one engine.

    Parameters
    ----------
    engine
        What executes.
    planned
        The cases.
    seed
        Chooses the order.
    """

    engine: "Engine"
    planned: Sequence[Planned]
    seed: int
    runs: list[list[Run]] = field(init=False)
    turn: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.runs = [[] for _ in self.planned]

    def all(self, repeats: int, progress: Progress) -> tuple[tuple[Run, ...], ...]:
        """Execute every case so many times after a first one that is not counted.

        Raises
        ------
        ExecutionError
            If a plan's output is not that of the reference.
        """
        generator = random.Random(self.seed)
        every = (repeats + 1) * len(self.planned)
        for counted in (False, *[True] * repeats):
            order = list(range(len(self.planned)))
            generator.shuffle(order)
            for number in order:
                self._once(number, counted)
                progress("real runs", self.turn, every)
        return tuple(map(tuple, self.runs))

    def _once(self, number: int, counted: bool) -> None:
        planned, engine = self.planned[number], self.engine
        scenario = planned.scenario
        emulated = scenario.device.storage if scenario.throttle else None
        time.sleep(_PAUSE_S)
        parts: list[Timeline] = []
        disturbed: list[Disturbance] = []
        late = 0
        for part in engine.run(planned.plan, scenario.model, scenario.session, emulated):
            parts.append(part)
            late += engine.overruns
            if engine.disturbance:
                disturbed.append(engine.disturbance)
        self.turn += 1
        if counted:
            self.runs[number].append(self._run(planned, parts, disturbed, late))
        else:
            self._check_output(planned)

    def _run(self, planned: Planned, parts: list[Timeline], disturbed: Sequence[Disturbance], late: int) -> Run:
        timeline = Timeline(
            tuple(request for part in parts for request in part.requests),
            tuple(span for part in parts for span in part.spans),
        )
        why = next((why for found in disturbed if (why := why_disturbed(found))), None)
        metrics = measure(parts, planned.plan, planned.scenario)
        pressure = disturbed[0].pressure_us if disturbed else None
        return Run(
            turn=self.turn,
            timeline=timeline,
            metrics=metrics,
            arena_bytes=self.engine.arena_bytes,
            overruns=late,
            waited_ns=_sum(one.waited_ns for one in disturbed),
            steal_ns=_sum(one.steal_ns for one in disturbed),
            pressure_us=dict(pressure) if pressure else None,
            disturbed=why,
        )

    def _check_output(self, planned: Planned) -> None:
        """Refuse to measure what computes something else."""
        import numpy as np

        from edgesim.backends.real.torch_processors import reference

        wanted = reference(self.engine.store, planned.plan, planned.scenario.model.geometry.seq_len)
        if not np.allclose(self.engine.output(), wanted, rtol=1e-4, atol=1e-5):
            raise ExecutionError(
                f"{planned.case.label}: its output is not that of the reference; this is a bug of edgesim"
            )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def open_engine(planned: Sequence[Planned], store: Path, settings: "Settings | None") -> "Engine":
    """Open an engine for cases of one model.

    Raises
    ------
    InputError, ExecutionError
        If the store is not to be read, or the processor not to be had here.
    """
    scenario, opened = planned[0].scenario, open_store(store)
    check_same(scenario.model, opened)
    with needs_extra("torch"):
        from edgesim.backends.real.engine import Engine
    return Engine(opened, scenario.processor, settings, scenario.model.geometry.seq_len)


def store_of(planned: Sequence[Planned], given: str | Path | None) -> Path:
    """Return the folder of the store that a scenario or a caller names.

    Raises
    ------
    InputError
        If neither does.
    """
    scenario = planned[0].scenario
    if given is None and scenario.store is None:
        raise InputError(f"{scenario.name}: names no shard store to execute; add 'store: DIR', or give --store DIR"
                         " (edgesim shard makes one)")  # fmt: skip
    return Path(given) if given is not None else Path(scenario.folder) / str(scenario.store)
