"""Replies of mixtures of experts: who is routed to, what is cached, and what is read."""

from dataclasses import replace

import numpy as np
import pytest
from decoders import all_resident, toy_board, toy_decoder
from hypothesis import given
from hypothesis import strategies as st

from edgesim.decoder import Experts, Routing
from edgesim.files import read_model
from edgesim.footprint import experts_bytes
from edgesim.generation import Setup, passes
from edgesim.generation.caches import Cache, cache_of
from edgesim.generation.routing import Router
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.recurrence import makespan_ns, schedule
from edgesim.rules import waits_for_itself
from edgesim.tokens import Generation

SIZES = {(0, expert): 10 for expert in range(9)}


def chance(seed: int = 0) -> np.random.Generator:
    """Return where chance comes from."""
    return np.random.default_rng(seed)


def mixture(count: int = 4, active: int = 2, **routing: object) -> Model:
    """Return a toy of experts of 384 bytes."""
    return toy_decoder(layers=3, experts={"count": count, "active": active, "routing": routing})


def keeping(model: Model, count: int, lanes: int = 1) -> Plan:
    """Return the plan that keeps the first experts of the first layers, so many in all."""
    plan = all_resident(model, 8)
    return replace(plan, preload=plan.preload[:count], retain=plan.preload[:count], lanes=lanes)


def shares(layer: int, model: Model, tokens: int = 4000) -> float:
    """Return how often consecutive tokens have an expert of some layer in common."""
    assert model.decoder is not None
    experts = model.decoder.experts
    assert experts is not None
    router = Router(experts, experts.routing, model.layers, chance())
    routed = np.array([router.token()[layer].copy() for _ in range(tokens)])
    return float((routed[1:] & routed[:-1]).any(1).mean())


@pytest.mark.parametrize(("layer", "published"), [(0, 0.480), (15, 0.637), (31, 0.509)])
def test_mixtral_routes_as_its_paper_measured(layer: int, published: float) -> None:
    """Table 5 of arXiv 2401.04088, mean of its texts: consecutive tokens with an expert in common, within 2 points."""
    assert shares(layer, read_model("mixtral-8x7b")) == pytest.approx(published, abs=0.02)


def test_qwen_routes_as_one_trace_did() -> None:
    """6 of 128 experts: 38.0 % from the token before, 26.7 % from eight before; its hottest 8 had 44.5 %, drawn 49 %.

    https://github.com/Helldez/BigMoeOnEdge/blob/main/docs/bench-data/2026-07-15-route-trace/findings.md
    """
    decoder = read_model("qwen3-30b-a3b").decoder
    assert decoder is not None
    assert decoder.experts is not None
    router = Router(Experts(count=128, active=6), decoder.experts.routing, 48, chance())
    routed = np.array([router.token().copy() for _ in range(300)])
    common = [float((routed[lag:] & routed[:-lag]).sum(2).mean()) / 6 for lag in (1, 8)]
    assert common == pytest.approx([0.380, 0.267], abs=0.015)
    hottest = np.sort(routed.sum(0), axis=1)[:, -8:].sum() / routed.sum()
    assert float(hottest) == pytest.approx(0.445, abs=0.06)


@given(st.integers(1, 6), st.integers(1, 6), st.floats(0, 3), st.floats(0, 1))
def test_every_token_has_its_experts(count: int, active: int, skew: float, repeat: float) -> None:
    """As many as are active, in every layer, whatever the routing."""
    router = Router(Experts(count=count + active, active=active), Routing(skew=skew, repeat=repeat), 3, chance())
    assert all((router.token().sum(1) == active).all() for _ in range(5))


def test_who_always_repeats_never_changes() -> None:
    """With repeat 1 every token is routed as the first; with 0 and no skew, hardly."""
    for repeat, distinct in ((1.0, 1), (0.0, 20)):
        router = Router(Experts(count=16, active=4), Routing(repeat=repeat), 4, chance())
        assert len({router.token().tobytes() for _ in range(20)}) == distinct


def test_repeat_is_linear_between_layers() -> None:
    """Given for layers 0 and 2, layer 1 repeats half as often."""
    router = Router(Experts(count=100, active=10), Routing(repeat={0: 0.0, 2: 1.0}), 4, chance())
    routed = np.array([router.token().copy() for _ in range(400)])
    again = (routed[1:] & routed[:-1]).sum(2).mean(0) / 10
    assert again.tolist() == pytest.approx([0.1, 0.55, 1.0, 1.0], abs=0.03)


def test_same_seed_same_reply() -> None:
    """Works are equal for equal seeds, and differ for others."""
    model = mixture(8, 2)
    setup = Setup(model, toy_board(), "cpu")
    replies = [list(passes(keeping(model, 5), setup, Generation(prompt=2, tokens=9), (), chance(s))) for s in (1, 1, 2)]
    assert replies[0] == replies[1]
    assert replies[0] != replies[2]


def test_the_cache_drops_what_was_used_longest_ago() -> None:
    """Room for two: the third comes in for the first, unless that was used again."""
    cache = Cache([(0, 0), (0, 1)], SIZES, (), "lru")
    assert [cache.use((0, expert)) for expert in (0, 1, 0, 2, 0, 1)] == [False, False, True, False, True, False]
    assert list(cache.held()) == [(0, 0), (0, 1)]


def test_a_fixed_cache_holds_what_the_plan_keeps() -> None:
    """Others are read every time, those of the plan once."""
    cache = Cache([(0, 0), (0, 1)], SIZES, [(0, 1), (0, 2)], "fixed")
    assert [cache.use((0, expert)) for expert in (0, 2, 2, 0, 1)] == [False, False, False, True, True]


