"""The storage as a server of all apps, and what disturbs it."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from simpy import Event

from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.storage import Job, StorageServer
from edgesim.jitter import Jitter
from edgesim.scatter import read_scatter


def served(server: StorageServer, asked: Iterable[tuple[int, Sequence[int], int]]) -> list[Job]:
    """Serve requests: when each is asked for, its times by depth, its priority."""
    env, jobs = server.env, []

    def ask() -> Iterable[Event]:
        for when, times, priority in asked:
            if when > env.now:
                yield env.timeout(when - env.now)
            jobs.append(server.submit(times, 1, priority))

    env.process(ask())
    env.run()
    return jobs


LOADS = st.lists(st.lists(st.integers(0, 20), min_size=4, max_size=4).map(sorted), max_size=12)


@given(LOADS, st.integers(1, 4))
def test_a_user_alone_is_served_as_without_a_server(loads: list[list[int]], lanes: int) -> None:
    """Loads issued in order, each when a lane is free, take what the rule of a loader of its own gives them."""
    env = Clock()
    server = StorageServer(env, 4)
    jobs: list[Job] = []

    def loader() -> Iterable[Event]:
        for times in loads:
            if len(jobs) >= lanes:
                yield min(jobs[-lanes:], key=lambda job: job.end_ns) if lanes == 1 else first_free(jobs, lanes)
            jobs.append(server.submit(times, 1))

    env.process(loader())
    env.run()
    free, now = [0] * lanes, 0
    for times, job in zip(loads, jobs, strict=True):
        lane = free.index(min(free))
        now = max(now, free[lane])
        free[lane] = now + times[sum(end > now for end in free)]
        assert (job.start_ns, job.end_ns) == (now, free[lane])


def first_free(jobs: list[Job], lanes: int) -> Event:
    """Return the job whose end frees one of a user's own lanes."""
    lasts: list[Job] = []
    for job in jobs:
        if len(lasts) == lanes:
            lasts.remove(min(lasts, key=lambda last: last.end_ns))
        lasts.append(job)
    return min(lasts, key=lambda last: last.end_ns)


ASKED = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(-1, 1)), max_size=15)


@given(ASKED, st.integers(1, 3), st.sampled_from(["fifo", "priority"]))
def test_the_policy_is_kept(asked: list[tuple[int, int, int]], lanes: int, policy: str) -> None:
    """No lane serves two at once, none rests while somebody waits, and nobody is served before who comes first."""
    asked.sort(key=lambda each: each[0])
    jobs = served(StorageServer(Clock(), lanes, policy), [(when, (time,) * lanes, p) for when, time, p in asked])
    rank = [(-priority if policy == "priority" else 0, number) for number, (*_, priority) in enumerate(asked)]
    for number, (job, (when, time, _)) in enumerate(zip(jobs, asked, strict=True)):
        assert job.asked_ns == when <= job.start_ns == job.end_ns - time
        busy = [other for other in jobs if other.start_ns <= job.start_ns < other.end_ns]
        assert len(busy) <= lanes
        if job.start_ns > when:
            assert sum(other.start_ns < job.start_ns == other.end_ns for other in jobs) > 0
            assert all(
                rank[other] < rank[number]
                for other, rival in enumerate(jobs)
                if when < rival.start_ns < job.start_ns and rival.asked_ns < rival.start_ns
            )
    for lane in range(lanes):
        own = sorted((job.start_ns, job.end_ns) for job in jobs if job.lane == lane)
        assert all(end <= start for (_, end), (start, _) in pairwise(own))


def test_requests_in_service_slow_each_other() -> None:
    """A request takes the time of the depth at its start, whoever the others are, and keeps it."""
    times = [10, 14, 20, 30]
    jobs = served(StorageServer(Clock(), 4), [(0, times, 0), (0, times, 0), (5, times, 0), (12, times, 0)])
    assert [job.end_ns - job.start_ns for job in jobs] == [10, 14, 20, 20]


def test_who_waits_goes_before_who_comes_when_a_lane_gets_free() -> None:
    """Also where the newcomer's event is due at the same moment as the end of service, and comes first."""
    env = Clock()
    server = StorageServer(env, 1)
    late: list[Job] = []
    env.timeout(10).callbacks.append(lambda _: late.append(server.submit((1,), 1)))
    server.submit((10,), 1)
    waiting = server.submit((5,), 1)
    env.run()
    assert (waiting.start_ns, late[0].asked_ns, late[0].start_ns) == (10, 10, 15)


def test_a_pause_lets_service_end_and_none_begin() -> None:
    """Who is in service is finished, who waits or comes meanwhile begins when the pause is over."""
    env = Clock()
    server = StorageServer(env, 2)
    first = server.submit((10, 10), 1)
    server.pause()
    second = server.submit((10, 10), 1)
    env.run(until=50)
    assert (first.end_ns, second.start_ns) == (10, -1)
    server.resume()
    assert second.start_ns == 50


def test_luck_scatters_times_at_the_depth_of_their_service() -> None:
    """A request's factor is that of its luck; the median's leaves the usual time."""
    scatter = read_scatter(Jitter.model_validate({"quantiles": {"min": 0.5, 0.5: 1, "max": 3}}), None)
    server = StorageServer(Clock(), 2, scatter=scatter)
    jobs = [server.submit((100, 150), 1, luck=luck) for luck in (0.5, 0.75)]
    assert [job.end_ns for job in jobs] == [100, 300]
