"""The verbs: every point of a sweep as frames, as one frame, or kept in a dataset."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from edgesim.bulk.plain import is_plain
from edgesim.errors import InputError
from edgesim.files.spaces import Space, read_space
from edgesim.sweeps.columns import joined, row_columns
from edgesim.sweeps.dataset import Dataset
from edgesim.sweeps.evaluate import Evaluator
from edgesim.sweeps.manifest import Identity, Manifest
from edgesim.sweeps.sampling import Sample
from edgesim.sweeps.ticks import units_of
from edgesim.workers import Lost, batches

Progress = Callable[[str, int, int], None]
_SESSIONS = {"apps", "conditions", "generation", "process", "replan", "schedule", "trim", "workload"}
"""Keys that make a session of one inference."""


@dataclass(frozen=True, slots=True)
class Where:
    """Who does the work: so many processes here, or a Dask cluster.

    `cluster` is the address of a scheduler, or ``local`` for one that is started for the sweep.
    """

    workers: int | None = None
    cluster: str | None = None


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
    if any(key.split(".")[0] in _SESSIONS for key in space.keys):
        return True
    try:
        return bool(len(space)) and not is_plain(space.base(0))
    except InputError:  # no such scenario: its points are invalid
        return False


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


def sweep(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: str | Path,
    planners: Sequence[str] = (),
    *,
    changes: Mapping[str, object] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run every point of a scenario's `sweep`.

    Parameters
    ----------
    scenario
        A file, or the name of a shipped one.
    planners
        Labels; by default the scenario's.
    changes
        Keys to set before the file is checked, in every point.
    workers
        How many processes; by default one for each core.
    cluster
        Address of a Dask scheduler whose workers do it, or ``local`` for one that is started for this.
    progress
        Called with what is done, how much of it, and of how much.

    Returns
    -------
    pandas.DataFrame
        One row a point, in their order: where it is, what became of it (`status`, `reason`), how that was found
        (`engine`), and every metric.

    Raises
    ------
    InputError
        If a file, a planner's label or one of its options is wrong.
    ExecutionError
        If the cluster is gone.
    """
    made = read_sweep_file(scenario, planners, changes)
    frames = made.frames(range(len(made.space)), Where(workers, cluster), progress)
    return joined(list(frames), made.evaluate.columns)


def sweep_frames(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: str | Path,
    planners: Sequence[str] = (),
    *,
    changes: Mapping[str, object] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield the rows of `sweep` in parts, as they are done: memory does not grow with the number of points."""
    made = read_sweep_file(scenario, planners, changes)
    yield from made.frames(range(len(made.space)), Where(workers, cluster), progress)


def store_sweep(  # noqa: PLR0913  (all but three are keyword-only options)
    made: Sweep,
    out: str | Path,
    where: Where,
    *,
    resume: bool = False,
    progress: Progress | None = None,
    notice: Callable[[str], None] = lambda line: None,
) -> Manifest:
    """Run a sweep and keep its rows in a folder, or go on with one that was interrupted.

    Parameters
    ----------
    made
        From `read_sweep_file`.
    out
        Folder of the dataset; `edgesim.read_sweep` reads it.
    where
        Who does the work.
    resume
        Go on with what an earlier call has left there.
    progress
        Called with what is done, how much of it, and of how much.
    notice
        Called with sentences about what was found there: parts that were damaged, and are done again.

    Raises
    ------
    InputError
        If there is another sweep in the folder, or one that is to be resumed.
    ExecutionError
        If the disk is full, or the cluster gone: what is done is kept.
    """
    units = units_of(made.space)
    with Dataset.open(Path(out), made.identity, made.evaluate.columns, units=units, resume=resume) as dataset:
        for line in dataset.notices:
            notice(line)
        pending = dataset.pending()
        total = len(made.space)
        before = total - len(pending)

        def say(what: str, done: int, _: int) -> None:
            if progress:
                progress(what, before + done, total)

        with closing(made.frames(pending, where, say)) as frames:
            for frame in frames:
                dataset.add(frame)
        return dataset.close(complete=True)
