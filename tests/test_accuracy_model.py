"""The prediction of accuracy: its form, its limits, and the files it is read from."""

import json
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim import InputError, read_scenario, run
from edgesim.files import read_model
from edgesim.quality import predicted_accuracy
from edgesim.surrogate import FULL, Surrogate

DISTORTION = {2: 0.1, 3: 0.03, 6: 0.001}
MODEL = """\
schema: edgesim.model/1
name: toy
layers: 3
shards_per_layer: 2
geometry: {hidden: 768, heads: 12, ffn: 3072, seq_len: 128, dtype: fp32}
parameters_per_shard: 8
bitwidths: [2, 3, 6, 32]
quality: {file: q.json}
"""


def surrogate(**changes: object) -> Surrogate:
    """Return a prediction for 3 layers of 2 slices."""
    values: dict[str, object] = {
        "task": "package", "classes": 5, "measured_on": "a toy", "floor": (0.2, 0.1, 0.3), "power": 1.3,
        "by_layer": (0.5, -1.0, 2.0), "by_place": (0.0, 0.4, -0.3), "shards_per_layer": 2, "distortion": DISTORTION,
        "whole": {f"{n}x{m}": 0.5 + 0.1 * n - 0.05 * m for n, m in product((1, 2, 3), (1, 2))},
    }  # fmt: skip
    return Surrogate.model_validate(values | changes)


ROWS = st.integers(1, 3).flatmap(
    lambda n: st.integers(1, 2).flatmap(
        lambda m: st.lists(st.lists(st.sampled_from([2, 3, 6, FULL]), min_size=m, max_size=m), min_size=n, max_size=n)
    )
)


@given(ROWS, st.integers(0, 5))
def test_raising_a_shard_never_lowers_the_prediction(rows: list[list[int]], place: int) -> None:
    """Whatever the submodel and the other bitwidths."""
    fitted, layer = surrogate(), place % len(rows)
    raised = [list(row) for row in rows]
    slot = place % len(rows[0])
    raised[layer][slot] = next((bits for bits in (3, 6, FULL) if bits > rows[layer][slot]), FULL)
    assert fitted.predict(raised) >= fitted.predict(rows)


@given(ROWS)
def test_full_precision_is_what_was_measured_and_the_floor_holds(rows: list[list[int]]) -> None:
    """Nothing is predicted above the whole submodel, or below what is left at worst."""
    fitted = surrogate()
    whole = fitted.whole[f"{len(rows)}x{len(rows[0])}"]
    assert fitted.predict([[FULL] * len(row) for row in rows]) == whole
    assert fitted.floor[len(rows) - 1] <= fitted.predict(rows) <= whole


@pytest.mark.parametrize(
    ("layers", "slices", "bits", "reason"),
    [
        ((0, 2), ((0, 1), (0, 1)), ((2, 2), (2, 2)), "only submodels of the first layers and the first slices"),
        ((0, 1), ((0, 1), (1, 0)), ((2, 2), (2, 2)), "only submodels of the first layers and the first slices"),
        ((0,), ((0, 1),), ((2, 4),), "bitwidths [4] were not measured"),
        ((0, 1, 2, 3), ((0,),) * 4, ((2,),) * 4, "the submodel 4 x 1 was not measured"),
    ],
)
def test_nothing_is_extrapolated(
    layers: tuple[int, ...], slices: tuple[tuple[int, ...], ...], bits: tuple[tuple[int, ...], ...], reason: str
) -> None:
    """What was never measured has a reason instead of a number."""
    assert reason in str(surrogate().covers(layers, slices, bits))


def test_what_was_measured_is_covered() -> None:
    """The first layers and slices at known bitwidths."""
    assert surrogate().covers((0, 1), ((0, 1), (0, 1)), ((2, 32), (6, 3))) is None


def written(folder: Path, content: str) -> Path:
    """Write a model and the file of its quality."""
    (folder / "q.json").write_text(content)
    (folder / "m.yaml").write_text(MODEL)
    return folder / "m.yaml"


