"""A result knows the scenario that it answers, and takes it along only where it costs nothing."""

import pickle
from dataclasses import replace

import edgesim
from edgesim.comparisons.cells import _Cells, all_planners
from edgesim.result import Result

SCENARIO = edgesim.read_scenario("two-apps")
RESULT = edgesim.run(SCENARIO)


def test_a_result_knows_its_scenario() -> None:
    """The very object that was given, and those beside it their apps."""
    assert RESULT.given is SCENARIO
    assert [one.given for one in RESULT.beside] == list(SCENARIO.apps.values())


def test_the_scenario_is_no_part_of_what_came_back() -> None:
    """It is neither compared, shown nor written."""
    light = RESULT.with_given(None)
    assert light == RESULT
    assert "given" not in repr(replace(RESULT, timeline=light.timeline))
    assert light.to_dict() == RESULT.to_dict()
    assert "given" not in RESULT.to_dict()
    assert "given" not in RESULT.to_row()


def test_it_can_be_taken_away_and_given_back() -> None:
    """Of the apps beside it as well."""
    light = RESULT.with_given(None)
    assert light.given is None
    assert all(one.given is None for one in light.beside)
    back = light.with_given(SCENARIO)
    assert back.given is SCENARIO
    assert [one.given for one in back.beside] == list(SCENARIO.apps.values())


def test_worker_processes_send_no_scenarios_back() -> None:
    """What crosses the border is what it was before; on this side the scenarios are those that were asked about."""
    points = [SCENARIO, edgesim.read_scenario("fig6")]
    choices = [list(point.planner) for point in points]
    sent = _Cells(points, choices)((0, 0))
    assert isinstance(sent, Result)
    assert sent.given is None
    assert len(pickle.dumps(sent)) < len(pickle.dumps(RESULT))
    compared = edgesim.compare_all(points, ["wrx"], workers=2)
    for (point, comparison), wanted in zip(compared, points, strict=True):
        assert point is wanted
        assert [one.given for one in comparison.results] == [wanted]


def test_compared_points_are_a_list_with_a_frame() -> None:
    """As before, and one row for each planner at each point."""
    compared = edgesim.compare_all(["quickstart", "fig6"], ["wrx", "dynabert"], workers=1)
    assert isinstance(compared, list)
    frame = compared.to_frame()
    assert list(frame["planner"]) == ["wrx", "dynabert"] * 2
    assert frame["left_out"].notna().sum() == sum(len(one.left_out) for _, one in compared) > 0


def test_measured_again_the_scenario_stays() -> None:
    """Also where planning times or gaps are added to a result."""
    ((scenario, comparison),) = edgesim.compare_all(["fig6"], ["wrx"], timed=True)
    assert comparison.results[0].given is scenario
    assert all_planners(scenario)[0].label == comparison.results[0].planner
