"""The recurrence of `edgesim.recurrence.schedule` for many inferences at once, to the nanosecond the same."""

from dataclasses import dataclass
from types import ModuleType

from edgesim.batch import steps
from edgesim.batch.jobs import Jobs
from edgesim.batch.times import Times
from edgesim.compiling import compiler

_PAYS_FROM = 16_000_000


@dataclass(slots=True)
class _Seen:
    """How many loads have been scheduled in this process, padding included."""

    loads: int = 0


_SEEN = _Seen()


def schedules(jobs: Jobs) -> Times:
    """Return all times of N inferences.

    Parameters
    ----------
    jobs
        What is read and computed; memory grows with N x K x n.

    Raises
    ------
    ValueError
        If a job is not legal: it would wait for itself, or a load serves no layer.
    """
    _SEEN.loads += jobs.load_bytes.size
    found = (compiled() or steps).schedules(jobs)
    if found is None:
        raise ValueError("a job must be legal, got a load that no layer needs, or that waits for one that does")
    scheduled: Times = found
    return scheduled


def compiled() -> ModuleType | None:
    """Return the loops in numba, where it is installed, once they pay; they take a quarter of the time.

    To import numba and compile them takes seconds, and a large part of one if they were compiled before: as long as
    numpy takes for millions of loads. They come when that many have been scheduled, so that no process waits for them
    longer than it has worked.
    """
    if _SEEN.loads < _PAYS_FROM or compiler() is None:
        return None
    from edgesim.batch import rows

    return rows
