"""What moves the answer: against plain runs done by hand, and what is said of it."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from edgesim.errors import InfeasibleError, InputError
from edgesim.experiment import plan, run, simulate
from edgesim.figures import Metrics
from edgesim.files import read_scenario
from edgesim.metrics import measure
from edgesim.plot.tornado import Bar, save_tornado, tornado_figure
from edgesim.preparation import prepare
from edgesim.questions.changing import changed_scenario
from edgesim.questions.keeping import kept, measured
from edgesim.questions.moves import Move, Sensitivity
from edgesim.questions.moves_text import bars, sensitivity_text
from edgesim.questions.parts import parts_of
from edgesim.questions.sensitivity import sensitivity
from edgesim.report.text import render
from edgesim.scenario import Scenario
from edgesim.testing.toys import toy_device, toy_model, toy_scenario


@pytest.fixture(scope="module")
def quickstart() -> Sensitivity:
    """Return what moves the quickstart."""
    return sensitivity("quickstart")


def move_of(found: Sensitivity, key: str) -> Move:
    """Return what one number moves."""
    return next(move for move in found.moves if move.key == key)


def by_hand(changed: Scenario) -> tuple[Metrics, Metrics]:
    """Execute the quickstart's plan in a changed scenario, and one that is made for it."""
    made = plan("quickstart")
    return measure([simulate(made, changed)], made, changed), run(changed).metrics


CHANGED: dict[tuple[str, int], dict[str, object]] = {
    ("storage.read.bandwidth", 0): {"storage.read.bandwidth": "75096 kB/s"},
    ("storage.read.bandwidth", 1): {"storage.read.bandwidth": "91784 kB/s"},
    ("processors.cpu.decompress", 1): {"processors.cpu.decompress.per_shard": "2.2 ms"},
    ("processors.cpu.layer_times", 0): {
        f"processors.cpu.layer_times[0].time.{m}": f"{ms * 9} us"
        for m, ms in enumerate([3500, 4400, 5200, 5800, 6500, 7000, 7500, 8300, 8700, 9500], 3)
    },
    ("target_latency", 1): {"target_latency": "220 ms"},
    ("load_buffer", 0): {"load_buffer": "3.6 MB"},
    ("preload_buffer", 0): {"preload_buffer": "0.9 MB"},
    ("distortion.5", 1): {"distortion.5": 0.003844 * 1.1},
    ("outlier_fraction", 1): {"outlier_fraction": 0.0015 * 1.1},
}  # fmt: skip


@pytest.mark.parametrize(("key", "side"), [key for key in CHANGED if key[0] != "outlier_fraction"])
def test_each_change_is_two_plain_runs(quickstart: Sensitivity, key: str, side: int) -> None:
    """One of the plan as it is, one of a new plan, in the scenario that a file with the changed number gives."""
    changed = read_scenario("quickstart", CHANGED[key, side])
    keeping, again = by_hand(changed)
    move = move_of(quickstart, key)
    assert move.kept[side].metrics == keeping
    assert move.again[side].metrics == again


def test_shards_of_another_size_are_read_as_such(quickstart: Sensitivity) -> None:
    """The plan is kept, its reads are longer; of a new plan the same metrics come as of a file."""
    changed = read_scenario("quickstart", CHANGED["outlier_fraction", 1])
    move = move_of(quickstart, "outlier_fraction")
    keeping = move.kept.more.metrics
    assert move.again.more.metrics == run(changed).metrics
    assert keeping is not None
    assert keeping.loaded_bytes > quickstart.base.loaded_bytes
    assert keeping.io_busy_ns > quickstart.base.io_busy_ns


def test_elasticity_is_relative_change_by_relative_change(quickstart: Sensitivity) -> None:
    """From both sides; effects fall from row to row."""
    base = run("quickstart").metrics.latency_ns
    assert quickstart.base.latency_ns == base
    move = move_of(quickstart, "storage.read.bandwidth")
    less, more = (one.metrics.latency_ns for one in move.kept if one.metrics)
    assert move.elasticity == pytest.approx((more - less) / base / 0.2)
    assert move.effect == pytest.approx(max(abs(more - base), abs(less - base)) / base)
    effects = [one.effect for one in quickstart.moves]
    assert effects == sorted(effects, reverse=True)


