"""The picture of simulated over real shows the spans of both, tells kinds apart, and can be read."""

import warnings
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from legible import assert_legible
from matplotlib.axes import Axes
from matplotlib.colors import rgb_to_hsv, to_rgb
from matplotlib.figure import Figure
from played import Played, played
from validated import stretched, toy_case, with_handoffs

from edgesim.errors import InputError
from edgesim.plot.overlay import draw_overlay, save_overlay
from edgesim.timeline import Timeline

ORDER = ["load", "blocked", "held back", "stall", "hand-off", "decompress", "copy", "compute"]
LONG = "std_pipeline[bitwidth=32,granularity={group: 2}] · 200 ms · 500 kB · unlimited · raspberry-pi-5-nvme"


def everything() -> tuple[Timeline, Timeline]:
    """Return two timelines, the second with every kind that there is."""
    simulated = played(held=True, target_latency="600 ms")[0].timeline
    spans = list(with_handoffs(stretched(simulated, 11, 10), 9_000_000).spans)
    first = next(span for span in spans if span.kind == "compute")
    middle = first.start_ns + 20_000_000
    spans.remove(first)
    spans += [first._replace(kind="copy", end_ns=middle), first._replace(start_ns=middle)]
    spans.append(spans[0]._replace(lane="loader", kind="blocked", start_ns=600_000_000, end_ns=630_000_000))
    real = Timeline(stretched(simulated, 11, 10).requests, tuple(spans))
    assert {span.kind for span in real.spans} == {kind.replace("-", "").replace(" back", "") for kind in ORDER}
    return simulated, real


def drawn(simulated: Timeline, real: Timeline, label: str = "wrx") -> Axes:
    """Draw two timelines as large as in a file."""
    axes = Figure(figsize=(11, 2.5)).add_axes((0.145, 0.2, 0.73, 0.5))
    draw_overlay(label, simulated, real, axes)
    axes.figure.canvas.draw()
    return axes


def legend(axes: Axes) -> list[str]:
    """Return the entries of the legend."""
    box = axes.get_legend()
    assert box is not None
    return [text.get_text() for text in box.get_texts()]


def bars(axes: Axes, side: str) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Return start and end [ms] of the bars by lane and kind of one side."""
    names = {
        round(tick, 2): text.get_text() for tick, text in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    }
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for collection in axes.collections:
        for path in collection.get_paths():
            box = path.get_extents()
            middle = (box.y0 + box.y1) / 2
            lane, _, drawn_side = names[min(names, key=lambda tick: abs(tick - middle))].rpartition(", ")
            if drawn_side == side:
                found.setdefault((lane, str(collection.get_label())), []).append((box.x0, box.x1))
    return found


def test_bars_are_the_spans_of_both(case: Played) -> None:
    """Of the first inference: every span is a bar of its kind on its lane, above simulated, below real."""
    simulated = case[0].timeline
    real = stretched(simulated, 3, 2)
    axes = drawn(simulated, real)
    for side, timeline in (("simulated", simulated), ("real", real)):
        expected: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for span in timeline.spans:
            if span.request == 0:
                kind = {"handoff": "hand-off", "held": "held back"}.get(span.kind, span.kind)
                expected.setdefault((span.lane, kind), []).append((span.start_ns / 1e6, span.end_ns / 1e6))
        found = bars(axes, side)
        assert found.keys() == expected.keys()
        for key, extents in expected.items():
            assert sorted(found[key]) == [pytest.approx(extent) for extent in sorted(extents)]
    end = max(timeline.requests[0].finish_ns for timeline in (simulated, real)) / 1e6
    assert axes.get_xlim() == (0, pytest.approx(1.01 * end))


def test_the_legend_has_one_order() -> None:
    """Whatever comes first in time, and only what is drawn."""
    simulated, real = everything()
    assert legend(drawn(simulated, real)) == legend(drawn(real, simulated)) == ORDER
    case = toy_case()
    assert legend(drawn(case.simulated, case.simulated)) == ["load", "stall", "compute"]


def test_kinds_can_be_told_apart_without_colours() -> None:
    """No two filled kinds of the executor are equally light, and what waits is hatched, each otherwise."""
    axes = drawn(*everything())
    looks = {str(collection.get_label()): collection for collection in axes.collections}
    hatched = {kind: look.get_hatch() for kind, look in looks.items() if look.get_hatch()}
    assert set(hatched) == {"blocked", "held back", "stall"}
    assert len(set(hatched.values())) == 3
    colours = {kind: to_rgb(looks[kind].get_facecolor()[0]) for kind in ("decompress", "copy", "compute", "hand-off")}
    light = {kind: 0.2126 * r**2.2 + 0.7152 * g**2.2 + 0.0722 * b**2.2 for kind, (r, g, b) in colours.items()}
    for a, b in combinations(colours, 2):
        apart = abs(light[a] - light[b]) > 0.1 or abs(rgb_to_hsv(colours[a])[0] - rgb_to_hsv(colours[b])[0]) > 0.2
        assert apart, (a, b)


def test_the_figures_stand_below_the_name() -> None:
    """With units and signs, and which line is which; a long name is cut where the lanes end."""
    simulated, real = everything()
    for label in ("wrx", LONG, LONG + " · " + LONG):
        axes = drawn(simulated, real, label)
        title, (figures,) = axes._left_title, axes.texts
        shown = title.get_text().removesuffix(" …")
        assert label.startswith(shown)
        assert shown.startswith(label[:80])
        assert figures.get_text() == ("simulated 577.6 ms (solid line)  ·  real 635.3 ms (dashed)  ·  error -9.09 %")
        boxes = [text.get_window_extent() for text in (title, figures, axes.get_legend())]
        boxes += [axes.get_window_extent()]
        for above, below in pairwise(boxes):
            assert above.y0 >= below.y1 - 1
        assert boxes[0].x1 <= boxes[-1].x1 + 1
        assert_legible(axes.figure)


def test_names_are_text() -> None:
    """Neither formulas nor characters that a font does not have."""
    case = toy_case()
    odd = Timeline(case.simulated.requests, tuple(span._replace(lane="$x$\x07") for span in case.simulated.spans))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = drawn(odd, odd, "$\\frac$\x1b[2J")
    assert axes.get_title(loc="left") == "$\\frac$\\x1b[2J"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["$x$\\x07, simulated", "$x$\\x07, real"]


def test_a_file_has_every_plan_and_the_same_bytes(tmp_path: Path) -> None:
    """In the order given; written twice, nothing differs."""
    case = toy_case()
    pairs = [(name, case.simulated, stretched(case.simulated, 2)) for name in ("first plan", "second plan")]
    for name in ("x.svg", "x.png", "x.pdf"):
        save_overlay(pairs, tmp_path / name)
        save_overlay(pairs, tmp_path / f"again-{name}")
        assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()
    text = (tmp_path / "x.svg").read_text()
    assert -1 < text.find("first plan") < text.find("second plan")
    with pytest.raises(InputError, match="the suffix is the format of a plot"):
        save_overlay(pairs, tmp_path / "x.gif")
