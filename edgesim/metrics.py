"""Timeline -> Metrics: the same functions judge simulated and real timelines."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from edgesim.cost import bits_of, energy_pj, load_ns, request
from edgesim.memory import MemoryStep, kept_bytes, memory_steps, starting_bytes, working_bytes
from edgesim.plans import Plan
from edgesim.quality import fidelity, predicted_accuracy
from edgesim.result import Metrics, RequestRow
from edgesim.scenario import Scenario
from edgesim.timeline import EXECUTOR, Timeline
from edgesim.work import Work, first_and_later


class Tally(NamedTuple):
    """Time spent in one inference by kind of activity [ns]; decompression on a lane of its own is not executor busy.

    `stall_ns` is all that the executor waits: for shards, and from their arrival until it notices them (hand-off).
    """

    stall_ns: int
    blocked_ns: int
    held_ns: int
    io_busy_ns: int
    compute_busy_ns: int


@dataclass(slots=True)
class _Session:
    """What remains of a session that is measured while it happens."""

    latencies: Counter[int] = field(default_factory=Counter)
    load_buffer_peak: int = 0
    working_peak: int = 0
    peak: int = 0

    def add(self, part: Timeline, steps: list[MemoryStep]) -> None:
        self.latencies[part.requests[0].finish_ns - part.requests[0].arrival_ns] += 1
        for _, preload, load_buffer, working in steps:
            self.load_buffer_peak = max(self.load_buffer_peak, load_buffer)
            self.working_peak = max(self.working_peak, working)
            self.peak = max(self.peak, preload + load_buffer + working)


def tally(part: Timeline) -> Tally:
    """Add up the spans of one inference by kind."""
    time = Counter[tuple[bool, str]]()
    for span in part.spans:
        time[span.lane == EXECUTOR, span.kind] += span.end_ns - span.start_ns
    return Tally(
        stall_ns=time[True, "stall"] + time[True, "handoff"],
        blocked_ns=time[False, "blocked"],
        held_ns=time[False, "held"],
        io_busy_ns=time[False, "load"],
        compute_busy_ns=sum(time[True, kind] for kind in ("decompress", "copy", "compute")),
    )


def request_row(part: Timeline, target_ns: int) -> RequestRow:
    """Judge one inference against the target."""
    arrival, start, finish = part.requests[0]
    latency = finish - arrival
    return RequestRow(arrival, start, finish, latency, tally(part).stall_ns, latency <= target_ns)


def measure(parts: Iterable[Timeline], plan: Plan, scenario: Scenario) -> Metrics:
    """Measure a session while it happens.

    Parameters
    ----------
    parts
        One timeline for each inference, in order; consumed, not kept.
    plan, scenario
        What was executed, and for what.

    Returns
    -------
    Metrics
        The first inference's figures; percentiles and memory peaks of the whole session.

    Raises
    ------
    ValueError
        If there is no inference.
    """
    model = scenario.model
    works = first_and_later(plan, model, scenario.device, scenario.session)
    held, working = starting_bytes(plan, scenario), working_bytes(plan, model, scenario.device, scenario.processor)
    session, first = _Session(), None
    for number, part in enumerate(parts):
        first = first or part
        later = number > 0
        session.add(part, memory_steps(part.spans, works[later], working, held[later]))
    if first is None:
        raise ValueError("a session needs at least one inference")
    return _metrics(first, session, works[0], plan, scenario)


def _metrics(first: Timeline, session: _Session, work: Work, plan: Plan, scenario: Scenario) -> Metrics:
    model, target = scenario.model, scenario.target_latency_ns
    latency, spent = first.requests[0].finish_ns - first.requests[0].arrival_ns, tally(first)
    resident = sum(model.resident_bytes.values.values())
    kept = max(kept_bytes(plan, model, plan.preload), kept_bytes(plan, model, plan.retain))
    met = sum(count for latency_ns, count in session.latencies.items() if latency_ns <= target)
    return Metrics(
        latency_ns=latency,
        target_latency_ns=target,
        meets_target=latency <= target,
        **spent._asdict(),
        io_utilization=spent.io_busy_ns / (latency * plan.lanes),
        compute_utilization=spent.compute_busy_ns / latency,
        loaded_bytes=sum(load.bytes for load in work.loads),
        resident_bytes=resident,
        preload_bytes=kept,
        load_buffer_peak_bytes=session.load_buffer_peak,
        working_bytes=session.working_peak,
        held_memory_bytes=resident + kept,
        peak_memory_bytes=resident + max(kept, session.peak),
        preload_fill_ns=fill_ns(plan, scenario),
        accuracy=predicted_accuracy(plan, model)[0],
        fidelity=fidelity(plan, model),
        energy_pj=energy_pj(scenario.device, scenario.processor, spent.io_busy_ns, spent.compute_busy_ns),
        latency_p50_ns=percentile(session.latencies, 50),
        latency_p90_ns=percentile(session.latencies, 90),
        latency_p99_ns=percentile(session.latencies, 99),
        target_met_fraction=met / session.latencies.total(),
    )


def percentile(counts: Counter[int], percent: int) -> int:
    """Return the nearest-rank percentile: the least value that `percent` of all do not exceed.

    Raises
    ------
    ValueError
        If there are no values.
    """
    rank, seen = -(-counts.total() * percent // 100), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    raise ValueError("a percentile needs values")


def fill_ns(plan: Plan, scenario: Scenario) -> int:
    """Time to fill the preload buffer before a warm start [ns]: one read request for each layer in it."""
    bits = bits_of(plan)
    fills = (
        request(scenario.model, ((shard, bits[shard]) for shard in plan.preload if shard[0] == layer))
        for layer in dict.fromkeys(layer for layer, _ in plan.preload)
    )
    return sum(load_ns(fill.extents, scenario.device.storage) for fill in fills)
