"""Planners side by side at many points, and what is found out only when it is asked for."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from strategies import toy_device, toy_model, toy_scenario

from edgesim import (
    Budget,
    Comparison,
    InfeasibleError,
    InputError,
    Plan,
    Result,
    Scenario,
    compare,
    compare_all,
    read_model,
    read_scenario,
    replicate_all,
    run,
)
from edgesim.choice import PlannerChoice
from edgesim.comparisons.cells import all_planners, attempted
from edgesim.comparisons.gap import is_bounded
from edgesim.comparisons.planning import MOST_CALLS, least_planning_ns
from edgesim.comparisons.table import compared_frame
from edgesim.comparisons.verbs import read_all
from edgesim.errors import MissingLibraryError
from edgesim.files import read_choice, read_points
from edgesim.plugins import PLANNERS, find, installed, options_of
from edgesim.result import LeftOut, Measured

FORM = {
    "schema": "edgesim.scenario/1", "device": "odroid-n2plus", "processor": "cpu", "model": "minilm-signature",
    "planner": "wrx", "target_latency": "100 ms", "preload_buffer": "500 kB",
}  # fmt: skip
THREE = ["wrx", "std_pipeline[bitwidth=2]", "preload_model[bitwidth=32]"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a scenario with two points."""
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(FORM | {"campaign": {"target_latency": ["60 ms", "100 ms"]}}))
    return path


def named(folder: Path, code: str) -> str:
    """Write a planner, and return its name."""
    (folder / "own.py").write_text("from edgesim.planners.wrx import wrx\n" + code)
    return "./own.py:own"


def labels(comparison: Comparison) -> list[str]:
    """Return every planner of a comparison."""
    return [one.planner for one in (*comparison.results, *comparison.left_out)]


def test_compare_runs_every_planner_once() -> None:
    """The scenario's planners first, then those without a bitwidth, then the others at every bitwidth."""
    done = compare("paper-odroid-400ms")
    expected = {"wrx"}
    for name in installed(PLANNERS):
        takes = "bitwidth" in options_of(find(PLANNERS, name, Path()))
        expected |= {f"{name}[bitwidth={bits}]" for bits in (2, 3, 4, 5, 6, 32)} if takes else {name}
    assert sorted(labels(done)) == sorted(expected)
    assert done.results[0].planner == "wrx"
    assert list(done.to_frame().index) == [result.planner for result in done.results]


def test_a_comparison_without_results_is_an_empty_frame() -> None:
    """Not an error."""
    nobody = compare(read_scenario("quickstart", {"target_latency": "1 us"}), ["wrx"])
    assert nobody.results == ()
    assert (len(nobody.to_frame()), nobody.to_frame().index.name) == (0, "planner")


def test_each_point_is_compared_as_it_would_be_alone(path: Path) -> None:
    """In the order of the campaigns, whether it is a file, a name or a scenario."""
    compared = compare_all([path, "quickstart", read_scenario("fig6")], THREE, workers=1)
    assert [scenario.name for scenario, _ in compared] == ["mine", "mine", "quickstart", "fig6"]
    assert [scenario.target_latency_ns for scenario, _ in compared[:2]] == [60_000_000, 100_000_000]
    for scenario, comparison in compared:
        assert comparison == compare(scenario, THREE)
        assert "planning_ns" not in json.dumps([result.to_dict() for result in comparison.results])


def test_several_processes_find_the_same(path: Path) -> None:
    """And say how far they are."""
    said: list[tuple[str, int, int]] = []
    elsewhere = compare_all([path], THREE, workers=2, progress=lambda *n: said.append(n))
    assert elsewhere == compare_all([path], THREE, workers=1)
    assert sorted(said) == [("planners run", done, 6) for done in range(1, 7)]


