"""What is timed, and the hand-written programs that it is compared with."""

from collections.abc import Iterator
from pathlib import Path

import simpy

from edgesim import Plan, Scenario, read_scenario
from edgesim.backends import simulated
from edgesim.conditions import Conditions
from edgesim.planners.wrx import wrx
from edgesim.work import first_and_later

REPOSITORY = Path(__file__).parents[2]


def pipeline(inferences: int, load_buffer: str = "unlimited", granularity: str = "layer") -> tuple[Plan, Scenario]:
    """Return a 12-layer plan of WRX (12 x 12 shards) and its scenario on the CPU board."""
    changes = {
        "target_latency": "1500 ms",
        "load_buffer": load_buffer,
        "workload": {"inferences": inferences},
        "planner": {"name": "wrx", "options": {"granularity": granularity}},
    }
    scenario = read_scenario(REPOSITORY / "scenarios" / "paper-odroid-400ms.yaml", changes)
    plan = wrx(scenario.model, scenario.device, scenario.budget, **scenario.planner[0].options)
    assert len(plan.layers) == 12
    return plan, scenario


def disturbed(inferences: int) -> tuple[Plan, Scenario]:
    """Return the same with reads and layers that scatter, and heat."""
    plan, scenario = pipeline(inferences)
    jitter = {"quantiles": {0.05: 0.9, 0.5: 1, 0.95: 1.3}}
    steps = [{"speed": "100 %", "power": "3.5 W"}, {"speed": "50 %", "power": "1 W"}]
    heat = {"ambient": "30 C", "resistance": "10 K/W", "time_constant": "30 s", "trip": "50 C", "hysteresis": "5 K",
            "poll": "250 ms", "clock": {"steps": steps}}  # fmt: skip
    conditions = Conditions.model_validate({"io_jitter": jitter, "compute_jitter": jitter, "thermal": heat})
    return plan, scenario.model_copy(update={"conditions": conditions})


def simulate(plan: Plan, scenario: Scenario) -> int:
    """Run the simulated backend over a session, spans recorded; return the last finish."""
    finish = 0
    for part in simulated.execute(plan, scenario.model, scenario.device, scenario.session):
        finish = part.requests[0].finish_ns
    return finish


def minimal(plan: Plan, scenario: Scenario) -> int:
    """Run the least that a SimPy user would write: loader -> Store(3) -> executor, with (start, end) tuples."""
    work, _ = first_and_later(plan, scenario.model, scenario.device, scenario.session)
    loads, layers = work.load_ns[0], [a + b for a, b in zip(work.decompress_ns, work.compute_ns, strict=True)]

    def loader(env: simpy.Environment, store: simpy.Store, spans: list) -> Iterator[simpy.Event]:
        for number, duration in enumerate(loads):
            start = env.now
            yield env.timeout(duration)
            spans.append((start, env.now))
            yield store.put(number)

    def executor(env: simpy.Environment, store: simpy.Store, spans: list) -> Iterator[simpy.Event]:
        for duration in layers:
            yield store.get()
            start = env.now
            yield env.timeout(duration)
            spans.append((start, env.now))

    finish = 0
    for _ in range(scenario.session.inferences):
        environment = simpy.Environment()
        store, spans = simpy.Store(environment, 3), []
        environment.process(loader(environment, store, spans))
        environment.process(executor(environment, store, spans))
        environment.run()
        finish += environment.now
    return finish


def bare_timeouts(plan: Plan, scenario: Scenario) -> int:
    """Wait for each load and each layer in turn, in two processes that do not know one another."""
    work, _ = first_and_later(plan, scenario.model, scenario.device, scenario.session)
    layers = [a + b for a, b in zip(work.decompress_ns, work.compute_ns, strict=True)]

    def wait(env: simpy.Environment, durations: tuple[int, ...] | list[int]) -> Iterator[simpy.Event]:
        for duration in durations:
            yield env.timeout(duration)

    for _ in range(scenario.session.inferences):
        environment = simpy.Environment()
        environment.process(wait(environment, work.load_ns[0]))
        environment.process(wait(environment, layers))
        environment.run()
    return 0