def test_no_room_no_cache() -> None:
    """A plan that keeps nothing has nothing in the cache, and one handed over too full is emptied."""
    assert not Cache([], SIZES, (), "lru").use((0, 0))
    assert list(Cache([(0, 0)], SIZES, [(0, 3), (0, 4)], "lru").held()) == [(0, 4)]


def test_a_pass_without_cache_by_hand() -> None:
    """Each layer reads its experts once the layer before is done, then computes: nothing overlaps."""
    model, board = mixture(), toy_board(roofline={"compute": "1000 GFLOP/s", "memory_bandwidth": "1 GB/s"})
    work = next(passes(keeping(model, 0), Setup(model, board, "cpu"), Generation(prompt=1, tokens=1), (), chance()))
    head = 27  # a third of 80 bytes
    assert [load.extents for load in work.loads] == [(384, 384)] * 3
    assert [load.after for load in work.loads] == [None, 0, 1]
    assert makespan_ns(work) == 3 * (2 * 384 + 2 * 384 + 2 * 8 * 2 + head)


def test_several_lanes_read_experts_beside_each_other() -> None:
    """One request for each expert where the plan has lanes for them."""
    depths = {1: {"table": [["1 KiB", "1000 ns"]]}, 2: {"table": [["1 KiB", "1500 ns"]]}}
    model = mixture()
    board = toy_board(storage={"read": {"depths": depths}, "lanes": 2})
    work = next(passes(keeping(model, 0, 2), Setup(model, board, "cpu"), Generation(prompt=1, tokens=1), (), chance()))
    assert [len(load.shards) for load in work.loads] == [1] * 6
    assert work.load_ns == ((1000,) * 6, (1500,) * 6)
    assert schedule(work).done_ns[:2] == (1000, 1500)


def test_all_kept_is_read_once() -> None:
    """With room for all experts, each is read when it is first routed to; handed over, none is read again."""
    model, setup = mixture(), Setup(mixture(), toy_board(), "cpu")
    generation = Generation(prompt=1, tokens=60)
    reply = passes(keeping(model, 12), setup, generation, (), chance())
    assert sum(load.bytes for work in reply for load in work.loads) == 12 * 384
    again = passes(keeping(model, 12), setup, generation, reply.resident, chance(1))
    assert not any(work.loads for work in again)


def test_a_prompt_reads_the_experts_of_all_its_tokens() -> None:
    """50 tokens are routed to all 4 experts of each layer: each is read once, not once a token."""
    model = mixture()
    work = next(
        passes(keeping(model, 0), Setup(model, toy_board(), "cpu"), Generation(prompt=50, tokens=1), (), chance())
    )
    assert [load.bytes for load in work.loads] == [4 * 384] * 3
    assert set(work.decompress_ns) == {4 * 384}


@given(st.integers(0, 12), st.integers(1, 4), st.integers(1, 5), st.sampled_from(["lru", "fixed"]), st.integers(0, 99))
def test_the_least_buffer_is_enough(kept: int, active: int, prompt: int, kind: str, seed: int) -> None:
    """With it no pass waits for itself, whatever the cache has dropped."""
    model = mixture(4, active, skew=1.0, repeat=0.3)
    plan, setup = keeping(model, kept), Setup(mixture(4, active, skew=1.0, repeat=0.3), toy_board(), "cpu")
    generation = Generation.model_validate({"prompt": prompt, "tokens": 8, "cache": kind})
    room = experts_bytes(plan, model, generation)
    for work in passes(plan, setup, generation, plan.preload, chance(seed)):
        assert not list(waits_for_itself(work, room))
        assert makespan_ns(work, room) >= sum(work.compute_ns)


def test_a_generation_may_route_its_own_way() -> None:
    """Its routing stands before the model's: with repeat 1 nothing new is read after the first token."""
    model, setup = mixture(16, 2), Setup(mixture(16, 2), toy_board(), "cpu")
    generation = Generation(prompt=1, tokens=9, cache="lru", routing=Routing(repeat=1.0))
    _, *later = passes(keeping(model, 16), setup, generation, (), chance())
    assert not any(work.loads for work in later)


def test_a_cache_for_each_layer_keeps_what_one_for_all_evicts() -> None:
    """Of two layers that use one expert each in turn, one expert's room for each keeps both, for both together none."""
    kept, sizes = [(0, 0), (1, 0)], {(layer, expert): 10 for layer in range(3) for expert in range(2)}
    turns = [(0, 0), (1, 0), (2, 0)] * 3
    own, shared = cache_of(kept, sizes, (), "layer_lru"), cache_of(kept, sizes, (), "lru")
    assert [own.use(shard) for shard in turns] == [False] * 3 + [True, True, False] * 2
    assert not any(shared.use(shard) for shard in turns)
    assert list(own.held()) == [(0, 0), (1, 0)]


def test_an_expert_that_is_there_is_not_dropped_before_its_use() -> None:
    """Room for two of three experts, and two are used each time: one was there, so one is read, whichever it is."""
    kept = tuple((layer, expert) for layer in range(3) for expert in range(2))
    plan = replace(all_resident(mixture(3), 8), preload=kept, retain=kept)
    _, *later = passes(plan, Setup(mixture(3), toy_board(), "cpu"), Generation(prompt=1, tokens=40), kept, chance())
    assert {len(load.shards) for work in later for load in work.loads} == {1}
