"""Maps of plans show every shard, and staircases every budget, as they are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from pictured import BITS, model, plan, planned, scenario

from edgesim import InputError, Model, Plan, draw_budgets, draw_plan
from edgesim.cost import bits_of
from edgesim.plot import plan_figure
from edgesim.plot.contrast import luminance
from edgesim.plot.look import LOAD, LOOKS

MINUS = "\N{MINUS SIGN}"


def mapped(one: Plan, its_model: Model | None = None) -> Axes:
    """Draw the map of a plan."""
    axes = Figure(figsize=(9, 5)).subplots()
    draw_plan(one, axes, its_model)
    return axes


def stepped(one: Plan) -> Axes:
    """Draw the budgets of a plan."""
    axes = Figure(figsize=(9, 5)).subplots()
    draw_budgets(one, axes)
    return axes


def fields(axes: Axes, number: int = 0) -> np.ndarray:
    """Return the colours of one of the maps, (L, S, 3)."""
    mesh = [found for found in axes.collections if isinstance(found, QuadMesh)][number]
    return np.asarray(mesh.get_array())[..., :3]


def shades(axes: Axes) -> dict[str, tuple[float, ...]]:
    """Return the colours that the key lists."""
    return {
        str(handle.get_label()): to_rgb(handle.get_facecolor())
        for handle in axes.get_legend().legend_handles
        if hasattr(handle, "get_facecolor")
    }


def key(axes: Axes) -> list[str]:
    """Return the entries of the key."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def notes(axes: Axes) -> list[str]:
    """Return what is written into and around some axes."""
    return [text.get_text() for text in axes.texts if text.get_text()]


@pytest.mark.parametrize(("name", "planner"), [("fig6", "wrx"), ("quickstart", "wrx"), ("minilm-module", "oracle")])
def test_every_cell_has_the_colour_and_the_number_of_its_bitwidth(name: str, planner: str) -> None:
    """With the model every shard has its place, the first layer on top; those that are not executed are empty."""
    one, its_model = planned(name, planner), scenario(name).model
    axes = mapped(one, its_model)
    bits, found = bits_of(one), fields(axes)
    written = {text.get_position(): text.get_text() for text in axes.texts if text.get_text().isdigit()}
    assert found.shape == (its_model.layers, its_model.shards_per_layer, 3)
    for layer in range(its_model.layers):
        for shard in range(its_model.shards_per_layer):
            width = bits.get((layer, shard))
            colour = LOOKS[LOAD(width)]["facecolor"] if width else "#f0f0f0"
            assert tuple(found[layer, shard]) == pytest.approx(to_rgb(colour))
            assert written.get((shard, layer), "") == (str(width) if width else "")
    assert axes.yaxis_inverted()
    widths = sorted(set(bits.values()))
    empty = ["not executed"] if len(bits) < found.shape[0] * found.shape[1] else []
    assert key(axes) == [*(f"{width} bits" for width in widths), *["preloaded"] * bool(one.preload), *empty]
    for width in widths:
        assert shades(axes)[f"{width} bits"] == pytest.approx(to_rgb(LOOKS[LOAD(width)]["facecolor"]))


def test_without_a_model_only_what_is_executed_is_there() -> None:
    """Rows are the plan's layers and columns its slices, with their numbers in the model."""
    one = Plan(layers=(2, 7), shards=((1, 4), (4, 9)), bitwidths=((2, 32), (6, 3)))
    axes = mapped(one)
    empty = to_rgb("#f0f0f0")
    bits = [[2, 32, None], [None, 6, 3]]
    for row, widths in enumerate(bits):
        for column, width in enumerate(widths):
            wanted = to_rgb(LOOKS[LOAD(width)]["facecolor"]) if width else empty
            assert tuple(fields(axes)[row, column]) == pytest.approx(wanted)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["2", "7"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "4", "9"]
    assert "none preloaded, nothing to read" in notes(axes)


def test_preloaded_shards_have_a_corner() -> None:
    """One mark in the cell of each, inside at its top left, whatever colours are: black on white."""
    one = planned("quickstart")
    axes = mapped(one, scenario("quickstart").model)
    (marks,) = axes.lines
    places = {(int(np.floor(y + 0.5)), int(np.floor(x + 0.5))) for x, y in np.asarray(marks.get_xydata()).tolist()}
    assert places == set(one.preload)
    assert (marks.get_markerfacecolor(), marks.get_markeredgecolor()) == ("white", "black")
    assert f"{len(one.preload)} preloaded, 3 reads of 5.11 MB in all" in notes(axes)
    assert "preloaded" not in key(mapped(replace(one, preload=())))


