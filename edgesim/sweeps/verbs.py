"""The verbs: every point of a sweep as frames, as one frame, or kept in a dataset."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pandas as pd

from edgesim.sweeps.columns import joined
from edgesim.sweeps.dataset import Dataset
from edgesim.sweeps.manifest import Manifest
from edgesim.sweeps.ready import Progress, Sweep, Where, read_sweep_file
from edgesim.sweeps.ticks import units_of


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
        (`engine`), and every metric. ``attrs["units"]`` has the units of columns that are named by a key.

    Raises
    ------
    InputError
        If a file, a planner's label or one of its options is wrong.
    ExecutionError
        If the cluster is gone.
    """
    made = read_sweep_file(scenario, planners, changes)
    frames = made.frames(range(len(made.space)), Where(workers, cluster), progress)
    rows = joined(list(frames), made.evaluate.columns)
    rows.attrs["units"] = units_of(made.space)
    return rows


def sweep_frames(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: str | Path,
    planners: Sequence[str] = (),
    *,
    changes: Mapping[str, object] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield the rows of `sweep` in parts, as they are done: memory does not grow with the number of points.

    Parameters
    ----------
    scenario, planners, changes, workers, cluster, progress
        As for `sweep`.

    Raises
    ------
    InputError, PluginError, ExecutionError
        As `sweep`.
    """
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
