"""The answer of a campaign: classes, verdict, whether the right plan would be chosen, how far reality drifts."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from strategies import toy_device, toy_model
from validated import campaign_of, run_of, stretched_run, toy_case

from edgesim.cost import request
from edgesim.result import plain
from edgesim.validation.agreement import agree
from edgesim.validation.groups import group_summaries
from edgesim.validation.ranking import Ranking, rankings
from edgesim.validation.records import Case, Run
from edgesim.validation.shown import shown_pairs
from edgesim.validation.verdict import Verdict, judge

OTHER = toy_device(name="other")
RESIDENT = {"preload": ((0, 0), (0, 1), (1, 0), (1, 1))}
Rows = Sequence[tuple[Case, Sequence[Run]]]


def test_the_class_is_told_by_what_is_read_from_where() -> None:
    """Resident, native, and emulated by what takes longer."""
    assert toy_case(((6, 6), (6, 6)), throttle=OTHER, **RESIDENT).group == "resident"
    assert toy_case().group == toy_case(((32, 32), (32, 32))).group == "native"
    assert toy_case(throttle=OTHER).group == "emulated compute-bound"
    assert toy_case(((32, 32), (32, 32)), throttle=OTHER, layer_ns=10).group == "emulated io-bound"


def test_classes_are_summed_up_one_by_one() -> None:
    """No class hides another's error, and no kind of span another's."""
    near, far, lost = toy_case(), toy_case(throttle=OTHER), toy_case(((2, 2), (2, 2)), throttle=OTHER)
    campaign = campaign_of(
        (near, [stretched_run(near, 1)]), (far, [stretched_run(far, 2)]), (lost, [run_of(lost, disturbed="stolen")])
    )
    emulated, native = group_summaries([agree(*pair) for pair in zip(campaign.cases, campaign.runs, strict=True)])
    assert (native.group, native.cases, native.not_validated) == ("native", 1, 0)
    assert (emulated.group, emulated.cases, emulated.not_validated) == ("emulated compute-bound", 2, 1)
    assert native.prediction is not None
    assert emulated.prediction is not None
    assert (native.prediction.median, emulated.prediction.median) == (0, -0.5)
    assert emulated.spans["compute"].median_size == 0.5
    assert set(emulated.spans) == {"load", "compute", "stall"}
    assert emulated.edges is not None
    assert emulated.edges.max_size == 0.5


def test_a_class_without_figures_is_still_counted() -> None:
    """It has plans, and none of them is validated."""
    case = toy_case()
    (group,) = group_summaries([agree(case, [run_of(case, disturbed="stolen")])])
    assert (group.cases, group.not_validated) == (1, 1)
    assert (group.prediction, group.structural, group.edges, group.spans) == (None, None, None, {})


def stretched_rows(*times: tuple[int, int]) -> list[tuple[Case, Sequence[Run]]]:
    """Return cases of one class, each with a run that took so many times as long."""
    cases = [toy_case(changes={"target_latency": f"{number} ms"}) for number in range(len(times))]
    return [(case, [stretched_run(case, *time)]) for case, time in zip(cases, times, strict=True)]


@pytest.mark.parametrize(
    ("times", "tolerance", "verdict"),
    [
        ([(1, 1)], 0.0, "within tolerance"),
        ([(5, 4)], 0.2, "within tolerance"),
        ([(5, 4)], 0.1999, "out of tolerance"),
        ([(1, 1), (1, 1), (9, 1)], 0.05, "within tolerance"),  # the median of the class
        ([(1, 1), (9, 1), (9, 1)], 0.05, "out of tolerance"),
    ],
)
def test_the_verdict_is_about_the_median_of_the_worst_class(
    times: list[tuple[int, int]], tolerance: float, verdict: Verdict
) -> None:
    """At most the tolerance is within it."""
    assert judge(campaign_of(*stretched_rows(*times), tolerance=tolerance)).verdict == verdict


def test_every_class_must_be_within_tolerance() -> None:
    """A class that is far off is not outvoted by the others."""
    far = toy_case(throttle=OTHER)
    rows = [*stretched_rows(*[(1, 1)] * 9), (far, [stretched_run(far, 2)])]
    assert judge(campaign_of(*rows)).verdict == "out of tolerance"


def test_a_class_of_which_little_is_known_has_no_verdict() -> None:
    """A quarter of its plans may be lost, not more."""
    good = stretched_rows(*[(1, 1)] * 4)
    lost = [(case, [run_of(case, disturbed="stolen")]) for case, _ in good]
    assert judge(campaign_of(*good[:3], lost[3])).verdict == "within tolerance"
    assert judge(campaign_of(*good[:2], lost[2], lost[3])).verdict == "not validated"


def ranked(*rows: tuple[Case, tuple[int, int]]) -> list[Ranking]:
    """Rank cases, each with a run that took so many times as long as simulated."""
    cases = [case for case, _ in rows]
    return rankings(cases, [agree(case, [stretched_run(case, *times)]) for case, times in rows])


FAST, MIDDLE, SLOW = (
    toy_case(((bits, bits), (bits, bits)), planner=name, target_ns=500, throttle=OTHER)
    for name, bits in (("fast", 2), ("middle", 6), ("slow", 32))
)


def test_plans_are_ranked_as_simulated() -> None:
    """Simulated 420, 460 and 840 ns, and really so: the choice is right, and each keeps its promise for 500 ns."""
    assert [case.metrics.latency_ns for case in (FAST, MIDDLE, SLOW)] == [420, 460, 840]
    (found,) = ranked((SLOW, (1, 1)), (FAST, (1, 1)), (MIDDLE, (1, 1)))
    assert found == Ranking("other", 3, 1.0, 3, 1.0, "fast", "fast", 0.0, 3)


def test_a_wrong_choice_costs_what_it_really_takes_longer() -> None:
    """The simulator's choice takes 630 ns, the best 460: 37 % regret, one wrong pair, one broken promise."""
    (found,) = ranked((FAST, (3, 2)), (MIDDLE, (1, 1)), (SLOW, (1, 1)))
    assert found == Ranking(
        "other", 3, pytest.approx(1 / 3), 3, pytest.approx(1 / 3), "fast", "middle", pytest.approx(630 / 460 - 1), 2
    )


