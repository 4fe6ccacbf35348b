"""The verbs from Python: one scenario in, the same answer out, wherever and however often it is asked."""

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim import Plan, Scenario, compare, explore, plan, read_model, read_scenario, run, sensitivity, simulate
from edgesim.choice import PlannerChoice
from edgesim.errors import IllegalPlanError, InfeasibleError, InputError
from edgesim.files import read_choice, shipped_names
from edgesim.files.shipped import shipped_folder

QUICKSTART = shipped_folder("scenarios") / "quickstart.yaml"
REPEATED = shipped_folder("scenarios") / "bounded-load-buffer.yaml"
CONTRACT = {
    "": {
        "schema", "scenario", "device", "processor", "model", "planner", "plan", "metrics", "requests", "timeline",
        "provenance", "grades",
    },
    "plan": {
        "layers", "shards", "bitwidths", "preload", "loads", "retain", "lanes", "io_budget_initial_ns", "io_budget_ns",
    },
    "loads": {"shards", "bytes", "extents", "after"},
    "metrics": {
        "latency_ns", "target_latency_ns", "meets_target", "stall_ns", "blocked_ns", "io_busy_ns", "compute_busy_ns",
        "io_utilization", "compute_utilization", "loaded_bytes", "resident_bytes", "preload_bytes",
        "load_buffer_peak_bytes", "working_bytes", "held_memory_bytes", "peak_memory_bytes", "accuracy", "fidelity",
        "energy_pj", "latency_p50_ns", "latency_p90_ns", "latency_p99_ns", "target_met_fraction",
    },
    "requests": {"arrival_ns", "start_ns", "finish_ns", "latency_ns", "stall_ns", "meets_target"},
    "timeline": {"request", "app", "lane", "kind", "layer", "start_ns", "end_ns", "bytes"},
    "provenance": {"version", "seed", "inputs"},
}  # fmt: skip
SCRIPT = "import json, sys; from edgesim import run; print(json.dumps(run(sys.argv[1]).to_dict()))"


def result_of(path: Path | str, folder: Path, hash_seed: str) -> str:
    """Run a scenario in a process of its own; return its JSON."""
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("given", ["quickstart", str(QUICKSTART), QUICKSTART, read_scenario("quickstart")], ids=repr)
def test_every_verb_takes_a_name_a_path_or_a_scenario(given: Scenario | str | Path) -> None:
    """All of them give the same answer."""
    expected = read_scenario("quickstart")
    made = plan(given)
    assert isinstance(made, Plan)
    assert made == plan(expected)
    assert simulate(made, given) == run(given).timeline == run(expected).timeline
    assert [result.planner for result in compare(given, ["wrx", "load_exec[bitwidth=2]"]).results] == [
        "wrx", "load_exec[bitwidth=2]",
    ]  # fmt: skip


def test_changes_are_keys_of_the_file() -> None:
    """A changed key is read as the file would have it; the file itself stays."""
    changed = read_scenario("quickstart", {"target_latency": "150 ms", "preload_buffer": "5 MB", "name": "tighter"})
    assert (changed.target_latency_ns, changed.preload_bytes, changed.name) == (150 * 10**6, 5 * 10**6, "tighter")
    assert changed.inputs == read_scenario("quickstart").inputs
    assert read_scenario("quickstart", {}) == read_scenario("quickstart")


@pytest.mark.parametrize(
    "label",
    [
        "wrx",
        "wrx[upgrade_to=6]",
        "wrx[granularity={group: 2},use_slack=false]",
        "wrx[a=text,b=1.5]",
        "m:f",
        "./a b.py:f[x=1]",
    ],
)
def test_a_label_is_read_as_it_is_written(label: str) -> None:
    """What reports show can be given back on the command line."""
    assert read_choice(label).label == label