def test_all_mistakes_of_all_files_come_at_once(path: Path, tmp_path: Path) -> None:
    """Nothing runs before."""
    (tmp_path / "wrong.yaml").write_text(path.read_text().replace("60 ms", "60"))
    with pytest.raises(InputError, match=r"(?s)wrong\.yaml.*got 60.*none\.yaml: no such file"):
        compare_all([tmp_path / "wrong.yaml", path, tmp_path / "none.yaml"])


def test_one_scenario_needs_no_list(path: Path) -> None:
    """Whether it is a file with its points, a name or a scenario; what is none is refused in one sentence."""
    assert [scenario.target_latency_ns for scenario in read_all(path)] == [60_000_000, 100_000_000]
    assert read_all("quickstart") == read_all(["quickstart"]) == read_all(read_scenario("quickstart"))
    for wrong in (read_model("gpt2"), [read_model("gpt2")]):
        with pytest.raises(InputError, match=r"^scenario: must be an edgesim\.Scenario, .*, got Model$"):
            compare_all(wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^scenario: must be an edgesim\.Scenario, .*, got int$"):
        compare_all(3)  # type: ignore[arg-type]


def test_one_planner_needs_no_list() -> None:
    """A label alone is not taken for a list of letters, whatever the verb."""
    assert labels(compare("quickstart", "wrx[upgrade_to=6]")) == ["wrx[upgrade_to=6]"]
    ((_, alone),) = compare_all("quickstart", "load_exec")
    assert labels(alone) == ["load_exec"]
    assert [one.planner for one in replicate_all("disturbed", "wrx", replications=2).each] == ["wrx"]


def test_what_has_no_plan_is_left_out_with_its_reason(path: Path, tmp_path: Path) -> None:
    """So is a planner that fails; the others are there."""
    own = named(tmp_path, "def own(model, device, budget):\n    raise ValueError('x')\n")
    path.write_text(path.read_text().replace("60 ms", "2 ms"))
    (_, first), (_, second) = compare_all([path], ["wrx", own], workers=1)
    assert labels(first) == ["wrx", own]
    assert [left.exit_code for left in first.left_out] == [4, 3]
    assert first.left_out[0].reason.startswith("wrx: computing the smallest submodel")
    assert ([one.planner for one in second.results], [one.planner for one in second.left_out]) == (["wrx"], [own])


def test_a_planner_that_ends_its_process_is_left_out(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where planners are called directly, in the process that does several cells."""
    monkeypatch.setenv("EDGESIM_PLANNER_SECONDS", "0")
    own = named(tmp_path, "import os\ndef own(model, device, budget):\n    os._exit(7)\n")
    for _, comparison in compare_all([path], ["wrx", own], workers=2):
        assert [result.planner for result in comparison.results] == ["wrx"]
        assert comparison.left_out[0].reason.startswith(f"{own}: ended its process, ")


def test_a_library_that_is_missing_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed planner that needs it is left out; one that the scenario names is a mistake of its author."""

    def refuse(*_: object) -> Result:
        raise MissingLibraryError("SciPy is needed for this", "SciPy (pip install scipy)")

    monkeypatch.setattr("edgesim.comparisons.cells.run", refuse)
    scenario = toy_scenario(toy_model(), toy_device())
    other = next(choice for choice in all_planners(scenario) if choice.name == "load_exec")
    assert attempted(scenario, other) == LeftOut(
        other.label, "SciPy is needed for this", 2, needs="SciPy (pip install scipy)"
    )
    for choice in (scenario.planner[0], PlannerChoice(name="wrx", options={"nope": 1})):
        with pytest.raises(InputError, match="SciPy is needed"):
            attempted(scenario, choice)


def test_a_wrong_option_stops_the_comparison(path: Path) -> None:
    """Also in a process of its own."""
    for workers in (1, 2):
        with pytest.raises(InputError, match=r"^wrx\[upgrade_too=6\]: upgrade_too: unknown option"):
            compare_all([path], ["wrx", "wrx[upgrade_too=6]"], workers=workers)


def test_planning_is_timed_when_asked_for() -> None:
    """A whole number of nanoseconds for each result, beside what it was without; in JSON and frames as well."""
    ((_, timed),) = compare_all(["quickstart"], THREE, timed=True)
    plain = compare("quickstart", THREE)
    for one, other in zip(timed.results, plain.results, strict=True):
        assert replace(one, asked={}) == other
        assert one.asked["planning_ns"] > 0
        assert one.to_dict() == other.to_dict() | {"planning_ns": one.asked["planning_ns"]}
    assert list(timed.to_frame()["planning_ns"]) == [one.asked["planning_ns"] for one in timed.results]


def clock(monkeypatch: pytest.MonkeyPatch, *calls_ns: int) -> list[int]:
    """Let each call of a planner take a time; return how many there have been."""
    now, calls = count(), [0]
    times = [0]

    def tick() -> int:
        if next(now) % 2:
            times[0] += calls_ns[min(calls[0], len(calls_ns) - 1)]
            calls[0] += 1
        return times[0]

    monkeypatch.setattr("edgesim.comparisons.planning.time", SimpleNamespace(perf_counter_ns=tick))
    return calls


@pytest.mark.parametrize(
    ("calls_ns", "least", "called"),
    [
        ((9, 5, 7, 6, 8), 5, MOST_CALLS),
        ((9,), 9, MOST_CALLS),
        ((10**9, 1), 10**9, 1),
        ((9 * 10**8, 10**8, 1), 10**8, 2),
    ],
)
def test_the_least_of_a_few_calls_counts(
    monkeypatch: pytest.MonkeyPatch, calls_ns: tuple[int, ...], least: int, called: int
) -> None:
    """Up to five, and no further one after a second."""
    calls = clock(monkeypatch, *calls_ns)
    scenario = toy_scenario(toy_model(), toy_device())
    assert least_planning_ns(scenario, read_choice("wrx")) == least
    assert calls == [called]


def test_a_planner_that_fails_has_no_planning_time(tmp_path: Path, path: Path) -> None:
    """It made a plan before, or there would be no result to time."""
    own = named(tmp_path, "def own(model, device, budget):\n    raise ValueError('x')\n")
    assert least_planning_ns(read_points(path)[0].scenario, read_choice(own)) is None


class Solver:
    """Stands in for the search of the optimum: a bound of 0.8, reached by nobody."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, list[Plan]]] = []

    def __call__(self, _model: object, _device: object, budget: Budget, *, seconds: float, start: list[Plan]) -> object:
        """Note what was asked, and answer."""
        assert seconds > 0
        self.asked.append((budget.target_latency_ns, start))
        if budget.target_latency_ns < 70_000_000:
            raise InfeasibleError("no submodel can be computed in time")
        return SimpleNamespace(bound=0.8, score=0.7, proven=False)


def test_the_gap_is_to_one_bound_a_point(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts from the plans that it bounds; plans that it does not bound, and points without one, have none."""
    solver = Solver()
    monkeypatch.setattr("edgesim.planners.optimum.optimum", solver)
    (_, tight), (_, loose) = compare_all([path], THREE, gap=True, workers=1)
    wrx, pipeline, resident = loose.results
    assert [target for target, _ in solver.asked] == [60_000_000, 100_000_000]
    assert solver.asked[1][1] == [wrx.plan, pipeline.plan]
    for one in (wrx, pipeline):
        assert one.metrics.fidelity is not None
        assert one.asked == {
            "optimum_bound": 0.8, "optimum_found": 0.7,
            "optimum_gap": pytest.approx((0.8 - one.metrics.fidelity) / 0.8),
        }  # fmt: skip
    assert resident.asked == {"optimum_bound": 0.8, "optimum_found": 0.7, "optimum_gap": None}
    assert {value for one in tight.results for value in one.asked.values()} == {None}


def test_what_a_bound_is_about() -> None:
    """One lane, buffers kept to, target met."""
    result = run("quickstart")
    assert is_bounded(result)
    assert not is_bounded(replace(result, plan=replace(result.plan, lanes=2)))
    assert not is_bounded(replace(result, plan=replace(result.plan, ignores_buffers=True)))
    assert not is_bounded(replace(result, metrics=replace(result.metrics, meets_target=False)))


def test_no_planner_beats_the_bound() -> None:
    """The real solver, on every installed planner."""
    ((_, done),) = compare_all(["quickstart"], gap=True)
    gaps = [result.asked["optimum_gap"] for result in done.results]
    assert {gap is None for gap in gaps} == {True, False}
    for result in done.results:
        if is_bounded(result):
            assert result.metrics.fidelity is not None
            assert result.metrics.fidelity <= result.asked["optimum_bound"] + 1e-12


def test_a_gap_without_scipy_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it, and before anything runs."""
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setattr("edgesim.comparisons.verbs.compared_cells", lambda *_: pytest.fail("something ran"))
    with pytest.raises(
        InputError, match=r"^SciPy is needed for this; install it with: pip install 'edgesim\[oracle\]'"
    ):
        compare_all(["quickstart"], gap=True)


def measuring(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Measure without a model: the more shards the better; return what was measured in each call."""
    calls: list[list[str]] = []

    def measured(scenario: Scenario, plans: Sequence[tuple[str, Plan]], **options: object) -> list[Measured]:
        assert (options["store"], options["task"]) == ("minilm.store", "package")
        calls.append([label for label, _ in plans])
        return [
            Measured(scenario.name, label, "package", 500, sum(map(len, plan.shards)) / 100, 1.0, None, None, None)
            for label, plan in plans
        ]

    monkeypatch.setattr("edgesim.comparisons.measured.measured_accuracy", measured)
    return calls


def test_equal_plans_are_measured_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever made them, at whatever point: how shards get to memory makes no difference to the answers."""
    calls = measuring(monkeypatch)
    planners = ["std_pipeline[bitwidth=6]", "pipeswitch[bitwidth=6]", "wrx", "wrx[importance=random]"]
    compared = compare_all([path], planners, store="minilm.store", task="package", workers=1)
    results = [result for _, comparison in compared for result in comparison.results]
    answers = {(one.plan.layers, one.plan.shards, one.plan.bitwidths) for one in results}
    assert len(results) == 8
    assert [len(call) for call in calls] == [len(answers)]
    assert len(answers) < 8
    for one in results:
        shards = sum(map(len, one.plan.shards))
        assert one.asked == {
            "measured_accuracy": shards / 100, "measured_task": "package", "measured_examples": 500,
        }  # fmt: skip


def test_models_are_measured_apart(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a task of its own."""
    calls = measuring(monkeypatch)
    (tmp_path / "other.yaml").write_text(path.read_text().replace("minilm-signature", "minilm-package"))
    compare_all([path, tmp_path / "other.yaml"], ["wrx"], store="minilm.store", task="package", workers=1)
    assert [len(call) for call in calls] == [2, 2]


def test_the_frame_has_every_planner_at_every_point(path: Path) -> None:
    """Where, what was measured, and why there is no plan."""
    path.write_text(path.read_text().replace("60 ms", "10 ms"))
    compared = compare_all([path], ["wrx", "load_exec[bitwidth=32]"], timed=True, workers=1)
    frame = compared_frame(compared)
    assert list(frame["planner"]) == ["wrx", "load_exec[bitwidth=32]"] * 2
    assert list(frame["target_latency_ns"]) == [10_000_000] * 2 + [100_000_000] * 2
    assert set(frame["preload_buffer_bytes"]) == {500_000}
    for _, row in frame.iterrows():
        has_plan = pd.isna(row["left_out"])
        assert has_plan == pd.notna(row["latency_ns"]) == pd.notna(row["planning_ns"])
    assert 0 < frame["left_out"].notna().sum() < len(frame)
