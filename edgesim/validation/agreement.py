"""How far a simulated timeline is from real ones: of the whole, of each layer, and of each kind of activity."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median
from typing import Any

from edgesim.figures import Metrics
from edgesim.recurrence import schedule
from edgesim.timeline import EXECUTOR, Span, Timeline
from edgesim.validation.records import Case, Run
from edgesim.validation.statistics import interval
from edgesim.work import Work

MOST_DISTURBED = 0.25
"""Share of a case's runs that may not count: beyond it, what is left is no fair sample."""
_WORK_KINDS = ("load", "decompress", "compute")
_TOTALS = ("stall_ns", "io_busy_ns", "compute_busy_ns", "blocked_ns", "held_ns")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One case: simulated against the undisturbed of its runs. Errors are signed: simulated above real is positive.

    Parameters
    ----------
    label, group
        As the case has them.
    runs, disturbed
        How many there were, and how many of them do not count: others kept them from running, or the storage was
        slower than the one that it emulates.
    why_not
        Why the case is not validated; then there are no figures.
    simulated_ns, real_ns, real_interval_ns
        Latency of the first inference [ns]: simulated, and the median of the real ones, with its 95 % interval.
    prediction
        Relative error of the simulated latency.
    structural
        Of each run, the relative error of the recurrence fed with that run's own loads, decompressions and
        computations, and nothing else.
    starts, ends
        Error of each layer's start and end, as a part of the real latency, (n,).
    totals
        Of stall, IO busy, compute busy, blocked and held: simulated, real median, and the difference as a part of the
        real latency.
    spans
        By kind: relative errors of the durations of single spans against their median over runs.
    peak_memory
        Simulated, and the largest of the real ones [B].
    """

    label: str
    group: str
    runs: int
    disturbed: int
    why_not: str | None
    simulated_ns: int
    real_ns: int | None = None
    real_interval_ns: tuple[float, float] | None = None
    prediction: float | None = None
    structural: tuple[float, ...] = ()
    starts: tuple[float, ...] = ()
    ends: tuple[float, ...] = ()
    totals: dict[str, tuple[int, int, float]] | None = None
    spans: dict[str, tuple[float, ...]] | None = None
    peak_memory: tuple[int, int] | None = None


def agree(case: Case, runs: Sequence[Run]) -> Agreement:
    """Compare one case with its runs."""
    fair = [run for run in runs if run.counts]
    bare = Agreement(
        case.label, case.group, len(runs), len(runs) - len(fair), _why_not(case, runs), case.metrics.latency_ns
    )
    if bare.why_not:
        return bare
    latencies = [run.metrics.latency_ns for run in fair]
    real = round(median(latencies))
    low, high = interval(latencies, _median)
    return replace(
        bare,
        real_ns=real,
        real_interval_ns=(low, high),
        prediction=bare.simulated_ns / real - 1,
        structural=tuple(error for run in fair for error in structural_errors(case, run.timeline)),
        **_edges(case, fair, real),
        totals={name: _total(name, case.metrics, fair, real) for name in _TOTALS},
        spans=dict(_span_errors(case, fair)),
        peak_memory=(case.metrics.peak_memory_bytes, max(run.metrics.peak_memory_bytes for run in fair)),
    )


def _median(values: Any, axis: int) -> Any:  # noqa: ANN401  (arrays of numpy)
    import numpy as np

    return np.median(values, axis=axis)


def _why_not(case: Case, runs: Sequence[Run]) -> str | None:
    disturbed = [run.disturbed for run in runs if run.disturbed]
    late = [run for run in runs if run.overruns and not run.disturbed]
    if not runs:
        return "there are no runs"
    if len(disturbed) + len(late) <= MOST_DISTURBED * len(runs):
        return None
    parts = []
    if disturbed:
        parts.append(f"{len(disturbed)} of {len(runs)} runs were disturbed, for example: {disturbed[0]}")
    if late:
        parts.append(f"in {len(late)} of {len(runs)} runs this machine's storage was slower than {case.throttle}'s,"
                     " which it emulates")  # fmt: skip
    return "; ".join(parts)


def structural_errors(case: Case, timeline: Timeline) -> Iterator[float]:
    """Yield the relative error of the recurrence fed with each inference's own durations, and nothing else."""
    for number, spans in groupby(timeline.spans, key=lambda span: span.request):
        asked, _, finished, *_ = timeline.requests[number]
        work = with_durations(case.works[number > 0], tuple(spans))
        yield schedule(work, case.load_buffer_bytes).finish_ns[-1] / (finished - asked) - 1


