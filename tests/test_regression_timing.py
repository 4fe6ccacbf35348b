"""Planning times: what seems slower is planned again, old and new in turn, before it is said to be so."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from edgesim.cli import progress as waiting
from edgesim.grid import Tolerance
from edgesim.regression.cells import Cell
from edgesim.regression.timing import CALLS, FEW_TURNS, MOST_TURNS, TURNS, Timing, timings

MS = 10**6
Times = Callable[[str, int], int]


class Machine:
    """Stands in for a trial: a function tells how long each side takes in its n-th turn, by cell [ns]."""

    sides = ("old", "new")

    def __init__(self, **cells: Times) -> None:
        self.times = list(cells.values())
        self.asked: list[tuple[str, int, int]] = []

    def answer(self, side: str, cell: Cell, calls: int) -> tuple[str, object]:
        """Return how long it takes."""
        turn = sum(asked[:2] == (side, cell.place) for asked in self.asked)
        self.asked.append((side, cell.place, calls))
        took_ns = self.times[cell.place](side, turn)
        return ("time", took_ns) if took_ns else ("error", "fails")


def timed(machine: Machine) -> list[Timing]:
    """Time a planner on all cells of a machine; slower is more than twice as long."""
    chosen = [Cell(place, 0, 1, 0, None) for place in range(len(machine.times))]
    return timings(machine, chosen, Tolerance(), lambda what, done, every: None)  # type: ignore[arg-type]


def test_what_is_as_fast_is_timed_a_few_times() -> None:
    """Each side is first in every other turn."""
    machine = Machine(calm=lambda side, turn: 2 * MS)
    (one,) = timed(machine)
    assert (one.verdict.category, one.turns, one.was_repeated) == ("unchanged", TURNS, False)
    assert [side for side, *_ in machine.asked] == ["new", "old", "old", "new"] * (TURNS // 2)
    assert {calls for *_, calls in machine.asked} == {CALLS}


@pytest.mark.parametrize("ms", [2, 41])
def test_what_seems_slower_for_a_while_is_not_called_so(ms: int) -> None:
    """Something else takes the machine while new ones plan, whether that takes long or not: they get more turns."""
    machine = Machine(busy=lambda side, turn: ms * MS * (3 if side == "new" and turn < TURNS + 5 else 1))
    (one,) = timed(machine)
    assert (one.verdict.category, one.old_ns, one.new_ns) == ("unchanged", ms * MS, ms * MS)
    assert (one.turns, one.was_repeated) == (TURNS + 6, True)


def test_what_is_slower_stays_so_however_often_it_is_repeated() -> None:
    """Three times as long, in every turn, is no accident."""
    (one,) = timed(Machine(slow=lambda side, turn: MS * (3 if side == "new" else 1)))
    assert (one.verdict.category, one.turns) == ("slower", MOST_TURNS)
    assert one.verdict.change == 2.0


def test_what_takes_very_long_is_repeated_less() -> None:
    """Three seconds against one, once in a row after the first turn."""
    machine = Machine(slow=lambda side, turn: 1000 * MS * (3 if side == "new" else 1))
    (one,) = timed(machine)
    assert (one.verdict.category, one.turns) == ("slower", FEW_TURNS)
    assert [calls for *_, calls in machine.asked] == [CALLS] * 2 + [1] * (2 * FEW_TURNS - 2)


def test_doubtful_cells_take_turns_with_each_other() -> None:
    """A second of load spoils one turn of all of them, not all turns of one; those that clear up are left alone."""
    machine = Machine(
        slow=lambda side, turn: MS * (3 if side == "new" else 1),
        calm=lambda side, turn: MS,
        busy=lambda side, turn: MS * (3 if side == "new" and turn < TURNS else 1),
    )
    found = timed(machine)
    assert [one.turns for one in found] == [MOST_TURNS, TURNS, TURNS + 1]
    again = [place for side, place, _ in machine.asked[3 * 2 * TURNS :] if side == "old"]
    assert again == [0, 2, *[0] * (MOST_TURNS - TURNS - 1)]


def test_what_fails_while_it_is_timed_is_left_out() -> None:
    """Its outcome was judged before."""
    assert timed(Machine(fails=lambda side, turn: 0 if side == "new" and turn == 2 else MS)) == []


def test_whoever_waits_without_a_terminal_is_told_how_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once for each part that takes long; nothing of what is quick."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(waiting.time, "monotonic", lambda: clock.now)
    with waiting.progress(estimate=True) as say:
        for done in range(1, 41):
            clock.now += 1
            say("cells", done, 40)
        for done in range(1, 4):
            clock.now += 1
            say("planning times", done, 3)
    assert capsys.readouterr().err == "edgesim: cells: 10 of 40 after 10 s, about 30 s more\n"
    with waiting.progress() as say:
        clock.now += 99
        say("cells", 1, 9)
    assert capsys.readouterr().err == ""
