"""Tables and sentences for people: the right words for every outcome."""

import re
from dataclasses import replace

import pytest
from rich.text import Text
from strategies import toy_device, toy_model, toy_scenario

from edgesim import compare, plan, read_scenario, run
from edgesim.files import read_choice
from edgesim.pages.entries import entry_of
from edgesim.report.capacity import too_large
from edgesim.report.columns import footnotes
from edgesim.report.comparison import comparison_text
from edgesim.report.json import json_text, plan_dict
from edgesim.report.listing import listing, listing_text
from edgesim.report.plans import budget_rows, plan_text
from edgesim.report.text import (
    blocked,
    layers_table,
    mean_bits,
    number,
    render,
    rests_on,
    result_text,
    screen_text,
    shape,
    share,
)
from edgesim.report.verdict import verdict
from edgesim.result import Comparison, LeftOut, Result
from edgesim.scenario import Scenario

BASE = run("quickstart", "wrx")


def outcome(planner: str, fidelity: float | None, *, held: int = 100, kept: int = 10, met: bool = True) -> Result:
    """Return a result as far as the sentences of a comparison need it."""
    metrics = replace(
        BASE.metrics, meets_target=met, fidelity=fidelity, held_memory_bytes=held, preload_bytes=kept,
        peak_memory_bytes=held,
    )  # fmt: skip
    loads = () if planner.startswith("preload_model") else BASE.plan.loads
    return replace(BASE, planner=planner, metrics=metrics, plan=replace(BASE.plan, loads=loads))


def sentences(*results: Result, left_out: int = 0) -> list[str]:
    """Return the verdict on some results, one sentence a line."""
    missing = tuple(LeftOut(f"x{number}", "no plan", 4) for number in range(left_out))
    return verdict(Comparison(results, missing)).plain.split("\n")


def test_a_result_has_its_verdict_its_layers_and_its_doubts() -> None:
    """Met or missed, every executed layer, and the grade of what it rests on."""
    scenario = read_scenario("quickstart")
    text = render(result_text(BASE, scenario))
    assert "199.5 ms of 200.0 ms:  met" in text
    assert [line[0] for line in text.splitlines() if line[:2] in ("0 ", "1 ", "2 ")] == ["0", "1", "2"]
    assert "missed" in render(result_text(outcome("wrx", 0.5, met=False), scenario))


def test_a_peak_above_the_device_s_memory_is_told() -> None:
    """In words, and as what is bad on a page; a memory that holds it, or is unknown, is no matter."""
    small = read_scenario("quickstart", {"memory.capacity": "70 MB"})
    says = "Too large for the device: odroid-n2plus has 70.0 MB of memory, and it needs 115 MB at its peak."
    assert says in render(result_text(BASE, small), width=200)
    shown = entry_of(0, BASE, small)
    assert (shown.too_large, shown.doubts) == (says, entry_of(0, BASE, read_scenario("quickstart")).doubts)
    peak = next(tile for tile in shown.tiles if tile.name == "memory at its peak")
    assert (peak.about, peak.mood) == ("more than the 70.0 MB of the device", "bad")
    assert too_large(BASE, read_scenario("quickstart")) == ""
    (note,) = footnotes([replace(BASE, planner=name, given=small) for name in "abcdefgh"] + [BASE])
    assert note.plain.endswith("less memory than they need at their peak: a, b, c, d, e, f and 2 more.")
    unknown = small.device.model_copy(update={"memory": None})
    assert too_large(BASE, small.model_copy(update={"device": unknown})) == ""


def test_a_layer_s_stall_ends_when_it_is_noticed() -> None:
    """Layer 0 waits for 40 ns of IO and for 2 ms of hand-off, and starts then."""
    scenario = toy_scenario(toy_model(layers=1, bitwidths=(2,)), toy_device(hand_off_ns=2_000_000), target_ns=3_000_000)
    row = render(layers_table(run(scenario, "std_pipeline[bitwidth=2]"))).splitlines()[1].split()
    assert row == ["0", "2", "2", "20", "B", "2.0", "ms", "2.0", "ms", "2.0", "ms"]


