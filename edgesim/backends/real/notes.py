"""What loader and executor noted -> the spans of a timeline."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from edgesim.backends.real.control import Notes
from edgesim.plans import Plan
from edgesim.timeline import EXECUTOR, LOADER, Span
from edgesim.work import Traffic

APP = "app"


class LayerNotes(NamedTuple):
    """When the executor was free for a layer, saw its shards, had decompressed, copied and computed it [ns].

    `arrived_ns` is when the last shard it waited for arrived; 0 if it did not wait.
    """

    free_ns: int
    arrived_ns: int
    seen_ns: int
    unpacked_ns: int
    copied_ns: int
    computed_ns: int


def spans(
    when: tuple[int, int], plan: Plan, moved: Traffic, loads: Iterable[Notes], layers: Iterable[LayerNotes]
) -> tuple[Span, ...]:
    """Return all spans of an inference; `when` is its number in the session, and the start of the session [ns]."""
    number, start_ns = when
    found = [*_loading(plan, moved, loads), *_executing(plan, layers)]
    return tuple(
        Span(number, APP, lane, kind, layer, start - start_ns, end - start_ns, n_bytes)
        for lane, kind, layer, start, end, n_bytes in found
        if end > start
    )


_Activity = tuple[str, str, int, int, int, int]


def _loading(plan: Plan, traffic: Traffic, loads: Iterable[Notes]) -> Iterator[_Activity]:
    for load, served, noted in zip(traffic.loads, traffic.load_layers, loads, strict=True):
        lane = LOADER if plan.lanes == 1 else f"{LOADER}{noted.lane}"
        layer = plan.layers[served[0]]
        if noted.blocked_ns:
            yield lane, "blocked", layer, noted.blocked_ns, noted.held_ns or noted.start_ns, 0
        if noted.held_ns:
            yield lane, "held", layer, noted.held_ns, noted.start_ns, 0
        yield lane, "load", layer, noted.start_ns, noted.end_ns, load.bytes


def _executing(plan: Plan, layers: Iterable[LayerNotes]) -> Iterator[_Activity]:
    for layer, noted in zip(plan.layers, layers, strict=True):
        if noted.arrived_ns:
            yield EXECUTOR, "stall", layer, noted.free_ns, noted.arrived_ns, 0
            yield EXECUTOR, "handoff", layer, noted.arrived_ns, noted.seen_ns, 0
        yield EXECUTOR, "decompress", layer, noted.seen_ns, noted.unpacked_ns, 0
        yield EXECUTOR, "copy", layer, noted.unpacked_ns, noted.copied_ns, 0
        yield EXECUTOR, "compute", layer, noted.copied_ns, noted.computed_ns, 0


def needed_loads(traffic: Traffic, layers: int) -> list[Sequence[int]]:
    """Return the loads that each layer waits for, (n,)."""
    return [[load for load, served in enumerate(traffic.load_layers) if layer in served] for layer in range(layers)]