def test_the_importance_stands_beside() -> None:
    """A second map, dark where it is large to either side of 0, with a minus where it is below 0, and its range."""
    its_model = scenario("minilm-module").model
    axes = mapped(planned("minilm-module"), its_model)
    values = np.array(its_model.importance.values)
    light = np.array([[luminance(field) for field in row] for row in fields(axes, 1)])
    order = np.argsort(np.abs(values), axis=None)
    assert light.ravel()[order[-1]] < light.ravel()[order[len(order) // 2]] < light.ravel()[order[0]]
    assert notes(axes).count(MINUS) == (values < 0).sum()
    assert f"importance [accuracy gained]\n{MINUS}0.056 (violet) to 0.072 (orange)" in notes(axes)
    violet, orange = fields(axes, 1)[values == values.min()][0], fields(axes, 1)[values == values.max()][0]
    assert violet[2] > violet[1]
    assert orange[0] > orange[2]
    assert "importance [accuracy gained]\n0.1 to 0.3 (dark)" in notes(mapped(planned("fig6"), scenario("fig6").model))


def test_importance_that_was_not_measured_is_told_not_drawn() -> None:
    """One map, and words; without a model nothing is said of it."""
    axes = mapped(planned("quickstart"), scenario("quickstart").model)
    assert axes.get_xlabel() == "shard (importance not measured: all count alike)"
    assert sum(isinstance(found, QuadMesh) for found in axes.collections) == 1
    assert mapped(planned("quickstart")).get_xlabel() == "shard"


def test_numbers_in_cells_can_be_read() -> None:
    """Dark on bright, or white on dark: a contrast of at least 4.5; in cells that are too small there are none."""
    axes = mapped(plan(8, 12), model(8, 12, measured=True))
    maps = {0: fields(axes), 1: fields(axes, 1)}
    numbers = [text for text in axes.texts if text.get_text().isdigit() or text.get_text() == MINUS]
    assert {text.get_text() for text in numbers} == {*map(str, BITS), MINUS}
    for text in numbers:
        x, y = text.get_position()
        beside = x > 11.5
        field = maps[beside][round(y), round(x - 12 * 1.06 * beside)]
        low, high = sorted((luminance(field), luminance(to_rgb(str(text.get_color())))))
        assert (high + 0.05) / (low + 0.05) >= 4.5, text.get_text()
    assert not [text for text in notes(mapped(plan(48, 128))) if text.isdigit()]


def test_a_plan_for_another_model_is_refused() -> None:
    """One line: which shard, and what the model has."""
    with pytest.raises(
        InputError, match=r"^draw_plan: the plan is for another model, with a shard 3 of layer 0; .* 2 x 3$"
    ):
        mapped(plan(2, 4), scenario("fig6").model)


def test_titles_say_how_large_a_plan_is() -> None:
    """Layers by shards, out of how many; a range where layers differ."""
    assert mapped(planned("quickstart"), scenario("quickstart").model).get_title("left") == "3 x 5 of 12 x 12 shards"
    assert mapped(planned("fig6"), scenario("fig6").model).get_title("left") == "All 2 x 3 shards"
    uneven = Plan(layers=(0, 1), shards=((0,), (0, 1)), bitwidths=((2,), (2, 2)))
    assert mapped(uneven).get_title("left") == "2 x 1-2 shards"


def values(axes: Axes, label: str) -> tuple[Sequence[float], Sequence[float]]:
    """Return upper and lower ends of one stair of the staircase [ms]."""
    (stair,) = (patch for patch in axes.patches if patch.get_label() == label)
    assert isinstance(stair, StepPatch)
    upper, edges, lower = stair.get_data()
    assert list(edges) == [at - 0.5 for at in range(len(upper) + 1)]
    return list(upper), list(np.broadcast_to(0 if lower is None else lower, len(upper)))


def test_the_staircase_is_the_plan_s_budgets() -> None:
    """Before any charge on top, then what earlier layers and the own one were charged, and what is left over."""
    one = planned("quickstart")
    axes = stepped(one)
    initial, left = ([ns / 1e6 for ns in budget] for budget in (one.io_budget_initial_ns, one.io_budget_ns))
    before = [
        initial[0],
        *(whole - (first - rest) for whole, first, rest in zip(initial[1:], initial, left, strict=False)),
    ]
    assert values(axes, "before any charge")[0] == initial
    assert values(axes, "left over") == (left, [0] * len(left))
    assert values(axes, "own charge") == (pytest.approx(before), left)
    assert values(axes, "earlier charges") == (initial, pytest.approx(before))
    assert "every budget holds; the tightest has 0.491 ms left" in notes(axes)
    assert [text for text in notes(axes) if text.replace(".", "").isdigit()] == ["0.491", "37.3", "76.8"]
    assert axes.get_ylabel() == "accumulated IO budget [ms]"
    assert "broken" not in key(axes)


def test_budgets_below_zero_are_broken_in_words_and_looks() -> None:
    """Hatched red from 0 down, a red number, and how many by how much."""
    one = planned("quickstart", "wrx[variant=as_published]", load_buffer="unlimited")
    axes = stepped(one)
    upper, lower = values(axes, "broken")
    assert upper == [0, 0, 0]
    assert lower == [one.io_budget_ns[0] / 1e6, 0, 0]
    (stair,) = (patch for patch in axes.patches if patch.get_label() == "broken")
    assert stair.get_hatch()
    assert "1 of 3 are broken, by 9.1 ms at most" in notes(axes)
    assert [text.get_color() for text in axes.texts if text.get_text() == f"{MINUS}9.09"] == ["#c8102e"]
    assert key(axes)[-1] == "broken"


def test_layers_are_those_of_the_model() -> None:
    """Their numbers stand below the steps."""
    one = replace(plan(3, 2), layers=(1, 4, 8))
    assert [tick.get_text() for tick in stepped(one).get_xticklabels()] == ["1", "4", "8"]


def test_a_plan_without_budgets_says_so() -> None:
    """Instead of an empty frame."""
    axes = stepped(plan(2, 2, budgets=False))
    assert notes(axes) == ["This planner keeps no IO budgets."]
    assert not axes.axison


def test_a_page_has_the_map_and_the_budgets_if_there_are_any() -> None:
    """Side by side, or the map alone; the more layers the higher, within limits."""
    assert len(plan_figure(planned("quickstart"), scenario("quickstart").model).axes) == 2
    assert len(plan_figure(plan(3, 3, budgets=False)).axes) == 1
    heights = [plan_figure(plan(layers, 1, budgets=False)).get_figheight() for layers in (4, 20, 40, 80)]
    assert heights == sorted(heights)
    assert heights[-1] == heights[-2] <= 8
