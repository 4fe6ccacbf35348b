"""Replications: the same scenario with other draws, one planner alone or several with the same draws."""

import json
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
import yaml

from edgesim import InputError, Scenario, read_scenario, replicate, replicate_all, run
from edgesim.replications.chance import is_random
from edgesim.replications.findings import Replicated
from edgesim.replications.intervals import wilson
from edgesim.replications.text import replicated_text, replications_text
from edgesim.report.text import render

FORM: dict[str, Any] = {
    "schema": "edgesim.scenario/1", "name": "busy", "device": "odroid-n2plus", "processor": "cpu", "seed": 5,
    "model": "dynabert-12x12", "planner": ["wrx", {"name": "std_pipeline", "options": {"bitwidth": 6}}],
    "target_latency": "600 ms", "preload_buffer": "1 MB",
    "workload": {"kind": "server", "rate": "1/s", "inferences": 6},
}  # fmt: skip
OTHER = "std_pipeline[bitwidth=6]"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a scenario whose questions come at random."""
    path = tmp_path / "busy.yaml"
    path.write_text(yaml.safe_dump(FORM))
    return path


@pytest.fixture
def busy(path: Path) -> Scenario:
    """Return the same, read."""
    return read_scenario(path)


def test_a_replication_is_the_run_with_its_number(busy: Scenario) -> None:
    """Each alone gives what `run` gives for it, and no two are alike."""
    found = replicate(busy, "wrx", replications=4)
    alone = [run(busy.model_copy(update={"replication": number}), "wrx") for number in range(4)]
    assert found.values["latency_p90_ns"] == tuple(one.metrics.latency_p90_ns for one in alone)
    assert found.values["target_met_fraction"] == tuple(one.metrics.target_met_fraction for one in alone)
    means = [fmean(row.latency_ns for row in one.requests) for one in alone]
    assert found.values["latency_mean_ns"] == pytest.approx(means)
    assert found.values["all_met_fraction"] == tuple(float(one.metrics.target_met_fraction == 1) for one in alone)
    assert len(set(means)) == 4
    one = found.estimates["latency_mean_ns"]
    assert one is not None
    assert one.mean == pytest.approx(fmean(means))
    every = sorted(row.latency_ns for result in alone for row in result.requests)
    assert found.percentiles["app"][0].value_ns == every[len(every) // 2 - 1]


def test_the_answer_does_not_depend_on_the_number_of_workers(busy: Scenario) -> None:
    """Neither what each replication gives nor where the rule stops: the same bytes."""
    asked = {"replications": 300, "precision": 0.2}
    here, elsewhere = (replicate(busy, "wrx", **asked, workers=count) for count in (1, 2))
    assert here.stopped.reason == "precise"
    assert 10 <= here.number < 300
    assert json.dumps(here.to_dict()) == json.dumps(elsewhere.to_dict())


def test_it_stops_at_the_first_replication_that_is_precise(busy: Scenario) -> None:
    """One replication less would not have been, and what is reached is said."""
    found = replicate(busy, "wrx", replications=300, precision=0.2, of="latency_p90_ns")
    assert found.stopped.relative_half_width is not None
    assert found.stopped.relative_half_width <= 0.2
    less = replicate(busy, "wrx", replications=found.number - 1, precision=0.2, of="latency_p90_ns")
    assert less.stopped.reason == "not precise"
    assert less.values["latency_p90_ns"] == found.values["latency_p90_ns"][:-1]


def test_another_seed_gives_other_replications(busy: Scenario) -> None:
    """Streams are independent of those of any replication of the first seed."""
    every = (replicate(busy.model_copy(update={"seed": seed}), "wrx", replications=5) for seed in (5, 6))
    assert len({mean for one in every for mean in one.values["latency_mean_ns"]}) == 10


def test_where_nothing_is_random_one_run_is_enough() -> None:
    """It has no interval, and says why."""
    found = replicate("quickstart", "wrx", replications=1000)
    assert (found.number, found.stopped.reason) == (1, "nothing random")
    assert {one.interval for one in found.estimates.values() if one} == {None}
    assert "all 1,000 replications would be the same, 1 was run." in render(replications_text(found))


def test_chance_is_seen_in_workloads_of_any_app(busy: Scenario) -> None:
    """Poisson arrivals are random, one question after the other is not."""
    sure = busy.model_copy(update={"workload": read_scenario("quickstart").workload})
    assert is_random(busy)
    assert not is_random(sure)
    assert is_random(sure.model_copy(update={"apps": {"other": busy}}))


@pytest.mark.parametrize(
    ("conditions", "random"), [({"io_jitter": {"quantiles": {"min": 0.8, 0.5: 1, "max": 4}}}, True), ({}, False)]
)
def test_chance_is_seen_in_disturbances(path: Path, conditions: dict[str, Any], random: bool) -> None:
    """Where each replication has one inference, its yes or no and its latency are independent."""
    form = {key: value for key, value in FORM.items() if key != "workload"} | {"conditions": conditions}
    path.write_text(yaml.safe_dump(form | {"target_latency": "200 ms"}))
    scenario = read_scenario(path)
    assert is_random(scenario) is random
    if random:
        found = replicate(scenario, "wrx", replications=30)
        met = found.estimates["target_met_fraction"]
        assert met is not None
        assert (met.method, met.interval) == ("wilson", wilson(30 * met.mean, 30))
        assert {one.method for one in found.percentiles["app"]} == {"order statistics"}
        assert found.percentiles["app"][0].value_ns == sorted(found.values["latency_mean_ns"], key=float)[14]  # type: ignore[arg-type]
        assert len(set(found.values["latency_mean_ns"])) == 30


def test_other_apps_have_figures_of_their_own(path: Path) -> None:
    """By the app's name, with percentiles of their own latencies; the table says whose is whose."""
    names = ("model", "planner", "target_latency", "preload_buffer", "workload")
    other = {key: FORM[key] for key in names} | {"planner": "wrx", "target_latency": "400 ms"}
    path.write_text(yaml.safe_dump(FORM | {"planner": "wrx", "apps": {"camera": other}}))
    found = replicate(read_scenario(path), replications=10, precision=0.9, of="camera.latency_mean_ns")
    assert {"latency_mean_ns", "camera.latency_mean_ns", "camera.target_met_fraction"} <= set(found.estimates)
    assert list(found.percentiles) == ["app", "camera"]
    assert found.values["latency_mean_ns"] != found.values["camera.latency_mean_ns"]
    text = render(replications_text(found))
    assert "\ncamera: latency mean " in text
    assert "\ncamera: latency p50 " in text


