"""Timeline -> Metrics: the same functions judge simulated and real timelines."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edgesim.cost import bits_of, load_ns, request
from edgesim.distribution import Distribution
from edgesim.energy import energy_of
from edgesim.figures import Metrics, RequestRow
from edgesim.footprint import cache_bytes
from edgesim.latency import token_times
from edgesim.memory import Ledger, kept_bytes
from edgesim.plans import Plan
from edgesim.processor import ClockStep
from edgesim.quality import fidelity, predicted_accuracy
from edgesim.scenario import Scenario
from edgesim.timeline import EXECUTOR, READS, Request, Timeline


class Tally(NamedTuple):
    """Time spent in one inference by kind of activity [ns]; decompression on a lane of its own is not executor busy.

    `stall_ns` is all that the executor waits: for shards, and from their arrival until it notices them (hand-off).
    """

    stall_ns: int
    blocked_ns: int
    held_ns: int
    io_busy_ns: int
    compute_busy_ns: int


def tally(part: Timeline) -> Tally:
    """Add up the spans of one inference by kind."""
    time = Counter[tuple[bool, str]]()
    for span in part.spans:
        time[span.lane == EXECUTOR, span.kind] += span.end_ns - span.start_ns
    return Tally(
        stall_ns=time[True, "stall"] + time[True, "handoff"],
        blocked_ns=time[False, "blocked"],
        held_ns=time[False, "held"],
        io_busy_ns=sum(time[False, kind] for kind in READS),
        compute_busy_ns=sum(time[True, kind] for kind in ("decompress", "copy", "compute")),
    )


def request_row(part: Timeline, target_ns: int) -> RequestRow:
    """Judge one inference against the target."""
    request = part.requests[-1]
    latency = request.finish_ns - request.arrival_ns
    stall_ns, met = tally(part).stall_ns, promised_ns(request) <= target_ns
    return RequestRow(*request[:3], latency, stall_ns, met, *request[3:6], request.restarted)


def promised_ns(request: Request) -> int:
    """Return what the target is about [ns]: the latency; of a reply, the mean time of a token after the first one.

    A reply of one token has no such time: that of its token counts, from the question on.
    """
    if not request.token_ns:
        return request.finish_ns - request.arrival_ns
    times = token_times(request.arrival_ns, request.token_ns)
    return times.time_per_output_token_ns or times.time_to_first_token_ns


def measure(parts: Iterable[Timeline], plan: Plan, scenario: Scenario) -> Metrics:
    """Measure a session of one app while it happens; see `Measurement`.

    Raises
    ------
    ValueError
        If there is no inference.
    """
    measurement = Measurement((plan,), scenario)
    for part in parts:
        measurement.add(part)
    return measurement.metrics()


class Measurement:
    """One app's session, measured while it happens: nothing is kept of an inference that has been counted in.

    Parameters
    ----------
    plans
        The app's plans, as `Request.plan` counts them.
    scenario
        What they are executed for.
    steps
        Steps of the processor's clock where they are not those of the profile.
    """

    def __init__(self, plans: Sequence[Plan], scenario: Scenario, steps: Sequence[ClockStep] | None = None) -> None:
        self._steps = steps
        self._plans, self._scenario, self._ledger = plans, scenario, Ledger(plans, scenario)
        self.first: Timeline | None = None
        self.latency, self.met = Distribution(), 0
        self._load_buffer_peak = self._working_peak = self._peak = 0
        self._kept = max(kept_bytes(each, scenario.model, s) for each in plans for s in (each.preload, each.retain))

    def add(self, part: Timeline) -> None:
        """Count an inference in."""
        (request,) = part.requests
        self.first = self.first or part
        for step in self._ledger.steps(part.spans, request._replace(number=len(self.latency))):
            self._load_buffer_peak = max(self._load_buffer_peak, step.load_buffer_bytes)
            self._working_peak = max(self._working_peak, step.working_bytes)
            self._peak = max(self._peak, step.preload_bytes + step.load_buffer_bytes + step.working_bytes)
        self.latency.add(request.finish_ns - request.arrival_ns)
        self.met += promised_ns(request) <= self._scenario.target_at(request.arrival_ns)

    def metrics(self) -> Metrics:
        """Return the first inference's figures, and percentiles and memory peaks of the whole session.

        Raises
        ------
        ValueError
            If there was no inference.
        """
        if self.first is None:
            raise ValueError("a session needs at least one inference")
        scenario, model = self._scenario, self._scenario.model
        request, spent = self.first.requests[0], tally(self.first)
        plan = self._plans[request.plan]
        latency, target = request.finish_ns - request.arrival_ns, scenario.target_at(request.arrival_ns)
        resident = sum(model.resident_bytes.values.values())
        return Metrics(
            latency_ns=latency,
            target_latency_ns=target,
            meets_target=promised_ns(request) <= target,
            **spent._asdict(),
            io_utilization=spent.io_busy_ns / (latency * plan.lanes),
            compute_utilization=spent.compute_busy_ns / latency,
            loaded_bytes=sum(span.bytes for span in self.first.spans if span.kind in READS),
            resident_bytes=resident,
            preload_bytes=self._kept,
            load_buffer_peak_bytes=self._load_buffer_peak,
            working_bytes=self._working_peak,
            held_memory_bytes=resident + self._kept,
            peak_memory_bytes=resident + max(self._kept, self._peak) + cache_bytes(model, scenario.generation),
            preload_fill_ns=fill_ns(plan, scenario),
            accuracy=predicted_accuracy(plan, model)[0],
            fidelity=fidelity(plan, model),
            energy_pj=energy_of(self.first, scenario.device, scenario.processor, self._steps).above_idle_pj,
            latency_p50_ns=self.latency.percentile_ns(50) or 0,
            latency_p90_ns=self.latency.percentile_ns(90) or 0,
            latency_p99_ns=self.latency.percentile_ns(99) or 0,
            target_met_fraction=self.met / len(self.latency),
        )


def fill_ns(plan: Plan, scenario: Scenario) -> int:
    """Time to fill the preload buffer before a warm start [ns]: one read request for each layer in it."""
    bits = bits_of(plan)
    fills = (
        request(scenario.model, ((shard, bits[shard]) for shard in plan.preload if shard[0] == layer))
        for layer in dict.fromkeys(layer for layer, _ in plan.preload)
    )
    return sum(load_ns(fill.extents, scenario.device.storage) for fill in fills)
