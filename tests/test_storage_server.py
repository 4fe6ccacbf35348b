"""The storage as a server of all apps, and what disturbs it."""

from collections.abc import Iterable, Sequence
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st
from simpy import Event
from strategies import toy_device

from edgesim.backends.simulated.background import disturb, due_ns, times_ns
from edgesim.backends.simulated.chances import luck_of, lucks
from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.storage import Job, StorageServer
from edgesim.conditions import Conditions
from edgesim.cost import load_ns
from edgesim.flash import DAY_NS, BackgroundIo
from edgesim.jitter import Jitter
from edgesim.scatter import read_scatter
from edgesim.session import Board
from edgesim.timeline import Span

READER = {"name": "gallery", "direction": "read", "size": "50 B", "gap": "100 ns"}
WRITER = {"name": "camera", "direction": "write", "size": "100 B", "gap": "300 ns", "write": {"bandwidth": "500 MB/s"}}
DEPTHS = {1: {"table": [["1 B", "10 ns"]]}, 2: {"table": [["1 B", "14 ns"]]}, 4: {"table": [["1 B", "30 ns"]]}}


def board(seed: int = 0, replication: int = 0, **sections: object) -> Board:
    """Return a board with some conditions."""
    return Board(conditions=Conditions.model_validate(sections), seed=seed, replication=replication)


def disturbed(board: Board, until_ns: int, lanes: int = 1) -> list[Span]:
    """Return what happens beside on a toy device."""
    env, spans = Clock(), []
    storage = toy_device(read={"depths": {1: {"table": [["1 B", "1 ns"]]}, 4: {"table": [["1 B", "4 ns"]]}}}, lanes=4)
    storage = storage.storage if lanes > 1 else toy_device().storage
    jitter = board.conditions.io_jitter if board.conditions else None
    scatter = None if jitter is None else read_scatter(jitter, None)
    disturb(StorageServer(env, lanes, scatter=scatter), storage, board, spans.append)
    env.run(until=until_ns)
    return spans


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


def test_background_reads_take_the_profile_s_time() -> None:
    """Requests are made a gap after each other, and reported with name, kind and bytes."""
    spans = disturbed(board(background_io=[READER]), 401)
    assert spans == [Span(-1, "gallery", "loader", "read", -1, due, due + 50, 50) for due in (100, 200, 300)]


def test_background_writes_take_their_own_time() -> None:
    """Latency and bytes at the bandwidth, at any depth."""
    source = BackgroundIo.model_validate(WRITER | {"write": {"latency": "7 ns", "bandwidth": "300 MB/s"}})
    assert times_ns(source, toy_device(read={"depths": DEPTHS}, lanes=4).storage) == (341,) * 4


def test_background_reads_are_priced_at_every_depth() -> None:
    """Times by depth are those of the profile."""
    storage = toy_device(read={"depths": DEPTHS}, lanes=4).storage
    source = BackgroundIo.model_validate(READER | {"size": "3 B"})
    assert times_ns(source, storage) == tuple(load_ns((3,), storage, depth) for depth in (1, 2, 3, 4))


def test_a_background_that_falls_behind_makes_one_request_at_a_time() -> None:
    """Requests that are due while one is in service follow it at once, and no queue grows in memory."""
    spans = disturbed(board(background_io=[READER | {"gap": "20 ns"}]), 1000, lanes=4)
    assert [span.start_ns for span in spans[:3]] == [20, 70, 120]