def test_a_session_in_which_nobody_asks_is_an_error(path: Path) -> None:
    """There is nothing to average; the sentence says which replication it was."""
    path.write_text(yaml.safe_dump(FORM | {"workload": {"kind": "server", "rate": "1/s", "duration": "2 s"}}))
    with pytest.raises(InputError, match=r"^busy: in replication \d+ nobody asks 'app' anything; let the session last"):
        replicate(read_scenario(path), "wrx", replications=50)


def test_planners_meet_the_same_draws(busy: Scenario) -> None:
    """Side by side each gives what it gives alone; differences are taken pair by pair, and surer for it."""
    found = replicate_all(busy, replications=20)
    for one, label in zip(found.each, ("wrx", OTHER), strict=True):
        assert one.values == replicate(busy, label, replications=20).values
    (difference,) = found.differences
    pairs = zip(*(one.values["latency_mean_ns"] for one in found.each), strict=True)
    off = [float(mine or 0) - float(other or 0) for other, mine in pairs]
    assert difference.estimate is not None
    assert difference.estimate.mean == pytest.approx(fmean(off))
    assert difference.less == sum(value < 0 for value in off)
    assert difference.variance_ratio is not None
    assert difference.variance_ratio > 2


def test_a_planner_is_no_different_from_itself(busy: Scenario) -> None:
    """Zero with an interval of no width; no number of independent replications gets there."""
    (difference,) = replicate_all(busy, ["wrx", "wrx"], replications=3).differences
    assert difference.estimate is not None
    assert (difference.estimate.mean, difference.estimate.interval) == (0, (0, 0))
    assert (difference.less, difference.equal, difference.variance_ratio) == (0, 3, None)


def test_planners_without_a_plan_are_left_out(busy: Scenario) -> None:
    """With the reason, and where nobody has one there is nothing to repeat."""
    tight = busy.model_copy(update={"target_latency_ns": 1, "load_buffer_bytes": 1})
    found = replicate_all(tight, ["wrx", OTHER], replications=3)
    assert found.each == ()
    assert [left.planner for left in found.left_out] == ["wrx", OTHER]
    assert "No planner has a plan that fits." in render(replicated_text(found))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"replications": 0}, "replications: must be from 1 to 100,000, got 0"),
        ({"replications": 10**6}, "replications: must be from 1 to 100,000, got 1000000"),
        ({"replications": 20, "precision": 0.0}, "precision: must be between 0 % and 100 %, got 0 %"),
        ({"replications": 9, "precision": 0.1}, "precision: is judged from 10 replications on, got 9; allow more"),
        ({"replications": 20, "of": "latency"}, "of: there is no figure 'latency' in this scenario; did you mean"),
        ({"replications": 20, "of": "battery_share"}, "of: battery_share is unknown in this scenario; known: "),
    ],
)
def test_what_cannot_be_is_one_sentence(busy: Scenario, asked: dict[str, Any], message: str) -> None:
    """Whatever is wrong: the number, the precision, or the figure."""
    with pytest.raises(InputError) as caught:
        replicate(busy, "wrx", **asked)
    assert str(caught.value).startswith(message)


def test_frames_have_a_row_for_each_replication(busy: Scenario) -> None:
    """By planner where there are several."""
    found = replicate_all(busy, replications=3)
    assert found.each[0].to_frame()["latency_mean_ns"].tolist() == list(found.each[0].values["latency_mean_ns"])
    assert (len(found.to_frame().loc[OTHER]), len(Replicated((), "latency_mean_ns", ()).to_frame())) == (3, 0)


def test_nothing_varies_is_said(busy: Scenario) -> None:
    """Where chance has a part in the scenario, but none in what is measured."""
    once = busy.model_copy(update={"workload": busy.workload.model_copy(update={"inferences": 1})})
    found = replicate(once, "wrx", replications=3)
    assert "No figure differs between replications" in render(replications_text(found))
