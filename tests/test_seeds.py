"""Chance: the same seed gives the same bytes, and no disturbance moves what another one draws."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sessions import READER, app, board, of, play, scenario, spans, workload
from strategies import toy_device, toy_model, toy_plan, toy_scenario

from edgesim import Result, run
from edgesim.backends.simulated.background import due_ns
from edgesim.backends.simulated.chances import luck_of
from edgesim.backends.simulated.speed import _others
from edgesim.session import Board
from edgesim.timeline import Timeline

JITTER: dict[str, Any] = {"quantiles": {0: 0.5, 0.5: 1, 1: 3}}
WRITER = READER | {"name": "w", "direction": "write", "gap": {"exponential": "3 us"}, "write": {"bandwidth": "1 GB/s"}}
ALL: dict[str, Any] = {
    "io_jitter": JITTER,
    "compute_jitter": JITTER,
    "background_io": [READER | {"gap": {"exponential": "2 us"}}, WRITER],
    "contention": {"share": "25 %", "active": {"exponential": "1 us"}, "idle": {"exponential": "4 us"}},
    "flash_pauses": {"duration": {"uniform": ["50 ns", "150 ns"]}, "gap": {"exponential": "9 us"}},
}
BURSTS = {"kind": "engagements", "engagements": 20, "inferences": [1, 3], "think_time": "50 ns",
          "gap": {"exponential": "1 us"}}  # fmt: skip


def busy(conditions: Mapping[str, Any] | None = None, seed: int = 0, **more: object) -> Result:
    """Run bursts of questions on a disturbed board."""
    given: dict[str, Any] = {"planner": "load_exec", "workload": BURSTS, "seed": seed} | more
    return run(scenario(**given | ({} if conditions is None else {"conditions": conditions})), keep_spans=True)


PRINT = "import json, test_seeds as t; print(json.dumps(t.busy(t.ALL, 7).to_dict()))"


def test_the_same_seed_gives_the_same_bytes() -> None:
    """In any process, whatever order it hashes in."""
    found = [
        subprocess.run(
            [sys.executable, "-c", PRINT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]
    assert json.loads(found[0])["device_use"]["background_ios"] > 0
    assert json.loads(found[0]) == json.loads(json.dumps(busy(ALL, 7).to_dict()))


# --- what each disturbance draws


def draws(board: Board) -> dict[str, list[Any]]:
    """Return what every disturbance of a board draws at first."""
    given = board.conditions
    assert given is not None
    found: dict[str, list[Any]] = {
        source.name: list(islice(due_ns(source, board), 20)) for source in given.background_io
    }
    for name, jitter in (("io_jitter", given.io_jitter), ("compute_jitter", given.compute_jitter)):
        if (luck := luck_of(board, jitter, f"{name}/app")) is not None:
            found[name] = [luck.of(number).random(3).tolist() for number in range(5)]
    if given.contention is not None:
        found["contention"] = list(islice(_others(board, given.contention, "cpu"), 20))
    return found


SEEDED: list[tuple[str, Any]] = [
    ("io_jitter", JITTER | {"seed": 5}),
    ("compute_jitter", JITTER | {"seed": 5}),
    ("contention", ALL["contention"] | {"seed": 5}),
    ("gallery", [ALL["background_io"][0] | {"seed": 5}, WRITER]),
    ("w", [ALL["background_io"][0], WRITER | {"seed": 5}]),
    ("flash_pauses", ALL["flash_pauses"] | {"seed": 5}),
]


@pytest.mark.parametrize(("name", "section"), SEEDED)
def test_a_seed_of_its_own_moves_one_disturbance(name: str, section: object) -> None:
    """All others draw what they drew before."""
    key = name if name in ALL else "background_io"
    before, after = draws(board(ALL, 3)), draws(board(ALL | {key: section}, 3))
    assert {other for other in before if before[other] != after[other]} == {name} - {"flash_pauses"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_one_disturbance_less_moves_none(name: str) -> None:
    """What is switched off takes nothing from the others."""
    before, after = draws(board(ALL, 3)), draws(board({key: ALL[key] for key in ALL if key != name}, 3))
    assert len(after) == len(before) - {"background_io": 2, "flash_pauses": 0}.get(name, 1)
    assert all(after[other] == before[other] for other in after)


@pytest.mark.parametrize("changed", [{"seed": 4}, {"replication": 1}])
def test_another_replication_moves_all(changed: dict[str, int]) -> None:
    """So does another seed of the scenario."""
    before, after = draws(board(ALL, **{"seed": 3} | changed)), draws(board(ALL, 3))
    assert not [name for name in before if before[name] == after[name]]


def test_pauses_have_a_seed_of_their_own() -> None:
    """It moves when the flash collects garbage."""
    quiet = ALL | {"background_io": [], "io_jitter": None}
    before, after = busy(quiet, 3), busy(quiet | {"flash_pauses": ALL["flash_pauses"] | {"seed": 5}}, 3)
    pauses = [[span[5:7] for span in spans([each.timeline], "gc")] for each in (before, after)]
    assert pauses[0] != pauses[1]


# --- two planners meet the same

MODEL = toy_model(layers=2, shards=1)
PLANS = [toy_plan(MODEL, [[6], [6]]), toy_plan(MODEL, [[6], [6]], preload=((0, 0),))]
SERVER = workload(kind="server", rate="5e5 /s", inferences=40)


def played(number: int, **sections: object) -> list[Timeline]:
    """Play one of two plans: both read layer 1, the first layer 0 as well."""
    case = toy_scenario(MODEL, device := toy_device(layer_ns={1: 100})), PLANS[number]
    return of(play(device, [app("app", case, SERVER)], board(sections or None, 9)), "app")


def test_another_planner_meets_the_same_arrivals() -> None:
    """Questions of a server come when they come."""
    first, second = played(0, io_jitter=JITTER), played(1)
    assert [part.requests[0].arrival_ns for part in first] == [part.requests[0].arrival_ns for part in second]


def test_another_planner_meets_the_same_luck() -> None:
    """The k-th load and the k-th layer of the i-th inference take the same part of their usual times."""
    first, second = (played(number, io_jitter=JITTER, compute_jitter=JITTER) for number in (0, 1))
    for before, after in zip(first, second, strict=True):
        reads, layers = ([span.end_ns - span.start_ns for span in spans([each], kind)]
                         for each, kind in ((before, "load"), (before, "compute")))  # fmt: skip
        assert spans([after], "load")[0].end_ns - spans([after], "load")[0].start_ns == reads[0]
        assert [span.end_ns - span.start_ns for span in spans([after], "compute")] == layers
    assert len({spans([part], "load")[0].end_ns - spans([part], "load")[0].start_ns for part in first}) > 10


# --- off is off


@pytest.mark.parametrize("off", [{}, {"io_jitter": None, "background_io": []}, {"memory": None, "thermal": None}])
def test_without_disturbances_nothing_is_left_to_chance(off: dict[str, Any]) -> None:
    """All conditions off, none at all, and another seed: the same result, and the session that real backends know."""
    plain = scenario(workload={"inferences": 3})
    given = scenario(workload={"inferences": 3}, conditions=off)
    assert given.session.is_plain
    assert run(given).to_dict() == run(plain).to_dict()
    assert run(scenario(workload={"inferences": 3}, seed=99)).timeline == run(plain).timeline


def test_chance_is_where_it_is_switched_on() -> None:
    """With every disturbance another seed changes the session."""
    assert busy(ALL, 1).timeline != busy(ALL, 2).timeline
    assert busy(ALL, 1, replication=1).timeline != busy(ALL, 1).timeline
    assert busy(None, 1).requests != busy(None, 2).requests