def test_layer_times_alone_decide_where_nothing_is_read() -> None:
    """With all that is executed preloaded and no decompression, latency is as elastic as can be: 1."""
    scenario = toy_scenario(toy_model(bitwidths=(32,)), toy_device(), target_ns=10**6, preload=10**4)
    found = sensitivity(scenario)
    assert found.base.stall_ns == 0
    assert move_of(found, "processors.cpu.layer_times").elasticity == pytest.approx(1)
    assert found.moves[0].key == "processors.cpu.layer_times"
    assert move_of(found, "storage.read.bandwidth").effect == 0


def test_a_plan_that_no_longer_fits_says_why() -> None:
    """Less of a preload buffer than the plan keeps is refused, and a new plan does with it."""
    found = sensitivity("minilm-package")
    move = move_of(found, "preload_buffer")
    assert move.kept.less.metrics is None
    assert "the preload buffer has room for 450 kB" in str(move.kept.less.reason)
    assert move.again.less.metrics is not None
    assert move.elasticity == 0.0
    assert "does not fit" in render(sensitivity_text(found))


def test_a_number_that_cannot_be_changed_is_missing_with_a_reason() -> None:
    """A decoder's shards have the weights of its geometry."""
    (missing,) = sensitivity(read_scenario("reply", {"generation.tokens": 2})).missing
    assert missing.key == "parameters_per_shard"
    assert "a layer of this geometry has" in missing.reason


def test_grades_are_those_of_the_profile_and_the_model(quickstart: Sensitivity) -> None:
    """Budgets have none: they are given."""
    scenario = read_scenario("quickstart")
    power, distortion = scenario.device.power, scenario.model.distortion
    assert power
    assert power.source
    assert distortion
    assert distortion.source
    assert move_of(quickstart, "power.cpu").grade == power.source.grade
    assert move_of(quickstart, "distortion.2").grade == distortion.source.grade
    assert {move.key for move in quickstart.moves if move.home == "budget"} == {
        "target_latency", "preload_buffer", "load_buffer",
    }  # fmt: skip


def test_the_most_influential_number_is_told_with_its_grade() -> None:
    """And which numbers would make the plan late."""
    text = " ".join(render(sensitivity_text(sensitivity("phone-ufs4"))).split())
    most = "processors.npu.decompress moves latency most: by 7.0%, and is only estimated (D)."
    assert f"Of the numbers that may be wrong, {most}" in text
    assert "Off by 10%, these make the plan late: none." in text
    assert "these may leave no room for the plan: parameters_per_shard." in text


def test_of_a_quality_new_plans_count() -> None:
    """The plan as it is has the same fidelity, whatever the storage does."""
    found = sensitivity("quickstart", of="fidelity", by=0.2)
    move = move_of(found, "target_latency")
    assert found.judged == "again"
    assert all(one.metrics is not None and one.metrics.fidelity == found.base.fidelity for one in move.kept)
    fidelity = run(read_scenario("quickstart", {"target_latency": "240 ms"})).metrics.fidelity
    assert move.again.more.figure("fidelity") == fidelity
    assert move.effect > 0


def test_each_table_of_reads_is_one_part() -> None:
    """By queue depth; times are scaled, whatever the rows are written as, and round up."""
    read = {"depths": {1: {"table": [["100 B", "100 ns"], ["200 B", "1 GB/s"]]}, 2: {"table": [["100 B", "151 ns"]]}}}
    scenario = toy_scenario(device=toy_device(read=read, lanes=2))
    tables = {part.key: part for part in parts_of(scenario) if part.key.startswith("storage")}
    assert tables.keys() == {"storage.read.depths.1.table", "storage.read.depths.2.table"}
    moves = {move.key: move for move in sensitivity(scenario).moves}
    assert moves["storage.read.depths.1.table"].effect > 0
    assert moves["storage.read.depths.2.table"].value == "151 ns"


