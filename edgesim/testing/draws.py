"""Random scenarios, small enough to be read, from hopeless to ample; the same for the same seed."""

from collections.abc import Sequence
from random import Random

from edgesim.cost import compute_ns, decompress_ns, load_ns, request
from edgesim.device import Device
from edgesim.model import Model
from edgesim.scenario import Scenario
from edgesim.testing.boards import BITWIDTHS, random_processors, random_storage
from edgesim.testing.toys import toy_device, toy_model, toy_scenario

_LAYER_RULES = ["first", "uniform", "importance"]
_Row = tuple[int, int, int, int, int]


def random_scenario(seed: int) -> Scenario:
    """Return a small scenario of any kind, the same for the same seed; `planner_contract` tries those from 0 on.

    Parameters
    ----------
    seed
        Which one.
    """
    random = Random(seed)
    layers, shards = random.randint(1, 6), random.randint(1, 5)
    model = random_model(random, layers, shards)
    drawn = scenario_of(random, model, random_device(random, shards), random.randint(1, 4))
    return drawn.model_copy(update={"name": f"random_scenario({seed})"})


def random_device(random: Random, shards: int = 3, max_lanes: int = 4) -> Device:
    """Return any storage and processor; at least one number of shards up to `shards` is measured."""
    kind = random.randrange(10)
    processors = random_processors(random, shards)
    return toy_device(storage=random_storage(random, kind if max_lanes > 1 else kind % 5), processors=processors)


def random_importance(random: Random, layers: int, shards: int) -> dict[str, object]:
    """Return importance that was not measured, or was measured with noise below zero and ties."""
    values: list[float] = random.choice([[], [-1, 0, 0.25, 1, 2], [random.uniform(-1, 3) for _ in range(99)]])
    if not values:
        return {"kind": "uniform"}
    rows = [random.choices(values, k=shards) for _ in range(layers)]
    rows[0][0] = 1 if max(map(max, rows)) <= 0 else rows[0][0]
    return {"values": rows}


def random_model(random: Random, layers: int, shards: int) -> Model:
    """Return a small model of any kind; its distortion may be unknown."""
    bitwidths, weights = sorted(random.sample(BITWIDTHS, random.choice([1, 2, 3, 4, 6]))), random.randint(1, 60)
    return toy_model(
        layers=layers,
        shards=shards,
        bitwidths=bitwidths,
        parameters_per_shard=weights,
        outlier_fraction=random.choice([0.0, 0.02, 0.3, 0.9]),
        min_layers=random.randint(1, min(layers, 3)),
        activation_bytes=f"{random.randint(0, 50)} B",
        submodel={"layers": random.choice(_LAYER_RULES), "shards": random.choice(["first", "importance"])},
        importance=random_importance(random, layers, shards),
        distortion=random.choice([None, {bits: 0.5**bits for bits in BITWIDTHS[:-1]}]),
        records=random.choice([None, random_records(random, layers, shards, bitwidths, weights)]),
    )


def random_records(
    random: Random, layers: int, shards: int, bitwidths: Sequence[int], weights: int
) -> dict[str, list[_Row]]:
    """Return records of any size, in any order in their files, many of them adjoining, given in any order."""
    rows: list[_Row] = []
    adjoining, most_more = random.choice([0.0, 0.5, 0.9, 1.0]), random.choice([0, 8, 100])
    for layer in range(layers):
        versions = [(bits, shard) for bits in bitwidths for shard in range(shards)]
        order = random.choice(
            [versions, sorted(versions, key=lambda v: v[::-1]), random.sample(versions, len(versions))]
        )
        end = 0
        for bits, shard in order:
            offset = end + (0 if random.random() < adjoining else random.randint(0, 40))
            n_bytes = -(-weights * bits // 8) + random.randint(0, most_more)
            rows.append((layer, shard, bits, offset, n_bytes))
            end = offset + n_bytes
    return {"values": random.sample(rows, len(rows))}


def random_target_ns(random: Random, model: Model, device: Device) -> int:
    """Return about what some submodel needs at some mean bitwidth, or anything."""
    n = random.randint(model.min_layers, model.layers)
    m, layer_ns = random.choice(list(compute_ns(device, "cpu", model).items()))
    busy = n * (layer_ns + m * max(decompress_ns(device, "cpu", model, bits) for bits in model.bitwidths))
    rows = [[((layer, s), random.choice(model.bitwidths)) for s in range(m)] for layer in range(n)]
    io = sum(load_ns(request(model, row).extents, device.storage) for row in rows)
    return random.choice([max(busy, io), busy + io // n, busy + io // n, busy + io, random.randint(1, 2 * busy)])


def scenario_of(random: Random, model: Model, device: Device, inferences: int) -> Scenario:
    """Return targets from hopeless to ample, any preload buffer, load buffers from too small to unlimited."""
    return toy_scenario(
        model,
        device,
        target_ns=random_target_ns(random, model, device),
        preload=random.choice([0, round(10 ** random.uniform(0, 3.3))]),
        load_buffer=random.choice([None, None, round(10 ** random.uniform(1, 3.5))]),
        inferences=inferences,
        start=random.choice(["warm", "cold"]),
    )
