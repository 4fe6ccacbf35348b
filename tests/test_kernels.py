"""The inner loops: packing loses nothing and wastes nothing, and numba and numpy give the same bits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SEEDS

from edgesim.shards import kernels
from edgesim.shards.kernels import Bytes, Floats, expand, nearest, pack, scatter, unpack

BITS = range(1, 9)
SIZES = ([8], [64], [16, 8, 32, 8, 24, 40])
real = pytest.mark.real


@contextmanager
def numpy_only() -> Iterator[None]:
    """Let the loops run in numpy even where numba is installed."""
    compiled = (kernels._compiled_nearest, kernels._compiled_expand, kernels._compiled_scatter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiler", lambda: None)
        for function in compiled:
            function.cache_clear()
        yield
    for function in compiled:
        function.cache_clear()


@contextmanager
def numba_only() -> Iterator[None]:
    """Skip the test where numba is not installed."""
    pytest.importorskip("numba")
    yield


PATHS = [pytest.param(numpy_only, id="numpy"), pytest.param(numba_only, id="numba", marks=real)]


def random_indexes(random: Random, bits: int, count: int) -> Bytes:
    """Return indexes of so many bits."""
    return np.array([random.randrange(2**bits) for _ in range(count)], np.uint8)


def random_dictionaries(random: Random, count: int, bits: int) -> Floats:
    """Return rising centroids, (G, 2^k)."""
    return np.array([sorted(random.gauss(0, 1) for _ in range(2**bits)) for _ in range(count)], np.float32)


def expanded(packed: Bytes, bits: int, centroids: Floats, sizes: list[int]) -> Floats:
    """Expand into places of some sizes that lie side by side, and see that nothing beside them is written."""
    room = np.full(sum(sizes) + 16, np.nan, np.float32)
    expand(packed, bits, centroids, np.split(room[8:-8], np.cumsum(sizes)[:-1]))
    assert np.isnan(room[:8]).all()
    assert np.isnan(room[-8:]).all()
    return room[8:-8]


@pytest.mark.parametrize("bits", BITS)
def test_unpacking_undoes_packing(bits: int) -> None:
    """Random indexes come back, and take exactly their bits."""

    @given(SEEDS, st.integers(0, 40))
    @settings(max_examples=60)
    def comes_back(seed: int, eights: int) -> None:
        indexes = random_indexes(Random(seed), bits, 8 * eights)
        packed = pack(indexes, bits)
        assert packed.nbytes == eights * bits == indexes.size * bits / 8
        assert np.array_equal(unpack(packed, bits), indexes)

    comes_back()


def test_the_first_index_is_in_the_lowest_bits() -> None:
    """Three bits each, read as one number of 24 bits from its lowest end."""
    packed = pack(np.array([1, 2, 3, 4, 5, 6, 7, 0], np.uint8), 3)
    assert int.from_bytes(packed.tobytes(), "little") == 0o07654321


@pytest.mark.parametrize("path", PATHS)
def test_a_weight_on_a_bound_belongs_below_it(path: Callable[[], object]) -> None:
    """Also where bounds are equal, and at both ends."""
    with path():
        bounds = np.array([-1, 0, 0, 0, 2], np.float32)
        weights = np.array([-9, -1, -0.5, -0.0, 0.0, 1e-45, 1, 2, 2.5, 3e38], np.float32)
        assert nearest(weights, bounds).tolist() == [0, 0, 1, 1, 1, 4, 4, 4, 5, 5]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bits", BITS)
def test_expanding_looks_up_each_index(path: Callable[[], object], bits: int) -> None:
    """In one dictionary for all places, or in that of the place; nothing else is written."""
    with path():
        for seed, sizes in enumerate(SIZES):
            random = Random(seed)
            indexes = random_indexes(random, bits, sum(sizes))
            for count in {1, len(sizes)}:
                rows = random_dictionaries(random, count, bits)
                own = np.repeat(np.arange(len(sizes)) % count, sizes)
                assert np.array_equal(expanded(pack(indexes, bits), bits, rows, sizes), rows[own, indexes])


@pytest.mark.parametrize("path", PATHS)
def test_outliers_are_written_at_their_offsets(path: Callable[[], object]) -> None:
    """Through all places: none, the first and last weight of a place, and every one of them."""
    with path():
        for sizes in SIZES:
            total = sum(sizes)
            for chosen in ([], [0], [total - 1], [0, sizes[0] - 1, total - 1], range(total)):
                offsets = np.unique(np.array(list(chosen), np.uint32))
                room = np.zeros(total, np.float32)
                scatter(offsets, 1 + offsets.astype(np.float32), np.split(room, np.cumsum(sizes)[:-1]))
                assert np.array_equal(np.flatnonzero(room), offsets)
                assert np.array_equal(room[offsets], 1 + offsets.astype(np.float32))


@real
@given(SEEDS, st.sampled_from(BITS), st.sampled_from(SIZES), st.booleans())
@settings(max_examples=200)
def test_numba_and_numpy_give_the_same_bits(seed: int, bits: int, sizes: list[int], own: bool) -> None:
    """Random weights with many ties, random indexes and random outliers come out alike to the last bit."""
    pytest.importorskip("numba")
    random = Random(seed)
    weights = np.array([random.choice([random.gauss(0, 1), random.randint(-3, 3)]) for _ in range(100)], np.float32)
    bounds = np.sort(np.array([random.choice(weights) for _ in range(2**bits - 1)], np.float32))
    packed = pack(random_indexes(random, bits, sum(sizes)), bits)
    rows = random_dictionaries(random, len(sizes) if own else 1, bits)
    offsets = np.array(sorted(random.sample(range(sum(sizes)), random.randint(0, 8))), np.uint32)

    def everything() -> tuple[bytes, ...]:
        room = expanded(packed, bits, rows, sizes)
        scatter(offsets, weights[: offsets.size], np.split(room, np.cumsum(sizes)[:-1]))
        return nearest(weights, bounds).tobytes(), room.tobytes()

    compiled = everything()
    with numpy_only():
        assert everything() == compiled


def test_numpy_runs_where_numba_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing numba is noticed once, and everything runs without."""
    import sys

    monkeypatch.setitem(sys.modules, "numba", None)
    compiler = kernels.compiler.__wrapped__
    assert compiler() is None


@real
def test_what_cannot_be_kept_is_compiled_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where numba finds no folder for its cache, it compiles for this run."""
    numba = pytest.importorskip("numba")
    tried = []

    def njit(**options: bool) -> Callable[[object], object]:
        def compiling(function: object) -> object:
            tried.append(options.get("cache", False))
            if tried[-1]:
                raise RuntimeError("cannot cache function: no locator available")
            return function

        return compiling

    monkeypatch.setattr(numba, "njit", njit)
    assert kernels.compiler.__wrapped__()(len) is len
    assert tried == [True, False]
