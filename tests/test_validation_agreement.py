"""Simulated against real: nothing is wrong where nothing differs, and every difference shows where it belongs."""

from dataclasses import replace

import pytest
from hypothesis import given
from played import Played
from strategies import Case as Drawn
from strategies import legal_cases, toy_device, toy_model, toy_plan, toy_scenario
from validated import (
    bent,
    campaign_of,
    metrics_of,
    run_of,
    simulated_case,
    stretched,
    stretched_run,
    toy_case,
    with_handoffs,
)

from edgesim.timeline import Timeline
from edgesim.validation.agreement import Agreement, agree, durations, layer_times, structural_errors, with_durations
from edgesim.validation.cases import case_of
from edgesim.validation.verdict import judge
from edgesim.work import Work

OTHER = toy_device(name="other")


def all_errors(one: Agreement) -> set[float]:
    """Return every error that an agreement has."""
    assert one.totals is not None
    assert one.spans is not None
    totals = (error for _, _, error in one.totals.values())
    return {one.prediction or 0, *one.structural, *one.starts, *one.ends, *totals, *sum(one.spans.values(), ())}


def handed_off(timeline: Timeline) -> list[int]:
    """Return how long the executor of each inference took to notice what it waited for [ns]."""
    spent = durations(timeline)
    return [
        sum(time for (kind, request, _), time in spent.items() if (kind, request) == ("handoff", number))
        for number in range(len(timeline.requests))
    ]


@given(legal_cases())
def test_a_run_as_simulated_has_no_error(drawn: Drawn) -> None:
    """Exactly none, for any plan, buffer, lanes, loads held back, overlap, and warm or cold session."""
    case = simulated_case(*drawn)
    one = agree(case, [run_of(case), run_of(case)])
    assert (one.prediction, len(one.structural)) == (0, 2 * len(case.simulated.requests))
    assert all_errors(replace(one, structural=())) == {0}
    for error, request, part in zip(one.structural, case.simulated.requests, handed_off(case.simulated), strict=False):
        least = -part / (request.finish_ns - request.arrival_ns)
        assert least - 1e-12 <= error <= 0  # hand-offs are no duration that the recurrence is fed with
    assert one.real_ns == one.simulated_ns == case.metrics.latency_ns
    assert one.real_interval_ns == (one.real_ns, one.real_ns)
    assert one.peak_memory == (case.metrics.peak_memory_bytes,) * 2


def test_a_run_as_played_has_no_error(case: Played) -> None:
    """Nor for the shipped device and model: every kind of span and lane."""
    kept = case_of(*case, {})
    found = agree(kept, [run_of(kept)])
    assert all_errors(replace(found, structural=())) == {0}
    assert [error == 0 for error in found.structural] == [time == 0 for time in handed_off(kept.simulated)]


@given(legal_cases())
def test_the_structure_does_not_depend_on_durations(drawn: Drawn) -> None:
    """Twice as slow in everything, the prediction is off by half, and the recurrence still is exact."""
    case = simulated_case(*drawn)
    one = agree(case, [stretched_run(case, 2)])
    assert one.prediction == -0.5
    assert one.structural == agree(case, [run_of(case)]).structural


@given(legal_cases(max_lanes=1))
def test_measured_durations_replace_the_simulated_ones(drawn: Drawn) -> None:
    """Each layer's, waited for or not, is what the timeline has: here three times the simulated one."""
    case = simulated_case(*drawn)
    for number, work in enumerate(case.works[: len(case.simulated.requests)]):
        spans = [span for span in stretched(case.simulated, 3).spans if span.request == number]
        found = with_durations(work, spans)
        assert found.load_ns == (tuple(3 * time for time in work.load_ns[0]),)
        assert found.hand_off_ns == 0
        waited = {span.layer for span in spans if span.kind == "stall"}
        layers = [span.layer for span in spans if span.kind == "compute"]
        unpack, late_unpack = work.decompress_ns, unpack_after_wait(work)
        assert (
            found.decompress_ns
            == found.decompress_after_wait_ns
            == tuple(
                3 * (late if layer in waited else usual)
                for layer, usual, late in zip(layers, unpack, late_unpack, strict=True)
            )
        )
        assert (
            found.compute_ns
            == found.compute_after_wait_ns
            == tuple(
                3 * (late if layer in waited else usual)
                for layer, usual, late in zip(layers, work.compute_ns, work.compute_after_wait_ns, strict=True)
            )
        )


def unpack_after_wait(work: Work) -> tuple[int, ...]:
    """Return what decompression takes after a wait: on a lane of its own no longer than else."""
    return work.decompress_ns if work.overlap else work.decompress_after_wait_ns


def test_errors_are_signed_parts_of_the_real_times() -> None:
    """Simulated 520 ns, really 650: too short by a fifth, in every duration and at every edge."""
    case = toy_case(unpack_ns=10)  # load 60, twice (decompress 20, compute 200), stall 60
    assert case.metrics.latency_ns == 500
    one = agree(case, [stretched_run(case, 5, 4)] * 3)
    assert (one.real_ns, one.prediction) == (625, pytest.approx(-0.2))
    assert one.spans is not None
    assert {kind: set(errors) for kind, errors in one.spans.items()} == {
        "load": {-0.2}, "decompress": {-0.2}, "compute": {-0.2}, "stall": {-15 / 625},
    }  # fmt: skip
    assert one.starts == (-15 / 625, -70 / 625)
    assert one.ends == (-70 / 625, -125 / 625)
    assert one.totals is not None
    assert one.totals["stall_ns"] == (60, 75, -15 / 625)
    assert one.totals["io_busy_ns"] == (120, 150, -30 / 625)
    assert one.totals["held_ns"] == (0, 0, 0)
    too_slow = agree(case, [stretched_run(case, 4, 5)])
    assert too_slow.prediction == 0.25


