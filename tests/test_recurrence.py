"""The closed form: finish times in the head, and many plans at once."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.plans import Load
from edgesim.recurrence import finish_times, makespan_ns, pipeline_ns, schedule
from edgesim.work import NEVER, Work


def toy_work(
    loads: Sequence[tuple[int, int]],
    layer_ns: Sequence[int],
    *,
    deeper_ns: Sequence[Sequence[int]] = (),
    after: Sequence[int] = (),
    unpack_ns: int = 0,
    overlap: bool = False,
    late_ns: Sequence[int] = (),
    hand_off_ns: int = 0,
) -> Work:
    """Return work of one load per layer in order: time and bytes of each load, 0 ns for none.

    `late_ns` is the compute time of each layer after a wait, with `unpack_ns` besides.
    """
    loaded = [layer for layer, (time, _) in enumerate(loads) if time]
    return Work(
        loads=tuple(Load(((layer, 0),), 1, (1,)) for layer in loaded),
        load_ns=(tuple(loads[layer][0] for layer in loaded), *map(tuple, deeper_ns)),
        buffer_bytes=tuple(loads[layer][1] for layer in loaded),
        load_layers=tuple((layer,) for layer in loaded),
        after=tuple(after) or (NEVER,) * len(loaded),
        freed_bytes=tuple(n_bytes for _, n_bytes in loads),
        decompress_ns=(unpack_ns,) * len(layer_ns),
        compute_ns=tuple(layer_ns),
        decompress_after_wait_ns=(unpack_ns,) * len(layer_ns),
        compute_after_wait_ns=tuple(late_ns or layer_ns),
        hand_off_ns=hand_off_ns,
        overlap=overlap,
    )


THREE = [(10, 1), (10, 1), (10, 1)]


def test_layers_wait_for_their_shards_and_the_layer_before() -> None:
    """C_k = max(C_{k-1}, L_k) + c_k: the second layer waits for the first, the third for its load."""
    found = schedule(toy_work([(10, 1), (10, 1), (40, 1)], [25, 5, 5]))
    assert found.issued_ns == (0, 10, 20)
    assert found.done_ns == (10, 20, 60)
    assert found.start_ns == (10, 35, 60)
    assert found.finish_ns == (35, 40, 65)


def test_a_layer_without_load_starts_at_once() -> None:
    """A preloaded layer computes from time 0 while the next is loaded."""
    found = schedule(toy_work([(0, 0), (30, 1)], [20, 20]))
    assert found.start_ns == (0, 30)
    assert found.finish_ns == (20, 50)


def test_a_full_buffer_delays_the_next_load() -> None:
    """With room for one load, each is issued when the layer of the one before has finished."""
    found = schedule(toy_work(THREE, [5, 5, 5]), 1)
    assert found.issued_ns == (0, 15, 30)
    assert found.finish_ns == (15, 30, 45)


def test_a_held_load_waits_for_its_layer() -> None:
    """A load that is held back for layer 0 is issued when layer 0 has finished."""
    found = schedule(toy_work(THREE, [15, 5, 5], after=[NEVER, 0, NEVER]))
    assert found.issued_ns == (0, 25, 35)


def test_two_lanes_serve_two_loads() -> None:
    """Two loads are issued at once, each priced at its depth, the third when the first lane is free."""
    found = schedule(toy_work(THREE, [1, 1, 1], deeper_ns=[[15, 15, 15]]))
    assert found.issued_ns == (0, 0, 10)
    assert found.done_ns == (10, 15, 25)


def test_faster_storage_may_do_harm_with_several_lanes() -> None:
    """A first load of 9 instead of 10 ns lets the third find another in service, which makes it slower."""
    deeper = [[99, 10, 30]]
    assert makespan_ns(toy_work(THREE, [1, 1, 1], deeper_ns=deeper)) == 21
    assert makespan_ns(toy_work([(9, 1), (10, 1), (10, 1)], [1, 1, 1], deeper_ns=deeper)) == 40


def test_decompression_delays_computation() -> None:
    """Without a lane of its own decompression is part of each layer's executor time."""
    assert schedule(toy_work([(10, 1), (1, 1)], [20, 20], unpack_ns=5)).finish_ns == (35, 60)


def test_overlapped_decompression_runs_one_layer_ahead() -> None:
    """With a lane of its own, layer 1 is decompressed while layer 0 computes, layer 2 when layer 1 has started."""
    found = schedule(toy_work([(10, 1), (1, 1), (1, 1)], [20, 1, 20], unpack_ns=5, overlap=True))
    assert found.start_ns == (15, 35, 40)
    assert found.finish_ns == (35, 36, 60)


def test_who_waits_notices_late_and_finds_cold_caches() -> None:
    """Layers 0 and 2 wait: 2 ns until that is noticed, and their longer times; layer 1 finds its shards there."""
    found = schedule(toy_work([(10, 1), (10, 1), (40, 1)], [25, 5, 5], late_ns=[27, 6, 8], hand_off_ns=2))
    assert found.start_ns == (12, 39, 62)
    assert found.finish_ns == (39, 44, 70)


def test_who_comes_when_the_shards_do_does_not_wait() -> None:
    """Layer 1 arrives in the very nanosecond in which layer 0 ends."""
    found = schedule(toy_work([(0, 0), (20, 1)], [20, 20], late_ns=[99, 99], hand_off_ns=9))
    assert found.finish_ns == (20, 40)
    found = schedule(toy_work([(0, 0), (21, 1)], [20, 20], late_ns=[99, 99], hand_off_ns=9))
    assert found.finish_ns == (20, 21 + 9 + 99)


