"""Decoders whose passes were measured: what is missing of them is refused before anything runs."""

from typing import Any

import pytest
from decoders import toy_board, toy_decoder
from pydantic import ValidationError

from edgesim.experiment import run
from edgesim.scenario import Scenario

ROOFLINE = {"compute": "1 GFLOP/s", "memory_bandwidth": "1 GB/s"}


def measured(tokens: int, **more: object) -> dict[str, object]:
    """Return layer times of passes of so many tokens: 100 ns for a whole layer, 1 ns for each shard."""
    geometry = toy_decoder().geometry.model_dump() | {"seq_len": tokens}
    return {"geometry": geometry, "time": {2: "100 ns"}, "decompress": {"per_shard": "1 ns"}} | more


def scenario(times: list[dict[str, object]], prompt: object, **cpu: object) -> Scenario:
    """Let the toy decoder answer in 3 tokens on a processor with some times."""
    form: dict[str, Any] = {
        "schema": "edgesim.scenario/1", "device": toy_board(processors={"cpu": {"layer_times": times} | cpu}),
        "processor": "cpu", "model": toy_decoder(), "planner": {"name": "preload_model", "options": {"bitwidth": 8}},
        "target_latency": "1 ms", "preload_buffer": "2 kB", "generation": {"prompt": prompt, "tokens": 3},
    }  # fmt: skip
    return Scenario.model_validate(form)


def test_a_reply_of_measured_passes_takes_their_times() -> None:
    """Two layers of 102 ns for each later token, of 302 ns for the prompt."""
    result = run(scenario([measured(1), measured(4, time={2: "300 ns"})], 4))
    assert result.timeline.requests[0].token_ns == (604, 808, 1012)


@pytest.mark.parametrize(
    ("times", "prompt", "cpu", "message"),
    [
        ([measured(1)], 4, {}, "neither layer times for .* seq_len 4, fp16 nor a 'roofline'"),
        ([measured(4)], 4, {}, "neither layer times for .* seq_len 1, fp16 nor a 'roofline'"),
        ([measured(1), measured(4)], {"least": 4, "most": 9}, {}, "neither layer times for .* seq_len 5, fp16"),
        ([measured(1, time={1: "9 ns"})], 1, {}, "was measured for 1 to 1 shards a layer of .*, got 2"),
        ([measured(1), measured(4, decompress=None)], 4, {}, r"no decompression time for bitwidths 8 of .*4, fp16"),
        ([measured(4, decompress=None)], {"least": 1, "most": 9}, {"roofline": ROOFLINE}, "no decompression time"),
    ],
)  # fmt: skip
def test_passes_without_times_are_refused(
    times: list[dict[str, object]], prompt: object, cpu: dict[str, object], message: str
) -> None:
    """Every pass that may come needs its time: of the prompt and of one token, of whole layers at every bitwidth."""
    with pytest.raises(ValidationError, match=message):
        scenario(times, prompt, **cpu)


def test_times_of_passes_that_never_come_do_not_matter() -> None:
    """Passes of 7 tokens were not measured well, and no prompt has 7."""
    assert scenario([measured(1), measured(4), measured(7, time={1: "9 ns"})], 4).generation is not None
