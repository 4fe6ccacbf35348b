"""One validated plan as a page shows it: simulated and real on the same lanes."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from edgesim.pages.answer import Tile
from edgesim.pages.looks import BUFFER_LOOKS
from edgesim.pages.packing import Packed, differences, packed_column, packed_spans
from edgesim.pages.spans import MOST_SPANS, spans_grid
from edgesim.pages.tables import Grid
from edgesim.pages.timelines import Drawn, legend, marks_of, packed_steps
from edgesim.timeline import Timeline
from edgesim.units import show_ns
from edgesim.validation.agreement import Agreement
from edgesim.validation.records import Case, Run

_BUFFER = "load buffer"


class CaseEntry(NamedTuple):
    """One plan with its most typical run; `number` is its place in the page's data."""

    number: int
    label: str
    tiles: list[Tile]
    timeline: Drawn
    spans: Grid


def case_entry(number: int, case: Case, run: Run, one: Agreement, tolerance: float) -> CaseEntry:
    """Return what a page shows of one plan."""
    sides = [("simulated", case.simulated), ("real", run.timeline)]
    lanes = list(dict.fromkeys(lane for _, timeline in sides for lane in timeline.lanes()))
    ends = [timeline.requests[0].finish_ns for _, timeline in sides]
    groups = [_group(side, timeline, lanes, case) for side, timeline in sides]
    spans = [span for _, timeline in sides for span in timeline.spans]
    return CaseEntry(
        number, case.label, list(_tiles(case, run, one, tolerance)),
        Drawn({"groups": groups, "view": [0, round(1.01 * max(ends))]}, legend(spans, set()),
              marks_of(targets=True, questions=any(len(timeline.requests) > 1 for _, timeline in sides))),
        spans_grid(sides, MOST_SPANS),
    )  # fmt: skip


def _tiles(case: Case, run: Run, one: Agreement, tolerance: float) -> Iterator[Tile]:
    error, real = one.prediction or 0.0, one.real_ns or 0
    yield Tile("error", f"{100 * error:+.2f} %", f"tolerance {100 * tolerance:g} %",
               "good" if abs(error) <= tolerance else "bad")  # fmt: skip
    yield Tile("simulated", show_ns(one.simulated_ns), f"target {show_ns(case.target_latency_ns)}")
    yield Tile("real, median", show_ns(real), f"of {one.runs - one.disturbed} of {one.runs} runs")
    if one.structural:
        yield Tile("structural", f"{100 * max(map(abs, one.structural)):.2f} %", "error with real durations, at worst")
    yield Tile("run shown", str(run.turn), f"the most typical one, {show_ns(run.metrics.latency_ns)}")


def _group(side: str, timeline: Timeline, lanes: list[str], case: Case) -> Packed:
    arrivals = packed_column(differences(request.arrival_ns for request in timeline.requests))
    return {
        "name": "",
        "side": side,
        "lanes": lanes,
        "timeline": packed_spans(timeline.spans),
        "requests": {"rows": len(timeline.requests), "arrival_ns": arrivals},
        "targets": [[0, case.target_latency_ns]] if side == "simulated" else [],
        "memory": packed_steps(steps) if (steps := buffer_steps(case, timeline)) else None,
        "buffers": [look for look in BUFFER_LOOKS if look["name"] == _BUFFER],
    }


def buffer_steps(case: Case, timeline: Timeline) -> list[tuple[int, int]]:
    """Return moments [ns] and what the load buffer holds from each on [B]: more at a read, less as a layer ends.

    What else is in memory a campaign's file does not say.
    """
    changes: list[tuple[int, int]] = []
    for number, spans in groupby(timeline.spans, key=lambda span: span.request):
        work = case.works[number > 0]
        reads, freed = iter(work.buffer_bytes), iter(work.freed_bytes)
        for span in sorted(spans, key=lambda span: span.start_ns):
            if span.kind == "load":
                changes.append((span.start_ns, next(reads)))
            elif span.kind == "compute":
                changes.append((span.end_ns, -next(freed)))
    level, steps = 0, {0: 0} if changes else {}
    for moment, change in sorted(changes):
        level += change
        steps[moment] = level
    return list(steps.items())