def test_a_session_has_its_percentiles() -> None:
    """More than one inference: how many, three percentiles, and the part within the target."""
    scenario = read_scenario("bounded-load-buffer")
    text = render(result_text(run(scenario, "wrx"), scenario))
    assert "3 inferences: p50 " in text
    assert "p90 " in text
    assert "p99 " in text
    assert text.index("% within the target.\n") < text.index("The first of 3 inferences:") < text.index("latency ")
    assert "inferences: p50" not in render(result_text(BASE, read_scenario("quickstart")))


def test_unknown_is_said_and_never_made_up() -> None:
    """A model without distortion has no fidelity, and a device without power no energy."""
    scenario = toy_scenario(toy_model(layers=1))
    result = run(scenario)
    text = render(result_text(result, scenario))
    assert result.metrics.fidelity is None
    assert "fidelity     unknown" in text
    assert "accuracy     unknown" in text
    assert "energy" not in text
    assert number(None) == "unknown"
    comparison = compare(scenario, ["wrx", "load_exec[bitwidth=2]"])
    assert "unknown" in render(comparison_text(comparison, scenario))


def test_weak_numbers_are_named_with_their_grade() -> None:
    """Derived, estimated and unsourced numbers are listed; measured ones are not."""
    assert rests_on(replace(BASE, grades={"storage": "A", "power": "B", "worst": "B"})).plain == (
        "All numbers behind this are measured."
    )
    text = rests_on(
        replace(BASE, grades={"storage": "C", "layer_times": "D", "power": None, "memory": "B", "worst": None})
    )
    assert text.plain == (
        "Not all measured: storage derived (C), layer times estimated (D), power without a source (?)."
    )


def test_the_best_and_the_subject_are_compared() -> None:
    """The paper's planner against the best, the best that holds no more, and the leanest resident model as good."""
    said = sentences(
        outcome("wrx", 0.5),
        outcome("std_pipeline", 0.4, kept=0),
        outcome("preload_model[bitwidth=32]", 0.9, held=400, kept=80),
        outcome("preload_model[bitwidth=6]", 0.5, held=150, kept=40),
        outcome("late", 1.0, met=False),
        left_out=2,
    )
    assert said[0] == "3 of 6 planners meet the target, 4 of 7 counting each bitwidth."
    assert said[1].startswith(
        "The best is preload_model[bitwidth=32]: fidelity 0.9000, holding 400 B between inferences"
    )
    assert said[2].startswith("wrx: fidelity 0.5000, holding 100 B between inferences (10 B of it shards)")
    assert said[3] == "Of the others that hold no more, std_pipeline is best: fidelity 0.4000, less than wrx."
    assert said[4].startswith(
        "The leanest resident model as good as wrx, preload_model[bitwidth=6], keeps 4.0 times the"
    )
    assert "1.50 times the memory" in said[4]
    assert len(said) == 5


@pytest.mark.parametrize(("other", "word"), [(0.4, "less than"), (0.5, "as much as"), (0.6, "more than")])
def test_ties_are_called_ties(other: float, word: str) -> None:
    """More, as much and less are three words."""
    said = sentences(outcome("wrx", 0.5), outcome("lean", other), outcome("fat", 0.9, held=200))
    assert said[3] == f"Of the others that hold no more, lean is best: fidelity {other:.4f}, {word} wrx."


def test_the_best_is_not_named_twice() -> None:
    """Where it holds no more than WRX, that is said in few words."""
    said = sentences(outcome("wrx", 0.5), outcome("lean", 0.6))
    assert said[1].startswith("The best is lean: fidelity 0.6000, ")
    assert said[3] == "lean holds no more than that."


def test_it_is_said_by_what_bitwidths_were_chosen() -> None:
    """By quality; where that is unknown, the fastest are shown."""

    def shown(quality: float | None) -> str:
        found = [outcome(label, quality) for label in ("wrx", "a[bitwidth=2]", "a[bitwidth=6]")]
        return render(comparison_text(Comparison(tuple(found)), read_scenario("quickstart")))

    assert "Bitwidths are the best by accuracy, or else fidelity; 1 more row with --all." in shown(0.5)
    assert "Bitwidths are the fastest that meet the target, for quality is unknown; 1 more row" in shown(None)


def careless(planner: str, fidelity: float, *, kept: int) -> Result:
    """Return a result whose planner does not ask how large the buffers are."""
    one = outcome(planner, fidelity, held=kept, kept=kept)
    return replace(one, plan=replace(one.plan, ignores_buffers=True))


