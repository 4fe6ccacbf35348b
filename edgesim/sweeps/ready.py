"""A scenario with its sweep, ready to be done: which columns its rows have, and which points are computed both ways."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from edgesim.bulk.plain import is_plain
from edgesim.errors import InputError
from edgesim.files.read import read_as
from edgesim.files.spaces import Space, read_space
from edgesim.scenario import Scenario
from edgesim.sweeps.columns import row_columns
from edgesim.sweeps.evaluate import Evaluator
from edgesim.sweeps.manifest import Identity
from edgesim.sweeps.sampling import Sample
from edgesim.workers import Lost, batches
from edgesim.workers.connection import LOCAL, check_address

Progress = Callable[[str, int, int], None]
_SESSIONS = {"apps", "conditions", "generation", "process", "replan", "schedule", "trim", "workload"}
"""Keys that make a session of one inference."""


@dataclass(frozen=True, slots=True)
class Where:
    """Who does the work: so many processes here, or a Dask cluster.

    `cluster` is the address of a scheduler, or ``local`` for one that is started for the sweep.

    Raises
    ------
    InputError
        If they are no number of processes and no address.
    """

    workers: int | None = None
    cluster: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be, before anything is written."""
        if self.workers is not None and (type(self.workers) is not int or self.workers < 1):
            raise InputError(f"workers: must be a whole number, at least 1, got {self.workers}")
        if self.cluster is None:
            return
        check_address(self.cluster)
        if self.workers is not None and self.cluster != LOCAL:
            raise InputError(f"workers: is for this machine, got {self.workers}; those of {self.cluster} are its own")


@dataclass(frozen=True, slots=True)
class Sweep:
    """A scenario with its `sweep`, ready to be done."""

    space: Space
    evaluate: Evaluator = field(init=False)

    def __post_init__(self) -> None:
        """Decide on the columns, once for all parts."""
        sessions = _has_sessions(self.space)
        swept = {key: column.type for key, column in self.space.columns.items()}
        columns = row_columns(swept, sessions=sessions)
        object.__setattr__(self, "evaluate", Evaluator(self.space, columns, Sample.of(len(self.space)), sessions))

    @property
    def identity(self) -> Identity:
        """What makes it this sweep."""
        space = self.space
        return Identity(
            scenario=space.name,
            file=space.path.name,
            inputs=space.inputs,
            changes={key: str(value) for key, value in space.fixed.items()},
            keys=space.keys,
            planners=tuple(choice.label for choice in space.planners),
            points=len(space),
        )

    def frames(
        self, points: Sequence[int], where: Where, progress: Progress | None = None
    ) -> Generator[pd.DataFrame, None, None]:  # fmt: skip
        """Yield the rows of some points, in batches as they are done.

        Parameters
        ----------
        points
            Their numbers.
        where
            Who does it.
        progress
            Called with ``points``, how many are done, and of how many.
        """
        done, every = 0, len(points)
        with closing(batches(self.evaluate, points, where.workers, cluster=where.cluster)) as found:
            for span, value in found:
                yield self.evaluate.lost(points[span[0]], value.reason) if isinstance(value, Lost) else value
                done += len(span)
                if progress:
                    progress("points", done, every)


def _has_sessions(space: Space) -> bool:
    """Tell whether the figures of sessions count: keys that make one are swept, or the scenario itself is one."""
    swept = any(key.split(".")[0] in _SESSIONS for key in space.keys if key != "workload.start")
    return swept or not is_plain(read_as(Scenario, space.path, space.fixed, space.library))


def read_sweep_file(
    scenario: str | Path,
    planners: Sequence[str] = (),
    changes: Mapping[str, object] | None = None,
) -> Sweep:
    """Read a scenario with a `sweep`.

    Raises
    ------
    InputError
        With every mistake of all files.
    """
    return Sweep(read_space(scenario, changes, planners))
