"""Pages as text: what is in them, what cannot get in, and what is refused; a browser has its own tests."""

import json
import re
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import accumulate
from pathlib import Path

import pytest
from strategies import toy_model, toy_plan
from validated import campaign_of, stretched_run, toy_case

from edgesim import Metrics, Result, compare, read_scenario, revalidate, run
from edgesim.cli import main
from edgesim.pages.basis import bases
from edgesim.pages.cases import buffer_steps
from edgesim.pages.embedding import embedded
from edgesim.pages.figures import DEVICE_USE, METRICS, SERVICE
from edgesim.pages.looks import KINDS, look_of
from edgesim.pages.packing import packed_column, packed_result
from edgesim.pages.plan_maps import importance_map, plan_map
from edgesim.pages.planners import described
from edgesim.pages.points import Asked, points_of
from edgesim.pages.results import results_page
from edgesim.pages.scales import round_numbers
from edgesim.pages.scatter import Scatter, scatters
from edgesim.pages.staircase import staircase
from edgesim.pages.summary import best
from edgesim.pages.tables import sort_key
from edgesim.pages.texts import scenario_text
from edgesim.pages.timelines import drawn, first_view
from edgesim.pages.validated import validation_page
from edgesim.pages.words import words
from edgesim.report.amounts import time_text
from edgesim.report.listing import listing
from edgesim.report.plans import IO_BUDGET
from edgesim.timeline import BESIDE
from edgesim.usage import DeviceUse, Service
from edgesim.validation.verdict import judge

SCENARIOS = Path(__file__).parents[1] / "scenarios"
COMMANDS = {"page": "edgesim run x --html page.html", "compare": "edgesim compare x --html page.html"}


def page_of(name: str, result: Result | None = None) -> str:
    """Return the page of a shipped scenario, without a comparison."""
    scenario = read_scenario(name)
    results = [result or run(scenario, scenario.planner[0])]
    return results_page([Asked(scenario, results, results)], COMMANDS).decode()


@pytest.mark.parametrize(
    "name",
    ["bounded-load-buffer", "experts", "fig6", "hot", "minilm-signature", "multi-stream", "offline", "pressure",
     "replan", "reply", "trace", "two-apps"],
)  # fmt: skip
def test_every_kind_of_scenario_has_a_page(name: str) -> None:
    """With a section for each part, and nothing that a browser would fetch."""
    page = page_of(name)
    for part in ("answer", "scenario", "plan", "timeline", "metrics", "planners", "basis", "reproduce"):
        assert page.count(f'<section id="{part}"') == 1
    assert re.findall(r"(?:src|href)=['\"]?(?!#|data:,)[^'\" >]+", page.split("<script")[0]) == []
    assert "@import" not in page
    assert "url(" not in page