def with_durations(work: Work, spans: Sequence[Span]) -> Work:
    """Put the loads, decompressions and computations that were measured in place of the simulated ones."""
    spent: dict[str, list[int]] = {kind: [] for kind in _WORK_KINDS}
    unpacked = Counter[int]()
    for span in spans:
        time = span.end_ns - span.start_ns
        if span.kind in ("decompress", "copy"):
            unpacked[span.layer] += time
        elif span.kind in spent:
            spent[span.kind].append(time)
    layers = [span.layer for span in spans if span.kind == "compute"]
    loads, computed = tuple(spent["load"]), tuple(spent["compute"])
    decompressed = tuple(unpacked[layer] for layer in layers)
    return replace(
        work,
        load_ns=(loads,) * len(work.load_ns),
        decompress_ns=decompressed,
        compute_ns=computed,
        decompress_after_wait_ns=decompressed,
        compute_after_wait_ns=computed,
        hand_off_ns=0,  # what measured durations do not explain is the error
    )


def _edges(case: Case, runs: Sequence[Run], real_ns: int) -> dict[str, Any]:
    """Compare when each layer of the first inference starts and ends."""
    simulated = layer_times(case.simulated)
    real = [layer_times(run.timeline) for run in runs]
    layers = list(simulated)
    return {
        name: tuple(
            (simulated[layer][side] - median(times[layer][side] for times in real)) / real_ns for layer in layers
        )
        for side, name in enumerate(("starts", "ends"))
    }


def layer_times(timeline: Timeline) -> dict[int, tuple[int, int]]:
    """Return when the executor begins and ends each layer of the first inference [ns]."""
    found: dict[int, tuple[int, int]] = {}
    for span in timeline.spans:
        if span.request == 0 and span.lane == EXECUTOR and span.kind in ("decompress", "copy", "compute"):
            begun, _ = found.get(span.layer, (span.start_ns, 0))
            found[span.layer] = (min(begun, span.start_ns), span.end_ns)
    return found


def _total(name: str, simulated: Metrics, runs: Sequence[Run], real_ns: int) -> tuple[int, int, float]:
    expected, found = getattr(simulated, name), round(median(getattr(run.metrics, name) for run in runs))
    return expected, found, (expected - found) / real_ns


def _span_errors(case: Case, runs: Sequence[Run]) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Yield for each kind the relative errors of single durations; of waits, as a part of the latency.

    A wait may be there in one timeline and not in the other: it then lasted 0.
    """
    simulated = durations(case.simulated)
    real = [durations(run.timeline) for run in runs]
    errors = defaultdict[str, list[float]](list)
    latency = median(run.metrics.latency_ns for run in runs)
    for key in dict.fromkeys(key for times in (simulated, *real) for key in times):
        found, expected = median(times.get(key, 0) for times in real), simulated.get(key, 0)
        whole = found if key[0] in _WORK_KINDS and found else latency
        errors[key[0]].append((expected - found) / whole)
    yield from ((kind, tuple(values)) for kind, values in sorted(errors.items()))


def durations(timeline: Timeline) -> Counter[tuple[str, int, int]]:
    """Return how long each kind of activity took for each layer of each inference [ns]; a copy is a decompression."""
    found = Counter[tuple[str, int, int]]()
    for span in timeline.spans:
        kind = "decompress" if span.kind == "copy" else span.kind
        found[kind, span.request, span.layer] += span.end_ns - span.start_ns
    return found
