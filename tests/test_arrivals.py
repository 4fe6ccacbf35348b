"""What workloads ask: every kind's questions, in order, with their engagements and in their hours."""

from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from queueing import Served, served

from edgesim.arrivals import Ask, arrives, asks, in_hours
from edgesim.hours import DAY_NS, Hours
from edgesim.streams import stream
from edgesim.workload import Engagements, Workload

PARSER: TypeAdapter[Workload] = TypeAdapter(Workload)
HOUR_NS = DAY_NS // 24
BURSTS: dict[str, object] = {
    "kind": "engagements",
    "inferences": [1, 3],
    "think_time": "10 s",
    "gap": {"exponential": "10 min"},
}


def workload(**given: object) -> Workload:
    """Make a workload of what a file would say."""
    return PARSER.validate_python(given)


def drawn(given: Workload, seed: int = 0, most: int = 10_000) -> list[Ask]:
    """Return a workload's questions."""
    return list(islice(asks(given, stream(seed, 0, "workload")), most))


def played(given: Workload, service_ns: int = 10, seed: int = 0) -> list[Served]:
    """Answer all of a workload's questions, each in the same time."""
    return list(served(given, stream(seed, 0, "workload"), lambda _: service_ns))


def test_a_single_stream_asks_when_it_is_answered() -> None:
    """Nothing waits, nothing is idle."""
    assert played(workload(inferences=3)) == [(0, 0, 10), (10, 10, 20), (20, 20, 30)]


def test_a_query_asks_for_all_its_samples_at_once() -> None:
    """The next one comes with the last answer; a query is an engagement."""
    given = workload(kind="multi_stream", queries=2, samples=3)
    assert [arrival for arrival, _, _ in played(given)] == [0, 0, 0, 30, 30, 30]
    assert [(ask.engagement, ask.opens) for ask in drawn(given)] == [
        (0, True), (0, False), (0, False), (1, True), (1, False), (1, False),
    ]  # fmt: skip


def test_offline_asks_for_everything_at_the_start() -> None:
    """It is one query."""
    given = workload(kind="offline", inferences=4)
    assert played(given) == [(0, 0, 10), (0, 10, 20), (0, 20, 30), (0, 30, 40)]
    assert [(ask.engagement, ask.opens) for ask in drawn(given)] == [(0, True), (0, False), (0, False), (0, False)]


def test_a_trace_asks_at_its_times() -> None:
    """Whatever has been answered by then; rows of one engagement belong together."""
    given = workload(kind="trace", values=[(5, 3), (6, 3), (6, 4), (90, 9)])
    assert played(given) == [(5, 5, 15), (6, 15, 25), (6, 25, 35), (90, 90, 100)]
    assert [(ask.engagement, ask.opens) for ask in drawn(given)] == [(3, True), (3, False), (4, True), (9, True)]


def test_engagements_think_after_answers_and_rest_after_engagements() -> None:
    """With nothing left to chance, every moment can be told beforehand."""
    given = workload(kind="engagements", engagements=2, inferences=2, think_time="7 ns", gap="100 ns")
    assert played(given) == [(100, 100, 110), (117, 117, 127), (227, 227, 237), (244, 244, 254)]


@pytest.mark.parametrize("until", [1, 100, 101, 117, 118, 227, 244, 245])
def test_what_would_come_when_time_is_over_is_not_asked(until: int) -> None:
    """At the very end of the duration and later; what was asked before it is still answered."""
    forever: dict[str, object] = {"kind": "engagements", "inferences": 2, "think_time": "7 ns", "gap": "100 ns"}
    found = [arrival for arrival, _, _ in played(workload(**forever, duration=f"{until} ns"))]
    assert found == [moment for moment in (100, 117, 227, 244) if moment < until]


def test_number_and_duration_end_a_session_whichever_is_first() -> None:
    """Both for a server and for engagements."""
    server: dict[str, object] = {"kind": "server", "rate": "1e6 /s"}
    assert len(played(workload(**server, inferences=5, duration="1 h"))) == 5
    assert 900 < len(played(workload(**server, inferences=10**6, duration="1 ms"))) < 1100
    assert len({ask.engagement for ask in drawn(workload(**BURSTS, engagements=5, duration="24 h"))}) == 5


def test_chance_decides_on_the_size_of_engagements() -> None:
    """Each size is equally often, within five standard deviations."""
    found = drawn(workload(**BURSTS, engagements=3000))
    sizes = np.bincount(np.bincount([ask.engagement for ask in found]), minlength=4)
    assert sizes[0] == 0
    assert len(sizes) == 4
    assert np.abs(sizes[1:] - 1000).max() < 5 * (3000 * 2 / 9) ** 0.5
    assert [ask.engagement for ask in found if ask.opens] == list(range(3000))


