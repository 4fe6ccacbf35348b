"""Decoders: their weights sum to what was published, their sizes and times are what can be computed by hand."""

import pytest
from decoders import boards, decoders, toy_board, toy_decoder
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgesim.cost import compute_ns, decompress_ns, load_ns, shard_bytes
from edgesim.files import read_model, shipped_names
from edgesim.model import Model, layer_weights
from edgesim.roofline import Span, at_tokens, kv_bytes, layer_cost, layer_flop, planning_device, weights_ns
from edgesim.testing.toys import toy_model
from edgesim.tokens import Generation

PUBLISHED = {  # weights, as the makers count them
    "gpt2": 124e6,
    "tinyllama-1.1b": 1.1e9,
    "llama-3.2-1b": 1.23e9,
    "llama-3.2-3b": 3.21e9,
    "qwen2.5-0.5b": 0.49e9,
    "qwen2.5-1.5b": 1.54e9,
    "mixtral-8x7b": 46.7e9,
    "qwen3-30b-a3b": 30.5e9,
}
SHIPPED = [name for name in shipped_names("models") if read_model(name).decoder]


def weights(model: Model) -> float:
    """Count a decoder's weights: shards, and what is resident at 34/32 bytes a weight, or 4 in norms."""
    resident = model.resident_bytes.values
    rest = sum(size / 4 if part == "norms" else size * 32 / 34 for part, size in resident.items())
    return model.layers * model.shards_per_layer * model.parameters_per_shard + rest


def test_every_shipped_decoder_is_checked() -> None:
    """No decoder is shipped whose published size is not known here."""
    assert set(SHIPPED) == set(PUBLISHED)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_parts_sum_to_the_published_weights(name: str) -> None:
    """Within half a unit of the last digit that was published."""
    assert weights(read_model(name)) == pytest.approx(PUBLISHED[name], rel=0.011)


def test_active_weights_of_a_mixture_are_those_published() -> None:
    """A token uses 12.9 B of Mixtral's 46.7 B weights (as Mistral AI says), and 3.3 B of Qwen3-30B-A3B's."""
    for name, active in (("mixtral-8x7b", 12.9e9), ("qwen3-30b-a3b", 3.3e9)):
        model = read_model(name)
        assert model.decoder is not None
        assert model.decoder.experts is not None
        idle = model.layers * (model.decoder.experts.count - model.decoder.experts.active) * model.parameters_per_shard
        assert weights(model) - idle == pytest.approx(active, rel=0.03)


def test_blocks_have_scales() -> None:
    """32 weights take 18 bytes as Q4_0 and 34 as Q8_0; 16 bits have no scale, and a begun block has one."""
    model = toy_model(bitwidths=[4, 8, 16, 32], parameters_per_shard=64, scale_block=32)
    assert [shard_bytes(model, bits) for bits in model.bitwidths] == [36, 68, 128, 256]
    assert shard_bytes(model.model_copy(update={"parameters_per_shard": 65}), 4) == 33 + 3 * 2


def test_the_attention_cache_of_llama() -> None:
    """Llama 3.2 1B: 16 layers x 2 x 8 heads x 64 numbers x 2 bytes is 32 KiB a token."""
    assert kv_bytes(read_model("llama-3.2-1b"), 1) == 32 * 1024
    with pytest.raises(ValueError, match="no decoder"):
        kv_bytes(toy_model(), 1)


def test_arithmetic_of_a_pass() -> None:
    """2 FLOP a weight and token, 4 x heads x head_dim for each pair of tokens, and the output matrix once."""
    model = toy_decoder()  # 256 weights of attention, 384 of FFN; the output matrix has 80, 40 to each layer
    assert layer_flop(model, Span(1, 0)) == 2 * 640 + 4 * 8 + 2 * 40
    assert layer_flop(model, Span(1, 9)) == 2 * 640 + 4 * 8 * 10 + 2 * 40
    assert layer_flop(model, Span(3, 0)) == 3 * 2 * 640 + 4 * 8 * (1 + 2 + 3) + 2 * 40
    routed = toy_decoder(experts={"count": 4, "active": 2})
    assert layer_flop(routed, Span(1, 0)) == 2 * (256 + 4 * 8 + 2 * 384) + 4 * 8 + 2 * 40


def test_a_pass_of_one_token_by_hand() -> None:
    """At 1 byte/ns a shard of 320 weights at 8 bits takes 320 ns; computing at 2 FLOP/ns is faster and hidden."""
    fast = {"compute": "4 GFLOP/s", "memory_bandwidth": "1 GB/s"}
    device, model = at_tokens(toy_board(roofline=fast), "cpu", toy_decoder(), Span(1, 4)), toy_decoder()
    assert decompress_ns(device, "cpu", model, 8) == 320
    assert compute_ns(device, "cpu", model) == {2: 2 * 5 * 8 * 2 + 40}  # 5 tokens' keys and values, half the head


def test_many_tokens_are_bound_by_arithmetic() -> None:
    """With 100 tokens at 1 FLOP/ns computing takes longer; what reading takes is subtracted from it."""
    device, model = at_tokens(toy_board(), "cpu", toy_decoder(), Span(100, 0)), toy_decoder()
    flop = layer_flop(model, Span(100, 0))
    assert compute_ns(device, "cpu", model) == {2: flop - 2 * 320 + 2 * 100 * 8 * 2 + 40}


