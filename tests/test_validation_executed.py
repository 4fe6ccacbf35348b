"""Plans really executed and compared: by a double of the processor in this process, and by PyTorch in one of its own.

Never in real time: a test that hangs would take a CPU with it.
"""

import faulthandler
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from checkpoints import write_checkpoint
from executed import SEQ_LEN, Double, check_timeline, make_store, wanted_output
from validated import write_scenario

import edgesim
from edgesim.backends.real.engine import Engine, Settings
from edgesim.errors import ExecutionError
from edgesim.plans import Plan
from edgesim.report.text import render
from edgesim.result import Measured
from edgesim.scenario import Scenario
from edgesim.sharding import shard
from edgesim.shards.store import open_store
from edgesim.timeline import Timeline
from edgesim.validation import execution
from edgesim.validation.cases import planned_cases
from edgesim.validation.evidence import read_campaign, write_campaign
from edgesim.validation.text import validation_text
from edgesim.validation.verdict import Validation

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="real execution is for Linux"),
    pytest.mark.xdist_group("execution"),
]
THREAD = Settings(loader="thread", realtime=False)
CAMPAIGN = {"throttle": ["native", "raspberry-pi-5-nvme"]}
PLANNERS = ["std_pipeline", {"name": "preload_model", "options": {"bitwidth": 6}}]
Validate = Callable[..., Validation]


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    faulthandler.dump_traceback_later(240, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a scenario of two planners, one of them on two storages."""
    return write_scenario(make_store(tmp_path / "store"), planner=PLANNERS, campaign=CAMPAIGN, tolerance="90 %")


@pytest.fixture
def validate(path: Path, monkeypatch: pytest.MonkeyPatch) -> Validate:
    """Return the verb with a double of the processor, on a machine that disturbs nothing."""
    double = SimpleNamespace(reference=lambda store, plan, tokens: wanted_output(store, plan))
    monkeypatch.setitem(sys.modules, "edgesim.backends.real.torch_processors", double)
    monkeypatch.setattr(execution, "why_disturbed", lambda found: None)

    def opened(planned: object, store: Path, settings: Settings | None) -> Engine:
        found = open_store(store)
        return Engine(found, Double(found), settings, SEQ_LEN)

    monkeypatch.setattr("edgesim.validation.verbs.open_engine", opened)
    return lambda **options: edgesim.validate(path, settings=THREAD, **{"repeats": 3} | options)


def test_plans_are_executed_and_compared(validate: Validate, tmp_path: Path) -> None:
    """Each so often, after once that does not count; every run is what the plan says, and every figure is there."""
    told: list[tuple[str, int, int]] = []
    found = validate(progress=lambda *progress: told.append(progress))
    assert [one.label for one in found.agreements] == [
        "std_pipeline · native", "preload_model[bitwidth=6] · native", "std_pipeline · raspberry-pi-5-nvme",
    ]  # fmt: skip
    assert [group.group for group in found.groups] == [found.agreements[2].group, "native", "resident"]
    assert told == [("real runs", done, 12) for done in range(1, 13)]
    turns = [run.turn for runs in found.campaign.runs for run in runs]
    assert sorted(turns) == list(range(4, 13))
    planned, _ = planned_cases(tmp_path / "mine.yaml")
    for one, runs in zip(planned, found.campaign.runs, strict=True):
        for run in runs:
            check_timeline(run.timeline, one.plan, one.scenario)
            assert run.metrics.latency_ns == run.timeline.requests[0].finish_ns
            assert run.metrics.loaded_bytes == one.case.metrics.loaded_bytes
    assert found.verdict in ("within tolerance", "out of tolerance", "not validated")
    about = found.campaign.circumstances
    assert (about["repeats"], about["seed"], about["engine"]["loader"]) == (3, 0, "thread")
    assert set(about) == {"machine", "engine", "executed", "repeats", "seed", "provenance", "grades"}
    write_campaign(tmp_path / "kept.gz", found.campaign)
    assert edgesim.revalidate(tmp_path / "kept.gz") == found


def test_emulated_reads_take_the_simulated_time(validate: Validate) -> None:
    """Each load of the throttled plan, to a tenth; so the recurrence explains all but the hand-offs."""
    found = validate(planners=["std_pipeline"], changes={"throttle": "raspberry-pi-5-sd"}, repeats=5)
    (one,), (case,), (runs,) = found.agreements, found.campaign.cases, found.campaign.runs
    assert case.throttle == "raspberry-pi-5-sd"
    if one.why_not:
        pytest.skip(one.why_not)
    assert one.spans is not None
    assert all(abs(error) < 0.1 for error in one.spans["load"])
    assert len(one.structural) == sum(run.counts for run in runs)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_the_runs_is_that_of_the_seed(validate: Validate, seed: int) -> None:
    """Every round has every case, each in another order."""
    found = validate(seed=seed)
    orders = [[run.turn for run in runs] for runs in found.campaign.runs]
    assert orders == [[run.turn for run in runs] for runs in validate(seed=seed).campaign.runs]
    assert orders != [[run.turn for run in runs] for runs in validate(seed=seed + 2).campaign.runs]
    assert [[(turn - 4) // 3 for turn in turns] for turns in orders] == [[0, 1, 2]] * 3


def test_a_session_is_executed_inference_by_inference(validate: Validate, tmp_path: Path) -> None:
    """A cold start reads what the later ones find; every inference has a structural error of its own."""
    workload = {"kind": "single_stream", "inferences": 3, "start": "cold"}
    write_scenario(open_store(tmp_path / "store"), planner=PLANNERS[1], workload=workload)
    found = validate(repeats=2)
    (case,), (runs,), (one,) = found.campaign.cases, found.campaign.runs, found.agreements
    assert case.group == "native"
    for run in runs:
        assert len(run.timeline.requests) == 3
        assert {span.request for span in run.timeline.spans if span.kind == "load"} == {0}
    assert len(one.structural) == 6


def test_what_disturbs_a_run_is_noted(validate: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the system tells; too much of it, and there is no verdict."""
    noted = []
    monkeypatch.setattr(execution, "why_disturbed", lambda found: noted.append(found) or "stolen")
    found = validate(planners=["std_pipeline"], changes={"throttle": "native"})
    assert found.verdict == "not validated"
    (runs,) = found.campaign.runs
    assert {run.disturbed for run in runs} == {"stolen"}
    assert {run.waited_ns for run in runs} <= {one.waited_ns for one in noted}


def test_a_wrong_output_is_refused_before_it_is_measured(validate: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    """What computes something else takes another time."""
    wrong = SimpleNamespace(reference=lambda store, plan, tokens: wanted_output(store, plan) + 0.01)
    monkeypatch.setitem(sys.modules, "edgesim.backends.real.torch_processors", wrong)
    with pytest.raises(ExecutionError, match="its output is not that of the reference") as failed:
        validate()
    assert failed.value.exit_code == 5


def test_nothing_is_left_of_a_campaign_that_fails(validate: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is closed, whatever happens."""
    closed: list[bool] = []
    close = Engine.close
    monkeypatch.setattr(Engine, "close", lambda engine: closed.append(True) or close(engine))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        validate(progress=interrupted)
    assert closed


def test_accuracy_is_measured_where_it_is_asked_for(validate: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every plan, on the same store; it stands beside its real latency and memory."""
    asked: list[dict[str, object]] = []

    def measured(scenario: Scenario, plans: Sequence[tuple[str, Plan]], **options: object) -> list[Measured]:
        asked.append(options)
        return [Measured("mine", label, "module", 9, 0.75, 0.5, None, None, None) for label, _ in plans]

    monkeypatch.setattr("edgesim.accuracy.measured_accuracy", measured)
    found = validate(task="module")
    assert [one.planner for one in found.accuracy] == [case.label for case in found.campaign.cases]
    assert (asked[0]["task"], Path(str(asked[0]["store"])).name) == ("module", "store")
    text = render(validation_text(found), 200)
    assert "executed, and examined in task module  accuracy " in text
    assert len(re.findall(r" 0\.7500 +[\d.,]+ ms +(met|missed) ", text)) == sum(
        not one.why_not for one in found.agreements
    )


@pytest.mark.real
@pytest.mark.parametrize("loader", ["thread", "process"])
def test_a_real_model_is_validated(tmp_path: Path, loader: str) -> None:
    """By PyTorch, on the command line: all figures, from the campaign again, and outputs equal to the reference's."""
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    store = shard(write_checkpoint(tmp_path / "checkpoint", positions=32), tmp_path / "store")
    write_scenario(store, planner=PLANNERS, campaign=CAMPAIGN, tolerance="90 %")
    code, found = shell(tmp_path, "mine.yaml", "--no-realtime", "--loader", loader, "--repeats", "4", "--plot", "x.png",
                        "--trace", "x.json", "--spans", "x.gz")  # fmt: skip
    assert code == (0 if found["verdict"] == "within tolerance" else 1)
    assert (found["schema"], len(found["agreements"])) == ("edgesim.validation/1", 3)
    assert {one["runs"] for one in found["agreements"]} == {4}
    for one in found["agreements"]:
        if one["why_not"] is None:
            assert one["real_ns"] > 0
            assert {"compute", "decompress"} <= set(one["spans"])
            assert len(one["structural"]) == one["runs"] - one["disturbed"]
            assert all(error > -1 for error in one["structural"])  # how small it is, a busy machine decides
    assert found["circumstances"]["engine"]["loader"] == loader
    assert found["circumstances"]["engine"]["executor"]["policy"] != "fifo"
    again, same = shell(tmp_path, "--from", "x.gz")
    assert (again, same) == (code, found)
    assert json.loads((tmp_path / "x.json").read_text())["otherData"]["scenario"] == "mine"
    campaign = read_campaign(tmp_path / "x.gz")
    assert all(isinstance(run.timeline, Timeline) for runs in campaign.runs for run in runs)
    assert np.all([run.arena_bytes > 0 for run in campaign.runs[0]])


def shell(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Validate in a process of its own that cannot last; return its exit code and its JSON."""
    command = [sys.executable, "-m", "edgesim", "validate", *arguments, "--json", "-"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)
