"""Who is killed when memory runs low: Android's order, against a formulation that looks anew after each kill."""

from hypothesis import given
from hypothesis import strategies as st

from edgesim.eviction import Process, Watermarks, killable_from, victims

LEVELS = ((900, 300), (200, 80), (0, 40))
SIZES = st.integers(0, 200)
SCORES = st.sampled_from([-700, 0, 100, 200, 700, 900, 950])
PROCESSES = st.lists(
    st.tuples(SIZES, SCORES, st.booleans()).map(lambda drawn: Process("", *drawn)), max_size=8
).map(lambda drawn: [process._replace(name=f"p{number}") for number, process in enumerate(drawn)])  # fmt: skip
WATERMARKS = st.dictionaries(SCORES, st.integers(0, 400), max_size=4).map(lambda drawn: tuple(drawn.items()))
FREE = st.integers(-300, 400)


def slow(processes: list[Process], free_bytes: int, watermarks: Watermarks) -> list[str]:
    """Kill one process after the other, with a look at everything before each kill."""
    alive, killed = list(processes), []
    while True:
        due = [
            process
            for process in alive
            if process.killable
            and process.n_bytes
            and any(free_bytes < size and process.adj >= adj for adj, size in watermarks)
        ]
        if not due:
            return killed
        highest = max(process.adj for process in due)
        largest = max(process.n_bytes for process in due if process.adj == highest)
        chosen = min(process.name for process in due if (process.adj, process.n_bytes) == (highest, largest))
        alive = [process for process in alive if process.name != chosen]
        free_bytes += next(process.n_bytes for process in processes if process.name == chosen)
        killed.append(chosen)


@given(PROCESSES, FREE, WATERMARKS)
def test_victims_are_those_of_a_look_before_each_kill(
    processes: list[Process], free_bytes: int, watermarks: Watermarks
) -> None:
    """Sorting once gives the same kills in the same order as choosing anew each time, for any watermarks."""
    assert victims(processes, free_bytes, watermarks) == slow(processes, free_bytes, watermarks)


@given(PROCESSES.filter(bool), FREE, WATERMARKS, st.data())
def test_who_holds_more_is_never_safer(
    processes: list[Process], free_bytes: int, watermarks: Watermarks, data: st.DataObject
) -> None:
    """A process that is killed is also killed when it holds more of the same memory."""
    name = data.draw(st.sampled_from([process.name for process in processes]))
    more = data.draw(st.integers(0, 100))
    grown = [
        process._replace(n_bytes=process.n_bytes + more * (process.name == name)) for process in processes
    ]  # fmt: skip
    before = victims(processes, free_bytes, watermarks)
    assert name not in before or name in victims(grown, free_bytes - more, watermarks)


def test_nobody_is_killed_at_the_watermark() -> None:
    """Free memory of exactly a watermark is enough."""
    idle = [Process("idle", 10, 900)]
    assert victims(idle, 300, LEVELS) == []
    assert victims(idle, 299, LEVELS) == ["idle"]


def test_the_highest_class_dies_first_whatever_it_holds() -> None:
    """A small cached process dies before a large perceptible one."""
    processes = [Process("music", 500, 200), Process("cached", 10, 900), Process("front", 900, 0)]
    assert victims(processes, 20, LEVELS) == ["cached", "music"]


def test_the_largest_of_a_class_dies_first_and_may_save_the_others() -> None:
    """One kill of the largest is enough; of equals the first by name dies."""
    processes = [Process("small", 10, 900), Process("model", 400, 900), Process("late", 400, 900)]
    assert victims(processes, 100, LEVELS) == ["late"]


def test_a_class_is_one_score() -> None:
    """A score of 950 dies before one of 900 that holds more."""
    assert victims([Process("a", 400, 900), Process("b", 1, 950)], 299, LEVELS) == ["b"]


def test_free_memory_that_rises_protects_lower_scores() -> None:
    """The kill of a cached process lifts free memory above the watermark of the one in front."""
    processes = [Process("front", 100, 0), Process("cached", 60, 900)]
    assert victims(processes, 30, LEVELS) == ["cached"]
    assert victims(processes[:1], 30, LEVELS) == ["front"]


def test_who_serves_or_holds_nothing_is_no_victim() -> None:
    """Neither a process that may not be killed nor one whose death frees nothing dies, however little is free."""
    assert victims([Process("serving", 500, 900, killable=False), Process("empty", 0, 900)], -100, LEVELS) == []


def test_the_lowest_watermark_undercut_counts() -> None:
    """The least score that may be killed falls with free memory, and without watermarks nobody may."""
    assert [killable_from(free, LEVELS) for free in (300, 299, 79, 39)] == [None, 900, 200, 0]
    assert killable_from(-1, ()) is None
