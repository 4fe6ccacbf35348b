"""The real backend computes what the encoder computes that accuracy is measured with, whatever the plan."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from checkpoints import write_checkpoint  # noqa: E402
from executed import check_session, check_timeline, executions, rows, scenario_of  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from strategies import toy_plan  # noqa: E402

from edgesim.backends.real import execute  # noqa: E402
from edgesim.backends.real.engine import Engine, Settings  # noqa: E402
from edgesim.backends.real.torch_processors import reference  # noqa: E402
from edgesim.errors import ExecutionError, InputError  # noqa: E402
from edgesim.files import read_model  # noqa: E402
from edgesim.model import Model  # noqa: E402
from edgesim.plugins import BACKENDS, find  # noqa: E402
from edgesim.sharding import shard  # noqa: E402
from edgesim.shards.manifest import MODEL  # noqa: E402
from edgesim.shards.store import Store  # noqa: E402
from edgesim.timeline import EXECUTOR  # noqa: E402

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("execution")]
GPU = pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no GPU here"))
TOKENS = 16
ROWS = [[2, 6, 32, 3], [5, 4, 32, 2], [6, 6, 6, 6]]


@pytest.fixture(scope="module", params=["bert", "roberta"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Cut a checkpoint of 3 layers of 4 slices, stored in another order than they are numbered in."""
    folder = tmp_path_factory.mktemp("made")
    order = ((0.1, 0.4, 0.2, 0.3),) * 3
    return shard(write_checkpoint(folder / "c", request.param, positions=140), folder / "s", order=order)


@pytest.fixture(scope="module")
def model(store: Store) -> Model:
    """Read the model of that store, for short texts."""
    described = read_model(store.folder / MODEL)
    return described.model_copy(update={"geometry": described.geometry.model_copy(update={"seq_len": TOKENS})})


@pytest.fixture(scope="module", params=["cpu", GPU])
def engine(store: Store, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Open an engine on each processor."""
    with Engine(store, request.param, Settings(realtime=False), TOKENS) as opened:
        yield opened


@given(data=st.data())
@settings(max_examples=12)
def test_any_plan_gives_what_the_encoder_gives(engine: Engine, model: Model, data: st.DataObject) -> None:
    """Mixed bitwidths, other slices in each layer, preload, bounded load buffer, sessions: bit for bit on the CPU."""
    scenario, plan = data.draw(executions(model))
    timelines = list(engine.run(plan, model, scenario.session))
    check_session(timelines, plan, scenario)
    expected = reference(engine.store, plan, TOKENS)
    assert engine.output().shape == (TOKENS, model.geometry.hidden)
    if engine.work.device == "cpu":
        assert np.array_equal(engine.output(), expected)
    else:
        assert np.allclose(engine.output(), expected, rtol=1e-4, atol=1e-5)


def test_a_gpu_gets_its_weights_before_it_computes(engine: Engine, model: Model) -> None:
    """Copies are spans of their own there, between decompression and computation; on the CPU there are none."""
    plan, scenario = toy_plan(model, ROWS), scenario_of(model)
    (timeline,) = engine.run(plan, model, scenario.session)
    check_timeline(timeline, plan, scenario)
    steps = ["decompress", "compute"] if engine.work.device == "cpu" else ["decompress", "copy", "compute"]
    assert [kind for kind, *_ in rows(timeline, ("decompress", "copy", "compute"))[EXECUTOR]] == steps * 3


def test_every_inference_starts_from_the_same_text(engine: Engine, model: Model) -> None:
    """The second one does not go on where the first one ended."""
    plan = toy_plan(model, ROWS)
    found = [engine.output().copy() for _ in engine.run(plan, model, scenario_of(model, inferences=3).session)]
    assert np.isfinite(found[0]).all()
    assert all(np.array_equal(found[0], other) for other in found[1:])


def test_more_threads_are_not_pinned(store: Store, model: Model) -> None:
    """They would all have to share one CPU; PyTorch has as many as before when it is over."""
    torch.set_num_threads(1)
    with Engine(store, "cpu", Settings(threads=2), TOKENS) as engine:
        for _ in engine.run(toy_plan(model, ROWS), model, scenario_of(model).session):
            assert torch.get_num_threads() == 1
        assert engine.facts["executor"]["cpu"] is None
        assert engine.facts["placement"]["cpu"] is None


def test_the_backend_is_found_by_its_name(store: Store, model: Model) -> None:
    """It takes a plan as every backend does, and of the device what is to be emulated."""
    backend, plan, scenario = find(BACKENDS, "real", Path()), toy_plan(model, ROWS), scenario_of(model, inferences=2)
    assert backend is execute
    for options in ({}, {"emulate": True, "direct": False}, {"loader": "thread", "realtime": False}):
        run = backend(plan, model, scenario.device, scenario.session, store=str(store.folder), **options)
        check_session(list(run), plan, scenario)


def test_a_text_has_no_more_tokens_than_positions(store: Store) -> None:
    """The sentence names what to correct."""
    with pytest.raises(
        InputError, match=r"^the model has 1\d\d positions, its geometry says 200 tokens; correct seq_len$"
    ):
        Engine(store, "cpu", tokens=200)


def test_a_processor_that_is_not_here_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not exist is a mistake; a GPU that is not there is not."""
    with pytest.raises(InputError, match=r"^gpu: cannot be executed on here; .*known: cpu, cuda$"):
        Engine(store, "gpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ExecutionError, match=r"^cuda: PyTorch sees no GPU here"):
        Engine(store, "cuda")
