"""Points that fio measured, as the storage of a device."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from edgesim.errors import InputError
from edgesim.profiling.imports.fio import Point, read_points
from edgesim.profiling.imports.monotone import rising
from edgesim.profiling.imports.part import Part
from edgesim.profiling.imports.raw import Raw, sources
from edgesim.quantities import size_text, time_text

_DEEPEST = 256
Measured = Mapping[int, Mapping[int, Sequence[Point]]]
"""Points by depth and size [B]."""


def import_fio(raws: Sequence[Raw]) -> Part:
    """Make a storage of fio's results: a table of read times for each depth.

    Raises
    ------
    InputError
        If a file or job is not fit, or no read was alone in flight.
    """
    points = [point for raw in raws for point in read_points(raw)]
    measured = _by_depth(points)
    lanes = max(measured)
    tables, fits = {}, []
    for depth, sizes in measured.items():
        raw_times = [median(point.time_ns for point in same) for same in sizes.values()]
        times = rising(raw_times)
        fits += [(new / old - 1, depth, size) for new, old, size in zip(times, raw_times, sizes, strict=True)]
        tables[depth] = {"table": [[size_text(size), time_text(math.ceil(time))] for size, time in
                                   zip(sizes, times, strict=True)]}  # fmt: skip
    dates = sorted({point.date for point in points if point.date})
    source = {"grade": "A", "text": _text(points, measured, fits, raws)}
    if dates:
        source["date"] = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    read = {"depths": tables} if lanes > 1 else tables[1]
    keys = {"storage": {"read": read, "lanes": lanes, "source": source}}
    n_points = sum(map(len, measured.values()))
    summary = f"{n_points} points at {_depths(measured)} from {len(raws)} file{'s' * (len(raws) > 1)} of fio"
    return Part(keys, "reads imported from fio", summary, tuple(dict.fromkeys(_doubts(points))))


def _by_depth(points: Iterable[Point]) -> dict[int, dict[int, list[Point]]]:
    found: dict[int, dict[int, list[Point]]] = defaultdict(lambda: defaultdict(list))
    for point in points:
        found[point.depth][point.n_bytes].append(point)
    if 1 not in found:
        raise InputError(f"fio: no file has a single read in flight, got {_depths(found)}; measure iodepth=1, too")
    if max(found) > _DEEPEST:
        raise InputError(f"fio: at most {_DEEPEST} reads in flight are accepted, got {max(found)}; leave that file out")
    return {depth: dict(sorted(found[depth].items())) for depth in sorted(found)}


def _depths(measured: Iterable[int]) -> str:
    depths = sorted(measured)
    return f"depth{'s' * (len(depths) > 1)} {', '.join(map(str, depths))}"


def _text(
    points: Sequence[Point], measured: Measured, fits: Sequence[tuple[float, int, int]], raws: Sequence[Raw]
) -> str:
    how = ", ".join(sorted({point.how for point in points}))
    parts = [f"Mean time of a read from submission to completion, measured by {how}.", *_tails(measured),
             *_repeats(measured), _fit(fits)]  # fmt: skip
    parts += [f"Doubtful: {doubt}." for doubt in dict.fromkeys(_doubts(points))]
    return " ".join([*filter(None, parts), sources(raws)])


def _tails(measured: Measured) -> Iterable[str]:
    for depth, sizes in measured.items():
        tails = {size: [point.p99_ns for point in same if point.p99_ns is not None] for size, same in sizes.items()}
        shown = [f"{size_text(size)} {median(p99) / 1e3:,.0f} us" for size, p99 in tails.items() if p99]
        if shown:
            yield f"99th percentile of completion at depth {depth}: {', '.join(shown)}."


def _repeats(measured: Measured) -> Iterable[str]:
    again = [f"{size_text(size)} at depth {depth} ({len(same)})" for depth, sizes in measured.items()
             for size, same in sizes.items() if len(same) > 1]  # fmt: skip
    if again:
        yield f"Medians of several runs: {', '.join(again)}."


def _fit(fits: Sequence[tuple[float, int, int]]) -> str:
    """Say whether times had to be changed until they rise with size."""
    change, depth, size = max(fits, key=lambda fit: abs(fit[0]))
    if change:
        return (f"Times that fell with size were replaced by the nearest rising curve (isotonic regression of log"
                f" time); largest change {abs(change):.1%}, {size_text(size)} at depth {depth}.")  # fmt: skip
    return "Times rise with size at every depth, no fit was needed."


def _doubts(points: Iterable[Point]) -> Iterable[str]:
    return (doubt for point in points for doubt in point.warnings)
