"""Quantization gives what its description says, and what comes near the edge of it stays finite, ordered and silent."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import SEEDS

from edgesim.shards.quantize import Floats, Population, Quantized, dequantize, quantize, squared_error

BITS = range(1, 9)


def single(value: float) -> float:
    """Round to FP32."""
    return float(np.float32(value))


def mean(values: Sequence[float]) -> float:
    """Return the mean, rounded once."""
    return float(sum(map(Fraction, values)) / len(values))


class Twin:
    """The Gaussian, the inliers and their centroids in plain Python, from the description alone."""

    def __init__(self, weights: Sequence[float], threshold: float) -> None:
        self.mean = mean(weights)
        self.deviation = math.sqrt(mean([(weight - self.mean) ** 2 for weight in weights]))
        self.threshold = min(threshold, -0.25 - math.log(self.deviation * math.sqrt(2 * math.pi)))
        self.sorted = sorted(weight for weight in weights if not self.is_outlier(weight))

    def likelihood(self, weight: float) -> float:
        """Return the log-likelihood of a weight."""
        z = (weight - self.mean) / self.deviation
        return -z * z / 2 - math.log(self.deviation * math.sqrt(2 * math.pi))

    def is_outlier(self, weight: float) -> bool:
        """Tell whether a weight is less probable than the threshold, but never more than half of a Gaussian."""
        return self.likelihood(weight) < self.threshold

    def centroids(self, bits: int, refine: int) -> list[float]:
        """Start with the means of 2^k clusters of equal population, and refine them."""
        k, count = 2**bits, len(self.sorted)
        clusters = [self.sorted[i * count // k : (i + 1) * count // k] for i in range(k)]
        means = [mean(own) if own else self.sorted[i * count // k] for i, own in enumerate(clusters)]
        for _ in range(refine):
            bounds, found = midpoints(means), [[] for _ in range(k)]
            for weight in self.sorted:
                found[bisect_left(bounds, weight)].append(weight)
            means = [mean(own) if own else old for own, old in zip(found, means, strict=True)]
        return [single(value) for value in means]


def midpoints(centroids: Sequence[float]) -> list[float]:
    """Return the FP32 bounds between neighbours."""
    return [single((low + high) / 2) for low, high in pairwise(centroids)]


def random_weights(random: Random, count: int) -> Floats:
    """Return Gaussian weights, a few of them far out."""
    weights = [random.gauss(0.02, 0.1) * random.choice([1] * 19 + [9]) for _ in range(count)]
    return np.array(weights, np.float32)


def quantized(parts: Sequence[Floats], bits: int, refine: int = 100, threshold: float = -2.0) -> Quantized:
    """Quantize with a dictionary for each part."""
    return quantize(parts, [Population(part, threshold) for part in parts], bits, refine)


def inlier_error(weights: Floats, bits: int, refine: int) -> float:
    """Return the squared error; outliers, stored as they are, have none."""
    return squared_error(weights, dequantize(quantized([weights], bits, refine), [weights.size]))


@given(SEEDS, st.integers(1, 60), st.integers(1, 5), st.sampled_from([0, 1, 3]), st.sampled_from([-9.0, -2.0, 0.5, 5]))
@settings(max_examples=300)
def test_it_is_what_plain_python_makes_of_the_description(
    seed: int, eights: int, bits: int, refine: int, threshold: float
) -> None:
    """Outliers are the same, centroids to the last bits of FP32, and each index is that of the nearest centroid."""
    weights = random_weights(Random(seed), 8 * eights)
    values = weights.tolist()
    twin = Twin(values, threshold)
    assume(all(abs(twin.likelihood(weight) - twin.threshold) > 1e-5 for weight in values))
    assume(twin.sorted)
    found, theirs = quantized([weights], bits, refine, threshold), twin.centroids(bits, refine)
    assert found.offsets.tolist() == [at for at, weight in enumerate(values) if twin.is_outlier(weight)]
    assert found.outliers.tolist() == [values[at] for at in found.offsets]
    assert found.centroids.shape == (1, 2**bits)
    assert found.centroids[0].tolist() == pytest.approx(theirs, rel=1e-6, abs=1e-9)
    for weight, index in zip(values, found.indexes.tolist(), strict=True):
        distances = [abs(weight - centroid) for centroid in theirs]
        assert distances[index] == pytest.approx(min(distances), rel=1e-4, abs=1e-8)


@given(SEEDS, st.integers(1, 100), st.sampled_from(BITS))
@settings(max_examples=200)
def test_refinement_never_raises_the_error(seed: int, eights: int, bits: int) -> None:
    """More refinements leave the squared error of the inliers as it is, or less."""
    weights = random_weights(Random(seed), 8 * eights)
    errors = [inlier_error(weights, bits, refine) for refine in (0, 1, 2, 5, 100)]
    for before, after in pairwise(errors):
        assert after <= before * (1 + 1e-6) + 1e-12


@given(SEEDS, st.integers(40, 200))
@settings(max_examples=50)
def test_the_error_falls_with_bits(seed: int, eights: int) -> None:
    """Each further bit lowers the error, as long as there are more weights than centroids."""
    weights = random_weights(Random(seed), 8 * eights)
    errors = [inlier_error(weights, bits, 100) for bits in range(1, 7)]
    assert all(after < before for before, after in pairwise(errors))


EDGES = {
    "one weight": [0.3],
    "constant": [0.1] * 24,
    "zero": [0.0] * 24,
    "signed zeros": [-0.0, 0.0] * 8,
    "two": [0.0, 1.0],
    "three": [1.0, 2.0, 4.0],
    "few distinct": [0.1, 0.2, 0.3] * 8,
    "two far apart": [-1.0, 1.0] * 12,
    "one far out": [0.0] * 23 + [1000.0],
    "denormal": [1e-45, 0.0, -1e-45, 3e-45] * 2,
    "tiny": [1e-30, -2e-30, 3e-30, 4e-30] * 2,
    "the largest": [3.4e38, -3.4e38, 1e38, 0.0] * 2,
    "on a midpoint": [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5],
}
THRESHOLDS = [-1e308, -1e6, -10.0, -2.0, 0.0, 10.0, 1e6, 1e308]


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("values", EDGES.values(), ids=list(EDGES))
def test_edges_stay_finite_and_ordered(values: list[float], threshold: float) -> None:
    """Whatever the weights and the threshold: no warning, rising finite centroids, and every outlier exact."""
    weights = np.array(values, np.float32)
    for bits in (1, 2, 3, 8):
        for refine in (0, 1, 100):
            found = quantized([weights], bits, refine, threshold)
            assert np.isfinite(found.centroids).all()
            assert (np.diff(found.centroids[0].astype(np.float64)) >= 0).all()
            assert found.indexes.max() < 2**bits
            stored = dequantize(found, [weights.size])
            assert np.array_equal(stored[found.offsets], weights[found.offsets])
            assert np.abs(stored).max() <= np.abs(weights).max() * (1 + 1e-6)


@pytest.mark.parametrize("refine", [0, 100])
@pytest.mark.parametrize("name", ["one weight", "constant", "zero", "two", "three", "few distinct"])
def test_a_centroid_for_each_distinct_weight_is_exact(name: str, refine: int) -> None:
    """With as many centroids as weights or more, nothing is lost, refined or not."""
    weights = np.array(EDGES[name], np.float32)
    found = quantized([weights], 5, refine, threshold=-1e6)
    assert found.offsets.size == 0
    assert dequantize(found, [weights.size]) == pytest.approx(weights, rel=1e-7)


def test_a_population_of_outliers_only() -> None:
    """Weights at -1 and 1 alone are improbable under their own Gaussian, and all of them are stored as they are."""
    weights = np.array([-1.0, 1.0] * 8, np.float32)
    found = quantized([weights], 2, threshold=1e6)
    assert found.offsets.tolist() == list(range(16))
    assert np.array_equal(dequantize(found, [16]), weights)


def test_no_threshold_cuts_away_more_than_half_a_gaussian() -> None:
    """The highest threshold leaves the nearer half of a large Gaussian population inside."""
    weights = np.random.default_rng(0).normal(size=10_000).astype(np.float32)
    share = Population(weights, 1e308).is_outlier(weights).mean()
    assert 0.45 < share < 0.5
    assert not Population(weights, -1e308).is_outlier(weights).any()


def test_the_threshold_is_a_log_likelihood() -> None:
    """For a standard Gaussian, log p(z) < -2 is |z| > 1.4704."""
    weights = np.random.default_rng(0).normal(size=1 << 16).astype(np.float32)
    population = Population((weights - weights.mean()) / weights.std(), -2.0)
    assert (population.high, -population.low) == (pytest.approx(1.4704, abs=1e-4), pytest.approx(1.4704, abs=1e-4))


def test_it_is_deterministic() -> None:
    """The same weights give the same bits."""
    weights = random_weights(Random(1), 4096)
    first, second = (quantized([weights.copy()], 4) for _ in range(2))
    assert first.centroids.tobytes() == second.centroids.tobytes()
    assert first.indexes.tobytes() == second.indexes.tobytes()
    assert first.offsets.tobytes() == second.offsets.tobytes()


def test_each_part_has_its_own_dictionary() -> None:
    """Two parts are quantized as each is alone; offsets and indexes count through both."""
    parts = [random_weights(Random(seed), count) for seed, count in ((1, 64), (2, 128))]
    both, alone = quantized(parts, 3), [quantized([part], 3) for part in parts]
    assert np.array_equal(both.centroids, np.concatenate([one.centroids for one in alone]))
    assert np.array_equal(both.indexes, np.concatenate([one.indexes for one in alone]))
    assert both.offsets.tolist() == [*alone[0].offsets, *(64 + alone[1].offsets)]
    assert np.array_equal(
        dequantize(both, [64, 128]),
        np.concatenate([dequantize(one, [part.size]) for one, part in zip(alone, parts, strict=True)]),
    )


def test_parts_may_share_a_population() -> None:
    """A dictionary of all the layer's weights is the same for each of its slices, and so is what an outlier is."""
    parts = [random_weights(Random(seed), 64) for seed in (1, 2)]
    shared = Population(np.concatenate(parts), -2.0)
    one, two = (quantize([part], [shared], 3, 100) for part in parts)
    whole = quantize([np.concatenate(parts)], [shared], 3, 100)
    assert np.array_equal(one.centroids, two.centroids)
    assert np.array_equal(np.concatenate([one.indexes, two.indexes]), whole.indexes)
    assert [*one.offsets, *(64 + two.offsets)] == whole.offsets.tolist()
