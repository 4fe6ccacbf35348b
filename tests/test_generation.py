"""Replies of dense decoders: each pass is what the recurrence and a closed form say, to the nanosecond."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from decoders import SEEDS, all_resident, boards, decoders, times_of, toy_board, toy_decoder
from hypothesis import given
from hypothesis import strategies as st

from edgesim.cost import request, shard_bytes
from edgesim.device import Device
from edgesim.footprint import experts_bytes
from edgesim.generation import Passes, Pricing, Setup, passes, token_times
from edgesim.model import Model
from edgesim.planners.baselines import std_pipeline
from edgesim.planners.wrx import wrx
from edgesim.plans import Plan
from edgesim.recurrence import makespan_ns, schedule
from edgesim.roofline import Span, kv_bytes, layer_cost, planning_device, weights_ns
from edgesim.scenario import Budget
from edgesim.tokens import Generation, drawn
from edgesim.work import price

LENGTHS = st.tuples(st.integers(1, 30), st.integers(1, 30))


def chance(seed: int = 0) -> np.random.Generator:
    """Return where chance comes from."""
    return np.random.default_rng(seed)


def streamed(model: Model, bits: int) -> Plan:
    """Return the plan that reads every layer anew for every token."""
    resident = all_resident(model, bits)
    rows = [[((layer, shard), bits) for shard in row] for layer, row in enumerate(resident.shards)]
    return replace(resident, preload=(), retain=(), loads=tuple(request(model, row) for row in rows))


def layer_ns(model: Model, board: Device, bits: int, span: Span) -> int:
    """Return what a layer takes, by hand: arithmetic or reading its weights, then the rest."""
    roofline = board.processors["cpu"].roofline
    assert roofline is not None
    flop, other = layer_cost(model, roofline, span)
    reading = model.shards_per_layer * weights_ns(model, roofline)[bits]
    return reading + max(1, max(0, flop - reading) + other)


@given(decoders(), boards(), LENGTHS)
def test_all_resident_takes_the_sum_of_its_layers(model: Model, board: Device, lengths: tuple[int, int]) -> None:
    """Nothing is read from flash: each token takes all layers, the more the longer its context is."""
    prompt, tokens = lengths
    bits = model.bitwidths[-1]
    plan = all_resident(model, bits)
    works = list(
        passes(plan, Setup(model, board, "cpu"), Generation(prompt=prompt, tokens=tokens), plan.preload, chance())
    )
    spans = [Span(prompt, 0), *(Span(1, past) for past in range(prompt, prompt + tokens - 1))]
    assert [schedule(work).finish_ns[-1] for work in works] == [
        model.layers * layer_ns(model, board, bits, span) for span in spans
    ]
    assert all(not work.loads for work in works)


@given(decoders(), boards(), LENGTHS)
def test_all_streamed_follows_the_pipeline(model: Model, board: Device, lengths: tuple[int, int]) -> None:
    """Each layer starts when it has been read and the one before is done: C_k = max(C_k-1, (k + 1) L) + c."""
    prompt, tokens = lengths
    bits = model.bitwidths[0]
    works = passes(
        streamed(model, bits), Setup(model, board, "cpu"), Generation(prompt=prompt, tokens=tokens), (), chance()
    )
    read = board.storage.read
    size = model.shards_per_layer * shard_bytes(model, bits)
    load = (read.latency or 0) - (-size * 10**9 // (read.bandwidth or 1))
    spans = [Span(prompt, 0), *(Span(1, past) for past in range(prompt, prompt + tokens - 1))]
    for work, span in zip(works, spans, strict=True):
        done = 0
        for layer in range(model.layers):
            done = max(done, (layer + 1) * load) + layer_ns(model, board, bits, span)
        assert makespan_ns(work) == done


def test_a_streamed_reply_is_bound_by_the_flash() -> None:
    """Flash of 1/100 of the memory's rate: a token takes what reading takes, but for its last layer."""
    board = toy_board({"bandwidth": "10 MB/s"}, {"compute": "1000 GFLOP/s", "memory_bandwidth": "1 GB/s"})
    model = toy_decoder(layers=4)
    times = times_of(
        passes(streamed(model, 8), Setup(model, board, "cpu"), Generation(prompt=1, tokens=9), (), chance())
    )
    reading = 4 * 2 * 320 * 100
    assert all(reading < after - before < reading * 1.01 for before, after in pairwise(times))


@given(decoders(), boards(), LENGTHS, st.sampled_from([wrx, std_pipeline]), SEEDS)
def test_a_plan_keeps_its_target_for_every_token(
    model: Model, board: Device, lengths: tuple[int, int], planner: object, seed: int
) -> None:
    """What was planned for the last token holds for all of them, from a full or partial preload buffer."""
    generation = Generation(prompt=lengths[0], tokens=lengths[1])
    device = planning_device(board, "cpu", model, generation)
    room = seed % (2 * model.layers * model.shards_per_layer * shard_bytes(model, model.bitwidths[-1]))
    options = {"bitwidth": model.bitwidths[-1]} if planner is std_pipeline else {}
    plan = planner(model, device, Budget("cpu", 10**15, room, None), **options)
    target = makespan_ns(price(plan, model, device, "cpu", plan.preload))
    works = list(passes(plan, Setup(model, board, "cpu"), generation, plan.preload, chance()))
    assert max((makespan_ns(work) for work in works[1:]), default=0) <= target


