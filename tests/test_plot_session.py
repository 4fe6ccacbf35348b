"""The picture of a session shows its inferences, what is promised, and what the device did; nothing is left unsaid."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from days import day
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edgesim import read_scenario, run
from edgesim.plot import figure, glance
from edgesim.plot.session import heights
from edgesim.plot.strip import busy_shares, device_rows
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import Span

COLOURS = {"met": "#0072b2", "missed": "#d55e00", "restarted": "#f0e442"}


def drawn(result: Result, scenario: Scenario) -> list[Axes]:
    """Draw one session."""
    panels = list(Figure(figsize=(10, 8)).subplots(len(heights(result))))
    glance(result, scenario, panels)
    return panels


def dots(axes: Axes, label: str) -> list[tuple[float, float]]:
    """Return where the dots of one label are, in order of time."""
    found = [collection for collection in axes.collections if collection.get_label() == label]
    return sorted((float(x), float(y)) for collection in found for x, y in np.asarray(collection.get_offsets()))


def line(axes: Axes, label: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the points of one line."""
    (found,) = (each for each in axes.lines if each.get_label() == label)
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def legend(axes: Axes) -> set[str]:
    """Return the entries of a legend."""
    box = axes.get_legend()
    assert box is not None
    return {text.get_text() for text in box.get_texts()}


def test_every_inference_is_a_dot() -> None:
    """It stands at its question and its latency, under what became of it: met, missed, or restarted before."""
    result, scenario = day()
    for axes, each in zip(drawn(result, scenario), (result, *result.beside), strict=False):
        expected: dict[str, list[tuple[float, float]]] = {"met": [], "missed": [], "restarted": []}
        for row in each.requests:
            kind = "restarted" if row.restarted else "met" if row.meets_target else "missed"
            expected[kind].append((row.arrival_ns / 60e9, row.latency_ns / 1e6))
        assert all(expected.values())
        for kind, places in expected.items():
            assert np.array(dots(axes, kind)) == pytest.approx(np.array(sorted(places)))
        assert axes.get_yscale() == "log"
        assert legend(axes) == {"met", "missed", "restarted", "target", "killed"}


def test_kinds_differ_in_colour_and_in_shape() -> None:
    """No two kinds of dots have the same colour or the same marker, so that eyes of all kinds tell them apart."""
    axes = drawn(*day())[0]
    shapes = {str(found.get_label()): found.get_paths()[0].vertices.tobytes() for found in axes.collections
              if found.get_label() in COLOURS}  # fmt: skip
    assert shapes.keys() == COLOURS.keys()
    assert len(set(shapes.values())) == len(shapes)
    colours = {tuple(found.get_facecolor()[0]) for found in axes.collections if found.get_label() in COLOURS}
    assert len(colours) == len(COLOURS)


def test_the_target_is_a_line_that_may_change() -> None:
    """It stands at each app's target, and steps where the schedule changes it."""
    result, scenario = day()
    for axes, target_ms in zip(drawn(result, scenario), (200, 400), strict=False):
        assert set(line(axes, "target")[1]) == {target_ms}
        assert axes.get_ylim()[0] < target_ms < axes.get_ylim()[1]
    changes = {"workload": {"inferences": 20}, "schedule": [{"at": "1 s", "target_latency": "300 ms"}]}
    changed = read_scenario("quickstart", changes)
    moments, levels = line(drawn(run(changed, "wrx"), changed)[0], "target")
    assert list(levels) == [200, 300, 300]
    assert list(moments[:2]) == [0, 1]


def test_kills_stand_where_they_were() -> None:
    """Each kill of an app is a cross in its own panel."""
    result, scenario = day()
    for name, axes in zip(("keyboard", "assistant"), drawn(result, scenario), strict=False):
        kills = [span.start_ns / 60e9 for span in result.timeline.spans if span.kind == "evicted" and span.app == name]
        assert kills
        assert [x for x, _ in dots(axes, "killed")] == pytest.approx(sorted(kills))


def test_shares_are_of_the_last_inferences() -> None:
    """The lines end at the share of the last 20 that met the target, and that found the model ready."""
    result, scenario = day()
    axes = drawn(result, scenario)[2]
    assert {"keyboard: met", "keyboard: ready", "assistant: met"} <= legend(axes)
    last = result.requests[-20:]
    assert line(axes, "keyboard: met")[1][-1] == pytest.approx(5 * sum(row.meets_target for row in last))
    assert line(axes, "keyboard: ready")[1][-1] == pytest.approx(5 * sum(not row.restarted for row in last))
    quiet = drawn(*day(apps=1, disturbed=False))[-1]
    assert legend(quiet) == {"met"}