KINDS: list[dict[str, object]] = [
    {"inferences": 9},
    {"kind": "multi_stream", "queries": 4, "samples": 3},
    {"kind": "server", "rate": "3 /s", "duration": "10 s"},
    {"kind": "offline", "inferences": 9},
    {"kind": "engagements", "inferences": [1, 3], "think_time": {"lognormal": {"median": "5 s", "sigma": 1}},
     "gap": {"uniform": ["0 s", "1 h"]}, "duration": "24 h", "day": {"from": "7 h", "to": "23 h"}},
    {"kind": "trace", "values": [(5, 3), (6, 3), (6, 4), (90, 9)]},
]  # fmt: skip
ANY = st.sampled_from(KINDS).map(lambda given: workload(**given))


@settings(max_examples=100)
@given(ANY, st.integers(0, 10**10), st.integers(0, 2**32))
def test_questions_come_in_order(given_workload: Workload, service_ns: int, seed: int) -> None:
    """Time never runs backwards, engagements never go back, none is left out, and the number is what was said."""
    requests = played(given_workload, service_ns, seed)
    found = drawn(given_workload, seed, len(requests))
    assert all(earlier[0] <= later[0] for earlier, later in pairwise(requests))
    assert all(ask.delay_ns >= 0 for ask in found)
    assert all(later.engagement >= earlier.engagement for earlier, later in pairwise(found))
    assert all(later.opens == (later.engagement > earlier.engagement) for earlier, later in pairwise(found))
    if given_workload.until_ns is None:
        assert len(requests) == given_workload.inferences
    else:
        assert all(arrival < given_workload.until_ns for arrival, _, _ in requests)


@settings(max_examples=100)
@given(ANY, st.integers(0, 2**32))
def test_the_same_seed_asks_the_same(given_workload: Workload, seed: int) -> None:
    """However many are taken at a time, and whatever the answers were."""
    assert drawn(given_workload, seed, 7) == drawn(given_workload, seed, 100)[:7]


def test_a_changed_distribution_leaves_the_other_draws() -> None:
    """Longer thinking moves neither the sizes of engagements nor the gaps between them."""
    usual = drawn(workload(**BURSTS, engagements=2000))
    slower = drawn(workload(**BURSTS | {"think_time": {"exponential": "1 min"}}, engagements=2000))
    assert [ask[2:] for ask in usual] == [ask[2:] for ask in slower]
    assert [ask for ask in usual if ask.opens] == [ask for ask in slower if ask.opens]


def test_another_seed_asks_at_other_times() -> None:
    """So does another repetition."""
    given = workload(kind="server", rate="1 /s", inferences=5)
    repeated = list(asks(given, stream(0, 1, "workload")))
    assert len({tuple(drawn(given, 0)), tuple(drawn(given, 1)), tuple(repeated)}) == 3


@pytest.mark.parametrize(
    ("base", "delay", "expected"),
    [
        (0, 0, 7), (0, 2, 9), (6, 0, 7), (7, 0, 7), (8, 3, 11), (22, 0, 22), (22, 1, 24 + 7), (22, 2, 24 + 8),
        (23, 0, 24 + 7), (23.5, 1, 24 + 8), (7, 16, 24 + 7), (0, 16, 24 + 7), (10, 48, 3 * 24 + 10),
    ],
)  # fmt: skip
def test_gaps_pass_while_users_are_awake(base: float, delay: float, expected: float) -> None:
    """From 7 h to 23 h; at 23 h sharp they are asleep."""
    hours = Hours.model_validate({"from": "7 h", "to": "23 h"})
    assert in_hours(int(base * HOUR_NS), int(delay * HOUR_NS), hours) == expected * HOUR_NS


ENDS = st.tuples(st.integers(0, DAY_NS - 1), st.integers(1, DAY_NS)).filter(lambda ends: ends[0] < ends[1])


@given(st.integers(0, 3 * DAY_NS), st.lists(st.integers(0, DAY_NS), max_size=5), ENDS)
def test_delays_in_hours_add_up(base: int, delays: list[int], ends: tuple[int, int]) -> None:
    """Pieces of a delay one after the other end when the whole ends, within the hours, and never early."""
    hours = Hours.model_validate({"from": f"{ends[0]} ns", "to": f"{ends[1]} ns"})
    moment = base
    for delay in delays:
        before, moment = moment, in_hours(moment, delay, hours)
        assert moment >= before + delay
        assert ends[0] <= moment % DAY_NS < ends[1]
    assert not delays or moment == in_hours(base, sum(delays), hours)


def test_only_a_first_question_waits_for_the_morning() -> None:
    """Who has begun an engagement ends it."""
    given = workload(**BURSTS, engagements=1, day={"from": "7 h", "to": "23 h"})
    assert isinstance(given, Engagements)
    late = DAY_NS - HOUR_NS - 1
    assert arrives(Ask("answer", 10, 0, opens=False), 0, late, given) == late + 10
    assert arrives(Ask("answer", 10, 1), 0, late, given) == DAY_NS + 7 * HOUR_NS + 9
