"""Small decoders and a board with a roofline, drawn or plain, and how replies are timed in closed form."""

from collections.abc import Iterable
from random import Random

from hypothesis import strategies as st

from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.recurrence import makespan_ns
from edgesim.testing.toys import LINE
from edgesim.work import Work

SEEDS = st.integers(0, 2**32)
ROOFLINE = {"compute": "1 GFLOP/s", "memory_bandwidth": "1 GB/s"}


def toy_decoder(
    *,
    layers: int = 2,
    hidden: int = 8,
    heads: int = 2,
    kv_heads: int = 2,
    head_dim: int = 4,
    ffn: int = 16,
    shards: int = 2,
    gated: bool = True,
    experts: dict[str, object] | None = None,
    **more: object,
) -> Model:
    """Build a decoder of one weight a byte, and of 640 weights a layer, unless told otherwise."""
    attention, matrices = 2 * hidden * head_dim * (heads + kv_heads), (3 if gated else 2) * hidden * ffn
    count = experts["count"] if experts else shards
    decoder = {"kv_heads": kv_heads, "head_dim": head_dim, "vocab": 10, "context": 10_000, "gated": gated}
    form = {
        "schema": "edgesim.model/1",
        "name": "toy-decoder",
        "layers": layers,
        "shards_per_layer": count,
        "min_layers": layers,
        "geometry": {"hidden": hidden, "heads": heads, "ffn": ffn, "seq_len": 1, "dtype": "fp16"},
        "parameters_per_shard": matrices if experts else (attention + matrices) // shards,
        "bitwidths": [8],
        "resident_bytes": {"head": "80 B", "rest": "1000 B"},
        "decoder": decoder | {"reads": ["head"]} | ({"experts": experts} if experts else {}),
    }
    return Model.model_validate(form | more)


def toy_board(read: dict[str, object] = LINE, roofline: dict[str, object] = ROOFLINE, **more: object) -> Device:
    """Build a board that was not measured: only its roofline is known."""
    form = {"schema": "edgesim.device/1", "name": "toy-board", "storage": {"read": read, "lanes": 1}}
    return Device.model_validate(form | {"processors": {"cpu": {"roofline": roofline}}} | more)


@st.composite
def decoders(draw: st.DrawFn) -> Model:
    """Draw a small dense decoder; its shards divide a layer."""
    random = Random(draw(SEEDS))
    shards = random.choice([1, 2, 4])
    kv_heads = random.choice([1, 2, 4])
    return toy_decoder(
        layers=random.randint(1, 6),
        hidden=4 * random.randint(1, 10),
        heads=kv_heads * random.randint(1, 3),
        kv_heads=kv_heads,
        head_dim=2 * random.randint(1, 5),
        ffn=4 * random.randint(1, 20),
        shards=shards,
        gated=random.random() < 0.5,
        bitwidths=sorted(random.sample([2, 4, 8, 16], random.randint(1, 4))),
        scale_block=random.choice([None, 32]),
    )


@st.composite
def boards(draw: st.DrawFn) -> Device:
    """Draw a board from one that hardly computes to one that hardly reads."""
    random = Random(draw(SEEDS))
    latency = {"latency": f"{random.randint(0, 300)} ns"}
    return toy_board(
        latency | {"bandwidth": f"{random.randint(50, 5000)} MB/s"},
        {
            "compute": f"{round(10 ** random.uniform(1, 5))} MFLOP/s",
            "memory_bandwidth": f"{round(10 ** random.uniform(1, 5))} MB/s",
        },
    )


def all_resident(model: Model, bits: int) -> Plan:
    """Return the plan that keeps everything at one bitwidth."""
    layers, row = tuple(range(model.layers)), tuple(range(model.shards_per_layer))
    every = tuple((layer, shard) for layer in layers for shard in row)
    widths = ((bits,) * len(row),) * model.layers
    return Plan(layers, (row,) * model.layers, widths, every, retain=every, ignores_buffers=True)


def times_of(works: Iterable[Work], load_buffer_bytes: int | None = None) -> list[int]:
    """Return when each token of a reply is there, by the recurrence [ns]."""
    now, times = 0, []
    for work in works:
        now += makespan_ns(work, load_buffer_bytes)
        times.append(now)
    return times
