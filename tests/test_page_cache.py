"""The page cache of mapped files: what one touch reads, and what an LRU cache keeps from inference to inference."""

from itertools import chain
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from stores import SCATTERED
from strategies import SEEDS, models, toy_model

from edgesim.cost import shard_bytes
from edgesim.model import Model
from edgesim.planners.page_cache import Window, mapped, steady_hits
from edgesim.planners.search import Submodel

Sizes = list[tuple[Window, int]]


def submodel_of(model: Model, bits: int, m: int) -> Submodel:
    """Return the first m slices of every layer."""
    return Submodel(tuple(range(model.layers)), (tuple(range(m)),) * model.layers, bits)


def test_slices_without_records_lie_side_by_side() -> None:
    """Three slices of 10 B fill windows of 8 B, the last of which ends with the page that has the last byte."""
    (layer,) = mapped(toy_model(layers=1, shards=3), submodel_of(toy_model(layers=1), 2, 3), 4, 8)
    assert list(layer.sizes.items()) == [((0, 0), 8), ((0, 1), 8), ((0, 2), 8), ((0, 3), 8)]
    assert layer.windows[0, 1] == [(0, 1), (0, 2)]
    (layer,) = mapped(toy_model(layers=1, shards=3), submodel_of(toy_model(layers=1), 2, 3), 2, 12)
    assert list(layer.sizes.items()) == [((0, 0), 12), ((0, 1), 12), ((0, 2), 6)]


def test_records_lie_where_their_store_says() -> None:
    """A window between two records is not read, and the last one ends with the file, other records included."""
    model = toy_model(shards=4, bitwidths=(2,), records=SCATTERED)
    first, second = mapped(model, submodel_of(model, 2, 4), 4, 8)
    assert [number for _, number in first.sizes] == [0, 1, 2, 3, 4, 6, 7]
    assert first.sizes[0, 7] == 8  # ends at 61 B, its page at 64 B
    (short, _) = mapped(model, submodel_of(model, 2, 1), 4, 48)
    assert short.sizes == {(0, 0): 48}
    assert second.sizes[1, 6] == 4  # the file has 50 B, thirteen pages


def bytes_of(model: Model, layer: int, index: int, bits: int) -> range:
    """Return the bytes of a slice in its layer's file."""
    if model.records is None:
        size = shard_bytes(model, bits)
        return range(index * size, (index + 1) * size)
    offset, size = model.records.placed[layer, index, bits]
    return range(offset, offset + size)


@settings(max_examples=200)
@given(models(), SEEDS)
def test_what_is_read_covers_what_is_touched(model: Model, seed: int) -> None:
    """Byte by byte: a window is read if and only if one of its bytes is touched, up to the page that ends the file."""
    random = Random(seed)
    bits, m = random.choice(model.bitwidths), random.randint(1, model.shards_per_layer)
    page = random.randint(1, 9)
    window = page * random.randint(1, 9)
    stored = [(at, b) for at in range(model.shards_per_layer) for b in model.bitwidths] if model.records else []
    for layer, found in enumerate(mapped(model, submodel_of(model, bits, m), page, window)):
        slices = {(layer, at): bytes_of(model, layer, at, bits) for at in range(m)}
        file = stored or [(at, bits) for at in range(m)]
        last_page = max(bytes_of(model, layer, *one).stop - 1 for one in file) // page
        pages = {place // page for place in chain.from_iterable(slices.values())}
        numbers = sorted({number * page // window for number in pages})
        whole = [sum(number * page // window == one for number in range(last_page + 1)) * page for one in numbers]
        assert list(found.sizes.items()) == [((layer, one), size) for one, size in zip(numbers, whole, strict=True)]
        for shard, places in slices.items():
            assert found.windows[shard] == sorted({(layer, place // window) for place in places})


def test_a_cache_that_holds_the_scan_always_hits() -> None:
    """Two windows of 8 B in 16 B; a byte less, and the one evicts the other before its turn comes."""
    scan = [((0, 0), 8), ((0, 1), 8)]
    assert steady_hits(scan, 16) == {(0, 0), (0, 1)}
    assert steady_hits(scan, 15) == set()


def test_a_window_larger_than_the_cache_leaves_nothing_in_it() -> None:
    """It needs all the room, and does not stay itself."""
    assert steady_hits([((0, 0), 1), ((0, 1), 9)], 8) == set()
    assert steady_hits([], 8) == set()


def page_by_page(scan: Sizes, capacity: int, page: int) -> set[Window]:
    """Touch one page after the other, four times over, with the cache as a list; return what hit whole at last."""
    cached: list[tuple[Window, int]] = []
    hits: set[Window] = set()
    for _ in range(4):
        hits = {window for window, _ in scan}
        for window, size in scan:
            for name in ((window, number) for number in range(size // page)):
                if name in cached:
                    cached.remove(name)
                else:
                    hits -= {window}
                cached.append(name)
                del cached[: max(0, len(cached) - capacity // page)]
    return hits


@settings(max_examples=300)
@given(st.lists(st.integers(1, 4), max_size=8), st.integers(1, 5), st.integers(-3, 3), st.sampled_from([1, 2, 4]))
def test_the_cache_is_that_of_single_pages(counts: list[int], page: int, more: int, halves: int) -> None:
    """At about half the size of the scan, the whole and twice that: windows hit in the end whose pages all hit."""
    scan = [((0, number), count * page) for number, count in enumerate(counts)]
    capacity = max(0, sum(size for _, size in scan) * halves // 2 + more)
    assert steady_hits(scan, capacity) == page_by_page(scan, capacity, page)