def test_the_best_keeps_to_the_buffers_and_one_without_limits_is_named_as_such() -> None:
    """One that keeps more than the scenario's 1 MB is best only without that limit; one that keeps less is best."""
    said = sentences(outcome("wrx", 0.5), outcome("std_pipeline", 0.4), careless("preload_model", 0.9, kept=2 * 10**6))
    assert said[1].startswith("The best that keeps to the buffers is wrx: fidelity 0.5000, ")
    assert said[2] == "Of the others that hold no more, std_pipeline is best: fidelity 0.4000, less than wrx."
    assert said[3].startswith("Without the limits of the buffers the best is preload_model: fidelity 0.9000, holding 2")
    other = sentences(outcome("a", 0.6), outcome("wrx", 0.5), careless("preload_model", 0.9, kept=2 * 10**6))
    assert [line.partition(":")[0] for line in other[1:3]] == ["The best that keeps to the buffers is a", "wrx"]
    assert sentences(outcome("wrx", 0.5), careless("preload_model", 0.9, kept=10**6))[1].startswith(
        "The best is preload_model: "
    )
    assert sentences(careless("preload_model", 0.9, kept=2 * 10**6))[1].startswith("The best is preload_model: ")


def test_fidelities_that_differ_are_written_with_the_digits_that_tell_them_apart() -> None:
    """Beside each other, where four digits do not; what differs by rounding alone is as much."""
    fat = outcome("fat", 0.9, held=200)
    said = sentences(outcome("wrx", 0.33219), outcome("lean", 0.33221), fat)
    assert said[3] == "Of the others that hold no more, lean is best: fidelity 0.33221 against 0.33219, more than wrx."
    said = sentences(outcome("wrx", 0.1 + 0.2), outcome("lean", 0.3), fat)
    assert said[3] == "Of the others that hold no more, lean is best: fidelity 0.3000, as much as wrx."


def test_planners_that_were_not_run_are_counted_apart() -> None:
    """Of those that were run all meet the target; the others need a library, and are named with it."""
    needs = "SciPy (pip install 'edgesim[oracle]')"
    missing = tuple(LeftOut(label, "SciPy is needed", 2, needs) for label in ("oracle", "flexgen"))
    said = verdict(Comparison((outcome("wrx", 0.5), outcome("a", 0.4)), missing)).plain.split("\n")
    assert said[0] == "2 of 2 planners meet the target."
    assert said[-1] == f"2 were not run, oracle and flexgen: they need {needs}."
    alone = verdict(Comparison((outcome("wrx", 0.5),), missing)).plain.split("\n")
    assert alone[0] == "wrx meets the target."
    late = verdict(Comparison((outcome("wrx", 0.5, met=False),), missing[:1])).plain.split("\n")
    assert late == ["wrx does not meet the target.", f"1 was not run, oracle: it needs {needs}."]


def test_where_no_fidelity_is_known_nobody_is_called_the_best() -> None:
    """The planner that it is about is told of, and compared with none."""
    said = sentences(outcome("a", None), outcome("wrx", None), outcome("preload_model", None))
    assert len(said) == 2
    assert said[1].startswith("How good their answers are is unknown. wrx: fidelity unknown, holding 100 B between")


def test_the_best_needs_no_comparison() -> None:
    """Where wrx itself is best, or is not there, two sentences say all."""
    assert len(sentences(outcome("wrx[upgrade_to=6]", 0.9), outcome("lean", 0.5))) == 2
    assert sentences(outcome("a", 0.5), outcome("b", 0.6))[1].startswith("The best is b: ")


def test_nobody_meets_the_target() -> None:
    """That is one sentence, whatever else was left out."""
    assert sentences(outcome("wrx", 0.5, met=False), left_out=3) == ["None of 4 planners meets the target."]
    scenario = read_scenario("quickstart")
    nobody = Comparison((), (LeftOut("wrx", "no plan", 4),))
    assert "No planner has a plan that fits." in render(comparison_text(nobody, scenario))