def test_a_cold_reply_fills_the_preload_buffer_once() -> None:
    """The pass over the prompt reads everything, later ones nothing; what is resident is known in between."""
    model, board = toy_decoder(), toy_board()
    plan = all_resident(model, 8)
    reply = passes(plan, Setup(model, board, "cpu"), Generation(prompt=2, tokens=3), (), chance())
    assert reply.resident == ()
    assert sum(load.bytes for load in next(reply).loads) == 4 * 320
    assert reply.resident == tuple(sorted(plan.retain))
    assert [work.loads for work in reply] == [(), ()]


def test_storage_and_processor_wake_once_for_a_reply() -> None:
    """Only the pass over the prompt finds the flash at rest."""
    model = toy_decoder(layers=1)
    storage = {"read": {"bandwidth": "1 GB/s"}, "start_up": {"time": "1000 ns"}}
    setup = Setup(model, toy_board(storage=storage), "cpu")
    first, second = passes(streamed(model, 8), setup, Generation(prompt=1, tokens=2), (), chance())
    assert (first.load_ns, second.load_ns) == (((1640,),), ((640,),))


def test_the_attention_cache_grows() -> None:
    """The prompt first, then a token with each pass."""
    model = toy_decoder()
    reply = passes(
        all_resident(model, 8), Setup(model, toy_board(), "cpu"), Generation(prompt=5, tokens=3), (), chance()
    )
    sizes = [reply.kv_bytes, *(reply.kv_bytes for _ in reply)]
    assert sizes == [0, *(kv_bytes(model, tokens) for tokens in (5, 6, 7))]


def test_prices_are_kept_from_reply_to_reply() -> None:
    """Two replies of one pricing do the same as replies of their own."""
    model, plan = toy_decoder(), all_resident(toy_decoder(), 8)
    pricing, generation = Pricing(plan, Setup(model, toy_board(), "cpu")), Generation(prompt=5, tokens=3)
    replies = [list(Passes(pricing, generation, plan.preload, chance(seed))) for seed in (0, 1)]
    own = list(passes(plan, pricing.setup, generation, plan.preload, chance()))
    assert replies == [own, own]


def test_prompts_of_all_lengths_are_not_all_kept() -> None:
    """A pricing that has seen 400 lengths is no larger than it was at times with the first 200."""
    model, plan = toy_decoder(), all_resident(toy_decoder(), 8)
    pricing, sizes = Pricing(plan, Setup(model, toy_board(), "cpu")), []
    for prompt in range(1, 401):
        list(Passes(pricing, Generation(prompt=prompt, tokens=2), plan.preload, chance()))
        sizes.append(len(repr(vars(pricing))))
    assert max(sizes[200:]) <= 1.05 * max(sizes[:200])  # later numbers have more digits


def test_more_tokens_than_the_context_are_refused() -> None:
    """10,000 tokens fit, one more does not."""
    model, plan = toy_decoder(), all_resident(toy_decoder(), 8)
    setup = Setup(model, toy_board(), "cpu")
    passes(plan, setup, Generation(prompt=9_999, tokens=1), (), chance())
    with pytest.raises(ValueError, match="takes 10000 tokens, got 10001"):
        passes(plan, setup, Generation(prompt=10_000, tokens=1), (), chance())


def test_lengths_are_drawn_from_their_ranges() -> None:
    """Every length comes, none beyond; a range that is one number leaves the other's draws as they are."""
    ranged = Generation.model_validate({"prompt": {"least": 2, "most": 4}, "tokens": {"least": 1, "most": 3}})
    fixed = Generation.model_validate({"prompt": 3, "tokens": {"least": 1, "most": 3}})
    several, few = chance(), chance()
    both = [drawn(ranged, several) for _ in range(200)]
    assert {prompt for prompt, _ in both} == {2, 3, 4}
    assert [tokens for _, tokens in both] == [drawn(fixed, few).tokens for _ in range(200)]
    assert {tokens for _, tokens in both} == {1, 2, 3}


def test_a_dense_model_needs_no_room_of_its_own() -> None:
    """What the plan's loads need is checked elsewhere."""
    assert experts_bytes(all_resident(toy_decoder(), 8), toy_decoder(), Generation(prompt=1, tokens=1)) == 0


def test_times_of_tokens() -> None:
    """First token 90 ns after the question, then 3 in 100 ns: 33.3 ns each, rounded up."""
    assert token_times(10, [100, 130, 170, 200]) == (90, 34, 3e7)
    assert token_times(0, [5]) == (5, None, None)
