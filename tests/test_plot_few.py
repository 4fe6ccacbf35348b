"""Few inferences of a session are drawn lane by lane, with who else used the device meanwhile."""

from dataclasses import replace

import pytest
from days import day
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from played import played

from edgesim import read_scenario, run
from edgesim.plot import MOST_REQUESTS, gantt
from edgesim.plot.page import is_short


def legend(axes: Axes) -> set[str]:
    """Return the entries of a legend."""
    box = axes.get_legend()
    assert box is not None
    return {text.get_text() for text in box.get_texts()}


def test_short_sessions_are_drawn_one_by_one() -> None:
    """Up to three inferences of one app, or up to eight that fill their time; all others at a glance."""
    assert is_short(played()[0])
    assert is_short(played(workload={"inferences": 3})[0])
    assert is_short(played(workload={"inferences": MOST_REQUESTS})[0])
    assert not is_short(played(workload={"inferences": MOST_REQUESTS + 1})[0])
    assert not is_short(day()[0])
    sparse = {"kind": "engagements", "engagements": 5, "inferences": 1, "think_time": "1 s", "gap": "30 s"}
    scenario = read_scenario("quickstart", {"workload": sparse})
    assert not is_short(run(scenario, "wrx"))


def test_with_one_timeline_kept_the_rest_is_said_to_be_lost() -> None:
    """The first inference is drawn, and the title says that the others cannot be."""
    result, scenario = day(keep_spans=False)
    assert is_short(result)
    axes, memory_axes = Figure(figsize=(10, 4)).subplots(2)
    gantt(result, scenario, axes, memory_axes)
    title = axes.get_title(loc="right")
    assert result.service
    assert f"first 1 of {result.service.inferences} inferences" in title
    assert "cannot be drawn: their timelines were not kept" in title


def test_what_others_do_has_lanes_of_its_own() -> None:
    """Few inferences are drawn from the first question on, with the clock and who else used the storage below."""
    result, scenario = day()
    few = replace(
        result, beside=(), requests=result.requests[:3],
        timeline=replace(result.timeline, requests=result.timeline.requests[:3]),
    )  # fmt: skip
    axes, memory_axes = Figure(figsize=(10, 8)).subplots(2)
    gantt(few, scenario, axes, memory_axes)
    lanes = [tick.get_text() for tick in axes.get_yticklabels()]
    assert lanes[:3] == ["loader", "executor", "clock"]
    assert {"camera", "gallery"} <= set(lanes[3:]) <= {"camera", "gallery", "flash"}
    assert "memory" not in lanes
    assert {"slow clock", "other write", "other read", "queued"} <= legend(axes)
    start = min(path.get_extents().x0 for found in axes.collections for path in found.get_paths())
    assert start == pytest.approx(0, abs=1e-6)
    assert memory_axes.get_xlabel() == "time after the first question [ms]"


def test_a_restart_is_drawn() -> None:
    """What the model always holds is read again after a kill, and the bar of that has an entry of its own."""
    result, scenario = day()
    index = next(number for number, row in enumerate(result.requests) if row.restarted)
    alone = replace(result, beside=(), requests=result.requests[index : index + 1], timeline=replace(
        result.timeline, requests=result.timeline.requests[index : index + 1]))  # fmt: skip
    axes, memory_axes = Figure(figsize=(10, 8)).subplots(2)
    gantt(alone, scenario, axes, memory_axes)
    assert "restore" in legend(axes)
