"""What changes during a session: the target, the preload buffer, the memory; and the plans made beforehand for it."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sessions import app, play, scenario, workload
from strategies import SEEDS, Case, legal_cases, toy_device, toy_model, toy_plan, toy_scenario

from edgesim import preparation, run
from edgesim.cli import main
from edgesim.errors import InfeasibleError
from edgesim.experiment import plan
from edgesim.files.shipped import shipped_folder
from edgesim.metrics import fill_ns
from edgesim.preparation import prepare
from edgesim.result import Result
from edgesim.rules import waits_for_itself
from edgesim.scenario import Scenario
from edgesim.session import Plans
from edgesim.work import price
from edgesim.works import in_force

MODEL = toy_model(layers=3, shards=4)
QUICKSTART = (shipped_folder("scenarios") / "quickstart.yaml").read_text()


def asked(*moments: int, **more: Any) -> Scenario:  # noqa: ANN401
    """Return a scenario of the toy that is asked at some moments."""
    values = [(moment, number) for number, moment in enumerate(moments)]
    given = {"workload": {"kind": "trace", "values": values}, "target_latency": "2000 ns"}
    return scenario(toy_device(), MODEL, **given | more)


def change(at_ns: int, **more: str) -> dict[str, str]:
    """Return a line of a schedule."""
    return {"at": f"{at_ns} ns", **more}


def judged(found: Result) -> list[bool]:
    """Return which questions were answered in time."""
    return [row.meets_target for row in found.requests]


def test_a_question_is_judged_by_the_target_it_was_asked_under() -> None:
    """A question that is asked before the change keeps the old promise, however late it is answered."""
    schedule = [change(5000, target_latency="1 ns"), change(20000, target_latency="2000 ns")]
    found = run(asked(0, 4999, 5000, 19999, 30000, schedule=schedule))
    assert judged(found) == [True, True, False, False, True]
    assert found.metrics.target_met_fraction == 3 / 5
    assert {request.plan for request in found.timeline.requests} == {0}
    assert found.requests[1].finish_ns > 5000


def test_the_plan_is_that_of_the_target_at_the_question() -> None:
    """Before the change the old one, from it on the new one; who waits meanwhile keeps what was promised."""
    shorter = [change(5000, target_latency="900 ns")]
    found = run(asked(0, 4998, 4999, 5000, 9000, schedule=shorter, replan=True))
    assert [request.plan for request in found.timeline.requests] == [0, 0, 0, 1, 1]
    assert found.requests[2].start_ns > 5000
    assert found.plans[1] == plan(asked(0, target_latency="900 ns")) != found.plans[0]
    assert [row.finish_ns - row.start_ns <= 900 for row in found.requests][3:] == [True, True]


def test_every_state_is_planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that comes back, and a smaller preload buffer that is there already, need no plan of their own."""
    planned: list[tuple[int, int]] = []
    made = preparation.make_plan

    def counted(given: Scenario, choice: Any) -> Any:  # noqa: ANN401
        planned.append((given.target_latency_ns, given.preload_bytes))
        return made(given, choice)

    monkeypatch.setattr(preparation, "make_plan", counted)
    schedule = [
        change(10, target_latency="900 ns"),
        change(20, preload_buffer="60 B"),
        change(30, target_latency="2000 ns", preload_buffer="0 B"),
        change(40, target_latency="900 ns"),
    ]
    given = asked(0, schedule=schedule, replan=True)
    found = prepare(given, given.planner[0]).session.plans
    assert found is not None
    assert planned == [(2000, 0), (900, 0), (900, 60)]
    assert found.from_ns == (0, 10, 20, 30, 40)
    assert found.plans[3] is found.plans[0]
    assert found.plans[4] is found.plans[1] is not found.plans[2]


def test_a_target_without_a_plan_is_refused_before_anything_happens(tmp_path: Path, capsys: Any) -> None:  # noqa: ANN401
    """As infeasible, with the state that has none; on the command line with exit code 4."""
    given = asked(0, schedule=[change(10**15, target_latency="1 ns")], replan=True)
    with pytest.raises(InfeasibleError, match=r"^app: has no plan to look up for 1e-06 ms with 0 B: wrx: .* short by"):
        run(given, backend="no such backend")
    file = tmp_path / "s.yaml"
    file.write_text(QUICKSTART + "schedule: [{at: 1 h, target_latency: 1 ns}]\nreplan: true\n")
    assert main(["run", str(file)]) == 4
    assert "has no plan to look up for 1e-06 ms" in capsys.readouterr().err