def test_a_target_that_is_too_short_for_all_names_the_fastest() -> None:
    """In one sentence; who needs the reasons is told how to see them, unless they are shown."""
    scenario = read_scenario("quickstart", {"target_latency": "5 ms"})
    found = compare(scenario, ["std_pipeline[bitwidth=2]", "preload_model[bitwidth=2]", "wrx", "dynabert"])
    assert not found.results
    said = render(comparison_text(found, scenario)).splitlines()
    assert said[1:] == [
        "None of 4 planners has a plan for 5.0 ms: the fastest, preload_model[bitwidth=2], takes 123.0 ms, 118.0 ms"
        " too long.",
        "Why each of them has none: --all.",
    ]
    assert run(
        read_scenario("quickstart", {"target_latency": "123 ms"}), "preload_model[bitwidth=2]"
    ).metrics.meets_target
    assert len(render(comparison_text(found, scenario, every=True)).splitlines()) == 2


def test_a_narrow_terminal_does_without_columns_and_names_them() -> None:
    """Those that matter most are always there; as wide as it takes, there is no such line."""
    scenario, comparison = read_scenario("quickstart"), compare("quickstart", ["wrx", "demand_layering[bitwidth=2]"])
    shown = {width: render(comparison_text(comparison, scenario), width).splitlines() for width in (80, 100, 140)}
    least = ["latency", "target", "fidelity", "shards", "kept", "peak"]
    assert shown[80][1].split()[1:] == least
    for width in (80, 100, 140):
        assert max(map(len, shown[width])) <= width
    more = next(line for line in shown[80] if line.startswith("A wider"))
    assert more == "A wider window shows more columns: working, load buffer, held, n x m, stalled."
    assert "\nA wider window shows more columns: working, load buffer, held.\n" in "\n".join(shown[100])
    assert not any(line.startswith("A wider") for line in shown[140])


@pytest.mark.parametrize(("scenario", "asked"), [("quickstart", 12_345_678), ("engagements", 12_345_678_901)])
def test_what_was_asked_for_stays_in_a_narrow_terminal(scenario: str, asked: int) -> None:
    """Also beside the columns of a session; what is left out is named, and only what there would be."""
    given = read_scenario(scenario, {"workload": {"kind": "single_stream", "inferences": 1 + (asked > 10**9)}})
    found = run(given, "wrx")
    extra = {"planning_ns": asked, "optimum_gap": 0.123, "optimum_bound": 0.5, "optimum_found": 0.4}
    found = replace(found, planner="demand_layering[bitwidth=32]", asked=extra)
    whole, narrow = (render(comparison_text(Comparison((found,), ()), given), width) for width in (200, 80))
    assert max(map(len, narrow.splitlines())) <= 80
    heads = [re.split(" {2,}", text.splitlines()[1].strip()) for text in (whole, narrow)]
    assert {"latency", "fidelity", "gap", "planning"} <= set(heads[1])
    (names,) = re.findall(r"A wider window shows more columns: ([^.]*)\.", narrow)
    assert sorted([*heads[1], *re.split(r",\s", names)]) == sorted(heads[0])


def test_a_comparison_has_a_row_for_each_result() -> None:
    """Every part of the memory has a column."""
    scenario = read_scenario("quickstart")
    comparison = compare(scenario)
    text = render(comparison_text(comparison, scenario, every=True))
    assert all(f"\n{result.planner} " in text for result in comparison.results)
    assert "--all" not in text
    headings = text.splitlines()[1]
    assert all(part in headings for part in ("fidelity", "shards kept", "held", "load buffer", "working", "peak"))


def test_the_budgets_of_a_plan_add_up() -> None:
    """What a layer finds, less its charge, is what is left: the worked example of the paper."""
    scenario = read_scenario("fig6")
    made = plan(scenario)
    assert budget_rows(made) == [
        ("600.0 ms", "600.0 ms", "600.0 ms", "0.0 ms"),
        ("1,600.0 ms", "1,000.0 ms", "1,000.0 ms", "0.0 ms"),
    ]
    text = render(plan_text(made, "wrx", scenario))
    assert text.startswith("fig6: wrx plans 2 x 3 shards for 2,000.0 ms")
    assert "3 shards preloaded, 1 read request, 1 upgrade\nAn IO budget is the time that reads may take" in text
    assert budget_rows(replace(made, io_budget_ns=(), io_budget_initial_ns=())) == [("-",) * 4] * 2


