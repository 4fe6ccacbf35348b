"""Every backend does the same with a plan: the same spans in the same order on each lane, whatever they last."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from executed import Double, check_session, executions, make_store, model_of, rows, scenario_of, waiting, wanted_output
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import toy_plan

from edgesim.backends import simulated
from edgesim.backends.real.control import BLOCKED, HELD, row
from edgesim.backends.real.engine import Engine, Settings
from edgesim.backends.real.jobs import Inference, Slots, inference, load_slots, make_job
from edgesim.model import Model
from edgesim.planners.mmap_lru import mmap_lru
from edgesim.plans import Plan
from edgesim.shards.store import Store
from edgesim.timeline import EXECUTOR, LOADER
from edgesim.work import traffic

pytestmark = pytest.mark.xdist_group("execution")
WAYS = {
    "process": Settings(),
    "process, no privileges": Settings(realtime=False, direct=False),
    "thread": Settings(loader="thread"),
    "thread, buffered": Settings(loader="thread", direct=False),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Build a store whose slices do not lie in their order."""
    return make_store(tmp_path_factory.mktemp("stores") / "tiny", order=(1, 2, 0))


@pytest.fixture(scope="module")
def model(store: Store) -> Model:
    """Describe that store."""
    return model_of(store)


@pytest.fixture(scope="module", params=WAYS.values(), ids=WAYS)
def engine(store: Store, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Open an engine of each kind."""
    with Engine(store, Double(store), request.param) as opened:
        yield opened


@given(data=st.data())
@settings(max_examples=40)
def test_any_plan_is_executed_as_it_is_simulated(engine: Engine, model: Model, data: st.DataObject) -> None:
    """Loads and layers come in the same order, nothing overlaps or precedes its cause, and the output is right."""
    scenario, plan = data.draw(executions(model))
    timelines = list(engine.run(plan, model, scenario.session))
    check_session(timelines, plan, scenario)
    assert np.array_equal(engine.output(), wanted_output(engine.store, plan))


@given(data=st.data())
@settings(max_examples=10)
def test_any_plan_is_executed_on_an_emulated_storage(engine: Engine, model: Model, data: st.DataObject) -> None:
    """The device's storage, of one or two lanes, changes how long reads take and nothing else."""
    scenario, plan = data.draw(executions(model))
    timelines = list(engine.run(plan, model, scenario.session, scenario.device.storage))
    check_session(timelines, plan, scenario)
    assert np.array_equal(engine.output(), wanted_output(engine.store, plan))


def test_what_is_retained_is_not_read_again(engine: Engine, model: Model) -> None:
    """A cold session reads the preload set once; of what a plan does not retain, every inference reads it all."""
    plan = toy_plan(model, [[2, 6, 32], [4, 4, 3], [2, 2, 2]], preload=((0, 0), (0, 2), (1, 1)))
    scenario = scenario_of(model, inferences=3, start="cold")
    for retained, read in ((plan.preload, [9, 6, 6]), ((), [9, 9, 9]), (((2, 0),), [9, 8, 8])):
        kept = replace(plan, retain=retained)
        timelines = list(engine.run(kept, model, scenario.session))
        check_session(timelines, kept, scenario)
        found = [sum(span.bytes for span in part.spans if span.kind == "load") for part in timelines]
        sizes = {shard: model.records.placed[*shard, bits][1] for shard, bits in _bits(plan)}
        assert found[0] == sum(sizes.values())
        missing = [size for shard, size in sizes.items() if shard not in retained]
        assert found[1:] == [sum(missing)] * 2
        assert len(missing) == read[1]


def _bits(plan: object) -> Iterator[tuple[tuple[int, int], int]]:
    from edgesim.cost import bits_of

    yield from bits_of(plan).items()


WAITS = [(BLOCKED, True, False), (HELD, False, True), (BLOCKED, True, True)]


@pytest.mark.parametrize(("note", "bounded", "held"), WAITS, ids=["blocked", "held", "both"])
def test_waits_are_those_of_the_simulator(engine: Engine, model: Model, note: int, bounded: bool, held: bool) -> None:
    """With room for one layer, or each load held back for the layer before, every wait is certain, and noted."""
    plan = toy_plan(model, [[6, 6, 6]] * 4)
    room = plan.loads[0].bytes if bounded else None
    scenario = scenario_of(model, inferences=2).model_copy(update={"load_buffer_bytes": room})
    if held:
        plan = replace(plan, loads=(plan.loads[0], *(replace(plan.loads[n], after=n - 1) for n in (1, 2, 3))))

    def compute_when_the_loader_waits(layer: int) -> None:
        waiting(lambda: layer == 3 or engine.shared.words[row(layer + 1) + note] > 0)

    engine.work.computing = compute_when_the_loader_waits
    try:
        timelines = list(engine.run(plan, model, scenario.session))
    finally:
        engine.work.computing = lambda layer: None
    check_session(timelines, plan, scenario)
    kinds = ("load", "blocked", "held", "stall", "decompress", "compute")
    wanted = simulated.execute(plan, model, scenario.device, scenario.session)
    assert [rows(part, kinds) for part in timelines] == [rows(part, kinds) for part in wanted]


def test_a_plan_without_loads_only_computes(engine: Engine, model: Model) -> None:
    """Everything is resident: the loader has nothing to do, and the executor does not wait."""
    every = tuple((layer, shard) for layer in range(4) for shard in range(3))
    plan = toy_plan(model, [[32, 2, 5]] * 4, preload=every, retain=every)
    scenario = scenario_of(model, inferences=2)
    timelines = list(engine.run(plan, model, scenario.session))
    check_session(timelines, plan, scenario)
    assert not rows(timelines[1], ("load", "blocked", "held", "stall"))[LOADER]
    assert [kind for kind, *_ in rows(timelines[1], ("stall", "handoff", "decompress", "compute"))[EXECUTOR]] == [
        "decompress", "compute"] * 4  # fmt: skip


def test_a_mapped_plan_reads_windows(engine: Engine, model: Model) -> None:
    """What `mmap_lru` plans is executed in requests of its windows, each layer's when the one before has finished."""
    scenario = scenario_of(model, inferences=2).model_copy(update={"preload_bytes": 0, "target_latency_ns": 10**12})
    plan = mmap_lru(model, scenario.device, scenario.budget, read_ahead_bytes=8192)
    job = make_job(*_placed(plan, model), None)
    assert [len(step.reads) for step in job.steps] == [len(load.extents) for load in plan.loads]
    assert min(len(step.reads) for step in job.steps) > 3
    timelines = list(engine.run(plan, model, scenario.session))
    check_session(timelines, plan, scenario)
    assert np.array_equal(engine.output(), wanted_output(engine.store, plan))


def _placed(plan: Plan, model: Model) -> tuple[Inference, Slots]:
    what = inference(plan, model, traffic(plan, model, ()), None)
    return what, load_slots(what, 0)


def test_memory_taken_is_what_is_buffered(engine: Engine, model: Model) -> None:
    """An engine takes memory for what is buffered at once, not for the model, and none for earlier runs."""
    plan = toy_plan(model, [[6, 6, 6]] * 4)
    scenario = scenario_of(model, inferences=2)
    for room, layers in ((None, 4), (plan.loads[0].bytes, 1), (2 * plan.loads[0].bytes, 2), (None, 4)):
        list(engine.run(plan, model, scenario.session._replace(load_buffer_bytes=room)))
        assert engine.arena_bytes == layers * plan.loads[0].bytes
