"""The closed form: finish times in the head."""

from collections.abc import Sequence

from edgesim.plans import Load
from edgesim.recurrence import makespan_ns, pipeline_ns, schedule
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
