"""The simulated backend as a queue: theory's waiting times, exact laws, and energy that adds up to the picojoule."""

from fractions import Fraction
from itertools import pairwise
from math import log

import pytest
from queueing import check_laws, mean_and_half_width, waiting_ns
from sessions import COOL, READER, app, board, play, scenario, workload

from edgesim import run
from edgesim.result import Result
from edgesim.testing.toys import toy_device, toy_model, toy_plan, toy_scenario
from edgesim.timeline import CLOCK, EXECUTOR, Span

LAYER_NS = 100_000
MODEL = toy_model(layers=1, shards=1)
DEVICE = toy_device(layer_ns={1: LAYER_NS})
PLAN = toy_plan(MODEL, [[6]], preload=((0, 0),))
"""Everything is in the preload buffer: an answer takes what its layer takes."""
POINTS = [number / 98 for number in range(98)] + [0.9995]
EXPONENTIAL = {p: max(1e-6, -log(1 - p) / log(2)) for p in POINTS}
"""Percentiles of an exponential distribution, as factors of its median: straight lines between them have moments that
are known exactly, and so the real jitter of layers serves M/M/1 in all but the far tail, with nothing patched."""


def waits(load: float, mean_ns: float, jitter: dict[float, float] | None = None, n: int = 40_000) -> list[int]:
    """Return how long each question of a Poisson process waits, which keeps the server busy for a part of time."""
    asked = workload(kind="server", rate=f"{load / mean_ns * 1e9:.9f} /s", inferences=n)
    conditions = None if jitter is None else {"compute_jitter": {"quantiles": jitter}}
    case = toy_scenario(MODEL, DEVICE), PLAN
    parts = play(DEVICE, [app("app", case, asked)], board(conditions, seed=round(10 * load)))
    requests = [part.requests[0][:3] for part in parts]
    check_laws(requests)
    return [start - arrival for arrival, start, _ in requests]


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_a_plan_without_loads_is_a_deterministic_server(load: float) -> None:
    """M/D/1: the mean wait is within its 99.9 % confidence interval of Pollaczek and Khinchine's."""
    mean, half = mean_and_half_width(waits(load, LAYER_NS))
    assert half < 0.12 * mean
    assert abs(mean - waiting_ns(LAYER_NS / load, LAYER_NS, 0)) < half


def moments() -> tuple[float, float]:
    """Return the mean of the jitter's factor, and its squared coefficient of variation."""
    rows = [(b - a, EXPONENTIAL[a], EXPONENTIAL[b]) for a, b in pairwise(POINTS)]
    rows.append((1 - POINTS[-1], EXPONENTIAL[POINTS[-1]], EXPONENTIAL[POINTS[-1]]))
    mean = sum(part * (low + high) / 2 for part, low, high in rows)
    square = sum(part * (low * low + low * high + high * high) / 3 for part, low, high in rows)
    return mean, square / mean**2 - 1


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_scattered_layers_are_an_exponential_server(load: float) -> None:
    """M/M/1, but for the tail that percentiles do not tell: as the formula says of the jitter's own moments."""
    factor, variation = moments()
    assert abs(variation - 1) < 0.05
    mean, half = mean_and_half_width(waits(load, factor * LAYER_NS, EXPONENTIAL))
    assert half < 0.2 * mean
    assert abs(mean - waiting_ns(factor * LAYER_NS / load, factor * LAYER_NS, variation)) < half


POWER = {"idle": "3 mW", "storage_read": "7 mW", "storage_write": "11 mW", "cpu": "400 mW"}
HEAT = COOL | {"resistance": "900 K/W", "time_constant": "20 us", "poll": "700 ns", "trip": "32 C", "hysteresis": "2 K"}
HEAT |= {"clock": {"steps": [{"speed": "100 %", "power": "97 mW"}, {"speed": "50 %", "power": "31 mW"}]}}


