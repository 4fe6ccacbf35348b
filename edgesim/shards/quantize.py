"""Outlier-aware dictionary quantization: k-bit indexes into 2^k centroids, and a few weights kept in FP32.

One Gaussian is fitted; weights whose log-likelihood is below a threshold are outliers. The others start in 2^k
clusters of equal population with their means as centroids; refinement then repeats *assign to the nearest centroid,
take the mean* (S. Lloyd, IEEE Trans. Inf. Theory 28, 1982). Source: A. H. Zadeh et al., "GOBO", MICRO 2020,
arXiv 2005.03842.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgesim.shards.kernels import nearest

Floats = NDArray[np.float32]
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class Quantized:
    """The P weights of one slice: k-bit indexes, G dictionaries for equal or given parts of them, and outliers."""

    bits: int
    centroids: Floats
    """(G, 2^k), rising in each row."""
    indexes: NDArray[np.uint8]
    """(P,); those of outliers mean nothing."""
    offsets: NDArray[np.uint32]
    """Where the outliers are, rising."""
    outliers: Floats
    """Their values."""


class Population:
    """Weights that share a dictionary, sorted once for all bitwidths: the Gaussian and the inliers.

    Parameters
    ----------
    weights
        Any number of weights, FP32.
    threshold
        Log-likelihood below which a weight is an outlier.
    """

    def __init__(self, weights: Floats, threshold: float) -> None:
        self.mean = float(weights.mean(dtype=np.float64))
        deviation = float(weights.std(dtype=np.float64))
        reach = deviation * _reach(deviation, threshold) if deviation else 0.0
        self.low, self.high = _single(self.mean - reach), _single(self.mean + reach)
        inliers = weights[~self.is_outlier(weights)]
        self.sorted = np.sort(inliers, kind="stable")
        self.sums = np.concatenate([[0.0], np.cumsum(self.sorted, dtype=np.float64)])

    def is_outlier(self, weights: Floats) -> NDArray[np.bool_]:
        """Tell which weights are improbable under the Gaussian."""
        return np.logical_or(weights < self.low, weights > self.high)

    def centroids(self, bits: int, refine: int) -> Floats:
        """Return the 2^k centroids of the inliers, rising, (2^k,)."""
        count, k = len(self.sorted), 1 << bits
        if count == 0:
            return np.full(k, self.mean, np.float32)
        edges = np.arange(k + 1) * count // k
        means = self._means(edges, self.sorted[edges[:-1]].astype(np.float64))
        for _ in range(refine):
            edges[1:-1] = np.searchsorted(self.sorted, midpoints(means))
            refined = self._means(edges, means)
            if np.array_equal(refined, means):
                break
            means = refined
        return np.maximum.accumulate(means.astype(np.float32))

    def _means(self, edges: NDArray[np.int64], empty: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of each cluster of the sorted weights; an empty one keeps its value."""
        population = np.diff(edges)
        sums = np.diff(self.sums[edges])
        return np.where(population > 0, sums / np.maximum(population, 1), empty)


def _reach(deviation: float, threshold: float) -> float:
    """Return how many deviations from the mean log p falls to the threshold, but at least those of half a Gaussian."""
    peak = -log(deviation * sqrt(2 * pi))
    return sqrt(2) * sqrt(max(peak - threshold, 0.25))


def _single(bound: float) -> np.float32:
    """Round a bound to FP32, beyond which there are no weights."""
    return np.float32(np.clip(bound, -_LARGEST, _LARGEST))


def midpoints(centroids: NDArray[np.floating[Any]]) -> Floats:
    """Return the bounds between neighbouring centroids."""
    return ((centroids[1:].astype(np.float64) + centroids[:-1]) / 2).astype(np.float32)


def quantize(parts: Sequence[Floats], populations: Sequence[Population], bits: int, refine: int) -> Quantized:
    """Quantize one slice.

    Parameters
    ----------
    parts
        The slice's weights in order of storage, cut where the dictionary changes.
    populations
        What each part's dictionary is made of.
    bits
        Bits of an index, 1 to 8.
    refine
        The most refinements.

    Returns
    -------
    Quantized
    """
    dictionaries = [population.centroids(bits, refine) for population in populations]
    indexes = [nearest(part, midpoints(row)) for part, row in zip(parts, dictionaries, strict=True)]
    improbable = [population.is_outlier(part) for part, population in zip(parts, populations, strict=True)]
    offsets = np.flatnonzero(np.concatenate(improbable))
    return Quantized(
        bits=bits,
        centroids=np.stack(dictionaries),
        indexes=np.concatenate(indexes),
        offsets=offsets.astype(np.uint32),
        outliers=np.concatenate(parts)[offsets],
    )


def dequantize(quantized: Quantized, sizes: Sequence[int]) -> Floats:
    """Return the weights that a quantized slice stands for, (P,): the plain form, for checks.

    Parameters
    ----------
    quantized
        The slice.
    sizes
        How many weights each dictionary is for.
    """
    parts = np.split(quantized.indexes, np.cumsum(sizes)[:-1])
    weights = np.concatenate([row[part] for row, part in zip(quantized.centroids, parts, strict=True)])
    weights[quantized.offsets] = quantized.outliers
    return weights


def squared_error(weights: Floats, stored: Floats) -> float:
    """Return the sum of the squared errors."""
    difference = weights.astype(np.float64) - stored
    return float(difference @ difference)
