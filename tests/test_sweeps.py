"""Sweeps end to end: rows equal single runs, whoever computes them and however often that is interrupted."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from edgesim import EdgesimError, InputError, PluginError, read_scenario, run
from edgesim.bulk.plain import is_plain
from edgesim.sweeps import evaluate as evaluating
from edgesim.sweeps.columns import metric_columns
from edgesim.sweeps.reading import read_sweep
from edgesim.sweeps.ready import Where, read_sweep_file
from edgesim.sweeps.sampling import EngineError, Sample
from edgesim.sweeps.verbs import store_sweep, sweep, sweep_frames

BASE = """\
schema: edgesim.scenario/1
device: odroid-n2plus
processor: cpu
model: dynabert-12x12
planner: [wrx, load_exec, {name: std_pipeline, options: {bitwidth: 6}}, preload_model, dynabert, one_ahead]
target_latency: 200 ms
preload_buffer: 1 MB
"""
WIDE = """\
sweep:
  device: [odroid-n2plus, jetson-nano, raspberry-pi-5-nvme, pc-nvme]
  processor: [cpu, gpu]
  load_buffer: [unlimited, 16 MB, 5 MB]
  preload_buffer: [0 B, 700 kB, 6 MB]
  target_latency: {from: 50 ms, to: 800 ms, log: 7}
"""
SESSIONS = """\
workload: {kind: server, rate: 2 /s, inferences: 5}
conditions: {io_jitter: {quantiles: {0.1: 0.9, 0.5: 1, 0.9: 1.2}}}
sweep: {seed: {from: 1, to: 4, step: 1}}
"""


def written(folder: Path, text: str) -> Path:
    """Write a scenario with a sweep."""
    path = folder / "swept.yaml"
    path.write_text(BASE + text)
    return path


def single(path: Path, settings: dict[str, object], planner: str) -> dict[str, object]:
    """Return what `edgesim run` says of one point: every metric, or why there is none."""
    try:
        return {**run(read_scenario(path, settings), planner).to_row(), "status": "done"}
    except EdgesimError as error:
        return {"reason": str(error)}


def plain(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dicts of plain values; NA is None."""
    objects = rows.astype(object)
    return objects.where(objects.notna(), None).to_dict(orient="records")


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """Return a sweep of devices, processors, buffers, targets and planners, and its rows."""
    path = written(tmp_path_factory.mktemp("wide"), WIDE)
    return path, sweep(path, workers=1)


def test_rows_equal_single_runs(wide: tuple[Path, pd.DataFrame]) -> None:
    """A thousand points of several devices, processors, buffers and planners: every metric to the last bit."""
    path, rows = wide
    space = read_sweep_file(path).space
    assert len(rows) == len(space) == 4 * 2 * 3 * 3 * 7 * 6
    names = [name for name in metric_columns() if name != "reason"]
    chosen = rows.sample(1000, random_state=7)
    assert {"done", "infeasible", "invalid"} == set(chosen["status"])
    for row in plain(chosen):
        found = single(path, space.settings(row["point"]), row["planner"])
        if found.get("status") == "done":
            assert row["engine"] == "recurrence"
            assert {name: None if row[name] is pd.NA else row[name] for name in names} == {
                name: found[name] for name in names
            }
        else:
            assert row["status"] in {"infeasible", "invalid"}
            assert {name for name in names if row[name] is not None} == {"target_latency_ns"}
            if row["status"] == "infeasible":
                assert row["reason"] == " ".join(str(found["reason"]).split("\n"))


def test_two_processes_do_the_same(wide: tuple[Path, pd.DataFrame]) -> None:
    """Rows do not depend on who computes them and in what batches, nor on which engine does."""
    path, rows = wide
    pd.testing.assert_frame_equal(sweep(path, workers=2), rows)
    made = read_sweep_file(path)
    simulated = replace(made.evaluate, simulate=True)(range(0, len(made.space), 11))
    fast = rows.iloc[::11].reset_index(drop=True)
    assert set(simulated["engine"].dropna()) == {"simulation"}
    pd.testing.assert_frame_equal(simulated.drop(columns="engine"), fast.drop(columns="engine"))


def test_sessions_are_simulated(tmp_path: Path) -> None:
    """Their rows have the figures of the whole session, the same as a run's."""
    path = written(tmp_path, SESSIONS)
    rows = sweep(path, ["wrx"], workers=1)
    assert list(rows["seed"]) == [1, 2, 3, 4]
    assert set(rows["engine"]) == {"simulation"}
    space = read_sweep_file(path, ["wrx"]).space
    for place, row in enumerate(plain(rows)):
        found = run(read_scenario(path, space.settings(place)), "wrx").to_row()
        assert row["service_latency_mean_ns"] == found["service_latency_mean_ns"]
        assert row["latency_p99_ns"] == found["latency_p99_ns"]
    assert rows["service_latency_mean_ns"].nunique() == 4