def test_the_same_command_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the page and files beside it are called; the command in it calls it page.html, and names no other."""
    one, two = ["--html", str(tmp_path / "one.html")], [f"--html={tmp_path / 'two.htm'}"]
    beside = ["--json", str(tmp_path / "one.json"), f"--trace={tmp_path / 'one.trace'}"]
    for typed in ([*one, *beside], two):
        assert main(["run", *typed, "fig6"]) == 0
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.htm").read_bytes()
    assert "<code>edgesim run --html page.html fig6</code>" in (tmp_path / "one.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["run", "fig6", "--html", "page.txt"],
            "page.txt: a page has the suffix of one, got '.txt'; known: .htm, .html",
        ),
        (["run", "fig6", "--html", "-"], "--html: needs the name of a file, got '-'"),
        (["run", "fig6", "--html", "no/where.html"], "no/where.html"),
        (["run", "fig6", "--html", "a.html", "--json", "a.html"], "--html: a.html is read or written already"),
        (["run", "engagements", "--html", "a.html", "--replications", "3"], "--html: is about one run; leave it out"),
        (["compare", "engagements", "--html", "a.html", "--replications", "3"], "--html: is about one run"),
        (["validate", "--from", "minilm-1", "--html", "page.pdf"], "page.pdf: a page has the suffix of one"),
    ],
    ids=lambda value: " ".join(value[3:]) if isinstance(value, list) else None,
)
def test_what_cannot_be_is_refused_before_anything_runs(
    arguments: list[str],
    says: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One sentence, exit code 2, and no file."""
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_single_inference_is_compared_and_a_session_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says so, and the page of a session says which command does it."""
    assert main(["run", "fig6", "--html", str(tmp_path / "one.html")]) == 0
    assert "edgesim: fig6: comparing all planners for the page\n" in capsys.readouterr().err
    assert '<table id="compared"' in (tmp_path / "one.html").read_text()
    assert main(["run", "multi-stream", "--html", str(tmp_path / "many.html")]) == 0
    assert "comparing" not in capsys.readouterr().err
    page = (tmp_path / "many.html").read_text()
    assert '<table id="compared"' not in page
    assert "<code>edgesim compare multi-stream --html page.html</code>" in page


def test_planners_without_a_plan_are_told_of(tmp_path: Path) -> None:
    """Each with the reason; where none has a plan, there is no page, and the exit code says so."""
    assert main(["compare", "fig6", "--html", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert "without a plan, and why" in page
    assert "dynabert: the fastest submodel takes 20,200.0 ms, the target of 2,000.0 ms is short by 18,200.0 ms" in page
    assert main(["run", "fig6", "--planner", "dynabert", "--html", str(tmp_path / "none.html")]) == 4
    assert main(["compare", "fig6", "--planner", "dynabert", "--html", str(tmp_path / "none.html")]) == 4
    assert not (tmp_path / "none.html").exists()


def test_what_planners_do_is_told_in_their_own_words(tmp_path: Path) -> None:
    """As the list of planners does, once for all options; of who says nothing, or is not found, nothing is told."""
    takes = "(model, device, budget):\n    "
    (tmp_path / "own.py").write_text(f"def plan{takes}'''Read <b>all</b>.\n\n    More.'''\n\n\ndef mute{takes}pass\n")
    scenario = read_scenario("fig6").model_copy(update={"folder": str(tmp_path)})
    found = compare("fig6", ["wrx"])
    names = ("wrx", "wrx[upgrade_to=6]", "./own.py:plan", "./own.py:mute", "./own.py:none", "given")
    results = [replace(found.results[0], planner=name) for name in names]
    about = listing("planners", "wrx")[0]["about"]
    assert described(results, tmp_path) == [("wrx", about), ("./own.py:plan", "Read <b>all</b>.")]
    page = results_page([Asked(scenario, results, [], replace(found, results=tuple(results)))], COMMANDS).decode()
    listed = page.partition("<summary>What these planners do</summary>")[2].partition("</details>")[0]
    assert listed.count("<li>") == 2
    assert "<strong>./own.py:plan</strong></bdi>: <bdi>Read &lt;b&gt;all&lt;/b&gt;.<" in listed


def test_points_are_told_apart_by_what_differs() -> None:
    """Each in the list with its planners; the second point's results have their own numbers."""
    points = [read_scenario("fig6", {"target_latency": target}) for target in ("2 s", "3 s")]
    compared = [(point, compare(point, ["wrx", "std_pipeline[bitwidth=2]"])) for point in points]
    asked = [Asked(point, each.results, each.results, each) for point, each in compared]
    labels = [(point.label, point.numbers) for point in points_of(asked)]
    assert [label for label, _ in labels] == ["2,000.0 ms", "3,000.0 ms"]
    every = [number for _, numbers in labels for number in numbers]
    assert every == list(range(len(every)))
    page = results_page(asked, COMMANDS).decode()
    assert '<optgroup label="3,000.0 ms">' in page
    assert "Changed after reading: <code>target_latency: 2 s</code>" in page
    table = page.partition("Every point, and its best planner</caption>")[2].partition("</table>")[0]
    shown = re.findall(r'data-entry="(\w+)">([^<]+)</a></th><td class=" ">(\w+)', table)
    assert shown == [("e0", "2,000.0 ms", "wrx"), ("e1", "3,000.0 ms", "wrx")]
    assert table.count(">met</td>") == 2


