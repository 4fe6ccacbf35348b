"""How long the executor takes, decided before the bitwidths are: what makes the IO budgets of a submodel fixed numbers.

A pace says which bitwidths shards may have, by what decompressing them takes at most, and that some of the shards must
be quicker than that: a submodel that is a little too slow becomes fast enough. Where that costs bytes, as 32 bits that
need no decompression do, they are the last shards, whose bytes fall due last; where it saves bytes, those that matter
least.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgesim.cost import read_ns
from edgesim.device import SECOND, Storage
from edgesim.planners.machine import Machine

Floats = NDArray[np.float64]
MOST_KEPT = 2
"""So many of the quick shards are preloaded at most, where they are at 32 bits."""


class Pace(NamedTuple):
    """Bitwidths that may be used, rising in size, and what the dearest takes to decompress [ns].

    `quick_count` shards may have `quick` bitwidths only, each of which spares at least `saved_ns`: the last ones if
    `at_end`, of which the last `kept_count` are preloaded; else the least important ones.
    """

    bitwidths: tuple[int, ...]
    unpack_ns: int
    quick: tuple[int, ...] = ()
    saved_ns: int = 0
    at_end: bool = False
    quick_count: int = 0
    kept_count: int = 0

    def quick_shards(self, weight: Floats) -> list[int]:
        """Return the positions of its quick shards, rising, given the weight of all, (N,)."""
        if self.at_end:
            return list(range(len(weight) - self.quick_count, len(weight)))
        return sorted(np.argsort(weight, kind="stable")[: self.quick_count].tolist())


def paces(machine: Machine, bitwidths: Sequence[int], n: int, m: int) -> Iterator[Pace]:
    """Yield the paces at which n layers of m shards can be computed in time, with as few quick shards as it takes.

    `bitwidths` rise in size.
    """
    unpack = {bits: machine.unpack_ns[bits] for bits in bitwidths}
    spare = machine.budget.target_latency_ns - machine.start_up_ns - n * machine.compute_ns[m]
    dearest = sorted(set(unpack.values()), reverse=True)
    last = len(dearest) - 1 if len(dearest) > 1 and not machine.ahead else len(dearest)
    for number, dear in enumerate(dearest[:last]):  # all shards quick is what the last but one ends with
        pace = Pace(tuple(bits for bits in bitwidths if unpack[bits] <= dear), dear)
        if last < len(dearest):
            quick = tuple(bits for bits in pace.bitwidths if unpack[bits] < dear)
            slow = [bits for bits in pace.bitwidths if unpack[bits] == dear]
            at_end = bitwidths.index(quick[0]) > bitwidths.index(slow[0])
            pace = pace._replace(quick=quick, saved_ns=dear - dearest[number + 1], at_end=at_end)
        short = n * m * dear - spare
        if machine.ahead or short <= 0:
            yield pace
        elif pace.saved_ns and -(-short // pace.saved_ns) <= n * m:
            yield pace._replace(quick_count=-(-short // pace.saved_ns))


def deadlines(machine: Machine, n: int, m: int, pace: Pace, quick: Sequence[int]) -> list[int]:
    """Return when the shards of each layer must be there, so that n layers of m end in time [ns], (n,).

    `quick` are the positions of quick shards. Negative where even resident shards would be too late.
    """
    compute, unpack, target = machine.compute_ns[m], m * pace.unpack_ns, machine.budget.target_latency_ns
    if machine.ahead:
        due, busy = target - compute - unpack, max(compute, unpack)
        found = [due - (n - 1 - k) * busy for k in range(n)]
    else:
        inside, due, found = [0] * n, target, [0] * n
        for index in quick:
            inside[index // m] += 1
        for k in range(n - 1, -1, -1):
            due -= compute + unpack - pace.saved_ns * inside[k]
            found[k] = due
    found[0] -= machine.start_up_ns
    return found


class Line(NamedTuple):
    """About the time of one read, ``start_ns + bytes * ns_per_byte``; never less, where storage is a line itself."""

    start_ns: float
    ns_per_byte: float


def line(storage: Storage, least_bytes: int, most_bytes: int) -> Line:
    """Return the line through the times of two reads; one through the origin where that would start below it."""
    read = storage.read
    if read.bandwidth is not None:
        return Line((read.latency or 0) + (SECOND % read.bandwidth > 0), SECOND / read.bandwidth)
    least, most = read_ns(least_bytes, storage), read_ns(most_bytes, storage)
    slope = (most - least) / (most_bytes - least_bytes) if most_bytes > least_bytes else 0.0
    start = least - slope * least_bytes
    return Line(start, slope) if start >= 0 else Line(0.0, most / most_bytes)