@pytest.mark.parametrize("name", ["two-apps", "replan", "reply"])
def test_plans_kept_in_their_own_scenario_do_as_always(name: str) -> None:
    """Those of other apps and those for other states as well."""
    scenario = read_scenario(name)
    prepared = prepare(scenario, scenario.planner[0])
    assert measured(kept(prepared, scenario)).metrics == run(scenario, scenario.planner[0]).metrics


def test_apps_beside_are_on_the_changed_device() -> None:
    """There is one storage."""
    scenario = read_scenario("two-apps")
    part = next(part for part in parts_of(scenario) if part.key.startswith("storage.read"))
    changed = changed_scenario(scenario, part.changes(Fraction(2)))
    assert changed.device != scenario.device
    assert [app.device for app in changed.apps.values()] == [changed.device]


def test_a_frame_has_a_row_for_each_run(quickstart: Sensitivity) -> None:
    """Four of each number."""
    frame = quickstart.to_frame()
    assert len(frame) == 4 * len(quickstart.moves)
    assert set(frame["change"]) == {-0.1, 0.1}
    assert quickstart.to_dict()["moves"][0]["kept"]["less"]["metrics"]["latency_ns"] > 0


def test_a_picture_has_room_for_what_is_given() -> None:
    """Of many bars the shortest graded ones are left out."""
    many = [Bar(f"number {row}", "B", -1 / (row + 1), None) for row in range(30)]
    axes = tornado_figure([*many, Bar("budget", None, 0.0, 1.0)], "many", "latency", 0.1).axes[0]
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels == [*(f"number {row} (B)" for row in range(19)), "given exactly:", "budget"]
    assert sum(text.get_text() == "+: no run" for text in axes.texts) == 19


def test_a_picture_has_a_bar_for_each_number_that_moves(quickstart: Sensitivity, tmp_path: Path) -> None:
    """To the left and to the right, the longest first; the same bytes each time."""
    drawn = bars(quickstart)
    moves = [move for move in quickstart.moves if move.effect > 0]
    assert [bar.label for bar in drawn] == [move.key for move in sorted(moves, key=lambda move: move.is_given)]
    assert [bar.label for bar in drawn if bar.grade is None] == ["parameters_per_shard", "load_buffer"]
    for name in ("one.svg", "two.svg"):
        save_tornado(tornado_figure(drawn, "quickstart", "latency_ns", 0.1), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    figure = tornado_figure(drawn, "quickstart", "latency_ns", 0.1)
    assert len(figure.axes[0].patches) == 2 * len(drawn)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels[0] == "processors.cpu.layer_times (B)"
    assert labels[-3:] == ["given exactly:", "parameters_per_shard", "load_buffer"]
    assert "nothing moves it" in [text.get_text() for text in tornado_figure([], "x", "y", 0.1).axes[0].texts]


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: sensitivity("quickstart", by=0), "by: must be between 0 % and 100 %, got 0 %"),
    (lambda: sensitivity("quickstart", by=1), "by: must be between 0 % and 100 %, got 100 %"),
    (lambda: sensitivity("quickstart", of="latency"), "of: unknown metric 'latency'; did you mean 'latency_ns'"),
    (lambda: sensitivity("quickstart", of="accuracy"), "of: accuracy is unknown in this scenario"),
    (lambda: sensitivity("quickstart", planner="wrx[x"), "must look like name"),
    (lambda: sensitivity("quickstart", planner=5), "planner: must be a label such as"),  # type: ignore[arg-type]
    (lambda: sensitivity("quickstart", of=5), "of: unknown metric '5'; known: accuracy"),  # type: ignore[arg-type]
    (lambda: sensitivity("quickstart", by="10"), "by: must be a share such as '5 %', got 10"),
    (lambda: sensitivity("quickstart", by=[0.1]), "by: must be a share such as '5 %' or 0.05"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("asked", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_cannot_be_asked_is_said(asked: Callable[[], object], says: str) -> None:
    """In one line."""
    with pytest.raises(InputError, match=says):
        asked()


def test_without_a_plan_there_is_nothing_to_move() -> None:
    """The error is that of the run."""
    with pytest.raises(InfeasibleError):
        sensitivity(read_scenario("quickstart", {"target_latency": "1 ms"}))