def test_pairs_that_cannot_be_told_apart_do_not_count() -> None:
    """Of three plans, two take 420 to 630 and 414 to 506 ns; only the pairs with the third are certain."""
    runs = [(FAST, [(1, 1), (3, 2)]), (MIDDLE, [(9, 10), (11, 10)]), (SLOW, [(1, 1), (1, 1)])]
    cases = [case for case, _ in runs]
    agreements = [agree(case, [stretched_run(case, *times) for times in every]) for case, every in runs]
    (found,) = rankings(cases, agreements)
    assert (found.certain_pairs, found.certain_tau) == (2, 1.0)


def test_one_plan_has_no_order() -> None:
    """But a best, and a promise."""
    (found,) = ranked((SLOW, (2, 3)))
    assert found == Ranking("other", 1, None, 0, None, "slow", "slow", 0.0, 1)
    (found,) = ranked((SLOW, (1, 2)))
    assert found.same_promise == 0


def test_storages_are_ranked_apart() -> None:
    """Each has its own choice; plans that read nothing belong to each."""
    native = toy_case(planner="native")
    resident = toy_case(**RESIDENT, planner="resident")
    assert (resident.group, resident.metrics.latency_ns) == ("resident", 400)
    found = ranked((native, (1, 1)), (FAST, (1, 1)), (resident, (2, 1)))
    assert [(row.storage, row.plans, row.simulated_best, row.real_best) for row in found] == [
        ("native", 2, "resident", "native"), ("other", 2, "resident", "fast"),
    ]  # fmt: skip
    assert [row.storage for row in ranked((FAST, (1, 1)), (resident, (1, 1)))] == ["other"]
    assert [row.storage for row in ranked((resident, (1, 1)))] == ["native"]