def disturbed(**more: object) -> Result:
    """Run two apps beside backgrounds that read and write, a flash that pauses, heat, jitter and contention."""
    other = {
        "device": (device := toy_device(power=POWER)), "processor": "cpu", "model": toy_model(layers=3), "priority": 2,
        "schema": "edgesim.scenario/1", "planner": "load_exec", "target_latency": "1000 ns", "preload_buffer": "0 B",
        "app": "other", "workload": {"kind": "server", "rate": "1e6 /s", "inferences": 90},
    }  # fmt: skip
    conditions = {
        "thermal": HEAT,
        "contention": {"share": "25 %", "active": "1 us", "idle": {"exponential": "4 us"}},
        "io_jitter": {"quantiles": {0.1: 0.9, 0.5: 1, 1: 2}},
        "compute_jitter": {"quantiles": {0.1: 0.9, 0.5: 1, 1: 2}},
        "flash_pauses": {"duration": "100 ns", "gap": {"exponential": "9 us"}},
        "background_io": [
            READER | {"gap": {"exponential": "2 us"}},
            READER
            | {"name": "w", "direction": "write", "gap": "5 us", "write": {"latency": "9 ns", "bandwidth": "1 GB/s"}},
        ],
    }
    bursts = {"kind": "engagements", "engagements": 40, "inferences": [1, 3], "think_time": "50 ns", "gap": "400 ns"}
    form: dict[str, object] = {"workload": bursts, "apps": {"other": other}, "conditions": conditions}
    return run(scenario(device, planner="load_exec", **form | more), keep_spans=True)


def test_energy_is_power_times_time() -> None:
    """Over a whole session, by an independent sum over its spans; every power of the clock is the scenario's."""
    found = disturbed()
    read = write = slow = busy = 0
    every = [*found.timeline.spans, *found.beside[0].timeline.spans]
    for span in every:
        time = span.end_ns - span.start_ns
        read += time * (span.kind in {"load", "read"})
        write += time * (span.kind in {"write", "gc"})
        busy += time * (span.kind in {"compute", "decompress"} and span.lane == EXECUTOR)
        slow += time * (span.lane == CLOCK)
    use = found.device_use
    assert use is not None
    assert min(read, write, slow, busy - slow) > 0
    assert use.storage_pj == 7 * read + 11 * write
    assert use.processor_pj == 97 * (busy - slow) + 31 * slow
    assert use.idle_pj == 3 * use.window_ns
    apps = [found.service, found.beside[0].service]
    assert sum(each.processor_pj or 0 for each in apps if each) == use.processor_pj
    assert found.metrics.energy_pj == sum(map(first_pj, first(found)))


def first(found: Result) -> list[Span]:
    """Return the spans of an app's first inference."""
    return [span for span in found.timeline.spans if span.request == 0]


def first_pj(span: Span) -> int:
    """Return what a span takes above idle [pJ]: a slower clock less than the layer that it is about."""
    part = {"load": 7, "compute": 97, "decompress": 97, "step1": 31 - 97}
    return part.get(span.kind, 0) * (span.end_ns - span.start_ns)


def test_the_laws_of_queues_hold_in_a_disturbed_session() -> None:
    """Little's and the utilisation law, exactly, for each of two apps; throughput x mean service = utilisation."""
    found = disturbed()
    for each in (found, *found.beside):
        check_laws([(row.arrival_ns, row.start_ns, row.finish_ns) for row in each.requests])
        service, spans = each.service, [span for span in each.timeline.spans if span.lane == EXECUTOR]
        assert service is not None
        served = sum(row.finish_ns - row.start_ns for row in each.requests)
        assert served == service.stall_ns + service.queued_ns + service.processor_busy_ns
        busy = sum(span.end_ns - span.start_ns for span in spans if span.kind in {"compute", "decompress"})
        throughput = Fraction(service.inferences, service.window_ns)
        assert throughput * Fraction(busy, service.inferences) == Fraction(service.processor_busy_ns, service.window_ns)
        assert service.processor_utilization == service.processor_busy_ns / service.window_ns
        assert service.queued_ns > 0
