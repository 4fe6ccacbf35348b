"""What was measured of many inferences: `edgesim.result.Metrics` as columns, equal to those of the simulation."""

from typing import TYPE_CHECKING, Any

import numpy as np

from edgesim.batch.jobs import UNKNOWN, Jobs
from edgesim.batch.peaks import peaks
from edgesim.batch.schedules import schedules
from edgesim.batch.stack import taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from edgesim.batch.jobs import Flags, Floats

    Column = tuple[NDArray[Any], Flags]
    Columns = Mapping[str, Column]

_EXACT = 2**52
_LARGEST = 2**62
_CELLS = 2**17


def figures(jobs: Jobs) -> "Columns":
    """Measure N inferences as `edgesim.metrics.measure` does.

    Parameters
    ----------
    jobs
        What is read and computed; all of them must fit (`fits`).

    Returns
    -------
    mapping
        Of each field of `edgesim.result.Metrics`, but for those about the target, the values, (N,), and where they are
        known, (N,); what is unknown is 0 or NaN.

    Raises
    ------
    ValueError
        If a job would wait for itself.
    """
    order = np.lexsort((jobs.loads, jobs.layers, jobs.lanes))
    size = max(1, _CELLS // max(1, *jobs.serves.shape[1:]))
    if len(jobs) <= size:
        return _figures(jobs)
    parts = [_figures(taken(jobs, order[first : first + size])) for first in range(0, len(jobs), size)]
    back = np.argsort(order)
    return {
        name: (
            np.concatenate([part[name][0] for part in parts])[back],
            np.concatenate([part[name][1] for part in parts])[back],
        )
        for name in parts[0]
    }


def fits(jobs: Jobs) -> "Flags":
    """Return which jobs 64 bits can measure exactly, (N,): the others are for the simulation.

    All its times add up to less than 2**52 ns (52 days), divided by its lanes, so that utilizations are quotients of
    numbers that a float holds exactly; its bytes and its energy [pJ] to less than 2**62.
    """
    reading = _total(jobs.load_ns.max(axis=1, initial=0))
    late = np.maximum(jobs.compute_ns, jobs.compute_after_wait_ns)
    unpack = np.maximum(jobs.decompress_ns, jobs.decompress_after_wait_ns)
    computing = _total(late) + _total(unpack)
    waiting = jobs.layers * jobs.hand_off_ns.astype(np.float64)
    latency = reading + computing + waiting
    n_bytes = _total(jobs.load_bytes) + _total(jobs.working_bytes) + jobs.held_bytes + jobs.resident_bytes
    energy = reading * np.maximum(jobs.read_mw, 0) + computing * np.maximum(jobs.compute_mw, 0)
    most = np.maximum(n_bytes + jobs.kept_bytes, np.maximum(energy, jobs.fill_ns))
    fitting: Flags = (latency * np.maximum(jobs.lanes, 1) < _EXACT) & (most < _LARGEST)
    return fitting


def _total(parts: "NDArray[np.int64]") -> "Floats":
    total: Floats = parts.sum(axis=1, dtype=np.float64)
    return total


def _figures(jobs: Jobs) -> "Columns":
    times = schedules(jobs)
    latency = times.finish_ns.max(axis=1, initial=0)
    compute_busy = (times.finish_ns - times.start_ns).sum(axis=1)
    io_busy = (times.done_ns - times.issued_ns).sum(axis=1)
    highest = peaks(jobs, times)
    columns: dict[str, NDArray[Any]] = {
        "latency_ns": latency,
        "stall_ns": latency - compute_busy,
        "blocked_ns": times.blocked_ns.sum(axis=1),
        "held_ns": times.held_ns.sum(axis=1),
        "io_busy_ns": io_busy,
        "compute_busy_ns": compute_busy,
        "io_utilization": io_busy / (latency * jobs.lanes),
        "compute_utilization": compute_busy / latency,
        "loaded_bytes": jobs.load_bytes.sum(axis=1),
        "resident_bytes": jobs.resident_bytes,
        "preload_bytes": jobs.kept_bytes,
        "load_buffer_peak_bytes": highest.load_buffer_bytes,
        "working_bytes": highest.working_bytes,
        "held_memory_bytes": jobs.resident_bytes + jobs.kept_bytes,
        "peak_memory_bytes": jobs.resident_bytes + np.maximum(jobs.kept_bytes, highest.sum_bytes),
        "preload_fill_ns": jobs.fill_ns,
        "accuracy": jobs.accuracy,
        "fidelity": jobs.fidelity,
        "energy_pj": io_busy * np.maximum(jobs.read_mw, 0) + compute_busy * np.maximum(jobs.compute_mw, 0),
        **dict.fromkeys(("latency_p50_ns", "latency_p90_ns", "latency_p99_ns"), latency),
    }
    unknown = {name: np.isnan(columns[name]) for name in ("accuracy", "fidelity")}
    unknown["energy_pj"] = (jobs.read_mw == UNKNOWN) | (jobs.compute_mw == UNKNOWN)
    columns["energy_pj"][unknown["energy_pj"]] = 0
    every = np.ones(len(jobs), np.bool_)
    return {name: (values, ~unknown[name] if name in unknown else every) for name, values in columns.items()}