def test_what_was_not_validated_is_not_ranked() -> None:
    """Nothing is known of it."""
    lost = agree(MIDDLE, [run_of(MIDDLE, disturbed="stolen")])
    assert rankings([MIDDLE], [lost]) == []
    (found,) = rankings([FAST, MIDDLE], [agree(FAST, [run_of(FAST)]), lost])
    assert (found.plans, found.real_best) == (1, "fast")


def rows_of(*times: tuple[int, int]) -> Rows:
    """Return fast, middle and slow with a run each."""
    return [(case, [stretched_run(case, *time)]) for case, time in zip((FAST, MIDDLE, SLOW), times, strict=False)]


def test_drift_is_between_sessions() -> None:
    """How far the real latencies moved, by class; the simulated ones do not matter."""
    earlier, later = campaign_of(*rows_of((4, 1), (2, 1), (2, 1))), campaign_of(*rows_of((5, 1), (2, 1), (2, 1)))
    found = judge(later, earlier=earlier)
    assert set(found.drift) == {"emulated compute-bound", "emulated io-bound"}
    assert found.drift["emulated compute-bound"][:3] == pytest.approx((2, 0.125, 0.125))
    assert found.drift["emulated io-bound"].median == 0
    assert judge(later).drift == {}


def test_only_the_same_plans_drift() -> None:
    """A case of the same name with another plan, or without figures, is no witness; with none at all that is said."""
    now = campaign_of(*rows_of((1, 1)))
    others = replace(toy_case(((6, 2), (2, 2)), throttle=OTHER), label="fast")
    pairs = [((layer, index), 2) for layer in range(2) for index in range(2)]
    one_load = (request(toy_model(), pairs),)
    regrouped = replace(toy_case(((2, 2), (2, 2)), throttle=OTHER, loads=one_load), label="fast")
    assert regrouped.metrics.loaded_bytes == FAST.metrics.loaded_bytes
    for earlier in (
        campaign_of((others, [run_of(others)])),
        campaign_of((regrouped, [run_of(regrouped)])),
        campaign_of((FAST, [run_of(FAST, disturbed="stolen")])),
        campaign_of(*rows_of((1, 1), (1, 1))[1:]),
    ):
        found = judge(now, earlier=earlier)
        assert (found.drift, found.left_out) == ({}, ("the earlier session: has none of these plans",))


def test_a_validation_is_told_as_json() -> None:
    """Everything but the spans, under the names that scripts rely on."""
    found = judge(campaign_of(*rows_of((1, 1)), circumstances={"executed": "today"}), left_out=["x: no plan"])
    told = found.to_dict()
    assert list(told) == [
        "schema", "scenario", "tolerance", "verdict", "groups", "rankings", "drift", "agreements", "accuracy",
        "left_out", "circumstances",
    ]  # fmt: skip
    assert (told["schema"], told["verdict"], told["left_out"]) == (
        "edgesim.validation/1", "within tolerance", ["x: no plan"],
    )  # fmt: skip
    assert told["agreements"] == [plain(one) for one in found.agreements]


def test_the_most_typical_run_of_the_worst_plan_is_shown_first() -> None:
    """Of the runs that count the one nearest to their median; plans without figures are not shown."""
    runs = [stretched_run(MIDDLE, times, turn=times) for times in (9, 2, 3)]
    lost = stretched_run(MIDDLE, 5, turn=5, disturbed="stolen")
    campaign = campaign_of(
        (FAST, [stretched_run(FAST, 2)]), (MIDDLE, [*runs, *runs, lost]), (SLOW, [run_of(SLOW, disturbed="stolen")])
    )
    assert [(case.label, run.turn) for case, run in shown_pairs(judge(campaign))] == [("middle", 3), ("fast", 1)]
