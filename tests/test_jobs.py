"""What the loader is told to do: every byte once to a place that is free, when the simulator would do it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate, pairwise
from math import inf
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from stores import SCATTERED, records_of
from strategies import SEEDS, Case, cases, legal_cases, made_legal, toy_device, toy_model, toy_plan, toy_scenario

from edgesim.backends.real.jobs import Inference, Job, Slots, Step, inference, kept_slots, load_slots, make_job
from edgesim.backends.real.process import parse
from edgesim.backends.simulated import inference as simulated
from edgesim.cost import bits_of, load_ns
from edgesim.errors import InputError
from edgesim.model import Model
from edgesim.plans import Load, Plan, Shard
from edgesim.records import Records
from edgesim.work import price, traffic

CASES = legal_cases().filter(lambda case: case[0].model.records is not None)
SIZE = 64


def prepared(case: Case) -> Iterator[tuple[Inference, Slots, Job]]:
    """Yield the first inference and a later one of a case, with places and job."""
    scenario, plan = case
    for resident in (plan.preload if scenario.workload.start == "warm" else (), plan.retain):
        moved = traffic(plan, scenario.model, resident)
        what = inference(plan, scenario.model, moved, scenario.load_buffer_bytes)
        kept, end = kept_slots(plan, scenario.model)
        slots = kept | load_slots(what, end)
        yield what, slots, make_job(what, slots, scenario.device.storage)


@given(case=CASES)
@settings(max_examples=150)
def test_room_is_expected_when_the_simulator_has_it(case: Case) -> None:
    """A load waits for as many layers as the simulated loader would."""
    scenario, plan = case
    room = inf if scenario.load_buffer_bytes is None or plan.ignores_buffers else scenario.load_buffer_bytes
    for what, _, _ in prepared(case):
        work = replace(price(plan, scenario.model, scenario.device, "cpu", ()), **what.moved._asdict())
        twin = simulated.Inference(simulated.Clock(), work, plan, room, 0)
        expected = []
        for index, n_bytes in enumerate(what.moved.buffer_bytes):
            expected.append(twin.layers_for_room(index))
            twin.buffered += n_bytes
        assert list(what.room_layers) == expected


@given(case=CASES)
@settings(max_examples=150)
def test_every_shard_is_where_it_is_expected_when_it_is_executed(case: Case) -> None:
    """Where each read comes as early as it may and each layer as late as it can, no byte is missing or overwritten."""
    scenario, plan = case
    files, arena = _files(scenario.model), {}
    bits = bits_of(plan)
    for number, (_, slots, job) in enumerate(prepared(case)):
        if number == 0 and scenario.workload.start == "warm":
            for shard in plan.preload:
                _put(arena, slots[shard], _record(files, scenario.model, shard, bits[shard]))
        executed = 0
        for step in (*job.steps, None):
            until = max(executed, step.room_layers, step.after_layers) if step else len(plan.layers)
            for shard in _shards(plan, executed, until):
                found = [arena[place] for place in range(slots[shard][0], sum(slots[shard]))]
                assert found == _record(files, scenario.model, shard, bits[shard])
            executed = until
            for read in step.reads if step else ():
                content = iter(files[read.layer][read.offset :])
                for place in read.places:
                    _put(arena, place, [next(content) for _ in range(place[1])])


def _shards(plan: Plan, first: int, end: int) -> list[Shard]:
    rows = list(zip(plan.layers, plan.shards, strict=True))[first:end]
    return [(layer, index) for layer, row in rows for index in row]


def _files(model: Model) -> list[list[tuple[int, int]]]:
    ends = [max(at + size for (layer, _, _), (at, size) in model.records.placed.items() if layer == own)
            for own in range(model.layers)]  # fmt: skip
    return [[(layer, place) for place in range(end)] for layer, end in enumerate(ends)]


def _record(files: list[list[tuple[int, int]]], model: Model, shard: Shard, bits: int) -> list[tuple[int, int]]:
    at, size = model.records.placed[*shard, bits]
    return files[shard[0]][at : at + size]


def _put(arena: dict[int, tuple[int, int]], place: tuple[int, int], content: list[tuple[int, int]]) -> None:
    arena.update(zip(range(place[0], sum(place)), content, strict=True))


@given(case=CASES)
@settings(max_examples=100)
def test_every_record_is_read_once_whole(case: Case) -> None:
    """The reads of a load are its records and nothing else, in the extents that the simulator counts."""
    scenario, plan = case
    bits = bits_of(plan)
    for what, _, job in prepared(case):
        for load, step in zip(what.moved.loads, job.steps, strict=True):
            extents = [(read.layer, read.offset, sum(size for _, size in read.places)) for read in step.reads]
            read = [(layer, place) for layer, at, size in extents for place in range(at, at + size)]
            places = [(shard[0], scenario.model.records.placed[*shard, bits[shard]]) for shard in load.shards]
            wanted = [(layer, place) for layer, (at, size) in places for place in range(at, at + size)]
            assert sorted(read) == sorted(wanted)
            assert len(extents) == len(scenario.model.records.extents([(*s, bits[s]) for s in load.shards]))


@given(case=CASES)
@settings(max_examples=100)
def test_memory_is_no_less_than_what_is_buffered_and_no_more_than_all(case: Case) -> None:
    """Places end where everything that is read would, at the latest."""
    for what, slots, _ in prepared(case):
        _, kept = kept_slots(what.plan, what.model)
        end = max((at + size for at, size in slots.values()), default=0)
        assert _peak(what) <= end - kept <= sum(what.moved.buffer_bytes)


def _peak(what: Inference) -> int:
    """Return the most bytes in the load buffer if layers are executed as late as they can be."""
    finished, issued, peak = 0, 0, 0
    for n_bytes, room, after in zip(what.moved.buffer_bytes, what.room_layers, what.moved.after, strict=True):
        finished, issued = max(finished, room, after + 1), issued + n_bytes
        peak = max(peak, issued - sum(what.moved.freed_bytes[:finished]))
    return peak


@given(case=cases(), seed=SEEDS)
@settings(max_examples=100)
def test_memory_is_what_is_buffered_where_records_are_alike(case: Case, seed: int) -> None:
    """Records of one size leave no gaps that another does not fit in."""
    scenario, plan = case
    model, order = scenario.model, Random(seed)
    versions = [(shard, bits) for shard in range(model.shards_per_layer) for bits in model.bitwidths]
    size = 4 * model.parameters_per_shard
    placed = {(layer, *version): (number * size, size) for layer in range(model.layers)
              for number, version in enumerate(order.sample(versions, len(versions)))}  # fmt: skip
    records = Records.model_validate(records_of(placed))
    alike = model.model_copy(update={"records": records})
    loads = tuple(replace(load, bytes=size * len(load.shards), extents=(size * len(load.shards),))
                  for load in plan.loads)  # fmt: skip
    ample = sum(load.bytes for load in loads)
    bounded = scenario.model_copy(update={"model": alike, "load_buffer_bytes": order.choice([None, ample // 2])})
    for what, slots, _ in prepared(made_legal(bounded, replace(plan, loads=loads))):
        _, kept = kept_slots(what.plan, what.model)
        assert max((at + size for at, size in slots.values()), default=0) - kept == _peak(what)


@given(case=CASES)
@settings(max_examples=60)
def test_a_job_survives_its_way_to_the_loader(case: Case) -> None:
    """What comes out of JSON is what went in."""
    for _, _, job in prepared(case):
        assert parse(json.loads(json.dumps(job))) == job


@given(case=CASES)
@settings(max_examples=60)
def test_emulated_loads_last_as_long_as_simulated_ones(case: Case) -> None:
    """Each has its time for every number of requests in service; without emulation there is none."""
    storage = case[0].device.storage
    for what, slots, job in prepared(case):
        depths = range(1, what.plan.lanes + 1)
        wanted = [tuple(load_ns(load.extents, storage, depth) for depth in depths) for load in what.moved.loads]
        assert [step.emulated_ns for step in job.steps] == wanted
        assert {step.emulated_ns for step in make_job(what, slots, None).steps} <= {()}


@given(case=CASES, seed=SEEDS)
@settings(max_examples=150)
def test_smaller_requests_bring_the_same_bytes_to_the_same_places(case: Case, seed: int) -> None:
    """Where a plan reads in more pieces than its records lie in, every byte still comes once, to where it belongs."""
    random = Random(seed)
    for what, slots, whole in prepared(case):
        loads = tuple(replace(load, extents=_pieces(load, random)) for load in what.moved.loads)
        with patch("edgesim.backends.real.jobs.ALIGNMENT", 1):
            job = make_job(what._replace(moved=what.moved._replace(loads=loads)), slots, None)
        for load, step, uncut in zip(loads, job.steps, whole.steps, strict=True):
            assert sorted(_moves(step)) == sorted(_moves(uncut))
            assert len(step.reads) >= len(load.extents)


def _pieces(load: Load, random: Random) -> tuple[int, ...]:
    """Cut the bytes of a load anywhere."""
    cuts = sorted(random.sample(range(1, load.bytes), min(random.randint(0, 9), load.bytes - 1)))
    return tuple(stop - start for start, stop in pairwise([0, *cuts, load.bytes]))


def _moves(step: Step) -> Iterator[tuple[int, int, int]]:
    """Yield layer, place in its file and place in the arena of each byte that is read."""
    for read in step.reads:
        into = [at + number for at, size in read.places for number in range(size)]
        yield from ((read.layer, read.offset + number, place) for number, place in enumerate(into))


def test_requests_begin_and_end_with_blocks() -> None:
    """Windows of 8 KiB cut what lies side by side there; an extent that ends within a block is cut before it."""
    placed = {(0, 0, 2): (4096, 8192), (0, 1, 2): (12288, 12288)}
    model = toy_model(layers=1, bitwidths=(2,), records=records_of(placed))
    plan = toy_plan(model, [[2, 2]])
    for extents, offsets in [
        ((20480,), [4096]),
        ((8192, 8192, 4096), [4096, 12288, 20480]),
        ((5000, 100, 15380), [4096, 8192]),
        ((8192, 24576), [4096, 12288]),
    ]:
        cut = replace(plan, loads=(replace(plan.loads[0], extents=extents),))
        _, _, job = next(prepared((toy_scenario(model), cut)))
        assert [read.offset for read in job.steps[0].reads] == offsets


def test_adjoining_places_are_one() -> None:
    """Shards that lie side by side in file and memory are read into one buffer."""
    model = toy_model(shards=4, bitwidths=(2,), records=SCATTERED)
    plan = toy_plan(model, [[2, 2, 2, 2], [2, 2, 2, 2]])
    scenario = toy_scenario(model, toy_device())
    _, slots, job = next(prepared((scenario, plan)))
    assert [[read[1:] for read in step.reads] for step in job.steps] == [
        [(0, ((0, 40),)), (50, ((40, 11),))],
        [(0, ((71, 30), (61, 10), (51, 10)))],
    ]
    assert [slots[0, shard][0] for shard in range(4)] == list(accumulate((12, 10, 18), initial=0))
    assert all(before[1] <= after[0] for before, after in pairwise(sorted((a, a + n) for a, n in slots.values())))


def test_a_model_without_records_cannot_be_read() -> None:
    """The sentence says which model file has them."""
    model = toy_model()
    plan = toy_plan(model, [[2, 2], [2, 2]])
    with pytest.raises(InputError, match=r"^toy: has no records.*take the store's own model\.yaml$"):
        next(prepared((toy_scenario(model), plan)))
