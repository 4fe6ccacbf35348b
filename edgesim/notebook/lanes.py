"""A timeline as lanes over time, for a browser."""

from collections.abc import Iterator, Sequence
from math import floor, log10
from typing import NamedTuple

from edgesim.notebook.svg import INK, LETTERS, box, legend, line, svg, swatch, text
from edgesim.plot.lanes import Bars, lane_bars, shown_lanes
from edgesim.plot.look import LOOKS
from edgesim.plot.timeline import end_ns, first_requests
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import Timeline
from edgesim.units import show_ns

_WIDE, _LEFT, _RIGHT, _ROW, _AXIS = 880, 80, 14, 34, 34
"""Of the picture, and of its margins, rows and axis [px]."""
_BAR, _NUMBERED = 24, 14
"""How high a bar is, and how wide one that has room for a number [px]."""
_MOST_SPANS = 500
"""A picture ends where so many have begun: replies have thousands, each thinner than a line."""
_HATCHES = {"/": "M0,6L6,0", "\\": "M0,0L6,6", ".": "M2,3h2", "x": "M0,0L6,6M0,6L6,0"}
_CENTRED = 'text-anchor="middle"'


class _Look(NamedTuple):
    name: str
    fill: str
    edge: str
    hatch: str


class _Scale(NamedTuple):
    """Where moments are [px], how long the picture is, and how long what it is of [ms]."""

    until_ms: float
    end_ms: float

    @property
    def per_ms(self) -> float:
        return (_WIDE - _LEFT - _RIGHT) / self.until_ms

    def x(self, ms: float) -> float:
        return _LEFT + ms * self.per_ms


def lanes_svg(result: Result, scenario: Scenario) -> str:
    """Return what happened on each lane, and when the answer was promised; pointing at a bar tells what it is."""
    drawn = first_requests(result)
    scale, rows = _scale(drawn, scenario), {lane: row for row, lane in enumerate(shown_lanes(drawn))}
    bars, high = _begun(lane_bars(drawn, result, scenario), scale), _ROW * len(rows)
    looks = {label: _look(label) for label in LOOKS if label != "load" and any(key[1] == label for key in bars)}
    shapes = [*_hatches(looks), *_ticks(scale, high), *_lanes(bars, looks, rows, scale), *_layers(drawn, rows, scale)]
    if not scenario.generation:
        shapes += _target(scenario.target_latency_ns, scale, high)
    told = f"Timeline: latency {show_ns(result.metrics.latency_ns)}, target {show_ns(scenario.target_latency_ns)}"
    return svg(_WIDE, high + _AXIS, told, shapes) + legend(
        _LEFT, [(look.name, swatch(look.fill, look.edge)) for look in looks.values()]
    )


def _scale(drawn: Timeline, scenario: Scenario) -> _Scale:
    end_ms, starts = end_ns(drawn, scenario) / 1e6, sorted(span.start_ns for span in drawn.spans)
    return _Scale(starts[_MOST_SPANS] / 1e6 if len(starts) > _MOST_SPANS else end_ms, end_ms)


def _begun(bars: Bars, scale: _Scale) -> Bars:
    """Return the bars that begin within the picture."""
    found = {key: [bar for bar in own if bar[0] < scale.until_ms] for key, own in bars.items()}
    return {key: own for key, own in found.items() if own}


def _look(label: str) -> _Look:
    look = LOOKS[label]
    hatch = str(look.get("hatch", ""))[:1]
    fill = f"url(#edgesim-{label})" if hatch else str(look["facecolor"])
    return _Look(str(look.get("label", label)), fill, str(look.get("edgecolor", "none")), hatch)


def _lanes(bars: Bars, looks: dict[str, _Look], rows: dict[str, int], scale: _Scale) -> Iterator[str]:
    for lane, row in rows.items():
        yield text(lane, _LEFT - 6, _ROW * (row + 0.5), 'text-anchor="end" dy=".35em"')
        for label, look in looks.items():
            own, top = bars.get((lane, label), []), _ROW * row + (_ROW - _BAR) / 2
            yield from _bars(own, look, top, scale)


def _bars(bars: Sequence[tuple[float, float]], look: _Look, top: float, scale: _Scale) -> Iterator[str]:
    for start, width in bars:
        told = f"{look.name}: {start:,.3f} to {start + width:,.3f} ms, {width:,.3f} ms long"
        style = f'fill="{look.fill}" stroke="{look.edge}" stroke-width=".7"'
        wide = min(width, scale.until_ms - start) * scale.per_ms
        yield box((scale.x(start), top, max(wide, 0.3), _BAR), style, told)


def _layers(drawn: Timeline, rows: dict[str, int], scale: _Scale) -> Iterator[str]:
    """Write the layer into every computation that has room for it."""
    for span in drawn.spans:
        start, end = scale.x(span.start_ns / 1e6), scale.x(span.end_ns / 1e6)
        if span.kind == "compute" and end - start >= _NUMBERED and end <= _WIDE:
            place = (start + end) / 2, _ROW * (rows[span.lane] + 0.5)
            yield text(str(span.layer), *place, f'{_CENTRED} dy=".35em"', "#222")


def _hatches(looks: dict[str, _Look]) -> Iterator[str]:
    """Define the hatches that tell waits apart without colour."""
    for label, look in looks.items():
        if look.hatch:
            lines = f'<rect width="6" height="6" fill="#fff"/><path d="{_HATCHES[look.hatch]}" stroke="{look.edge}"/>'
            yield f'<pattern id="edgesim-{label}" width="6" height="6" patternUnits="userSpaceOnUse">{lines}</pattern>'


def _ticks(scale: _Scale, high: float) -> Iterator[str]:
    least = scale.until_ms / 11
    step = 10 ** floor(log10(least))
    step *= next(many for many in (1, 2, 5, 10) if step * many >= least)
    for number in range(int(scale.until_ms / step) + 1):
        x = scale.x(number * step)
        yield line(f"M{x:.1f},0v{high}", f'stroke="{INK}" stroke-opacity=".15"')
        yield text(f"{number * step:,.6g}", x, high + 1.3 * LETTERS, _CENTRED)
    part = f", the first {scale.until_ms:,.0f} of {scale.end_ms:,.0f} ms" if scale.until_ms < scale.end_ms else ""
    yield text(f"time [ms]{part}", (_LEFT + _WIDE - _RIGHT) / 2, high + 2.7 * LETTERS, _CENTRED)


def _target(target_ns: int, scale: _Scale, high: float) -> Iterator[str]:
    """Draw when the answer was promised, if that is within the picture."""
    if target_ns / 1e6 <= scale.until_ms:
        x = scale.x(target_ns / 1e6)
        yield line(f"M{x:.1f},0v{high}", f'stroke="{INK}" stroke-width="1.5" stroke-dasharray="5 3"')
        yield text(f"target {show_ns(target_ns)}", x - 4, 8, 'text-anchor="end"')