def test_the_best_of_a_point_is_in_time_and_keeps_to_the_buffers() -> None:
    """Where one does; a resident model is more faithful, and takes fifty times the room."""
    compared = compare("quickstart")
    found = best(compared.results)
    assert found is not None
    assert (found.planner, found.metrics.meets_target) == ("wrx", True)
    assert max(one.metrics.fidelity or 0 for one in compared.results) > (found.metrics.fidelity or 1)
    late = [replace(one, metrics=replace(one.metrics, meets_target=False)) for one in compared.results]
    assert best(late) is late[0]
    resident = [one for one in compared.results if one.planner == "preload_model[bitwidth=32]"]
    assert best([*late, *resident]) is resident[0]
    assert best([]) is None


def panels_of(results: Sequence[Result]) -> list[Scatter]:
    """Return the panels of some results, which all get a name where there is room."""
    return scatters(results, [result.planner for result in results])


def test_marks_at_one_point_are_told_apart() -> None:
    """A ring says that there are several, its name which; each result is in one place of a panel."""
    odd = tuple(f"[bitwidth={bits}]" for bits in (3, 4, 5))
    results = [one for one in compare("quickstart").results if not one.planner.endswith(odd)]
    for panel in panels_of(results):
        told = [name for spot in panel.spots for name in spot.planners]
        assert sorted(told) == sorted(result.planner for result in results)
        at_wrx = next(spot for spot in panel.spots if "wrx" in spot.planners)
        assert at_wrx.planners == ["wrx", "oracle", "wrx_plus"]
        assert at_wrx.told.startswith("3 planners at one point\nwrx: 0.1038")
        assert at_wrx.name is not None
        assert at_wrx.name.text == "wrx, oracle, wrx_plus"
        assert at_wrx.large is not None
        assert at_wrx.large.text == "wrx and 2 more"
        for spot in panel.spots:
            assert spot.is_crowded == (len(spot.marks) > 1) == (" planners at one point" in spot.told)
            assert all(abs(mark.x - spot.x) < 4 > abs(mark.y - spot.y) for mark in spot.marks)


def test_the_answer_of_a_session_begins_with_all_of_it() -> None:
    """Its share within the target and two percentiles; the first inference comes after, and is no more than that."""
    scenario = read_scenario("bounded-load-buffer")
    result = run(scenario, scenario.planner[0])
    page, found = page_of("bounded-load-buffer", result), result.metrics
    parts = ("<dt>within the target</dt>", f">{found.target_met_fraction:.1%}<", "first inference<", "<dt>stalled</dt>")
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    half, most = map(time_text, (found.latency_p50_ns, found.latency_p90_ns))
    assert f"of 3 inferences; latency p50 {half}, p90 {most}" in page


def test_only_what_is_comparable_is_drawn() -> None:
    """Accuracy is not drawn beside fidelity; the caption says of how many it is unknown."""
    scenario = read_scenario("minilm-signature")
    found = compare(scenario, ["wrx", "flexgen", "std_pipeline[bitwidth=2]"])
    lacking = [replace(found.results[0], metrics=replace(found.results[0].metrics, accuracy=None)), *found.results[1:]]
    for panel in panels_of(lacking):
        assert [name for spot in panel.spots for name in spot.planners].count("wrx") == 0
    page = results_page([Asked(scenario, lacking, lacking, replace(found, results=tuple(lacking)))], COMMANDS).decode()
    assert "Predicted accuracy (unknown of 1, not drawn) against peak of all memory" in page
    unknown = [replace(one, metrics=replace(one.metrics, accuracy=None, fidelity=None)) for one in found.results]
    page = results_page([Asked(scenario, unknown, unknown, replace(found, results=tuple(unknown)))], COMMANDS).decode()
    assert "Neither accuracy nor fidelity is known of any planner" in page
    assert 'class="scatter"' not in page
    assert '<table id="compared"' in page


def test_what_is_drawn_across_the_lanes_is_told_of() -> None:
    """Targets, and questions where there is more than one."""
    assert "Numbers in bars are layers. Violet dashes are targets.\n" in page_of("fig6")
    assert "Numbers in bars are layers. Violet dashes are targets, dotted lines are questions.\n" in page_of("two-apps")
    assert "Numbers in bars are layers. \n" in page_of("reply")