def test_a_model_file_names_its_prediction(tmp_path: Path) -> None:
    """What is read is what was written, and how it was made is left out."""
    content = surrogate().model_dump(mode="json", by_alias=True) | {"made": {"on": "a Tuesday"}}
    model = read_model(written(tmp_path, json.dumps(content)))
    assert model.quality is not None
    assert model.quality.fitted == surrogate()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "must be a mapping of keys, got list"),
        ("{}", "task: field required; make it with edgesim importance"),
        (
            surrogate(shards_per_layer=9).model_dump_json(by_alias=True),
            "is about another model, of 3 layers of 9 shards",
        ),
        (surrogate(power=1).model_dump_json(by_alias=True).replace('"power":1.0', '"power":-1'), "power: "),
    ],
)
def test_a_wrong_prediction_is_one_sentence(tmp_path: Path, content: str, message: str) -> None:
    """It names the model file's line, and what is wrong with which file."""
    with pytest.raises(InputError, match=r"m\.yaml:8: quality") as caught:
        read_model(written(tmp_path, content))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("task", ["package", "module", "signature", "embedding"])
def test_shipped_scenarios_have_an_accuracy(task: str) -> None:
    """Every result says what accuracy is predicted, and rests on measured numbers for it."""
    result = run(f"minilm-{task}", "wrx")
    model = read_scenario(f"minilm-{task}").model
    assert result.metrics.accuracy == predicted_accuracy(result.plan, model)[0] is not None
    assert result.grades["accuracy"] == result.grades["importance"] == result.grades["records"] == "A"


@pytest.mark.real
@pytest.mark.parametrize("task", ["package", "module", "signature", "embedding"])
def test_the_committed_prediction_is_what_its_samples_give(task: str) -> None:
    """Fitting the committed samples again gives the committed numbers, judgement included."""
    pytest.importorskip("torch")
    from edgesim.nets.fitting import fitted
    from edgesim.nets.tables import read_samples

    folder = Path(__file__).parents[1] / "scenarios" / "models" / "minilm"
    committed = Surrogate.model_validate(
        {
            key: value
            for key, value in json.loads((folder / f"{task}-quality.json").read_text()).items()
            if key != "made"
        }
    )
    samples = read_samples((folder / f"{task}-samples.csv").read_text())
    found = fitted(committed, [sample for sample in samples if {b for row in sample.bits for b in row} != {FULL}])
    assert committed.judgement is not None
    assert found.judgement is not None
    assert found.judgement.mean_error == pytest.approx(committed.judgement.mean_error, abs=5e-4)
    rows = [sample.bits for sample in Random(0).sample(samples, 50)]
    assert [found.predict(row) for row in rows] == pytest.approx([committed.predict(row) for row in rows], abs=5e-3)


@pytest.mark.real
def test_a_known_prediction_is_found_again() -> None:
    """Samples that were made by a surrogate give one that predicts the same."""
    pytest.importorskip("torch")
    from edgesim.nets.fitting import Sample, fitted

    chance, true = Random(1), surrogate(floor=(0.2, 0.2, 0.2))
    shapes = [(n, m) for n in (1, 2, 3) for m in (1, 2)]
    drawn = [
        tuple(tuple(chance.choice([2, 3, 6, FULL]) for _ in range(m)) for _ in range(n))
        for n, m in (chance.choice(shapes) for _ in range(300))
    ]
    samples = [Sample(rows, true.predict(rows), (true.predict(rows),) * 2) for rows in drawn]
    found = fitted(surrogate(power=1.0, by_layer=(0.0,) * 3, by_place=(0.0,) * 3), samples)
    assert found.judgement is not None
    assert found.judgement.mean_error < 2e-3
    assert found.judgement.rank_correlation > 0.99
    assert found.judgement.ceiling == pytest.approx(1)
