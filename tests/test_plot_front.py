"""Fronts show one kind of quality against memory, with the names of those for which there is room."""

from dataclasses import replace

import pytest
from legible import written
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pictured import compared, scenario

from edgesim import Comparison, InputError, Result, draw_front
from edgesim.plot import front_figure
from edgesim.plot.front import comparable, front, look_of, quality, quality_name
from edgesim.plot.labels import write_names
from edgesim.plot.placing import Box, Mark, Room, place_names

LABELS = {
    "preload_bytes": "shards kept between inferences [MB]",
    "peak_memory_bytes": "peak of all memory [MB]",
    "held_memory_bytes": "memory held between inferences [MB]",
}


def drawn(results: tuple[Result, ...], metric: str = "peak_memory_bytes") -> Axes:
    """Draw a front into axes of a page."""
    axes = Figure(figsize=(9, 5)).subplots()
    draw_front(results, metric, axes)
    return axes


def points(axes: Axes) -> list[Line2D]:
    """Return the points, one a result."""
    return [line for line in axes.lines if line.get_label() != "front"]


def with_quality(result: Result, **qualities: float | None) -> Result:
    """Return a result of other qualities: `accuracy` and `fidelity`, and if it is given `measured`."""
    measured = {"measured_accuracy": qualities.pop("measured")} if "measured" in qualities else {}
    return replace(result, metrics=replace(result.metrics, **qualities), asked=measured)


@pytest.mark.parametrize("metric", LABELS)
def test_every_result_is_a_point_of_its_planner_s_look(metric: str) -> None:
    """At its memory in MB and its quality, hollow where it misses the target; the front is a stair through the best."""
    results = compared("minilm-module").results
    late = tuple(
        replace(one, metrics=replace(one.metrics, meets_target=False)) if number % 5 == 0 else one
        for number, one in enumerate(results)
    )
    axes = drawn(late, metric)
    for result, point in zip(late, points(axes), strict=True):
        family = result.planner.partition("[")[0]
        colour, marker = look_of(family)
        assert point.get_xydata().tolist() == [[getattr(result.metrics, metric) / 1e6, quality(result)]]
        assert (point.get_marker(), point.get_label()) == (marker, family)
        assert to_hex(point.get_markerfacecolor()) == (colour if result.metrics.meets_target else "#ffffff")
    (stair,) = (line for line in axes.lines if line.get_label() == "front")
    best = front([one for one in late if one.metrics.meets_target], metric)
    assert stair.get_xydata().tolist() == [[getattr(one.metrics, metric) / 1e6, quality(one)] for one in best]
    assert axes.get_xlabel() == LABELS[metric]
    entries = [text.get_text() for text in axes.get_legend().get_texts()]
    assert sorted(entries) == sorted({"front", *(one.planner.partition("[")[0] for one in late)})


def test_an_unknown_metric_is_refused() -> None:
    """One line with those that can be drawn."""
    with pytest.raises(
        InputError, match=r"^draw_front: metric, got 'peak_bytes'; .*known: held_memory_bytes, .*working"
    ):
        drawn(compared("fig6").results, "peak_bytes")


def test_qualities_of_different_kinds_are_not_compared() -> None:
    """What any result has decides, measured before predicted before fidelity; others are left out, and counted."""
    first, second, third, *_ = compared("fig6").results
    one = with_quality(first, accuracy=0.8, fidelity=0.9)
    two = with_quality(second, accuracy=None, fidelity=0.95)
    three = with_quality(third, accuracy=None, fidelity=None)
    assert (quality_name([one, two]), comparable([one, two])) == ("predicted accuracy", [one])
    assert (quality_name([two, three]), comparable([two, three])) == ("fidelity", [two])
    assert comparable([three]) == []
    measured = with_quality(second, measured=0.7, accuracy=None, fidelity=0.9)
    unknown = with_quality(third, measured=None, accuracy=0.99, fidelity=0.9)
    assert comparable([measured, unknown, one]) == [measured]
    axes = drawn((measured, unknown, one))
    assert axes.get_ylabel() == "measured accuracy (unknown of 2, not drawn)"
    assert [point.get_ydata()[0] for point in points(axes)] == [0.7]
    page = front_figure(Comparison((one, two)), scenario("fig6"))
    assert page.axes[0].get_ylabel() == "predicted accuracy (unknown of 1, not drawn)"
    assert [text.get_text() for text in drawn((three,)).texts if text.get_text()] == ["nothing to draw"]


def names(axes: Axes) -> set[str]:
    """Return the names that are written when a figure is drawn, bitwidths as they are written there."""
    ticks = {text for axis in (axes.xaxis, axes.yaxis) for text in axis.get_ticklabels()}
    lines = (text.get_text().splitlines() for text in written(axes.figure) if text in axes.texts and text not in ticks)
    return {line for own in lines for line in own}


def test_names_are_those_of_the_front_first() -> None:
    """With their bitwidths in short; points that are almost the same share a text."""
    results = compared("minilm-module").results
    shown = names(drawn(results))
    best = front(list(results), "peak_memory_bytes")
    assert {"preload_model 32-bit", "preload_model 6-bit"} <= shown
    assert sum(one.planner.replace("[bitwidth=", " ").replace("]", "-bit") in shown for one in best) >= len(best) - 3


def test_room_is_found_out_when_a_picture_is_drawn() -> None:
    """In larger axes there is room for more names; none is left where there is none at all."""
    places = [((x, y), f"planner {x} {y}") for x in range(5) for y in range(5)]
    axes = Figure(figsize=(1.2, 1.2)).subplots()
    axes.plot(*zip(*(place for place, _ in places), strict=True), "o")
    write_names(places, axes)
    few = len(names(axes))
    axes.figure.set_size_inches(9, 9)
    assert few < 5 < len(names(axes)) == 25


def test_a_name_is_nearest_to_its_own_mark() -> None:
    """Or a line leads to it, which touches no other mark; what matters less has no line, and then perhaps no name."""
    marks = [Mark(x, y, 4) for y in (50, 60) for x in (50, 61, 72)]
    room = Room(Box(0, 0, 200, 110), 10, [Box(0, 84, 200, 86)])
    led, alone = (place_names(marks, [(40.0, 10.0)] * len(marks), many, room) for many in (len(marks), 0))
    assert sum(place is not None for place in led) == 6 > sum(place is not None for place in alone)
    for at, place in enumerate(led):
        assert place is not None
        away = [place.box.distance((x, y)) for x, y, _ in marks]
        assert min(away) > 4
        assert place.line or min(away) == away[at]
        assert not any(place.box.meets(other.box) for other in led[:at] if other)
        assert not place.box.meets(room.crossed[0])
        if place.line:
            assert min(Box(*end, *end).distance(marks[at][:2]) for end in place.line) == pytest.approx(4)
    assert not any(place.line for place in alone if place)