def test_of_many_apps_the_shares_are_of_those_that_meet_least() -> None:
    """As many as there are colours; it is said, and all have their dots."""
    result, scenario = day()
    other, *_ = result.beside
    fractions = {"a": 0.9, "b": 0.2, "c": 0.5, "d": 0.1, "e": 0.4, "f": 0.95}
    beside = tuple(
        replace(other, scenario=name, metrics=replace(other.metrics, target_met_fraction=fraction))
        for name, fraction in fractions.items()
    )
    apps = {name: next(iter(scenario.apps.values())).model_copy(update={"app": name}) for name in fractions}
    most = replace(result.metrics, target_met_fraction=0.8)
    done = replace(result, metrics=most, beside=beside)
    panels = drawn(done, scenario.model_copy(update={"apps": apps}))
    shares = panels[1 + len(fractions)]
    assert {label.split(":")[0] for label in legend(shares)} == {"b", "c", "d", "e"}
    assert "of the 4 apps that meet their targets least (b: 20, c: 20, d: 20, e: 20)" in shares.get_title("left")
    assert all(axes.collections for axes in panels[: 1 + len(fractions)])
    box = shares.get_legend()
    assert box is not None
    points = shares.figure.dpi_scale_trans.transform((0, heights(done)[-2]))[1]
    assert box.get_window_extent().height <= points


def test_the_device_has_a_row_for_what_happened() -> None:
    """Background, pauses, a slow clock and others that were killed; nothing of it where nothing happened."""
    result, scenario = day()
    axes = drawn(result, scenario)[-1]
    names = ["background IO", "flash pauses", "slow clock", "others killed"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == names
    assert result.device_use
    rows = {row.name: len(row.spans) for row in device_rows(result)}
    use = result.device_use
    assert (rows["background IO"], rows["flash pauses"], rows["others killed"]) == (
        use.background_ios, use.pauses, use.evicted_others,
    )  # fmt: skip
    assert len(heights(day(apps=1, disturbed=False)[0])) == 2


def test_bands_are_as_dark_as_the_device_was_busy() -> None:
    """Busy shares of even parts add up to the time of all spans, overlapping ones twice."""
    spans = [Span(-1, "x", "loader", "read", -1, start, end, 0) for start, end in ((0, 100), (50, 150), (400, 410))]
    edges, shares = busy_shares(spans, 1000.0)
    assert float(np.sum(shares * np.diff(edges))) == pytest.approx(210)
    assert shares[np.searchsorted(edges, 60) - 1] == pytest.approx(2)
    assert not shares[edges[:-1] >= 410].any()


def test_inferences_asked_for_at_once_stand_at_their_answers() -> None:
    """Else all dots of an offline session would stand at its start."""
    scenario = read_scenario("quickstart", {"workload": {"kind": "offline", "inferences": 12}})
    result = run(scenario, "wrx")
    axes = drawn(result, scenario)[0]
    found = sorted([*dots(axes, "met"), *dots(axes, "missed")])
    assert [x for x, _ in found] == pytest.approx([row.finish_ns / 1e9 for row in result.requests])


def test_titles_say_what_is_shown() -> None:
    """With all kept, how many there are; else how many of them are there, and where the rest would be is hatched."""
    result, scenario = day()
    panels, (own, other) = drawn(result, scenario), (len(result.requests), len(result.beside[0].requests))
    assert f"odroid-n2plus, {own + other} inferences" in [text.get_text() for text in panels[0].texts]
    assert f"{result.metrics.target_met_fraction:.1%} within 200.0 ms" in panels[0].get_title(loc="left")
    cut = replace(result, requests=result.requests[:10], timeline=replace(
        result.timeline, requests=result.timeline.requests[:10],
        spans=tuple(span for span in result.timeline.spans if -1 < span.request < 10),
    ))  # fmt: skip
    panels = drawn(cut, scenario)
    assert f"odroid-n2plus, the first {10 + other} of {own + other} inferences" in [
        text.get_text() for text in panels[0].texts
    ]
    assert f"first 10 of {own} inferences" in panels[0].get_title(loc="left")
    assert "not kept" in legend(panels[0])
    assert "not kept" not in legend(panels[1])


def test_the_unit_of_time_suits_the_session() -> None:
    """Seconds, minutes or hours, on every panel the same."""
    quick = read_scenario("quickstart", {"workload": {"inferences": 20}})
    assert drawn(run(quick, "wrx"), quick)[-1].get_xlabel() == "time [s]"
    panels = drawn(*day())
    assert panels[-1].get_xlabel() == "time [min]"
    assert len({axes.get_xlim() for axes in panels}) == 1
    slow = read_scenario("quickstart", {"workload": {
        "kind": "engagements", "engagements": 9, "inferences": 1, "think_time": "1 s", "gap": "30 min"}})  # fmt: skip
    assert drawn(run(slow, "wrx"), slow)[-1].get_xlabel() == "time [h]"


def test_nothing_leaves_the_paper_and_panels_do_not_touch() -> None:
    """Titles, labels and legends of two sessions lie inside the figure, each panel below the one before."""
    result, scenario = day()
    drawing = figure([(scenario, result), (scenario, result)])
    drawing.canvas.draw()
    for axes in drawing.axes:
        box = axes.get_tightbbox()
        assert box is not None
        assert (box.x0 >= 0, box.y0 >= 0) == (True, True)
        assert (box.x1 <= drawing.bbox.x1, box.y1 <= drawing.bbox.y1) == (True, True)
    boxes = [axes.get_position() for axes in drawing.axes]
    assert len(boxes) == 8
    assert all(above.y0 > below.y1 for above, below in itertools.pairwise(boxes))
