"""Which consecutive layers share a request, so that the last one finishes as early as can be.

PipeSwitch (OSDI 2020) tries first groups recursively. It prunes what cannot win even if all that follows went at best,
and first groups so small that a larger one would still be read while the layers before it are computed. Here the first
layers are grouped, then one more at a time, and a grouping is dropped when another one is no later in anything that
later layers may wait for. That is exact, because none of them can then finish earlier, and it leaves few to try. Only
where a wait costs more than its own time may who comes later finish earlier (`edgesim.recurrence`): what is found then
finishes after the best by no more than what waits cost beyond their time, summed over the layers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import le
from typing import NamedTuple

from edgesim.plans import Load
from edgesim.recurrence import schedule
from edgesim.work import NEVER, Work


class Group(NamedTuple):
    """Layers from position `start` to before `stop`, their request, and how long it takes [ns]."""

    start: int
    stop: int
    load: Load
    load_ns: int


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Groups of the first layers, and the times that later layers may wait for [ns], the last finish at the end."""

    groups: tuple[Group, ...] = ()
    times: tuple[int, ...] = ()


def fastest(work: Work, groups: Iterable[Group], load_buffer_bytes: int | None) -> tuple[Group, ...]:
    """Return the groups with which an inference finishes first.

    Parameters
    ----------
    work
        The inference with one lane and one load for each of n layers.
    groups
        Every group of consecutive layers.
    load_buffer_bytes
        Room of the load buffer [B]; None is unlimited.

    Returns
    -------
    tuple of Group
        In order; none where a layer does not fit the load buffer.
    """
    every = sorted(groups, key=lambda group: -group.start)  # of equals the smallest groups, which need least memory
    prefixes: list[list[_Grouping]] = [[_Grouping()], *([] for _ in work.compute_ns)]
    for stop in range(1, len(prefixes)):
        last = [group for group in every if group.stop == stop and _fits(work, group, load_buffer_bytes)]
        longer = (_longer(work, each, group, load_buffer_bytes) for group in last for each in prefixes[group.start])
        prefixes[stop] = _undominated(longer)
    return min(prefixes[-1], key=lambda each: each.times[-1], default=_Grouping()).groups


def _fits(work: Work, group: Group, room: int | None) -> bool:
    return room is None or sum(work.freed_bytes[group.start : group.stop]) <= room


def _longer(work: Work, before: _Grouping, group: Group, room: int | None) -> _Grouping:
    """Add a group, and ask the recurrence for its times as if the layers behind it were resident."""
    groups, stop = (*before.groups, group), group.stop
    loads = replace(
        work,
        loads=tuple(each.load for each in groups),
        load_ns=(tuple(each.load_ns for each in groups),),
        buffer_bytes=tuple(sum(work.freed_bytes[each.start : each.stop]) for each in groups),
        load_layers=tuple(tuple(range(each.start, each.stop)) for each in groups),
        after=(NEVER,) * len(groups),
    )
    found = schedule(loads, room)
    held = stop - 1 if room is None else _first_held(work.freed_bytes[:stop], room)
    return _Grouping(groups, (found.done_ns[-1], found.start_ns[stop - 1], *found.finish_ns[held:stop]))


def _first_held(n_bytes: Sequence[int], room: int) -> int:
    """Return the first layer that may still be in the load buffer when the last one enters it."""
    first = 0
    while sum(n_bytes[first:]) > room:
        first += 1
    return first


def _undominated(groupings: Iterable[_Grouping]) -> list[_Grouping]:
    """Drop groupings that are no earlier in anything than another one."""
    kept: list[_Grouping] = []
    for each in sorted(groupings, key=lambda grouping: grouping.times):
        if not any(all(map(le, other.times, each.times)) for other in kept):
            kept.append(each)
    return kept