def test_a_point_where_nothing_fits_says_so() -> None:
    """Beside one where something does, whichever is first."""
    near, far = (read_scenario("fig6", {"target_latency": target}) for target in ("1 ms", "2 s"))
    asked = []
    for point in (near, far):
        found = compare(point, ["wrx"])
        asked.append(Asked(point, found.results, found.results, found))
    for order in (asked, asked[::-1]):
        page = results_page(order, COMMANDS).decode()
        assert "No planner has a plan that fits." in page
        assert page.count('id="data-') == 1


def test_every_figure_is_told_of() -> None:
    """None of a result's figures is left out, and none is told of that is not there."""
    for kinds, type_ in ((METRICS, Metrics), (SERVICE, Service), (DEVICE_USE, DeviceUse)):
        assert set(kinds) == {item.name for item in fields(type_)}
        assert all(kind.name and kind.about for kind in kinds.values())


def test_unknown_is_written_unknown() -> None:
    """Of a model without distortion and a device without powers, neither fidelity nor energy is made up."""
    scenario = read_scenario("fig6")
    result = run(scenario)
    unknown = replace(result, metrics=replace(result.metrics, fidelity=None, accuracy=None, energy_pj=None))
    page = page_of("fig6", unknown)
    assert page.count('<span class="value">unknown</span>') == 3
    assert '<td class="n dim">unknown</td>' in page


def test_every_kind_of_span_has_a_look() -> None:
    """Those of a session with everything in it, and clocks."""
    scenario = read_scenario("disturbed")
    result = run(scenario)
    kinds = {span.kind for span in result.timeline.spans}
    assert any(kind.startswith("step") for kind in kinds)
    assert {kind for kind in kinds if not kind.startswith("step")} <= set(KINDS)
    assert all(look_of(kind).name and (look_of(kind).fill or look_of(kind).edge) for kind in kinds)
    assert any(span.request == BESIDE for span in result.timeline.spans)
    groups = drawn(result, scenario).data["groups"]
    assert [bool(group.get("beside")) for group in groups] == [False, True]


def test_data_cannot_end_its_element() -> None:
    """Nothing of what would stands in it, and it is read back as it was."""
    hostile = {"</script><!--": ["\u2028", "&amp;", "\ud800", "<", 'a"b']}
    text = embedded(hostile)
    assert json.loads(text) == hostile
    assert not set("<>&\u2028\u2029\ud800") & set(text)
    with pytest.raises(ValueError, match="Out of range"):
        embedded(float("nan"))


def test_half_a_surrogate_pair_in_a_description_is_written_somehow() -> None:
    """A page is UTF-8, whatever a file says."""
    scenario = read_scenario("fig6").model_copy(update={"description": "a\ud800b"})
    results = [run(scenario)]
    assert b"a\\ud800b" in results_page([Asked(scenario, results, results)], COMMANDS)


def test_columns_are_short() -> None:
    """What is the same, or seldom differs, is written once; a page has a tenth of the bytes of the result's JSON."""
    assert packed_column([7, 7, 7]) == {"all": 7}
    assert packed_column(["a", "b"] * 5) == {"of": ["a", "b"], "at": [0, 1] * 5}
    assert packed_column([1, 2, 3]) == {"list": [1, 2, 3]}
    result = run("multi-stream")
    packed, plain = (len(json.dumps(each, separators=(",", ":"))) for each in (packed_result(result), result.to_dict()))
    assert packed < plain / 5


@pytest.mark.parametrize(("layers", "shards"), [(1, 1), (6, 12), (48, 128), (300, 2)])
def test_maps_have_a_cell_for_every_shard(layers: int, shards: int) -> None:
    """Their area is that of the shards at each bitwidth, and numbers are there where there is room for them."""
    model = toy_model(layers=layers, shards=shards, bitwidths=(2, 6, 32))
    rows = [[(2, 6, 32)[(layer + shard) % 3] for shard in range(shards)] for layer in range(layers)]
    found = plan_map(toy_plan(model, rows), model)
    area = sum(
        float(wide) * float(high)
        for fill in found.fills
        for wide, high in re.findall(r"h([\d.]+)v([\d.]+)h", fill.path)
    )
    columns, rows_ = (found.width - 25) / shards, (found.height - 15) / layers
    assert area == pytest.approx(columns * rows_ * layers * shards, rel=0.02)
    assert bool(found.numbers) == (min(columns, rows_) >= 15)
    assert found.width <= 700
    assert importance_map(model) is None


