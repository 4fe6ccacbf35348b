"""Bytes of each buffer over time, in the head."""

from dataclasses import replace
from typing import Any

import pytest
from stores import SCATTERED
from strategies import toy_device, toy_model, toy_plan, toy_scenario

from edgesim.backends.simulated import execute
from edgesim.device import Device
from edgesim.memory import MemoryStep, kept_bytes, session_memory, working_bytes
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.timeline import Timeline

MODEL = toy_model(activation_bytes="7 B")
PLAN = toy_plan(MODEL, [[2, 32], [6, 6]])
"""Loads of 170 and 60 B and ns; layers of 200 ns."""
WEIGHTS = 160
"""Bytes of a decompressed shard."""


def session_steps(
    plan: Plan, model: Model = MODEL, device: Device | None = None, preload: int = 0, **workload: object
) -> list[MemoryStep]:
    """Execute a plan and return the bytes of each buffer over the session."""
    scenario = toy_scenario(model, device, preload=preload, **workload)
    parts = list(execute(plan, model, scenario.device, scenario.session))
    spans = tuple(span for part in parts for span in part.spans)
    return session_memory(Timeline(tuple(part.requests[0] for part in parts), spans), (plan,), scenario)


def levels(found: list[MemoryStep]) -> list[MemoryStep]:
    """Keep the last of the steps at each moment."""
    return list({step.time_ns: step for step in found}.values())


def test_decompressed_weights_and_activations_are_working_bytes() -> None:
    """A shard of 32 bits is used where it was read; the others are decompressed to 160 B each."""
    assert working_bytes(PLAN, MODEL, toy_device(), "cpu") == [WEIGHTS + 7, 2 * WEIGHTS + 7]


@pytest.mark.parametrize(
    ("unpack_ns", "copied"), [({2: 1, 6: 1, 32: 1}, True), ({2: 1, 6: 1, 32: 0}, False), (9, False)]
)
def test_shards_of_32_bits_that_take_time_are_copied(unpack_ns: Any, copied: bool) -> None:  # noqa: ANN401  (both forms)
    """Where the profile gives 32 bits a decompression time, they lie beside the others of their layer."""
    found = working_bytes(PLAN, MODEL, toy_device(unpack_ns=unpack_ns), "cpu")
    assert found == [(1 + copied) * WEIGHTS + 7, 2 * WEIGHTS + 7]


def test_copies_are_in_the_session_s_memory() -> None:
    """All of layer 0, when it starts after 170 ns."""
    steps = session_steps(PLAN, device=toy_device(unpack_ns={2: 1, 6: 1, 32: 1}))
    assert levels(steps)[1] == MemoryStep(170, 0, 230, 2 * WEIGHTS + 7)


def test_kept_shards_are_counted_compressed() -> None:
    """2 and 6 bits are 10 and 30 B."""
    assert kept_bytes(PLAN, MODEL, [(0, 0), (1, 1)]) == 40


def test_kept_shards_have_their_records_size() -> None:
    """12 and 16 B of shards that are 10 B by the formula."""
    model = toy_model(shards=4, bitwidths=(2,), records=SCATTERED)
    assert kept_bytes(toy_plan(model, [[2] * 4] * 2), model, [(0, 0), (1, 3)]) == 28


def test_a_load_reserves_when_issued_and_a_layer_frees_when_finished() -> None:
    """Two loads and two layers, one after the other."""
    assert levels(session_steps(PLAN)) == [
        MemoryStep(0, 0, 170, 0),
        MemoryStep(170, 0, 230, 167),
        MemoryStep(370, 0, 60, 327),
        MemoryStep(570, 0, 0, 0),
    ]


def test_what_is_freed_comes_before_what_is_reserved() -> None:
    """At 370 ns layer 0 frees its working bytes before layer 1 takes its own: they are never added up."""
    assert max(step.working_bytes for step in session_steps(PLAN)) == 2 * WEIGHTS + 7


def test_overlapped_decompression_holds_two_layers() -> None:
    """While layer 0 computes, layer 1 is decompressed already."""
    steps = session_steps(PLAN, device=toy_device(unpack_ns=5, overlap=True))
    assert max(step.working_bytes for step in steps) == 3 * WEIGHTS + 14


def test_preloaded_shards_stay_in_the_preload_buffer() -> None:
    """They are there from the start, and no layer frees them."""
    kept = ((0, 0), (0, 1))
    steps = session_steps(toy_plan(MODEL, [[2, 32], [6, 6]], preload=kept, retain=kept))
    assert {step.preload_bytes for step in steps} == {170}
    assert max(step.load_buffer_bytes for step in steps) == 60


def test_a_cold_start_fills_the_preload_buffer() -> None:
    """What is kept is read into the preload buffer, not the load buffer."""
    plan = toy_plan(MODEL, [[2, 32], [6, 6]], preload=((0, 0),), retain=((0, 0),))
    assert levels(session_steps(plan, start="cold"))[0] == MemoryStep(0, 10, 160, 0)


def test_each_inference_begins_with_what_was_retained() -> None:
    """The second inference of a plan that retains layer 1 finds its 60 B."""
    plan = replace(PLAN, retain=((1, 0), (1, 1)))
    later = [step for step in session_steps(plan, inferences=2) if step.time_ns >= 570]
    assert {step.preload_bytes for step in later if step.time_ns > 570} == {60}