def test_the_reads_of_a_layer_are_added_up() -> None:
    """A plan that reads shard by shard shows the same bytes for a layer as one that reads it at once."""
    scenario = read_scenario("quickstart")
    once, apart = (plan(scenario, f"wrx[granularity={each}]") for each in ("layer", "shard"))
    assert len(apart.loads) > len(once.loads)
    tables = [render(plan_text(each, "wrx", scenario)).splitlines()[2:5] for each in (once, apart)]
    assert tables[0] == tables[1]


def test_shapes_and_shares() -> None:
    """Submodels, mean bits, parts of time and waits in the fewest words."""
    assert shape(BASE.plan) == "3 x 5"
    assert shape(replace(BASE.plan, shards=((0,), (0, 1, 2), (0, 1)))) == "3 x 1-3"
    assert mean_bits(replace(BASE.plan, bitwidths=((2, 4), (6,)))) == 4
    assert share(1, 3) == "33.3%"
    metrics = replace(BASE.metrics, blocked_ns=2_000_000, held_ns=1_000_000)
    assert blocked(metrics) == "2.0 ms waiting for buffer room, 1.0 ms held back"
    assert blocked(replace(metrics, blocked_ns=0, held_ns=0)) == ""


def test_the_screen_decides_on_colours_and_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets long plain lines, a terminal its own width."""
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    rows = listing_text("planners", [{"name": "x", "about": "word " * 25}, {"name": "y", "about": "z"}])
    assert len(screen_text(rows, terminal=False).splitlines()) == 4
    assert len(screen_text(rows, terminal=True).splitlines()) == 5
    assert "\x1b" in screen_text(rows, terminal=True)


def test_lines_end_with_what_they_say() -> None:
    """No spaces fill up the last column of what goes into a pipe or a file; on a terminal they are not seen."""
    rows = listing_text("planners", [{"name": "x", "about": "longer"}, {"name": "y", "about": "z"}])
    for text in (screen_text(rows, terminal=False), render(rows)):
        assert all(line == line.rstrip() for line in text.splitlines())
        assert text.endswith("z\n")


def test_json_is_ascii_and_a_plan_says_what_it_is_for() -> None:
    """Every terminal can show it; NaN is refused, because JSON has none."""
    assert json_text({"é": None}) == '{\n "\\u00e9": null\n}\n'
    with pytest.raises(ValueError, match="JSON compliant"):
        json_text(float("nan"))
    scenario = read_scenario("fig6")
    made = plan(scenario)
    data = plan_dict(made, "wrx", scenario)
    assert (data["scenario"], data["planner"], data["plan"]["lanes"]) == ("fig6", "wrx", 1)
    assert set(data["provenance"]["inputs"]) == {"scenarios/fig6.yaml", "fig6/device.yaml", "fig6/model.yaml"}


def test_listings_have_names_sentences_and_options() -> None:
    """Planners show their options with the defaults; files their description."""
    rows = {row["name"]: row for row in listing("planners")}
    assert rows["std_pipeline"]["options"] == "bitwidth=32"
    assert rows["wrx"]["about"].endswith(".")
    assert {row["name"] for row in listing("backends")} >= {"simulated"}
    assert all(row["about"] for row in listing("scenarios"))


def test_what_a_planner_says_of_itself_is_shown_without_markup() -> None:
    """Headings have no line below, code no backticks; the meaning of an option stays indented."""
    text = render(listing_text("planners", listing("planners", "oracle")))
    assert "\nParameters:\nmodel, device, budget\n    What to plan" in text
    assert "starts from wrx_plus's plan" in text
    assert "--\n" not in text
    assert "`" not in text


@pytest.fixture
def labelled() -> Scenario:
    """Return a scenario whose planners have options."""
    return read_scenario("bounded-load-buffer")


def test_labels_in_tables_are_labels_of_the_command_line(labelled: Scenario) -> None:
    """A row can be copied behind --planner; brackets are no markup."""
    text = render(comparison_text(compare(labelled), labelled))
    label = labelled.planner[1].label
    assert label == "wrx[upgrade_to=6]"
    assert f"\n{label} " in text
    assert read_choice(label) == labelled.planner[1]


def test_a_text_is_returned_and_not_shown_where_rich_finds_jupyter(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook a report is text without escape codes, and nothing appears beside what a cell shows."""
    found = []
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("rich.jupyter.display", lambda *given: found.append(given))
    assert render(Text("bold", "bold")) == screen_text(Text("bold", "bold"), terminal=False) == "bold\n"
    assert not found
