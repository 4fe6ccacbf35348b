"""What a submodel at some pace could be worth at most, before its bitwidths are looked for."""

from collections.abc import Sequence

import numpy as np

from edgesim.planners.machine import Machine
from edgesim.planners.plus.best import Candidate
from edgesim.planners.plus.ceilings import Ceiling, Ceilings
from edgesim.planners.plus.paces import Line, Pace, deadlines, line, paces
from edgesim.planners.plus.stock import Stock

PARTS = 6
"""Into so many parts a range is divided, time and again, where the best number of quick shards is looked for."""


class Promises:
    """Deadlines, what can be read until then, and what that is worth at most.

    Parameters
    ----------
    goods, machine
        What shards weigh and are worth, and what they are executed on.
    """

    def __init__(self, goods: Stock, machine: Machine) -> None:
        self.goods, self.machine, self.budget = goods, machine, machine.budget
        self.size = {bits: int(goods.sizes(bits).max()) for bits in goods.bitwidths}
        self.lines: dict[int, Line] = {}
        self.ceilings: dict[tuple[int, ...], Ceilings] = {}

    def of(self, candidate: Candidate, pace: Pace) -> float:
        """Return what a submodel is worth at most at a pace; minus infinity if it cannot be executed in time."""
        weight, m = self.goods.flat[candidate.numbers], candidate.shape[1]
        quick = pace.quick_shards(weight)
        due = deadlines(self.machine, *candidate.shape, pace, quick)
        if min(due) < 0:
            return -np.inf
        free, read = np.ones(len(weight), bool), np.zeros(len(weight))
        preload, worth = self.budget.preload_bytes, 0.0
        if quick:
            free[quick] = False
            read[quick] = self.goods.sizes(pace.quick[0])[candidate.numbers[quick]]
            read[len(read) - pace.kept_count :] = 0
            preload -= pace.kept_count * self.size[pace.quick[0]]
            worth = float(weight[quick].sum()) * max(self.goods.worth[bits] for bits in pace.quick)
        before = read.cumsum()[m - 1 :: m]
        rooms = [preload + max(room, 0) - taken for room, taken in zip(self.rooms(m, due), before, strict=True)]
        return worth + self._ceiling(candidate, pace.bitwidths).of(rooms, free)

    def of_any(self, candidate: Candidate) -> float:
        """Return what a submodel is worth at most: as many quick shards as it needs, and all as fast as these."""
        slowest = next(paces(self.machine, self.goods.bitwidths, *candidate.shape), None)
        fastest = min(self.machine.unpack_ns.values())
        if slowest and slowest.saved_ns and slowest.unpack_ns - slowest.saved_ns == fastest:
            return self.of(candidate, slowest._replace(unpack_ns=fastest, saved_ns=0))
        return self.of(candidate, Pace(self.goods.bitwidths, fastest))

    def peak(self, candidate: Candidate, pace: Pace) -> Pace:
        """Return the number of quick shards at which a pace promises most: more of them first help, then hinder."""
        low, high = self._least_quick(candidate, pace), len(candidate.numbers)
        promised: dict[int, float] = {}
        while True:
            counts = sorted({low + (high - low) * part // PARTS for part in range(PARTS + 1)})
            promised |= {
                count: self.of(candidate, pace._replace(quick_count=count)) for count in counts if count not in promised
            }
            place = max(range(len(counts)), key=lambda place: (promised[counts[place]], -place))
            if high - low <= PARTS:
                return pace._replace(quick_count=counts[place])
            low, high = counts[max(place - 1, 0)], counts[min(place + 1, len(counts) - 1)]

    def _least_quick(self, candidate: Candidate, pace: Pace) -> int:
        """Return with how many quick shards, at the least, there is time to read the first layer."""
        m = candidate.shape[1]
        to_read = int(self.goods.sizes(pace.bitwidths[0])[candidate.numbers[:m]].sum()) - self.budget.preload_bytes
        due = self.due(candidate, pace)[0]
        if to_read <= 0 or pace.saved_ns == 0 or to_read <= self.rooms(m, [due])[0]:
            return pace.quick_count
        start_ns, ns_per_byte = self.lines[m]
        short = self.machine.wakes_ns + start_ns + to_read * ns_per_byte - due
        return min(pace.quick_count + int(short // pace.saved_ns), len(candidate.numbers))

    def due(self, candidate: Candidate, pace: Pace) -> list[int]:
        """Return when the shards of each layer must be there [ns], (n,)."""
        quick = pace.quick_shards(self.goods.flat[candidate.numbers])
        return deadlines(self.machine, *candidate.shape, pace, quick)

    def rooms(self, m: int, due: Sequence[int]) -> list[int]:
        """Return the bytes that layers of m shards can have read until each deadline, -1 where not even none, (n,)."""
        if m not in self.lines:
            sizes = list(self.size.values())
            self.lines[m] = line(self.machine.storage, m * min(sizes), m * max(sizes))
        start_ns, ns_per_byte = self.lines[m]
        left = [time - self.machine.wakes_ns - (k + 1) * start_ns for k, time in enumerate(due)]
        return [-1 if time < 0 else int(time / ns_per_byte) if ns_per_byte else 1 << 60 for time in left]

    def _ceiling(self, candidate: Candidate, bitwidths: tuple[int, ...]) -> Ceiling:
        if bitwidths not in self.ceilings:
            self.ceilings[bitwidths] = Ceilings(self.goods, bitwidths)
        return self.ceilings[bitwidths].of(candidate.numbers)