def test_options_of_a_label_have_their_types() -> None:
    """They are what the same text means in a file."""
    choice = read_choice(" wrx [granularity = {group: 2}, use_slack=true, upgrade_to=6, x=no] ")
    assert choice.name == "wrx"
    assert choice.options == {"granularity": {"group": 2}, "use_slack": True, "upgrade_to": 6, "x": "no"}


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.booleans() | st.integers(-(2**53), 2**53), max_size=4
    )
)
def test_labels_make_the_round_trip(options: dict[str, object]) -> None:
    """Whatever the options, writing a choice and reading it changes nothing."""
    choice = PlannerChoice(name="wrx", options=options)
    assert read_choice(choice.label) == choice


@pytest.mark.parametrize(
    "label", ["", " ", "wrx[", "wrx]", "[a=1]", "wrx[a]", "wrx[a=1]b", "wrx[=1]", "w" * 999, "wrx[a=1 b=2"]
)
def test_a_label_of_another_form_is_refused(label: str) -> None:
    """The message shows the form."""
    with pytest.raises(InputError, match="must look like name or name"):
        read_choice(label)


def test_a_label_that_gives_an_option_twice_is_refused() -> None:
    """Neither value silently wins."""
    with pytest.raises(InputError, match="gives an option twice, got a, b, a"):
        read_choice("wrx[a=1,b=2,a=3]")


def test_several_planners_must_be_chosen_from() -> None:
    """`plan` and `run` are about one planner; a scenario that names two is for `compare`."""
    with pytest.raises(InputError, match=r"names several planners \(wrx, wrx\[upgrade_to=6\]\); say which one"):
        run(REPEATED)
    assert run(REPEATED, "wrx[upgrade_to=6]").planner == "wrx[upgrade_to=6]"


def test_a_wrong_option_is_named_with_its_planner() -> None:
    """As in a file, but without a line."""
    with pytest.raises(
        InputError, match=r"^wrx\[upgrade_too=6\]: upgrade_too: unknown option; did you mean 'upgrade_to'"
    ):
        run("quickstart", "wrx[upgrade_too=6]")


def test_an_infeasible_target_says_what_is_short() -> None:
    """The planner, the smallest submodel, its time, the target and the difference."""
    with pytest.raises(InfeasibleError, match=r"^wrx: .* 3 x 3, takes 123\.0 ms: the target of 20\.0 ms .* 103\.0 ms$"):
        run(read_scenario("quickstart", {"target_latency": "20 ms"}))


def test_a_scenario_may_name_planners_as_reports_label_them(tmp_path: Path) -> None:
    """What ``--planner`` takes, a file takes as well."""
    path = tmp_path / "s.yaml"
    planners = 'planner: ["std_pipeline[bitwidth=6]", {name: std_pipeline, options: {bitwidth: 6}}, wrx]'
    path.write_text(QUICKSTART.read_text().replace("planner: wrx", planners))
    labelled, spelt, plain = read_scenario(path).planner
    assert labelled == spelt
    assert [labelled.label, plain.label] == ["std_pipeline[bitwidth=6]", "wrx"]


def test_simulate_refuses_an_illegal_plan() -> None:
    """A plan from elsewhere is held to the same rules."""
    made = plan("quickstart")
    with pytest.raises(IllegalPlanError):
        simulate(made, read_scenario("quickstart", {"preload_buffer": "0 B"}))


@pytest.mark.parametrize("name", shipped_names("scenarios"))
def test_the_same_scenario_gives_the_same_bytes(name: str) -> None:
    """Planning and running twice changes nothing in the JSON; of a whole day, the morning is enough."""
    until = dict.fromkeys(("workload.duration", "apps.assistant.workload.duration"), "9 h")
    scenario = read_scenario(name, until if name == "day" else None)
    once, twice = (json.dumps(run(scenario, scenario.planner[0]).to_dict(), allow_nan=False) for _ in range(2))
    assert once == twice


