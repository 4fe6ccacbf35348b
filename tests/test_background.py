"""What disturbs the storage of a session: requests of other processes, and garbage collection."""

from itertools import islice, pairwise

from strategies import toy_device

from edgesim.backends.simulated.background import disturb, due_ns, times_ns
from edgesim.backends.simulated.chances import luck_of, lucks
from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.storage import StorageServer
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
    burst = {"idle": "10 min", "active": "20 min"}
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
        WRITER | {"gap": {"exponential": "900 ns"}, "burst": {"active": "3 us", "idle": {"uniform": ["1 us", "2 us"]}}},
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


def test_hours_that_are_closed_cost_nothing() -> None:
    """Gaps pass in the hours only: ten requests a day in one second of each, and the next day begins at once."""
    source = BackgroundIo.model_validate(READER | {"gap": "100 ms", "begin": "1 s", "end": "2 s"})
    due = list(islice(due_ns(source, Board()), 9 * 101))
    assert due[:2] == [11 * 10**8, 12 * 10**8]
    assert due[-1] // DAY_NS >= 90
