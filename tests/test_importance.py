"""Measured importance equals raising one shard at a time by hand, and a killed measurement is taken up again."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
pytest.importorskip("tokenizers")

from checkpoints import write_checkpoint  # noqa: E402
from executed import model_of, scenario_of  # noqa: E402

from edgesim import compare_all  # noqa: E402
from edgesim.accuracy import evaluate  # noqa: E402
from edgesim.model import FULL  # noqa: E402
from edgesim.nets.elastic import ElasticEncoder  # noqa: E402
from edgesim.nets.exams import Exams, first_submodel  # noqa: E402
from edgesim.nets.importance import gains, measure_importance  # noqa: E402
from edgesim.nets.ledger import Ledger  # noqa: E402
from edgesim.nets.tasks.task import Split, Task  # noqa: E402
from edgesim.plans import Plan  # noqa: E402
from edgesim.sharding import shard  # noqa: E402

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("torch")]
LAYERS, SLICES = 2, 4
SUBMODEL = first_submodel(LAYERS, SLICES)


def split(words: str, pair: bool) -> Split:
    """Return 12 examples over 12 texts, labelled by their first letter."""
    texts = tuple(f"{a} {b} {a}" for a, b in zip(words, words[1:] + words[:1], strict=True))
    items = tuple((place, (place + 1) % len(texts)) if pair else (place,) for place in range(len(texts)))
    return Split(texts, items, tuple(ord(word) % 2 for word in words))


def task(name: str, *, pair: bool = False, classes: tuple[str, ...] = ("even", "odd")) -> Task:
    """Return a toy task."""
    parts = (split(words, pair) for words in ("abcdefghijkl", "mnopqrstuvwx", "yzabcdefghij"))
    return Task(name, classes, *parts, corpus_sha256="0", seed=0)


@pytest.fixture
def exams(tmp_path: Path) -> Exams:
    """Return a single, a pair and an embedding task on a tiny store."""
    torch.set_num_threads(1)
    store = shard(write_checkpoint(tmp_path / "c", layers=LAYERS), tmp_path / "s")
    made = Exams(ElasticEncoder(store), [task("one"), task("two", pair=True), task("none", classes=())])
    made.prepare([SUBMODEL])
    return made


def quiet(done: int, every: int) -> None:
    """Show nothing."""


def test_gains_are_those_of_raising_one_shard(exams: Exams, tmp_path: Path) -> None:
    """The shared passes of the measurement change nothing."""
    ledger = Ledger(tmp_path / "l", {})
    measure_importance(exams, ledger, 3, quiet)
    pool = exams.sheet("dev").pool

    def losses(raised: tuple[int, int] | None) -> dict[str, float]:
        bits = tuple(tuple(FULL if (k, s) == raised else 2 for s in range(SLICES)) for k in range(LAYERS))
        judged = exams.judge("dev", exams.encoder.embed(pool, Plan(*SUBMODEL, bits)), SUBMODEL)
        return {name: float(one.loss.mean()) for name, one in judged.items()}

    base = losses(None)
    for name in exams.tasks:
        found = gains(ledger, name, LAYERS, SLICES).loss
        direct = [[base[name] - losses((k, s))[name] for s in range(SLICES)] for k in range(LAYERS)]
        np.testing.assert_allclose(found, direct, atol=1e-6)
    ledger.close(done=True)


def test_a_stopped_measurement_is_taken_up_again(exams: Exams, tmp_path: Path) -> None:
    """What it then finds is what an undisturbed one finds."""
    whole = Ledger(tmp_path / "whole", {})
    measure_importance(exams, whole, 3, quiet)

    def stop(done: int, every: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    broken = Ledger(tmp_path / "broken", {})
    with pytest.raises(KeyboardInterrupt):
        measure_importance(exams, broken, 3, stop)
    broken.close(done=False)
    again = Ledger(tmp_path / "broken", {})
    assert len(again.known) == 5
    measure_importance(exams, again, 3, quiet)
    assert again.known == whole.known
    for ledger in (whole, again):
        ledger.close(done=True)


def test_heads_are_kept_with_the_store(exams: Exams) -> None:
    """Another examination reads them, and answers the same."""
    other = Exams(exams.encoder, list(exams.tasks.values()))
    other.prepare([SUBMODEL], lambda done, every: pytest.fail("fitted again"))
    full = exams.full("test")
    for name, judged in other.judge("test", full, SUBMODEL).items():
        np.testing.assert_allclose(judged.loss, exams.judge("test", full, SUBMODEL)[name].loss, atol=1e-6)


def test_compared_plans_are_measured_as_they_are_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each result of a comparison has the accuracy that `evaluate` finds for its plan."""
    store = shard(write_checkpoint(tmp_path / "c", layers=LAYERS), tmp_path / "s")
    monkeypatch.setattr("edgesim.nets.tasks.build_task", lambda *_: task("one"))
    scenario = scenario_of(model_of(store)).model_copy(update={"target_latency_ns": 10**9})
    planners = ["preload_model[bitwidth=2]", "std_pipeline[bitwidth=2]", "preload_model[bitwidth=6]"]
    ((_, done),) = compare_all([scenario], planners, store=tmp_path / "s", task="one")
    alone = evaluate(scenario, planners, store=tmp_path / "s", task="one")
    assert [one.asked["measured_accuracy"] for one in done.results] == [one.accuracy for one in alone]
    assert {one.asked["measured_examples"] for one in done.results} == {12}