def test_another_process_and_folder_give_the_same_bytes(tmp_path: Path) -> None:
    """Neither Python's hash seed nor the working directory nor how the path is written reaches the answer."""
    scenario, device = tmp_path / "s.yaml", tmp_path / "sub" / "d.yaml"
    device.parent.mkdir()
    device.write_text((shipped_folder("devices") / "odroid-n2plus.yaml").read_text())
    scenario.write_text(QUICKSTART.read_text().replace("device: odroid-n2plus", "device: sub/d.yaml"))
    here, there = result_of("s.yaml", tmp_path, "1"), result_of("../s.yaml", device.parent, "2")
    assert here == there == json.dumps(run(scenario).to_dict()) + "\n"
    assert set(json.loads(here)["provenance"]["inputs"]) == {
        "s.yaml",
        "sub/d.yaml",
        "scenarios/models/dynabert-12x12.yaml",
    }


def test_provenance_names_every_file_by_its_hash(tmp_path: Path) -> None:
    """A change of one byte in any file shows."""
    path = tmp_path / "s.yaml"
    path.write_text(QUICKSTART.read_text())
    before = run(path).provenance
    path.write_text(QUICKSTART.read_text() + "# a comment\n")
    after = run(path).provenance
    assert [name for name, sha in before["inputs"].items() if after["inputs"][name] != sha] == ["s.yaml"]
    assert all(len(sha) == 64 for sha in after["inputs"].values())
    assert before["seed"] == 0


def test_a_result_has_the_keys_of_the_contract() -> None:
    """Keys are added, never renamed."""
    data = run(REPEATED, "wrx").to_dict()
    parts = {"": data, "loads": data["plan"]["loads"]} | {name: data[name] for name in CONTRACT if name in data}
    for name, keys in CONTRACT.items():
        for part in parts[name] if isinstance(parts[name], list) else [parts[name]]:
            assert keys <= set(part), name
    assert data["schema"] == "edgesim.result/1"
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_frames_have_a_row_a_result_and_a_row_a_span() -> None:
    """What pandas users want."""
    result = run("quickstart")
    frame = result.to_frame()
    assert frame.shape[0] == 1
    assert {"scenario", "planner", "latency_ns", "fidelity"} <= set(frame.columns)
    assert len(result.timeline.to_frame()) == len(result.timeline.spans)


def test_only_the_first_inference_is_kept_on_demand() -> None:
    """With `keep_spans=False` the metrics are about all inferences, spans and requests about the first."""
    every = run(REPEATED, "wrx")
    first = run(REPEATED, "wrx", keep_spans=False)
    assert (len(every.requests), len(first.requests)) == (3, 1)
    assert {span.request for span in first.timeline.spans} == {0}
    assert first.metrics == every.metrics
    assert first.timeline.spans == tuple(span for span in every.timeline.spans if span.request == 0)


def peak_bytes(inferences: int, *, keep_spans: bool = False) -> int:
    """Return the memory that a session needs, what is imported or cached before not counted."""
    scenario = read_scenario("quickstart", {"workload": {"inferences": inferences}})
    gc.collect()
    tracemalloc.start()
    try:
        run(scenario, keep_spans=keep_spans)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_session() -> None:
    """Without spans, ten times the inferences need no more than the garbage collector leaves lying about."""
    peak_bytes(20)
    lying_about = 500_000
    assert peak_bytes(2000) < peak_bytes(200) + lying_about
    assert peak_bytes(2000, keep_spans=True) > 5 * lying_about  # so the bound above means something


def test_changes_are_in_the_provenance() -> None:
    """A result of a changed scenario says so, and one of the file as it is does not."""
    changed = read_scenario("quickstart", {"target_latency": "300 ms"})
    assert run(changed).provenance["changes"] == {"target_latency": "300 ms"}
    assert "changes" not in run("quickstart").provenance


@pytest.mark.parametrize("verb", [run, plan, compare, explore, sensitivity])
def test_what_is_no_scenario_is_refused(verb: Callable[[object], object]) -> None:
    """In one sentence, which tells what it may be."""
    message = "^scenario: must be an edgesim.Scenario, a file or a shipped name, got Model$"
    with pytest.raises(InputError, match=message):
        verb(read_model("gpt2"))
