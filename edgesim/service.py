"""How one app's questions were answered over a whole session: waiting, readiness, use of the device, tokens."""

from fractions import Fraction

from edgesim.distribution import Distribution
from edgesim.energy import Energy
from edgesim.footprint import cache_bytes
from edgesim.latency import token_times
from edgesim.memory import routes
from edgesim.meter import AppEnergy
from edgesim.metrics import promised_ns, tally
from edgesim.plans import Plan, Shard
from edgesim.scenario import Scenario
from edgesim.timeline import EXECUTOR, Request, Timeline
from edgesim.usage import Service


class Served:
    """What remains of the inferences of an app, counted in while they happen.

    Parameters
    ----------
    plans
        The app's plans, as `Request.plan` counts them.
    scenario
        What they are executed for.
    """

    def __init__(self, plans: tuple[Plan, ...], scenario: Scenario) -> None:
        self._scenario = scenario
        self._plans = plans
        self._known: dict[tuple[int, tuple[Shard, ...] | None], bool] = {}
        self.waiting, self.latency, self.engagement = Distribution(), Distribution(), Distribution()
        self.first_token, self.per_token = Distribution(), Distribution()
        self.ready = self.ready_and_met = self.restarts = self.tokens = 0
        self.storage_ns = self.processor_ns = self.stall_ns = self.queued_ns = 0
        self._first = self._last = 0
        self._burst: tuple[int, int, int] | None = None

    def add(self, part: Timeline) -> None:
        """Count an inference in."""
        (request,) = part.requests
        latency_ns = request.finish_ns - request.arrival_ns
        if not self.latency:
            self._first = request.arrival_ns
        self._last = request.finish_ns
        self.latency.add(latency_ns)
        self.waiting.add(request.start_ns - request.arrival_ns)
        ready = self._is_ready(request)
        self.ready += ready
        self.ready_and_met += ready and promised_ns(request) <= self._scenario.target_at(request.arrival_ns)
        self.restarts += request.restarted
        self._engage(request)
        self._use(part)
        self._generate(request)

    def _is_ready(self, request: Request) -> bool:
        """Tell whether the app was alive, with all in its preload buffer that its plan preloads.

        A cache of experts is there if the app is: what it holds changes with every reply.
        """
        if routes(self._scenario.model):
            return not request.restarted
        key = request.plan, request.resident
        if key not in self._known:
            wanted, found = self._plans[request.plan].preload, request.resident
            self._known[key] = found is None or set(wanted) <= set(found)
        return self._known[key] and not request.restarted

    def _engage(self, request: Request) -> None:
        """Count an engagement in when the next begins."""
        if self._burst is not None and self._burst[0] == request.engagement:
            self._burst = (*self._burst[:2], request.finish_ns)
            return
        self._close()
        self._burst = (request.engagement, request.arrival_ns, request.finish_ns)

    def _close(self) -> None:
        if self._burst is not None:
            self.engagement.add(self._burst[2] - self._burst[1])
            self._burst = None

    def _use(self, part: Timeline) -> None:
        spent = tally(part)
        self.storage_ns += spent.io_busy_ns
        self.processor_ns += spent.compute_busy_ns
        self.stall_ns += spent.stall_ns
        queued = (span for span in part.spans if span.kind == "queued" and span.lane == EXECUTOR)
        self.queued_ns += sum(span.end_ns - span.start_ns for span in queued)

    def _generate(self, request: Request) -> None:
        if not request.token_ns:
            return
        times = token_times(request.arrival_ns, request.token_ns)
        self.tokens += len(request.token_ns)
        self.first_token.add(times.time_to_first_token_ns)
        if times.time_per_output_token_ns is not None:
            self.per_token.add(times.time_per_output_token_ns)

    def service(self, energy: AppEnergy) -> Service:
        """Return the figures of the session so far."""
        self._close()
        number, window = len(self.latency), max(1, self._last - self._first)
        return Service(
            inferences=number,
            engagements=len(self.engagement),
            window_ns=self._last - self._first,
            latency_mean_ns=self.latency.mean_ns,
            waiting_mean_ns=self.waiting.mean_ns,
            waiting_p99_ns=self.waiting.percentile_ns(99),
            engagement_p50_ns=self.engagement.percentile_ns(50),
            engagement_p99_ns=self.engagement.percentile_ns(99),
            ready_fraction=self.ready / number,
            ready_and_met_fraction=self.ready_and_met / number,
            restarts=self.restarts,
            storage_busy_ns=self.storage_ns,
            processor_busy_ns=self.processor_ns,
            stall_ns=self.stall_ns,
            queued_ns=self.queued_ns,
            storage_utilization=self.storage_ns / (window * self._scenario.device.storage.lanes),
            processor_utilization=self.processor_ns / window,
            storage_pj=energy.energy.storage_pj,
            processor_pj=energy.energy.processor_pj,
            **_means("inference", energy.energy, energy.inferences),
            **_means("engagement", energy.energy, energy.engagements),
            tokens=self.tokens,
            kv_cache_bytes=cache_bytes(self._scenario.model, self._scenario.generation),
            first_token_p50_ns=self.first_token.percentile_ns(50),
            first_token_p90_ns=self.first_token.percentile_ns(90),
            per_token_p50_ns=self.per_token.percentile_ns(50),
            per_token_p90_ns=self.per_token.percentile_ns(90),
        )


def _means(what: str, energy: Energy, number: int) -> dict[str, int | None]:
    """Return the mean energy of each inference or engagement above idle, all of it and by component [pJ]."""
    parts = (("", energy.above_idle_pj), ("storage_", energy.storage_pj), ("processor_", energy.processor_pj))
    return {
        f"{part}per_{what}_pj": None if pj is None or not number else round(Fraction(pj, number)) for part, pj in parts
    }
