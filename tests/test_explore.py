"""Sliders: what they show is what the command line would, and they never show a traceback."""

import re
import sys
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from shells import Page

import edgesim
from edgesim.notebook.cells import plan_svg
from edgesim.notebook.lanes import lanes_svg
from edgesim.notebook.settings import Desk, Planned, Setting
from edgesim.notebook.widgets import Panel
from edgesim.questions.changing import changed_scenario
from edgesim.result import Result
from edgesim.units import LARGEST


def panel(name: str, changes: dict[str, object] | None = None) -> Panel:
    """Return the panel of a shipped scenario, with some changes."""
    return edgesim.explore(edgesim.read_scenario(name, changes))


def move(one: Panel, **values: object) -> Panel:
    """Move sliders."""
    for name, value in values.items():
        getattr(one, f"_{name}").value = value
    return one


def of(html: str, what: str) -> list[ET.Element]:
    """Return the elements of some kind in all pictures of a panel, which must be well-formed."""
    pictures = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert pictures
    return [element for picture in pictures for element in ET.fromstring(picture).iter(what)]


def drawn(name: str) -> str:
    """Return the lanes of a shipped scenario's first planner."""
    scenario = edgesim.read_scenario(name)
    return lanes_svg(edgesim.run(scenario), scenario)


def told(result: Result | None) -> object:
    """Return what a result says, whatever it is of."""
    assert result is not None
    return result.plan, result.metrics, result.requests, result.timeline


def test_at_first_it_shows_the_scenario() -> None:
    """The sliders stand where the file does."""
    one = edgesim.explore("quickstart")
    assert told(one.result) == told(edgesim.run("quickstart"))
    assert one.setting == (200_000_000, 1_000_000, 83_440_000, "wrx")


@pytest.mark.parametrize(
    ("moved", "changes", "planner"),
    [
        ({"target": 400_000_000}, {"target_latency": "400 ms"}, "wrx"),
        ({"preload": 0}, {"preload_buffer": "0 B"}, "wrx"),
        ({"flash": 42_000_000}, {"storage.read.bandwidth": "42 MB/s"}, "wrx"),
        ({"planner": "std_pipeline[bitwidth=6]"}, {}, "std_pipeline[bitwidth=6]"),
        (
            {"target": 320_000_000, "preload": 2_000_000, "flash": 170_000_000},
            {"target_latency": "320 ms", "preload_buffer": "2 MB", "storage.read.bandwidth": "170 MB/s"},
            "wrx",
        ),
    ],
)
def test_moving_sliders_is_changing_the_file(
    moved: dict[str, object], changes: dict[str, object], planner: str
) -> None:
    """The same plan, timeline and figures as `edgesim.run` of the changed scenario, and other ones than before."""
    one = panel("quickstart")
    before = one.html
    move(one, **moved)
    wanted = edgesim.run(edgesim.read_scenario("quickstart", changes), planner)
    assert told(one.result) == told(wanted)
    assert one.html != before
    latency = f"{wanted.metrics.latency_ns / 1e6:.1f} ms of {wanted.metrics.target_latency_ns / 1e6:.1f} ms:"
    assert latency in Page(one.html).cells


def test_a_table_of_reads_is_faster_or_slower_as_a_whole() -> None:
    """In percent of what was measured; the panel says so."""
    one = move(panel("phone-ufs4"), flash=500)
    scenario = edgesim.read_scenario("phone-ufs4")
    rows = scenario.device.storage.read.table
    slower = {("device", "storage", "read", "table", row, 1): f"{-(-ns * 2)} ns"
              for row, (_, ns) in enumerate(scenario.device.storage.points[1])}  # fmt: skip
    assert rows is not None
    assert told(one.result) == told(edgesim.run(changed_scenario(scenario, slower)))
    assert any("measured as a table" in child.value for child in one.children[4:-1])


def test_what_cannot_be_is_a_sentence_where_the_picture_was() -> None:
    """That of the error, escaped; and the next move shows a picture again."""
    one = panel("quickstart", {"target_latency": "200 ms"})
    move(one, target=40_000_000)
    assert one.result is None
    with pytest.raises(edgesim.InfeasibleError) as caught:
        edgesim.run(edgesim.read_scenario("quickstart", {"target_latency": "40 ms"}))
    page = Page(one.html)
    assert page.cells[0] == str(caught.value)
    assert page.of("p")[0]["role"] == "alert"
    assert "<svg" not in one.html
    assert "<svg" in move(one, target=200_000_000).html