def test_bursts_and_hours_limit_when_requests_are_due() -> None:
    """None is due while a burst is off, or out of the hours, on any day."""
    burst = {"off": "10 min", "on": "20 min"}
    hours = {"begin": "1 h", "end": "2 h"}
    source = BackgroundIo.model_validate(READER | {"gap": "5 min", "burst": burst} | hours)
    minutes = [due // (60 * 10**9) for due in islice(due_ns(source, Board()), 12)]
    one_day = [75, 80, 85, 105, 110, 115]
    assert minutes == [*one_day, *(minute + 24 * 60 for minute in one_day)]
    assert DAY_NS == 24 * 60 * 60 * 10**9


def test_pauses_come_a_gap_after_each_other() -> None:
    """The flash is reported under its own name; reads that fall due meanwhile wait."""
    pauses = {"gap": "130 ns", "duration": "60 ns"}
    spans = disturbed(board(background_io=[READER], flash_pauses=pauses), 420)
    assert [(span.kind, span.start_ns, span.end_ns) for span in spans] == [
        ("read", 100, 150),
        ("gc", 130, 190),
        ("read", 200, 250),
        ("read", 300, 350),
        ("gc", 320, 380),
    ]
    assert {(span.app, span.lane, span.bytes) for span in spans if span.kind == "gc"} == {("flash", "loader", 0)}


def test_pauses_come_after_so_much_was_written() -> None:
    """Every second write of 100 B makes 200 B, and the next one waits until the flash has made room."""
    spans = disturbed(board(background_io=[WRITER], flash_pauses={"written": "200 B", "duration": "1 us"}), 3000)
    assert [(span.kind, span.start_ns) for span in spans] == [
        ("write", 300),
        ("write", 600),
        ("gc", 800),
        ("write", 1800),
        ("write", 2000),
    ]


def test_what_is_written_too_much_counts_for_the_next_pause() -> None:
    """Of writes of 100 B, 150 B are reached by the second, and 300 B by the third."""
    spans = disturbed(board(background_io=[WRITER], flash_pauses={"written": "150 B", "duration": "1 ns"}), 1900)
    assert [span.start_ns for span in spans if span.kind == "gc"] == [800, 1100, 1700]


def test_the_flash_collects_once_at_a_time() -> None:
    """A write that ends during a pause does not begin another one."""
    writers = [WRITER, WRITER | {"name": "recorder", "gap": "310 ns"}]
    spans = disturbed(
        board(background_io=writers, flash_pauses={"written": "100 B", "duration": "1 us"}), 9000, lanes=4
    )
    pauses = [(span.start_ns, span.end_ns) for span in spans if span.kind == "gc"]
    assert len(pauses) > 2
    assert all(end <= start for (_, end), (start, _) in pairwise(pauses))


def test_only_reads_scatter() -> None:
    """Percentiles are of reads; writes take what their source says."""
    jitter = {"quantiles": {"min": 0.5, "0.5": 1, "max": 2}}
    spans = disturbed(board(background_io=[READER, WRITER], io_jitter=jitter), 99_000, lanes=4)
    took = {kind: {span.end_ns - span.start_ns for span in spans if span.kind == kind} for kind in ("read", "write")}
    assert len(took["read"]) > 30
    assert took["write"] == {200}


CHANCES = {
    "background_io": [
        READER | {"gap": {"exponential": "400 ns"}},
        WRITER | {"gap": {"exponential": "900 ns"}, "burst": {"on": "3 us", "off": {"uniform": ["1 us", "2 us"]}}},
    ],
    "flash_pauses": {"gap": {"exponential": "5 us"}, "duration": {"lognormal": {"median": "100 ns", "sigma": 0.5}}},
    "io_jitter": {"quantiles": {"0.5": 1, "max": 2}},
}


def test_same_seed_same_spans() -> None:
    """All of it is repeated to the nanosecond; another seed or replication is another story."""
    stories = [disturbed(board(*which, **CHANCES), 100_000, lanes=4) for which in ((0, 0), (0, 0), (1, 0), (0, 1))]
    assert stories[0] == stories[1]
    assert len({tuple(story) for story in stories}) == 3
    assert {span.kind for span in stories[0]} == {"read", "write", "gc"}


def test_a_seed_of_one_disturbance_leaves_the_others() -> None:
    """A source's own seed moves its own requests; the others are due when they were."""
    camera = CHANCES["background_io"][1]
    for seeds in ({"seed": 5}, {}):
        moved, still = (
            BackgroundIo.model_validate(source) for source in (camera | seeds, READER | {"gap": camera["gap"]})
        )
        due = [list(islice(due_ns(each, Board()), 20)) for each in (moved, still)]
        assert due[1] == list(islice(due_ns(still, board(background_io=[camera | seeds])), 20))
        assert (due[0] == list(islice(due_ns(BackgroundIo.model_validate(camera), Board()), 20))) == (not seeds)


def test_luck_is_drawn_only_where_something_scatters() -> None:
    """Without jitter there is no stream, and luck is the median's."""
    jitter = Jitter(quantiles={0.5: 1.0, 1.0: 2.0})
    assert luck_of(Board(), None, "io_jitter/app") is None
    assert list(islice(lucks(Board(), None, "io_jitter/gallery"), 3)) == [0.5] * 3
    some, other = (luck_of(Board(seed=seed), jitter, "io_jitter/app") for seed in (0, 1))
    assert some is not None
    assert other is not None
    assert some.of(3).random() != other.of(3).random()
    own = luck_of(Board(seed=1), jitter.model_copy(update={"seed": 0}), "io_jitter/app")
    assert own is not None
    assert own.of(3).random() == some.of(3).random()
    assert len(set(islice(lucks(Board(), jitter, "io_jitter/gallery"), 2000))) > 1990


def test_no_conditions_no_events() -> None:
    """An undisturbed storage schedules nothing."""
    env = Clock()
    for each in (Board(), board(), board(io_jitter={"quantiles": {"0.5": 1, "max": 2}})):
        disturb(StorageServer(env, 1), toy_device().storage, each, [].append)
    assert env.peek() == float("inf")