# --- what a plan finds of another one

SMALL = toy_model(layers=2, shards=2)
FIRST = toy_plan(SMALL, [[6, 2], [6, 6]], preload=((0, 0), (0, 1), (1, 0)), retain=((0, 0), (0, 1), (1, 0)))
SECOND = toy_plan(SMALL, [[6, 6], [2, 6]], preload=((0, 0), (0, 1)), retain=((0, 0), (0, 1)))


def test_shards_of_other_bitwidths_are_read_again() -> None:
    """Of three in the buffer one is of use; the other that is wanted is read at its bitwidth, and found by the next."""
    case = toy_scenario(SMALL), FIRST
    asks = workload(kind="trace", values=[(0, 0), (1000, 1), (2000, 2)])
    table = Plans((FIRST, SECOND), (0, 1000))
    parts = play(toy_device(), [app("app", case, asks, plans=table)])
    assert [part.requests[0].resident for part in parts] == [FIRST.preload, ((0, 0),), SECOND.retain]
    reads = [[(span.layer, span.bytes) for span in part.spans if span.kind == "load"] for part in parts]
    assert reads == [[(1, 30)], [(0, 30), (1, 10 + 30)], [(1, 10 + 30)]]


@settings(max_examples=500)
@given(legal_cases(), SEEDS)
def test_a_legal_plan_never_waits_whatever_it_finds(case: Case, seed: int) -> None:
    """After a change of plans, or an eviction, any part of what it keeps may be there."""
    (given, chosen), random = case, Random(seed)
    kept = list({*chosen.preload, *chosen.retain})
    resident = random.sample(kept, random.randint(0, len(kept)))
    work = price(chosen, given.model, given.device, given.processor, resident)
    assert not list(waits_for_itself(work, given.load_buffer_bytes))


# --- which plan is in force


@given(st.lists(st.integers(1, 50), max_size=5, unique=True).map(sorted), st.integers(0, 60))
def test_the_last_change_so_far_is_in_force(changes: list[int], now: int) -> None:
    """At the moment of a change already the new one."""
    table = Plans((FIRST,) * (len(changes) + 1), (0, *changes))
    assert in_force(table, now, None) == max(number for number, at in enumerate((0, *changes)) if at <= now)
    assert in_force(None, now, 5) == 0


@pytest.mark.parametrize(("free", "expected"), [(None, 1), (99, 3), (100, 1), (0, 3)])
def test_short_memory_has_plans_of_its_own(free: int | None, expected: int) -> None:
    """Below the limit, not at it; and not where memory is not looked at."""
    table = Plans((FIRST, SECOND), (0, 1000), (FIRST, SECOND), 100)
    assert in_force(table, 1000, free) == expected


@pytest.mark.parametrize(("limit", "expected"), [("0 B", 0), ("10 GB", 1)])
def test_an_app_trims_its_buffer_while_memory_is_short(limit: str, expected: int) -> None:
    """Always or never, in a memory of 1 GB; what it keeps then fits in the smaller buffer."""
    more = {"trim": {"free_below": limit, "preload_buffer": "30 B"}, "replan": True, "preload_buffer": "90 B"}
    found = run(asked(0, 5000, conditions={"memory": {"for_apps": "1 GB"}}, **more))
    assert [request.plan for request in found.timeline.requests] == [expected] * 2
    sizes = [5 * sum(made.bitwidths[layer][index] for layer, index in made.preload) for made in found.plans]
    assert 30 < sizes[0] <= 90
    assert sizes[1] <= 30


def test_figures_of_the_first_inference_are_of_the_plan_that_it_executed() -> None:
    """Which is not the first plan where memory is short from the start: there is no preload buffer to fill then."""
    more = {"trim": {"free_below": "10 GB", "preload_buffer": "0 B"}, "replan": True, "preload_buffer": "90 B"}
    given = asked(0, 5000, conditions={"memory": {"for_apps": "1 GB"}}, **more)
    found = run(given)
    assert [fill_ns(made, given) > 0 for made in found.plans] == [True, False]
    assert found.metrics.preload_fill_ns == 0
