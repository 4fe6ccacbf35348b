"""Replies executed in a session: every token against the time that its plan was made for."""

from itertools import pairwise
from random import Random

import pytest
from decoders import SEEDS, decoders, toy_board, toy_decoder
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from edgesim.cost import shard_bytes
from edgesim.device import Device
from edgesim.errors import InfeasibleError
from edgesim.experiment import plan, run
from edgesim.files import read_scenario
from edgesim.model import Model
from edgesim.preparation import for_planners
from edgesim.recurrence import makespan_ns
from edgesim.report.comparison import comparison_text
from edgesim.report.plans import plan_text
from edgesim.report.text import render
from edgesim.result import Comparison
from edgesim.scenario import Scenario
from edgesim.work import price

MIXED = ("wrx", "wrx_plus", "flexgen")
UNIFORM = (
    "balanced_lock", "demand_layering", "device_map", "load_exec", "mmap_lru", "one_ahead", "parallel_load",
    "pipeswitch", "preload_model", "std_pipeline",
)  # fmt: skip


FAST = {"roofline": {"compute": "1000 GFLOP/s", "memory_bandwidth": "1 GB/s"}}


def board(random: Random) -> Device:
    """Draw a board with one lane, where a wait costs its own time and no more."""
    read = {"latency": f"{random.randint(0, 300)} ns", "bandwidth": f"{random.randint(50, 5000)} MB/s"}
    compute, memory = (f"{round(10 ** random.uniform(1, 5))}" for _ in range(2))
    cpu = {
        "roofline": {"compute": f"{compute} MFLOP/s", "memory_bandwidth": f"{memory} MB/s"},
        "start_up": {"time": f"{random.randint(0, 3000)} ns"},
    }
    storage = {"read": read, "lanes": 1, "start_up": {"time": f"{random.randint(0, 2000)} ns"}}
    return toy_board(storage=storage, processors={"cpu": cpu})


def asked(planner: str, model: Model, random: Random) -> Scenario:
    """Ask a decoder twice for a reply, with buffers of any size."""
    whole = model.layers * model.shards_per_layer * shard_bytes(model, model.bitwidths[-1])
    options = {} if planner in MIXED else {"bitwidth": random.choice(model.bitwidths)}
    form = {
        "schema": "edgesim.scenario/1", "device": board(random), "processor": "cpu", "model": model,
        "planner": {"name": planner, "options": options}, "target_latency": "1 h",
        "preload_buffer": f"{random.randint(0, 2 * whole)} B",
        "load_buffer": random.choice(["unlimited", f"{random.randint(whole // model.layers, 2 * whole)} B"]),
        "generation": {"prompt": random.randint(1, 30), "tokens": random.randint(2, 30)},
        "workload": {"inferences": 2, "start": random.choice(["warm", "cold"])},
    }  # fmt: skip
    return Scenario.model_validate(form)


@settings(max_examples=200)
@given(decoders(), st.sampled_from(MIXED + UNIFORM), SEEDS)
def test_no_token_takes_longer_than_was_planned(model: Model, planner: str, seed: int) -> None:
    """Whoever planned: the time with which a plan was compared with the target holds for every token of every reply."""
    scenario = asked(planner, model, Random(seed))
    try:
        result = run(scenario)
    except InfeasibleError:  # a load buffer that is too small for how this planner reads
        reject()
    made, planned = result.plan, for_planners(scenario)
    room = None if made.ignores_buffers else scenario.load_buffer_bytes
    most_ns = makespan_ns(price(made, model, planned.device, "cpu", made.preload), room)
    replies = [request.token_ns for request in result.timeline.requests]
    assert len(replies) == 2
    assert all(later - before <= most_ns for tokens in replies for before, later in pairwise(tokens))


def test_jitter_of_layers_is_of_all_that_a_decoder_does() -> None:
    """Reading weights, most of what a token takes, is off its usual 640 ns as the rest of a layer is."""
    jitter = {"compute_jitter": {"quantiles": {0.5: 1, "max": 3}}}
    form = {
        "schema": "edgesim.scenario/1", "device": toy_board(processors={"cpu": FAST}), "processor": "cpu",
        "model": toy_decoder(), "planner": {"name": "preload_model", "options": {"bitwidth": 8}},
        "target_latency": "1 s", "preload_buffer": "2 kB", "generation": {"prompt": 1, "tokens": 30},
    }  # fmt: skip
    usual, off = (run(Scenario.model_validate(form | {"conditions": given})) for given in ({}, jitter))
    took = [[span.end_ns - span.start_ns for span in each.timeline.spans] for each in (usual, off)]
    assert took[0][0] == 640
    factors = [late / plain for plain, late in zip(*took, strict=True)]
    assert max(factors) > 2
    assert factors[::2] == pytest.approx(factors[1::2], abs=0.02)  # of two numbers of nanoseconds that round up


def test_what_is_promised_of_a_reply_is_each_token() -> None:
    """A plan and a comparison say so, lest the target be taken for that of the whole reply."""
    scenario = read_scenario("reply")
    assert "plans 22 x 4 shards for 100.0 ms a token\n" in render(plan_text(plan(scenario), "resident", scenario))
    assert "target 100.0 ms a token\n" in render(comparison_text(Comparison(()), scenario))
    assert "target 200.0 ms\n" in render(comparison_text(Comparison(()), read_scenario("quickstart")))


def test_a_cache_of_experts_outlives_a_change_of_plans() -> None:
    """In half the buffer half of the experts are found again; then there is room, and what is read stays."""
    experts = {"count": 4, "active": 2}
    form = {
        "schema": "edgesim.scenario/1", "device": toy_board(processors={"cpu": FAST}), "processor": "cpu",
        "model": toy_decoder(experts=experts), "planner": {"name": "balanced_lock", "options": {"bitwidth": 8}},
        "target_latency": "1 s", "preload_buffer": "3072 B", "generation": {"prompt": 9, "tokens": 9}, "replan": True,
        "schedule": [{"at": "1 ns", "preload_buffer": "1536 B"}, {"at": "2 ms", "preload_buffer": "3072 B"}],
        "workload": {"inferences": 99},
    }  # fmt: skip
    requests = run(Scenario.model_validate(form)).timeline.requests
    found = [(request.plan, len(request.resident or ())) for request in requests]
    assert found[:2] == [(0, 8), (1, 8)]
    assert {held for plan, held in found[2:] if plan == 1} == {4}
    assert found[-1] == (2, 8)
