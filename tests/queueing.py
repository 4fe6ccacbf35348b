"""Queueing theory: what is known of a queue in closed form, and one server played by hand on a workload's questions.

Everything here takes plain lists of (arrival, start, finish) [ns], so that any backend can be held against it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import sqrt

from numpy.random import Generator

from edgesim.arrivals import arrives, asks
from edgesim.workload import Workload

Served = tuple[int, int, int]
"""When an inference was asked for, started and answered [ns]."""
T_999_19 = 3.883
"""Student's t for 99.9 % (two-sided) with 19 degrees of freedom: of the means of 20 batches."""


def waiting_ns(mean_gap_ns: float, service_ns: float, variation: float) -> float:
    """Return the mean waiting time [ns] of a queue with Poisson arrivals and one server (Pollaczek-Khinchine).

    Parameters
    ----------
    mean_gap_ns, service_ns
        Mean time between arrivals, and mean service time [ns].
    variation
        Squared coefficient of variation of the service times: 0 for M/D/1, 1 for M/M/1.
    """
    load = service_ns / mean_gap_ns
    return load * service_ns * (1 + variation) / (2 * (1 - load))


def served(workload: Workload, generator: Generator, service_ns: Callable[[int], int]) -> Iterator[Served]:
    """Answer a workload's questions one after the other (Lindley's recursion).

    Parameters
    ----------
    workload, generator
        Who asks, and with which luck.
    service_ns
        How long each answer takes [ns], by its number.
    """
    asked = answered = 0
    for number, ask in enumerate(asks(workload, generator)):
        arrival = arrives(ask, asked, answered, workload)
        if arrival is None:
            return
        start = max(arrival, answered)
        asked, answered = arrival, start + service_ns(number)
        yield asked, start, answered


def mean_and_half_width(values: Sequence[int]) -> tuple[float, float]:
    """Return the mean and the half-width of its 99.9 % confidence interval, by the means of 20 batches.

    Successive waiting times are correlated; the means of long batches hardly are.
    """
    size = len(values) // 20
    means = [sum(values[at : at + size]) / size for at in range(0, 20 * size, size)]
    mean = sum(means) / 20
    return mean, T_999_19 * sqrt(sum((value - mean) ** 2 for value in means) / 19 / 20)


def busy_periods(requests: Iterable[Served]) -> Iterator[list[Served]]:
    """Cut a session into windows that start and end with nobody in the system; requests in order of arrival."""
    window: list[Served] = []
    for request in requests:
        if window and request[0] >= window[-1][2]:
            yield window
            window = []
        window.append(request)
    if window:
        yield window


def integral_ns(arrivals: Iterable[int], departures: Iterable[int]) -> int:
    """Return the integral over time of how many are there [ns]; nobody may leave before having come."""
    steps = sorted([(moment, 0, 1) for moment in arrivals] + [(moment, 1, -1) for moment in departures])
    area = inside = before = 0
    for moment, _, step in steps:
        area += inside * (moment - before)
        inside, before = inside + step, moment
        assert inside >= 0, f"at {moment} ns more have left than had come"
    assert inside == 0, f"{inside} have not left"
    return area


def check_laws(requests: Sequence[Served]) -> None:
    """Assert Little's law and the utilisation law in integers, in every window that starts and ends empty.

    Little, L T = N W: the integral of the number there is the sum of all stays; the same of those who wait.
    Utilisation, U T = N S: the time that the server is busy is the sum of all service times; and as it is never idle
    while somebody waits, it is the length of the window.
    """
    for window in busy_periods(requests):
        arrivals, starts, finishes = (list(column) for column in zip(*window, strict=True))
        assert integral_ns(arrivals, finishes) == sum(finish - arrival for arrival, _, finish in window)
        assert integral_ns(arrivals, starts) == sum(start - arrival for arrival, start, _ in window)
        assert covered_ns(zip(starts, finishes, strict=True)) == sum(finish - start for _, start, finish in window)
        assert covered_ns(zip(starts, finishes, strict=True)) == finishes[-1] - arrivals[0]


def covered_ns(intervals: Iterable[tuple[int, int]]) -> int:
    """Return for how long at least one of some intervals is open [ns]."""
    total, until = 0, -1
    for start, end in sorted(intervals):
        total += max(end, until) - max(start, until)
        until = max(end, until)
    return total