def test_importance_is_in_steps_and_harm_is_marked() -> None:
    """The most important shards are darkest, those that harm have a minus."""
    model = read_scenario("minilm-signature").model
    found = importance_map(model)
    assert found is not None
    values = [value for row in model.importance.values or () for value in row]
    assert found.fills[0].label.endswith(f"to {max(values):.2g}")
    assert len(found.numbers) == sum(value < 0 for value in values)


def test_budgets_are_a_staircase_or_nothing() -> None:
    """Those of figure 6 are 0.6 s and 1.6 s; a planner that keeps none has no picture."""
    plan = run("fig6").plan
    stairs = staircase(plan)
    assert stairs is not None
    assert [tick.text for tick in stairs.values] == ["0", "500", "1,000", "1,500"]
    assert staircase(replace(plan, io_budget_ns=(), io_budget_initial_ns=())) is None


def test_what_an_io_budget_is_is_told_once() -> None:
    """Below the first staircase, however many plans there are; a planner that keeps none is not bothered with it."""
    assert page_of("fig6").count(IO_BUDGET) == page_of("replan").count(IO_BUDGET) == 1
    assert IO_BUDGET not in page_of("quickstart", run("quickstart", "std_pipeline[bitwidth=3]"))


@pytest.mark.parametrize(
    ("text", "key"),
    [("751 kB", 751e3), ("1.02 MB", 1.02e6), ("0.5 ms", 5e5), ("-2.50 %", -25000), ("3 x 5", 3), ("2,000.0 ms", 2e9),
     ("666 mJ", 666), ("1.00 kJ", 1e6), ("met", None), ("unknown", None), ("-", None)],
)  # fmt: skip
def test_cells_are_sorted_by_their_amounts(text: str, key: float | None) -> None:
    """In the smallest unit; what is no amount has none."""
    assert sort_key(text) == key


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_is_told_in_words(path: Path) -> None:
    """What is asked, and who asks when; and its text is found again."""
    scenario = read_scenario(path)
    asked, going_on = words(scenario)
    assert scenario.model.name in asked
    assert f"{scenario.model.layers} layers" in asked
    assert "the preload buffer is" in going_on
    assert scenario_text(scenario) == path.read_text()


def test_the_text_of_a_file_that_changed_is_unknown(tmp_path: Path) -> None:
    """It is not what the answer rests on."""
    path = tmp_path / "mine.yaml"
    path.write_text((SCENARIOS / "quickstart.yaml").read_text())
    scenario = read_scenario(path)
    assert scenario_text(scenario) == path.read_text()
    path.write_text(path.read_text() + "# more\n")
    assert scenario_text(scenario) is None
    path.unlink()
    assert scenario_text(scenario) is None


def test_what_it_rests_on_has_grades_and_sources() -> None:
    """As the profile says; illustrative conditions and rooflines, too."""
    scenario = read_scenario("hot")
    (basis,) = bases(run(scenario), scenario)
    grounds = {ground.name: ground for ground in basis.grounds}
    assert grounds["conditions"].grade == "D"
    assert grounds["conditions"].is_weak
    assert grounds["storage"].text.startswith("Constant in the planner source")
    scenario = read_scenario("experts")
    (basis,) = bases(run(scenario), scenario)
    assert "roofline" in next(ground.text for ground in basis.grounds if ground.name == "layer times")


def test_at_first_what_is_shown_is_not_empty() -> None:
    """One inference of a day with hours between them; several that follow one another; the target if it is near."""
    scenario = read_scenario("quickstart")
    assert first_view(run(scenario), scenario) == [0, 202_000_000]
    scenario = read_scenario("multi-stream")
    begin, end = first_view(result := run(scenario), scenario)
    assert (begin, end) >= (0, result.timeline.requests[7].finish_ns)
    scenario = read_scenario("pressure", {"workload.engagements": 3})
    begin, end = first_view(result := run(scenario, "wrx"), scenario)
    first = result.timeline.requests[0]
    assert begin == first.arrival_ns
    assert first.finish_ns < end < first.arrival_ns + 10 * 10**9  # and the next burst is minutes away


