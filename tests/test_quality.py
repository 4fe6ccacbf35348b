"""Fidelity: the importance-weighted mean of what each shard keeps."""

import pytest
from strategies import toy_model, toy_plan

from edgesim.quality import faithfulness, fidelity, importances, weights

DISTORTION = {2: 0.5, 6: 0.25}


def test_importance_that_was_not_measured_is_one() -> None:
    """Every shard counts the same."""
    assert importances(toy_model()) == ((1.0, 1.0), (1.0, 1.0))
    assert weights(toy_model()) == ((0.25, 0.25), (0.25, 0.25))


def test_negative_importance_counts_nothing() -> None:
    """Weights are importance clipped at 0, with sum 1."""
    model = toy_model(importance={"values": [[3, -7], [1, 0]]})
    assert weights(model) == ((0.75, 0.0), (0.25, 0.0))


def test_full_fidelity_loses_nothing() -> None:
    """A bitwidth keeps 1 - distortion, 32 bits everything; without distortion nothing is known."""
    assert faithfulness(toy_model(distortion=DISTORTION)) == {2: 0.5, 6: 0.75, 32: 1.0}
    assert faithfulness(toy_model()) is None


@pytest.mark.parametrize(
    ("bits", "expected"),
    [([[32, 32], [32, 32]], 1.0), ([[2, 2], [2, 2]], 0.5), ([[2, 6], [32, 32]], 0.8125), ([[32, 32]], 0.5)],
)
def test_fidelity_is_a_mean_over_the_whole_model(bits: list[list[int]], expected: float) -> None:
    """Shards that a plan leaves out count 0."""
    model = toy_model(distortion=DISTORTION)
    assert fidelity(toy_plan(model, bits), model) == expected


def test_important_shards_weigh_more() -> None:
    """The one shard that matters at 2 bits leaves a half, whatever the others have."""
    model = toy_model(distortion=DISTORTION, importance={"values": [[1, 0], [0, -1]]})
    assert fidelity(toy_plan(model, [[2, 32], [32, 32]]), model) == 0.5


def test_fidelity_is_unknown_without_distortion() -> None:
    """Unknown is None, never a made-up number."""
    assert fidelity(toy_plan(toy_model(), [[2, 2]]), toy_model()) is None