def test_the_median_of_the_runs_is_reality() -> None:
    """One run that is far off changes nothing but the interval."""
    case = toy_case()
    one = agree(case, [stretched_run(case, times) for times in (1, 1, 9)])
    assert one.prediction == 0
    assert one.real_ns == 460
    assert one.real_interval_ns == (460, 9 * 460)
    assert {error for errors in (one.spans or {}).values() for error in errors} == {0}


def test_what_the_recurrence_has_no_duration_for_is_a_structural_error() -> None:
    """Hand-offs that reality has and the simulator does not: 460 ns simulated, 40 more in reality."""
    case = toy_case()
    one = agree(case, [run_of(case, with_handoffs(case.simulated, 40))])
    assert one.real_ns == 500
    assert one.structural == (460 / 500 - 1,)
    assert one.spans is not None
    assert one.spans["handoff"] == (-40 / 500,)
    assert one.spans["compute"] == (0, 0)


def test_a_kind_that_only_the_simulation_has_lasted_nothing_in_reality() -> None:
    """A stall that did not happen, and a decompression that took no time: errors as parts of the latency."""
    case = toy_case(unpack_ns=10)
    real = Timeline(
        case.simulated.requests,
        tuple(span for span in case.simulated.spans if span.kind not in ("stall", "decompress")),
    )
    one = agree(case, [run_of(case, real)])
    assert one.spans is not None
    assert one.spans["stall"] == (60 / 500,)
    assert one.spans["decompress"] == (20 / 500, 20 / 500)
    assert one.totals is not None
    assert one.totals["stall_ns"] == (60, 0, 60 / 500)


def test_a_copy_is_part_of_the_decompression() -> None:
    """Where the real processor copies weights, copying and decompressing are one duration, and one edge."""
    case = toy_case(unpack_ns=10)
    spans = []
    for span in case.simulated.spans:
        middle = span.start_ns + 5
        split = (span._replace(end_ns=middle), span._replace(kind="copy", start_ns=middle))
        spans += split if span.kind == "decompress" else [span]
    real = Timeline(case.simulated.requests, tuple(spans))
    assert all_errors(agree(case, [run_of(case, real)])) == {0}
    assert durations(real) == durations(case.simulated)
    assert layer_times(real) == layer_times(case.simulated) == {0: (60, 280), 1: (280, 500)}


def test_each_inference_of_a_session_is_judged_by_itself() -> None:
    """A pause between two inferences, or a slow second one, is no error of the structure."""
    kept = ((0, 0), (0, 1))
    scenario = toy_scenario(toy_model(), preload=10**4, inferences=2, start="cold")
    case = simulated_case(scenario, toy_plan(toy_model(), [[6, 6], [6, 6]], preload=kept, retain=kept))
    second = case.simulated.requests[1].arrival_ns
    assert second == 460
    real = bent(case.simulated, lambda time: time if time < second else time + 1000 + (time - second))
    first = Timeline((case.simulated.requests[0], real.requests[1]), tuple(
        simulated if simulated.request == 0 else moved
        for simulated, moved in zip(case.simulated.spans, real.spans, strict=True)
    ))  # fmt: skip
    assert list(structural_errors(case, first)) == [0, 0]
    assert layer_times(first) == layer_times(case.simulated) == {0: (60, 260), 1: (260, 460)}
    assert agree(case, [run_of(case, first)]).prediction == 0


BAD = [{"disturbed": "stolen"}, {"overruns": 2}]


@pytest.mark.parametrize("bad", BAD)
def test_a_run_that_means_nothing_is_left_out_and_counted(bad: dict[str, object]) -> None:
    """One of four may be."""
    case = toy_case(throttle=OTHER)
    one = agree(case, [*[run_of(case)] * 3, stretched_run(case, 7, **bad)])
    assert (one.runs, one.disturbed, one.why_not, one.prediction) == (4, 1, None, 0)
    assert one.structural == (0, 0, 0)
    assert one.real_interval_ns == (460, 460)


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        (BAD[:1], "1 of 3 runs were disturbed, for example: stolen"),
        (BAD[1:], "in 1 of 3 runs this machine's storage was slower than other's, which it emulates"),
        (BAD, "1 of 4 runs were disturbed, for example: stolen; in 1 of 4 runs this machine's storage was slower"
              " than other's, which it emulates"),
        ([BAD[0] | BAD[1]], "1 of 3 runs were disturbed, for example: stolen"),
    ],
)  # fmt: skip
def test_too_many_such_runs_leave_no_figures(lost: list[dict[str, object]], why: str) -> None:
    """What is left is no fair sample: neither figure nor verdict."""
    case = toy_case(throttle=OTHER)
    runs = [run_of(case), run_of(case), *[stretched_run(case, 7, **bad) for bad in lost]]
    one = agree(case, runs)
    assert one.why_not == why
    assert (one.runs, one.disturbed) == (2 + len(lost), len(lost))
    assert (one.real_ns, one.prediction, one.structural, one.spans) == (None, None, (), None)
    assert judge(campaign_of((case, runs))).verdict == "not validated"


def test_without_runs_there_is_nothing_to_say() -> None:
    """As for a campaign that was broken off."""
    assert agree(toy_case(), []).why_not == "there are no runs"


def test_metrics_of_a_bent_timeline_are_its_own() -> None:
    """What the tests above rest on."""
    case = toy_case()
    assert metrics_of(case, case.simulated) == case.metrics
    assert metrics_of(case, stretched(case.simulated, 2)) == replace(
        case.metrics, latency_ns=920, stall_ns=120, io_busy_ns=240, compute_busy_ns=800
    )