def test_who_was_killed_holds_nothing() -> None:
    """From then until it starts anew; what is between other inferences stays."""
    scenario = read_scenario("pressure")
    result = run(scenario, "preload_model", keep_spans=True)
    kills = [span.start_ns for span in result.timeline.spans if (span.app, span.kind) == (scenario.app, "evicted")]
    memory = drawn(result, scenario).data["groups"][0]["memory"]
    times = list(accumulate(unpacked(memory["time"])))
    preload = dict(zip(times, accumulate(unpacked(memory["levels"][0])), strict=True))
    assert kills
    assert times == sorted(set(times))
    assert all(preload[ns] == 0 for ns in kills if ns < times[-1])
    assert max(preload.values()) == result.metrics.preload_bytes


def unpacked(column: dict[str, list[int]]) -> list[int]:
    """Return the values of a packed column in which something differs."""
    return [column["of"][at] for at in column["at"]] if "of" in column else column["list"]


def test_ticks_are_round() -> None:
    """And not too many."""
    assert round_numbers(0, 150, 5) == [0, 50, 100, 150]
    assert round_numbers(-7.2, 7.2, 5) == [-5, 0, 5]
    assert round_numbers(3, 3, 5) == [3]


def test_a_validation_has_a_page() -> None:
    """Verdict, classes, every plan, simulated and real on the same lanes; what a campaign does not keep is unknown."""
    case, other = toy_case(), toy_case(((2, 2), (2, 2)), planner="lean")
    rows = [(case, [stretched_run(case, 21, 20)]), (other, [stretched_run(other, 11, 10)])]
    found = judge(campaign_of(*rows))
    page = validation_page(found, "edgesim validate --from x --html page.html").decode()
    assert "Out of tolerance: the median error of a class exceeds 5.00 %." in page
    assert "Grades: unknown." in page
    assert "shard by shard, are not in a campaign's file: they are unknown here" in page
    assert page.count('id="data-') == 3
    groups = json.loads(re.findall(r'id="data-0">(.*?)</script>', page)[0])["drawn"]["groups"]
    assert [group["side"] for group in groups] == ["simulated", "real"]


def test_names_in_a_campaign_do_no_harm() -> None:
    """Its file may say anything: it is shown as it is written."""
    hostile = "</title><script>alert(1)</script>"
    case = toy_case(planner=hostile)
    campaign = campaign_of((case, [stretched_run(case, 41, 40)]), circumstances={hostile: hostile, "machine": hostile})
    page = validation_page(judge(replace(campaign, scenario=hostile)), hostile).decode()
    assert page.count("<script>") == 0
    assert hostile not in page
    assert page.count("&lt;script&gt;alert(1)") > 6


def test_a_validation_without_a_case_has_a_page() -> None:
    """It says that nothing can be drawn."""
    case = toy_case()
    found = judge(campaign_of((case, [stretched_run(case, 21, 20, disturbed="stolen")])))
    page = validation_page(found, "edgesim validate x --html page.html", executed_here=True).decode()
    assert "No plan was validated: there is nothing to draw." in page
    assert "It measures anew each time" in page


def test_the_load_buffer_of_a_real_run_is_known() -> None:
    """It rises with each read and falls as layers end; at the end of each inference nothing is left."""
    campaign = revalidate("minilm-1").campaign
    for case, runs in list(zip(campaign.cases, campaign.runs, strict=True))[:20]:
        for timeline in (case.simulated, runs[0].timeline):
            steps = buffer_steps(case, timeline)
            levels = [level for _, level in steps]
            assert steps == sorted(steps)
            assert not levels or (min(levels) >= 0 and levels[-1] == 0)
        if not case.load_buffer_bytes and levels:
            assert max(level for _, level in buffer_steps(case, case.simulated)) == case.metrics.load_buffer_peak_bytes
