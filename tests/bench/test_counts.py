"""How much work a run takes, counted exactly: more events or checks would show on any machine, seconds would not."""

from typing import Literal

import pytest
import simpy

from edgesim.backends import simulated
from edgesim.planners import pipeline as pipelines
from edgesim.planners.wrx import wrx

from .shards import LAYOUTS, extents, laid_out, mixed
from .subjects import disturbed, minimal, pipeline, simulate


class Counting(simulated.Clock):
    """An environment that counts the events it processes."""

    events = 0

    def step(self) -> None:
        """Process one event, and count it."""
        Counting.events += 1
        super().step()


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    """Count the events of everything that runs in the test."""
    monkeypatch.setattr(simulated, "Clock", Counting)
    monkeypatch.setattr(simpy, "Environment", Counting)
    monkeypatch.setattr(Counting, "events", 0)
    return Counting


@pytest.mark.parametrize(
    ("load_buffer", "granularity", "expected"),
    [("unlimited", "layer", 28), ("16 MB", "layer", 28), ("unlimited", "shard", 158)],
)
def test_events_of_the_simulated_backend(
    events: type[Counting], load_buffer: str, granularity: str, expected: int
) -> None:
    """One inference takes one event a load, one a layer, and a few to start and end."""
    simulate(*pipeline(100, load_buffer, granularity))
    assert events.events == 100 * expected + 2  # the start and the end of the session


def test_events_of_a_disturbed_inference(events: type[Counting]) -> None:
    """Jitter and heat need no events of their own: an inference takes as many as an undisturbed one."""
    simulate(*disturbed(100))
    assert events.events == 100 * 28 + 2


def test_events_of_the_minimal_program(events: type[Counting]) -> None:
    """The program that the benchmark compares with takes four events a layer: two times, a put and a get."""
    minimal(*pipeline(100))
    assert events.events == 100 * (4 * 12 + 5)


@pytest.mark.parametrize(("load_buffer", "target_ms", "most"), [("unlimited", 2500, 0), ("4 MB", 2500, 200)])
def test_recurrences_of_wrx(monkeypatch: pytest.MonkeyPatch, load_buffer: str, target_ms: int, most: int) -> None:
    """Planning 12 x 12 shards asks the recurrence never, or with a bounded buffer fewer times than two for a shard."""
    calls = []
    real = pipelines.pipeline_ns
    monkeypatch.setattr(pipelines, "pipeline_ns", lambda *arguments: calls.append(1) or real(*arguments))
    scenario = pipeline(1, load_buffer)[1].model_copy(update={"target_latency_ns": target_ms * 10**6})
    plan = wrx(scenario.model, scenario.device, scenario.budget)
    assert len(plan.layers) * len(plan.shards[0]) == 144
    assert len(calls) <= most


@pytest.mark.parametrize(
    ("chosen", "target_ms", "expected"),
    [
        ("first", 400, (14, 16, 33)),
        ("first", 1500, (46, 23, 142)),
        ("importance", 400, (19, 8, 33)),
        ("importance", 1500, (46, 23, 142)),
    ],
)
def test_reads_of_a_mixed_plan(
    chosen: Literal["first", "importance"], target_ms: int, expected: tuple[int, int, int]
) -> None:
    """By importance at most two a layer that loads its most important slices; slice by slice one for each shard."""
    plan, scenario = mixed(target_ms, chosen)
    counts = [extents(plan, laid_out(scenario.model, layout)) for layout in LAYOUTS]
    assert tuple(count.sum() for count in counts) == expected
    if chosen == "importance":
        broken = {layer for layer, _ in plan.preload}
        assert max(count for layer, count in zip(plan.layers, counts[1], strict=True) if layer not in broken) == 2
    assert expected[2] == sum(map(len, plan.shards)) - len(plan.preload)