def test_sessions_have_their_figures_whatever_the_first_point_is(tmp_path: Path) -> None:
    """Here it is invalid, as no time was measured for the model."""
    path = written(tmp_path, SESSIONS.replace("{seed: ", "{device: [cloud-epyc, odroid-n2plus], seed: "))
    rows = sweep(path, ["wrx"], workers=1)
    assert list(rows["status"]) == [*["invalid"] * 4, *["done"] * 4]
    assert list(rows["service_latency_mean_ns"].notna()) == [*[False] * 4, *[True] * 4]


def test_bad_points_are_rows(tmp_path: Path) -> None:
    """A planner that fails, a processor that is not there and a target that is too short stop nothing."""
    (tmp_path / "mine.py").write_text("def broken(model, device, budget):\n    raise KeyError('no such thing')\n")
    path = tmp_path / "swept.yaml"
    bad = BASE.replace("planner: [wrx", "planner: ['./mine.py:broken', wrx")
    path.write_text(bad + "sweep: {device: [odroid-n2plus, jetson-nano], target_latency: [1 ms, 400 ms]}\n")
    rows = sweep(path, ["./mine.py:broken", "wrx"], workers=1)
    assert list(rows["status"]) == ["failed", "failed", "infeasible", "done", *["invalid"] * 4]
    assert "KeyError" in rows["reason"][0]
    assert "jetson-nano has no 'cpu'" in rows["reason"][7]
    assert rows["reason"][3] is pd.NA
    assert list(rows["device"]) == ["odroid-n2plus"] * 4 + ["jetson-nano"] * 4


def test_a_point_that_ends_its_process_is_a_row(tmp_path: Path) -> None:
    """The others of its batch are done all the same."""
    (tmp_path / "mine.py").write_text(
        "import os, signal\n"
        "def killer(model, device, budget):\n"
        "    if budget.target_latency_ns == 300_000_000:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    from edgesim.planners.wrx import wrx\n"
        "    return wrx(model, device, budget)\n"
    )
    path = written(tmp_path, "sweep: {target_latency: [200 ms, 300 ms, 400 ms, 500 ms]}\n")
    before = os.environ.get("EDGESIM_PLANNER_SECONDS")
    os.environ["EDGESIM_PLANNER_SECONDS"] = "0"  # in the worker's own process
    try:
        rows = sweep(path, ["./mine.py:killer"], workers=2)
    finally:
        del os.environ["EDGESIM_PLANNER_SECONDS"]
        os.environ |= {} if before is None else {"EDGESIM_PLANNER_SECONDS": before}
    assert list(rows["status"]) == ["done", "lost", "done", "done"]
    assert "SIGKILL" in rows["reason"][1]


def test_engines_that_disagree_stop_the_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the point, and what is different."""
    path = written(tmp_path, "sweep: {target_latency: [200 ms, 400 ms]}\n")
    right: Callable[..., object] = evaluating.measured

    def wrong(*arguments: object) -> object:
        found = right(*arguments)
        found.columns["stall_ns"][0][:] += 1  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(evaluating, "measured", wrong)
    with pytest.raises(EngineError, match=r"wrx at target_latency: 200 ms: .* disagree, stall_ns is \d+ and \d+"):
        sweep(path, workers=1)


def test_engines_must_refuse_points_for_the_same_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of another kind is another status, though it says the same."""
    path = written(tmp_path, "sweep: {target_latency: [1 ms]}\n")
    right: Callable[..., Any] = evaluating.measured

    def wrong(*arguments: object) -> object:
        found = right(*arguments)
        return replace(found, refused={place: PluginError(str(error)) for place, error in found.refused.items()})

    monkeypatch.setattr(evaluating, "measured", wrong)
    with pytest.raises(EngineError, match="disagree, status is failed and infeasible;"):
        sweep(path, workers=1)


def test_planners_that_draw_are_checked_with_the_plan_they_made(tmp_path: Path) -> None:
    """Another call may make another plan: that is no disagreement of the engines."""
    (tmp_path / "mine.py").write_text(
        "import os\n"
        "from edgesim.planners.baselines import std_pipeline\n"
        "def drawn(model, device, budget):\n"
        "    bits = model.bitwidths[os.urandom(1)[0] % 4]\n"
        "    return std_pipeline(model, device, budget, bitwidth=bits)\n"
    )
    path = written(tmp_path, "sweep: {target_latency: {from: 300 ms, to: 600 ms, num: 40}}\n")
    rows = sweep(path, ["./mine.py:drawn"], workers=1)
    assert set(rows["status"]) == {"done"}
    assert set(rows["engine"]) == {"recurrence"}
    assert rows["loaded_bytes"].nunique() > 4


