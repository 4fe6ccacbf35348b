"""A session's timelines, as they come -> one result for each app."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from edgesim.clock import powers_mw, steps_of
from edgesim.energy import battery_share
from edgesim.errors import InputError
from edgesim.meter import NOTHING_SPENT, AppEnergy, Meter
from edgesim.metrics import Measurement, request_row
from edgesim.preparation import Prepared
from edgesim.processor import ClockStep
from edgesim.provenance import grades, provenance
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.service import Served
from edgesim.timeline import BESIDE, CLOCK, MEMORY, Request, Span, Timeline
from edgesim.usage import DeviceUse

if TYPE_CHECKING:
    from edgesim.figures import RequestRow

_PAUSE = "gc"


class Keep(NamedTuple):
    """Of how many inferences, from the first one on, something is kept; None is all."""

    requests: int | None
    """When they were asked for, began and were answered; as many spans of what happened beside."""
    spans: int | None


EVERYTHING, FIRST, USUAL = Keep(None, None), Keep(1, 1), Keep(100_000, 1000)
MOST_SPANS = 50_000
"""After so many of an app no more inferences are kept with their spans, unless all are: replies have thousands."""


class Recorder:
    """Counts in what happens, and keeps the first timelines of every app.

    Parameters
    ----------
    prepared
        What is executed.
    keep
        How much is kept of each app.
    """

    def __init__(self, prepared: Prepared, keep: Keep) -> None:
        self._prepared, self._keep = prepared, keep
        scenario = prepared.scenario
        clocks = _clocks(scenario)
        self._apps = {
            name: _App(each, keep, clocks.get(each.scenario.processor)) for name, each in prepared.apps.items()
        }
        processors = {name: each.scenario.processor for name, each in prepared.apps.items()}
        self._meter = Meter(scenario.device, processors, clocks)
        self._number, self._ns, self._bytes = Counter[tuple[bool, str]](), Counter[str](), 0
        self._beside: list[Span] = []
        self._end = self._evicted = 0

    def add(self, part: Timeline) -> None:
        """Count a timeline in: an inference, or what happened beside."""
        self._meter.add(part)
        if part.requests:
            if not self._apps[part.requests[0].app].add(part):  # how fast the clock was is told of all, for pictures
                self._tell(span._replace(request=BESIDE) for span in part.spans if span.lane == CLOCK)
            self._end = max(self._end, part.requests[0].finish_ns)
            return
        for span in part.spans:
            self._number[span.lane == MEMORY, span.kind] += 1
            self._evicted += span.kind == "evicted" and span.app in self._apps
            if span.lane != MEMORY:
                self._ns[span.kind] += span.end_ns - span.start_ns
                self._bytes += span.bytes
        self._tell(part.spans)

    def _tell(self, spans: Iterable[Span]) -> None:
        """Keep what happened beside, the first of it."""
        if self._keep.requests is None or len(self._beside) < self._keep.requests:
            self._beside += spans

    def result(self) -> Result:
        """Return the result of the scenario's own app, with those of the others beside it.

        Raises
        ------
        InputError
            If an app was asked nothing: then there is nothing to measure.
        """
        if silent := [name for name, app in self._apps.items() if not app.rows]:
            raise InputError(f"nobody asks '{silent[0]}' anything; let the session last longer")
        spent, disturbed = self._meter.apps(), self._prepared.scenario.is_disturbed
        own, *beside = (app.result(spent.get(name, NOTHING_SPENT), disturbed) for name, app in self._apps.items())
        timeline = Timeline(own.timeline.requests, own.timeline.spans + tuple(self._beside))
        return replace(own, timeline=timeline, device_use=self._use(), beside=tuple(beside))

    def _use(self) -> DeviceUse:
        energy, number, ns = self._meter.total(self._end), self._number, self._ns
        total = energy.total_pj
        ios = number[False, "read"] + number[False, "write"]
        return DeviceUse(
            window_ns=self._end,
            launches=number[True, "launched"] + number[True, "refused"],
            refused=number[True, "refused"],
            evicted_others=number[True, "evicted"] - self._evicted,
            evicted_apps=self._evicted,
            overcommits=number[True, "overcommitted"],
            background_ios=ios,
            background_bytes=self._bytes,
            background_busy_ns=ns["read"] + ns["write"],
            pauses=number[False, _PAUSE],
            pauses_ns=ns[_PAUSE],
            idle_pj=energy.idle_pj,
            storage_pj=energy.storage_pj,
            processor_pj=energy.processor_pj,
            battery_share=None if total is None else battery_share(total, self._prepared.scenario.device),
        )


def _clocks(scenario: Scenario) -> dict[str, tuple[ClockStep, ...]]:
    """Return the steps of the processors' clocks, with their powers, where the scenario says something of them."""
    thermal, parts = scenario.conditions.thermal, scenario.device.power.values if scenario.device.power else {}
    if thermal is None:
        return {}
    found: dict[str, tuple[ClockStep, ...]] = {}
    for name in [thermal.processor] if thermal.processor else list(scenario.device.processors):
        steps = steps_of(thermal, scenario.device.processors[name])
        powers = powers_mw(thermal, steps, parts.get(name))
        found[name] = tuple(
            step.model_copy(update={"power": power}) for step, power in zip(steps, powers, strict=False)
        )
    return found


class _App:
    """What remains of one app's inferences, and the first of them."""

    def __init__(self, prepared: Prepared, keep: Keep, steps: Sequence[ClockStep] | None) -> None:
        self.prepared, self.keep, self.number = prepared, keep, 0
        self.measurement = Measurement(prepared.plans, prepared.scenario, steps)
        self.served = Served(prepared.plans, prepared.scenario)
        self.rows: list[RequestRow] = []
        self.requests: list[Request] = []
        self.spans: list[Span] = []

    def add(self, part: Timeline) -> bool:
        """Count an inference in, and tell whether its spans are kept."""
        self.measurement.add(part)
        self.served.add(part)
        if self.keep.requests is None or self.number < self.keep.requests:
            self.rows.append(request_row(part, self.prepared.scenario.target_at(part.requests[0].arrival_ns)))
            self.requests += part.requests
        kept = self.keep.spans is None or (self.number < self.keep.spans and len(self.spans) < MOST_SPANS)
        if kept:
            self.spans += part.spans
        self.number += 1
        return kept

    def result(self, energy: AppEnergy, disturbed: bool) -> Result:
        scenario, plans = self.prepared.scenario, self.prepared.plans
        return Result(
            scenario=scenario.name,
            device=scenario.device.name,
            processor=scenario.processor,
            model=scenario.model.name,
            planner=self.prepared.planner,
            plan=self.prepared.plan,
            metrics=self.measurement.metrics(),
            requests=tuple(self.rows),
            timeline=Timeline(tuple(self.requests), tuple(self.spans)),
            provenance=provenance(scenario),
            grades=grades(scenario, disturbed=disturbed),
            plans=plans if len(plans) > 1 else (),
            service=self.served.service(energy),
            given=scenario,
        )


def joined(parts: Iterable[Timeline]) -> Timeline:
    """Return one timeline of several."""
    listed = list(parts)
    requests = tuple(request for part in listed for request in part.requests)
    return Timeline(requests, tuple(span for part in listed for span in part.spans))
