"""Queues that theory knows: waiting times of a server workload, and laws that hold exactly."""

from collections.abc import Sequence
from itertools import islice

import pytest
from queueing import Served, busy_periods, check_laws, covered_ns, integral_ns, mean_and_half_width, served, waiting_ns

from edgesim.chance import exponentials_ns
from edgesim.streams import stream
from edgesim.workload import Server


def poisson(inferences: int, services: Sequence[int], seed: int) -> list[Served]:
    """Serve a Poisson process of one question every 1000 ns."""
    given = Server.model_validate({"kind": "server", "rate": "1e6 /s", "inferences": inferences})
    return list(served(given, stream(seed, 0, "workload"), services.__getitem__))


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("variation", [0, 1])
def test_waiting_times_agree_with_theory(load: float, variation: int) -> None:
    """M/D/1 and M/M/1: the mean is within its 99.9 % confidence interval of Pollaczek and Khinchine's formula."""
    count, service_ns = 200_000, round(1000 * load)
    random = list(islice(exponentials_ns(service_ns, stream(3, 0, "service")), count))
    requests = poisson(count, random if variation else [service_ns] * count, seed=round(10 * load))
    mean, half = mean_and_half_width([start - arrival for arrival, start, _ in requests])
    assert half < 0.12 * mean + 5
    assert abs(mean - waiting_ns(1000, service_ns, variation)) < half


def test_laws_of_queues_hold_exactly() -> None:
    """Little's and the utilisation law, in integers, in every window that starts and ends empty."""
    services = list(islice(exponentials_ns(600, stream(4, 0, "service")), 20_000))
    requests = poisson(20_000, services, seed=5)
    check_laws(requests)
    assert len(list(busy_periods(requests))) > 1000
    assert sum(finish - start for _, start, finish in requests) == sum(services)


def test_the_laws_find_what_breaks_them() -> None:
    """A server that idles while somebody waits, serves two at once, or answers before it is asked."""
    for wrong in ([(0, 0, 10), (5, 11, 20)], [(0, 0, 10), (5, 8, 20)], [(0, 0, 10), (5, 10, 4)]):
        with pytest.raises(AssertionError):
            check_laws(wrong)


def test_integrals_are_those_one_draws() -> None:
    """Two stays that overlap for 5 ns, and what they cover together."""
    assert integral_ns([0, 5], [10, 12]) == 17
    assert covered_ns([(5, 12), (0, 10), (20, 21)]) == 13