def test_a_cold_start_needs_no_events(tmp_path: Path) -> None:
    """Neither on its own nor beside warm ones: it is one inference."""
    path = written(tmp_path, "sweep: {workload.start: [warm, cold], preload_buffer: [1 MB, 4 MB]}\n")
    rows = sweep(path, ["wrx"], workers=1)
    assert set(rows["engine"]) == {"recurrence"}
    assert rows["latency_ns"][3] > rows["latency_ns"][1]


def test_some_points_of_every_sweep_are_checked() -> None:
    """All of a small one, about a hundred of a large one, and always the same."""
    assert all(Sample.of(99).has(index) for index in range(99))
    for number in (1000, 50_000, 200_000):
        found = [index for index in range(number) if Sample.of(number).has(index)]
        assert 60 < len(found) < 200
    assert 400 < sum(Sample.of(10**6).has(index) for index in range(10**6)) < 600


def test_what_is_stored_is_what_is_returned(wide: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    """And a second call has nothing left to do."""
    path, rows = wide
    made, calls = read_sweep_file(path), list[tuple[int, int]]()
    manifest = store_sweep(made, tmp_path / "out", Where(1))
    assert manifest.complete
    assert manifest.rows == len(rows)
    pd.testing.assert_frame_equal(read_sweep(tmp_path / "out"), rows)
    store_sweep(made, tmp_path / "out", Where(1), resume=True, progress=lambda _, *done: calls.append(done))
    assert calls == []
    with pytest.raises(InputError, match="--resume"):
        store_sweep(made, tmp_path / "out", Where(1))
    other = read_sweep_file(path, changes={"preload_buffer": "2 MB"})
    with pytest.raises(InputError, match="changes"):
        store_sweep(other, tmp_path / "out", Where(1), resume=True)


def test_an_interrupted_sweep_is_finished(wide: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    """With what was there, and nothing twice."""
    path, rows = wide
    made, done = read_sweep_file(path), list[int]()

    def stop(_: str, number: int, every: int) -> None:
        done.append(number)
        if number > every // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store_sweep(made, tmp_path / "out", Where(1), progress=stop)
    stored = read_sweep(tmp_path / "out")
    assert 0 < len(stored) < len(rows)
    first = list[int]()
    store_sweep(made, tmp_path / "out", Where(1), resume=True, progress=lambda _, number, every: first.append(number))
    assert min(first) > len(stored)
    pd.testing.assert_frame_equal(read_sweep(tmp_path / "out"), rows)


def test_frames_come_as_they_are_done(tmp_path: Path) -> None:
    """So that memory does not grow with the number of points."""
    path = written(
        tmp_path,
        "sweep: {target_latency: {from: 1 ms, to: 1 s, num: 1000}, preload_buffer: {from: 0 B, to: 1 MB, num: 1000}}\n",
    )
    frames = sweep_frames(path, ["wrx"], workers=1)
    first = next(iter(frames))
    assert len(first) < 10_000
    frames.close()  # type: ignore[attr-defined]


def test_filtered_points_have_no_rows(tmp_path: Path) -> None:
    """Numbers of points are those of the whole product."""
    axes = "preload_buffer: [0 B, 2 MB], load_buffer: [1 MB, 4 MB], where: [preload_buffer <= load_buffer]"
    rows = sweep(written(tmp_path, f"sweep: {{{axes}}}\n"), ["wrx"], workers=1)
    assert list(rows["point"]) == [0, 1, 3]


def test_what_needs_no_events() -> None:
    """One undisturbed inference does not; sessions, replies and conditions do."""
    assert is_plain(read_scenario("quickstart"))
    for name in ("server", "reply", "disturbed", "replan", "two-apps", "pressure"):
        assert not is_plain(read_scenario(name)), name


def test_units_of_swept_keys_are_told(tmp_path: Path) -> None:
    """In the manifest, for those that have one; a share of a whole is no plain number, but a name is a name."""
    axes = (
        "storage.read.bandwidth: [20 MB/s, 1 GB/s], tolerance: [1 %, 5 %], seed: [1, 2], "
        "storage.read.latency: [1 us], load_buffer: [4 MB]"
    )
    made = read_sweep_file(written(tmp_path, f"sweep: {{{axes}}}\n"), ["wrx"])
    units = {"storage.read.bandwidth": "B/s", "storage.read.latency": "ns", "tolerance": "share"}
    assert store_sweep(made, tmp_path / "out", Where(1)).units == units
