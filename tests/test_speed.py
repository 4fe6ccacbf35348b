"""When work ends on a processor that gets hot and is used by others."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.clock import Thermal
from edgesim.heat import Heat
from edgesim.speed import Interval, Piece, Speed

S = 10**9
HOT = {
    "ambient": "25 C",
    "resistance": "20 K/W",
    "time_constant": "10 s",
    "trip": "75 C",
    "hysteresis": "5 K",
    "poll": "1 s",
}
SPEEDS = (Fraction(1), Fraction(1, 2))


def hot_speed(**changes: object) -> Speed:
    """Return a processor that settles at 105 C at full speed and 45 C at half of it."""
    return Speed(SPEEDS, Heat(Thermal.model_validate(HOT | changes), (4000, 1000)))


class Walk:
    """A processor in steps of a nanosecond, each at one temperature and speed."""

    def __init__(
        self, speeds: Sequence[Fraction], thermal: Thermal, powers: Sequence[int], others: Sequence[Interval]
    ) -> None:
        self.speeds, self.thermal, self.powers, self.others = speeds, thermal, powers, others
        self.share = Fraction(1, 4)
        self.temperature = float(thermal.ambient)
        self.now = self.step = 0

    def end(self, start: int, work: int) -> tuple[int, list[Piece]]:
        """Return what `Speed.end` should."""
        while self.now < start:
            self.tick(self.share if self.is_taken() else Fraction(0))
        left, steps = Fraction(work), []
        while left > 0:
            left -= self.speeds[self.step] * (1 - self.share if self.is_taken() else 1)
            steps.append(self.step)
            self.tick(Fraction(1))
        return self.now, pieces_of(start, steps)

    def is_taken(self) -> bool:
        """Tell whether others use it."""
        return any(on <= self.now < off for on, off in self.others)

    def tick(self, busy: Fraction) -> None:
        """Let a nanosecond pass, and the governor look."""
        thermal = self.thermal
        target = thermal.ambient + float(busy) * (thermal.resistance * self.powers[self.step] / 1000)
        rising = target > self.temperature
        self.temperature = target + (self.temperature - target) * math.exp(-1 / thermal.time_constant)
        self.now += 1
        if self.now % thermal.poll == 0:
            if self.temperature >= thermal.trip and rising and self.step + 1 < len(self.powers):
                self.step += 1
            elif self.temperature < thermal.trip - thermal.hysteresis and self.step:
                self.step -= 1


def pieces_of(start: int, steps: Sequence[int]) -> list[Piece]:
    """Return the runs of equal steps that are not 0."""
    pieces: list[Piece] = []
    for when, step in enumerate(steps, start):
        if pieces and pieces[-1].end_ns == when and pieces[-1].step == step:
            pieces[-1] = pieces[-1]._replace(end_ns=when + 1)
        elif step:
            pieces.append(Piece(when, when + 1, step))
    return pieces


@st.composite
def works(draw: st.DrawFn, longest: int = 60, most: int = 6) -> list[tuple[int, int]]:
    """Draw a gap before each work, and what it takes."""
    return draw(st.lists(st.tuples(st.integers(0, longest), st.integers(0, longest)), min_size=1, max_size=most))


def run(speed: Speed, gaps: Sequence[tuple[int, int]]) -> list[tuple[int, int, int, list[Piece]]]:
    """Return start, work, end and pieces of works with gaps between them."""
    now, found = 0, []
    for gap, work in gaps:
        end, pieces = speed.end(now + gap, work)
        found.append((now + gap, work, end, pieces))
        now = end
    return found


@given(works())
def test_undisturbed_work_takes_its_time(gaps: list[tuple[int, int]]) -> None:
    """Without heat and others, work ends after exactly what it takes."""
    assert all(end == start + work and not pieces for start, work, end, pieces in run(Speed(), gaps))


@st.composite
def thermals(draw: st.DrawFn) -> Thermal:
    """Draw rules under which a few watts may be too much, within some nanoseconds."""
    poll, trip, hysteresis = draw(st.integers(1, 9)), draw(st.integers(2, 60)), draw(st.integers(0, 30))
    return Thermal.model_validate(
        {
            "ambient": f"{min(0, trip - hysteresis) - 1} C",
            "resistance": "10 K/W",
            "time_constant": f"{draw(st.integers(poll, 80))} ns",
            "trip": f"{trip} C",
            "hysteresis": f"{hysteresis} K",
            "poll": f"{poll} ns",
        }
    )


@given(
    works(),
    thermals(),
    st.lists(st.integers(0, 9000), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8),
)
def test_a_walk_in_small_steps_finds_the_same(
    gaps: list[tuple[int, int]], thermal: Thermal, powers: list[int], turns: list[tuple[int, int]]
) -> None:
    """Jumping from change to change in closed form gives what a walk by nanoseconds gives, heat and others together."""
    speeds = [Fraction(len(powers) - step, len(powers)) for step in range(len(powers))]
    powers.sort(reverse=True)
    edges = list(accumulate(part for turn in turns for part in turn))
    others = list(zip(edges[::2], edges[1::2], strict=True))
    walk = Walk(speeds, thermal, powers, others)
    speed = Speed(speeds, Heat(thermal, powers), walk.share, others)
    assert all(walk.end(start, work) == (end, pieces) for start, work, end, pieces in run(speed, gaps))


@given(works(10**12, 12))
def test_cutting_an_idle_time_changes_nothing(gaps: list[tuple[int, int]]) -> None:
    """Asking for no work in between leaves all other answers as they were."""
    whole, cut = hot_speed(), hot_speed()
    before = 0
    for start, work, end, pieces in run(whole, gaps):
        cut.end((before + start) // 2, 0)
        assert cut.end(start, work) == (end, pieces)
        before = end


def test_a_processor_steps_down_when_it_is_hot() -> None:
    """At full speed it reaches the trip between two polls; the next poll halves the speed, work goes on at that."""
    rise = 10 * math.log(80 / 30)  # s from 25 to 75 C on the way to 105 C
    assert 9 < rise < 10
    cool = 10 * math.log((105 - 80 / math.e - 45) / 25)  # s from there to 70 C on the way to 45 C
    assert 2 < cool < 3
    assert hot_speed().end(0, 12 * S) == (13 * S + S // 2, [Piece(10 * S, 13 * S, 1)])


def test_a_processor_recovers_when_idle() -> None:
    """After a pause it is cool, and the same work takes the same time again."""
    speed = hot_speed()
    end, pieces = speed.end(0, 12 * S)
    later, again = speed.end(end + 1000 * S, 12 * S)
    assert pieces
    assert later - (end + 1000 * S) == end
    assert [piece.end_ns - piece.start_ns for piece in again] == [piece.end_ns - piece.start_ns for piece in pieces]


def test_hysteresis_keeps_a_step_longer() -> None:
    """The wider it is, the longer a hot processor stays slow."""
    ends = [hot_speed(hysteresis=f"{kelvin} K").end(0, 60 * S)[0] for kelvin in (0, 10, 25)]
    assert ends == sorted(set(ends))


def test_others_heat_an_idle_processor() -> None:
    """What other work takes of a processor makes it hot while the app does nothing."""
    heat = Heat(Thermal.model_validate(HOT), (4000, 1000))
    speed = Speed(SPEEDS, heat, Fraction(9, 10), [(0, 100 * S)])
    _, pieces = speed.end(100 * S, S)
    assert pieces


def test_a_day_without_work_costs_few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hot processor cools over a day in a handful of exponentials, though it is polled 86,400 times."""
    speed, exp, calls = hot_speed(), math.exp, []
    speed.end(0, 12 * S)
    monkeypatch.setattr("edgesim.heat.math.exp", lambda x: calls.append(x) or exp(x))
    speed.end(86_400 * S, 0)
    assert 1 <= len(calls) < 12


def test_work_must_come_in_order() -> None:
    """A processor does one thing at a time."""
    speed = Speed()
    speed.end(10, 5)
    with pytest.raises(ValueError, match="must not start at 14 ns"):
        speed.end(14, 1)