def test_the_executor_waits_for_what_is_decompressed_ahead() -> None:
    """Layers 0 and 2 are decompressed after the executor is free; layer 2 when layer 1 has started, after 38 ns."""
    loads = [(10, 1), (1, 1), (1, 1)]
    work = toy_work(loads, [20, 1, 20], unpack_ns=5, overlap=True, late_ns=[21, 3, 22], hand_off_ns=2)
    assert schedule(work).start_ns == (17, 38, 45)
    assert schedule(work).finish_ns == (38, 39, 67)


def test_faster_storage_may_do_harm_where_waits_cost_more() -> None:
    """A load that comes 1 ns earlier spares layer 1 its wait, so that layer 2 has to wait: 20 ns more, not less."""
    layers = {"layer_ns": [10, 10, 10], "late_ns": [30, 30, 30]}
    assert makespan_ns(toy_work([(0, 0), (11, 1), (30, 1)], **layers)) == 51
    assert makespan_ns(toy_work([(0, 0), (10, 1), (30, 1)], **layers)) == 70


def test_the_quick_pipeline_in_the_head() -> None:
    """Two loads of 10 ns and two layers of 25 ns end after 60 ns, and with room for one load after 70 ns."""
    loads, layers = [(10, 4), (10, 4)], [(25, 25, 1, 4), (25, 25, 2, 4)]
    assert pipeline_ns(loads, layers) == 60
    assert pipeline_ns(loads, layers, 4) == 70


def test_the_quick_pipeline_with_waits() -> None:
    """Layer 0 waits and takes 27 ns; with decompression ahead of 30 ns and a hand-off of 2, both layers wait."""
    loads, layers = [(10, 4), (10, 4)], [(25, 27, 1, 4), (25, 27, 2, 4)]
    assert pipeline_ns(loads, layers) == 10 + 27 + 25
    assert pipeline_ns(loads, layers, None, [30, 30], 2) == (10 + 30 + 2) + 30 + 27


def test_the_quick_pipeline_says_where_a_plan_never_ends() -> None:
    """None stands for a load that waits for a layer that waits for the load."""
    assert pipeline_ns([(10, 4), (10, 4)], [(25, 25, 2, 4), (25, 25, 2, 4)], 7) is None


def test_a_batch_in_the_head() -> None:
    """Two plans at once, the second with nothing to load."""
    found = finish_times(np.array([[10, 40], [0, 0]]), np.array([[25, 5], [25, 5]]))
    assert found.tolist() == [[35, 55], [25, 30]]


def test_a_batch_with_waits_in_the_head() -> None:
    """The first plan waits for both layers, the second for none."""
    found = finish_times(np.array([[10, 40], [0, 0]]), np.array([[25, 5]] * 2), after_wait_ns=np.array([[27, 8]] * 2))
    assert found.tolist() == [[37, 58], [25, 30]]


@pytest.mark.parametrize(
    ("load_ns", "n_bytes", "room", "message"),
    [
        ([[1, 2, 3]], None, None, "must have one shape"),
        ([1, 2], None, None, "must have one shape"),
        ([[1, 2]] * 2, None, None, r"got \(2, 2\), \(1, 2\)"),
        ([[1, 2]], None, 9, "needs buffer_bytes of shape"),
        ([[1, 2]], [[1, 10]], 9, "a load of 10 B exceeds the load buffer of 9 B"),
    ],
)
def test_a_batch_refuses_what_it_cannot_answer(
    load_ns: list[list[int]], n_bytes: list[list[int]] | None, room: int | None, message: str
) -> None:
    """Shapes must agree, a bounded buffer needs bytes, and one load must fit."""
    sizes = None if n_bytes is None else np.array(n_bytes)
    with pytest.raises(ValueError, match=message):
        finish_times(np.array(load_ns), np.array([[1, 2]]), sizes, room)


LOADED_LAYER = st.tuples(
    st.just((0, 0)) | st.tuples(st.integers(1, 99), st.integers(0, 9)), st.integers(1, 99), st.integers(0, 50)
)
Batch = list[list[tuple[tuple[int, int], int, int]]]
BATCHES = st.integers(1, 7).flatmap(
    lambda n: st.lists(st.lists(LOADED_LAYER, min_size=n, max_size=n), min_size=1, max_size=4)
)


@settings(max_examples=800)
@given(BATCHES, st.none() | st.integers(9, 30), st.none() | st.integers(0, 20), st.integers(0, 9))
def test_a_batch_equals_its_plans_one_by_one(
    batch: Batch, room: int | None, hand_off_ns: int | None, more: int
) -> None:
    """Finish times of many plans at once are those of each plan's recurrence, whatever waits and rooms there are."""
    rooms = [None if room is None else room + more * place for place in range(len(batch))]
    table = np.array([[(*load, busy, more) for load, busy, more in row] for row in batch])
    if hand_off_ns is None:
        table[:, :, 3] = 0
    late = table[:, :, 2] + table[:, :, 3]
    after_wait = None if hand_off_ns is None else late + hand_off_ns
    each = None if room is None else np.array(rooms)
    found = finish_times(table[:, :, 0], table[:, :, 2], table[:, :, 1], each, after_wait)
    if room is not None and not more:
        alike = finish_times(table[:, :, 0], table[:, :, 2], table[:, :, 1], room, after_wait)
        assert found.tolist() == alike.tolist()
    works = [
        toy_work([load for load, *_ in row], busy, late_ns=slow, hand_off_ns=hand_off_ns or 0)
        for row, busy, slow in zip(batch, table[:, :, 2].tolist(), late.tolist(), strict=True)
    ]
    assert found.tolist() == [list(schedule(*pair).finish_ns) for pair in zip(works, rooms, strict=True)]