@given(decoders(), boards(), st.integers(1, 50), st.integers(0, 50))
def test_a_layer_takes_what_is_longer(model: Model, board: object, tokens: int, past: int) -> None:
    """Never less than arithmetic or reading; exactly the longer of them at the smallest bitwidth."""
    span = Span(tokens, past)
    device = at_tokens(board, "cpu", model, span)
    roofline = board.processors["cpu"].roofline
    flop, other = layer_cost(model, roofline, span)
    for bits, reading in weights_ns(model, roofline).items():
        whole = model.shards_per_layer * decompress_ns(device, "cpu", model, bits)
        layer = whole + compute_ns(device, "cpu", model)[model.shards_per_layer]
        longer = max(model.shards_per_layer * reading, flop) + other
        assert layer >= longer
        if bits == min(model.bitwidths):
            assert layer == max(longer, whole + 1)


def test_measured_times_stand_before_the_roofline() -> None:
    """Times of passes of 7 tokens are used for those, and no others."""
    model = toy_decoder()
    geometry = model.geometry.model_dump() | {"seq_len": 7}
    entry = {"geometry": geometry, "time": {2: "99 ns"}, "decompress": {"per_shard": "3 ns"}}
    cpu = {"layer_times": [entry], "roofline": {"compute": "1 GFLOP/s", "memory_bandwidth": "1 GB/s"}}
    board = toy_board(processors={"cpu": cpu})
    measured, derived = (at_tokens(board, "cpu", model, Span(tokens, 0)) for tokens in (7, 8))
    assert compute_ns(measured, "cpu", model) == {2: 99}
    assert decompress_ns(measured, "cpu", model, 8) == 3
    assert compute_ns(derived, "cpu", model)[2] > 99


def test_nothing_is_derived_twice() -> None:
    """A derived device has no roofline any more; without one there are no times."""
    derived = at_tokens(toy_board(), "cpu", toy_decoder(), Span(1, 0))
    with pytest.raises(ValueError, match="neither layer times nor a roofline"):
        at_tokens(derived, "cpu", toy_decoder(), Span(2, 0))


def test_plans_are_made_for_the_last_token_of_the_longest_reply() -> None:
    """Prompt of 3 to 5 tokens, reply of 4: the last pass has 1 token after 5 + 2."""
    generation = Generation.model_validate({"prompt": {"least": 3, "most": 5}, "tokens": 4})
    planned = planning_device(toy_board(), "cpu", toy_decoder(), generation)
    expected = at_tokens(toy_board(), "cpu", toy_decoder(), Span(1, 7))
    assert planned.processors["cpu"].layer_times[0].time == expected.processors["cpu"].layer_times[0].time


@pytest.mark.parametrize(
    "read",
    [
        {"latency": "10 ns", "bandwidth": "1 GB/s"},
        {"table": [["64 B", "100 ns"], ["256 B", "1 GB/s"]]},
        {"depths": {1: {"table": [["64 B", "100 ns"], ["256 B", "300 ns"]]}}},
    ],
)
def test_of_a_mixture_the_active_share_is_read(read: dict[str, object]) -> None:
    """4 experts are read in the time of the 1 that a token is routed to, and unpacked in that time too."""
    board, model = toy_board(read), toy_decoder(experts={"count": 4, "active": 1})
    planned = planning_device(board, "cpu", model, Generation(prompt=1, tokens=2))
    for size in (16, 64, 100, 512):
        assert load_ns([4 * size], planned.storage) == load_ns([size], board.storage)
    assert 4 * decompress_ns(planned, "cpu", model, 8) == 384


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"min_layers": 1}, "executes all its layers"),
        ({"parameters_per_shard": 321}, "a layer of this geometry has 640 weights"),
        ({"resident_bytes": {"tail": "1 B"}}, "unknown part 'head'"),
        ({"scale_block": 0}, "greater than or equal to 1"),
        ({"experts": {"count": 2, "active": 3}}, "must not exceed count"),
        ({"experts": {"count": 2, "active": 1}, "parameters_per_shard": 5}, "are its 2 experts of 384 weights"),
        ({"experts": {"count": 2, "active": 1, "routing": {"repeat": {}}}}, "at least 1 item"),
        ({"experts": {"count": 2, "active": 1, "routing": {"repeat": 1.5}}}, "less than or equal to 1"),
    ],
)
def test_a_decoder_that_cannot_be_is_refused(change: dict[str, object], message: str) -> None:
    """Weights, parts, layers and experts must be those of the model."""
    with pytest.raises(ValidationError, match=message):
        toy_decoder(**change)


def test_weights_of_a_layer_by_hand() -> None:
    """Weights by geometry are those of the toy: 2 x 8 x 4 x (2 + 2) of attention and 3 x 8 x 16."""
    model = toy_decoder()
    assert model.decoder is not None
    assert layer_weights(model.decoder, model.geometry) == (256, 384, 0)


def test_an_empty_range_is_refused() -> None:
    """A prompt of 5 to 3 tokens has no length."""
    with pytest.raises(ValidationError, match="must not be below least"):
        Generation.model_validate({"prompt": {"least": 5, "most": 3}, "tokens": 1})


def test_a_processor_needs_some_time() -> None:
    """Without layer times there must be a roofline."""
    with pytest.raises(ValidationError, match="missing; add it, or for decoders"):
        toy_board(processors={"cpu": {}})