def test_any_mistake_of_a_planner_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several lines stay lines, and markup is none."""

    def fail(*_: object) -> Result:
        raise edgesim.PluginError("<b>bold</b>\nand more")

    monkeypatch.setattr("edgesim.notebook.settings.run", fail)
    page = Page(edgesim.explore("quickstart").html)
    assert page.cells[:2] == ["<b>bold</b>", "and more"]
    assert not page.of("b")


@pytest.mark.parametrize("name", ["quickstart", "minilm-signature", "paper-odroid-400ms"])
def test_the_map_has_every_shard_of_the_plan(name: str) -> None:
    """A cell for each, which tells its layer, bitwidth and whether it is preloaded."""
    scenario = edgesim.read_scenario(name)
    plan = edgesim.plan(scenario, "wrx")
    titles = [element.text or "" for element in of(plan_svg(plan, scenario.model), "title")]
    assert len(titles) == sum(map(len, plan.shards))
    assert sum(title.endswith(", preloaded") for title in titles) == len(plan.preload)
    layer, shard, bits = plan.layers[1], plan.shards[1][0], plan.bitwidths[1][0]
    assert any(title.startswith(f"layer {layer}, shard {shard}: {bits} bits, ") for title in titles)


def test_the_lanes_have_every_span() -> None:
    """Bars as long as the spans are, loads divided by their bitwidths, and the target."""
    html = drawn("quickstart")
    bars = [element for element in of(html, "rect") if element.find("title") is not None]
    kinds = [(element.find("title").text or "").partition(":")[0] for element in bars]  # type: ignore[union-attr]
    counted = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counted == {"load, 5-bit": 3, "load, 6-bit": 1, "blocked": 1, "stall": 1, "decompress": 3, "compute": 3}
    wide = {kind: sum(float(bar.get("width") or 0) for bar, own in zip(bars, kinds, strict=True) if own == kind)
            for kind in counted}  # fmt: skip
    assert wide["compute"] / wide["decompress"] == pytest.approx(156 / 30, rel=1e-3)
    assert "target 200.0 ms" in [element.text for element in of(html, "text")]
    assert not {"load"} & {unescape(text) for text in Page(html).cells}


def test_a_long_reply_is_drawn_in_part_and_it_is_said() -> None:
    """Its first spans only, so that the picture stays small."""
    html = drawn("reply")
    texts = [element.text or "" for element in of(html, "text")]
    assert any(re.fullmatch(r"time \[ms\], the first [\d,]+ of [\d,]+ ms", text) for text in texts)
    assert len(html) < 150_000
    assert any("Of a reply the first 8 tokens" in child.value for child in panel("reply").children[4:-1])


@pytest.mark.parametrize("name", ["day", "engagements", "replan", "two-apps", "experts"])
def test_a_session_is_explored_by_one_inference(name: str) -> None:
    """Undisturbed and alone, and the panel says so where there is more."""
    one = panel(name)
    assert one.result is not None
    assert len(one.result.requests) == 1
    assert any("One inference on a device" in child.value for child in one.children[4:-1]) is (name != "experts")


def test_sliders_have_the_scenario_s_values() -> None:
    """Rising, each once, none of preload too; whatever the numbers of the scenario are."""
    for name in ("quickstart", "phone-ufs4", "fig6", "reply", "experts"):
        desk = Desk(edgesim.read_scenario(name))
        for options, own in (
            (desk.targets(), desk.own.target_ns),
            (desk.preloads(), desk.own.preload_bytes),
            (desk.speeds(), desk.own.flash),
        ):
            values = [value for _, value in options]
            assert values == sorted(set(values))
            assert own in values
            assert len({text for text, _ in options}) == len(values)
        assert desk.preloads()[0] == ("0 B", 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"target_latency": "1 ns"},
        {"target_latency": f"{LARGEST} ns"},
        {"storage.read.bandwidth": "1 B/s"},
        {"storage.read.bandwidth": f"{LARGEST} B/s"},
    ],
)
def test_sliders_end_where_files_do(changes: dict[str, str]) -> None:
    """No value is 0 or too large to be written, and the scenario's own is among several."""
    desk = Desk(edgesim.read_scenario("quickstart", changes))
    for options, own in ((desk.targets(), desk.own.target_ns), (desk.speeds(), desk.own.flash)):
        values = [value for _, value in options]
        assert values[0] >= 1
        assert values[-1] <= LARGEST
        assert len(values) > 2
        assert own in values


def test_without_ipywidgets_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one sentence, with the extra."""
    monkeypatch.delitem(sys.modules, "edgesim.notebook.widgets")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(edgesim.InputError, match=r"ipywidgets is needed .* pip install 'edgesim\[notebook\]'"):
        edgesim.explore("quickstart")


def test_a_slow_planner_has_a_sign_while_it_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """So has one that made no plan yet; one that was quick has none, and none is left, whatever a planner does."""
    one, signs, seconds = edgesim.explore("quickstart"), list[str](), [0.01, 0.3, 0.01, 0.01]
    plan = one._desk.plan

    def planned(setting: Setting) -> Planned:
        signs.append(one._sign.value)
        if not seconds:
            raise RuntimeError("a bug")
        return plan(setting)._replace(seconds=seconds.pop(0))

    monkeypatch.setattr(one._desk, "plan", planned)
    one._took_s.clear()
    for target in one._desk.targets()[:4]:
        assert move(one, target=target[1])._sign.value == ""
    assert [bool(sign) for sign in signs] == [True, False, True, False]
    assert "wrx is planning" in signs[0]
    with pytest.raises(RuntimeError, match="a bug"):
        move(one, planner="oracle")
    assert "oracle is planning" in signs[-1]
    assert one._sign.value == ""
