"""Submodels and paces by what they promise, the most promising first; for each the best bitwidths."""

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from itertools import count

from edgesim.model import FULL
from edgesim.planners.machine import Machine
from edgesim.planners.plus.best import Best, Candidate
from edgesim.planners.plus.knapsack import Knapsack, pack
from edgesim.planners.plus.paces import MOST_KEPT, Pace, paces
from edgesim.planners.plus.promises import Promises
from edgesim.planners.plus.stock import Stock

TRIES = 3
"""How often bitwidths that the recurrence finds late are looked for anew, with so much less time to read."""
PATIENCE, TRIFLE = 100, 1e-4
"""Once so many shards have been packed, gains below this share of what there is are let go."""
GIVE_UP = 3000
"""Once so many have, all is: where the load buffer is small, budgets promise much that it does not keep."""


class Search:
    """Branch and bound; what is found is offered to `best`.

    Parameters
    ----------
    best
        The best plan so far.
    goods, machine
        What shards weigh and are worth, and what they are executed on.
    """

    def __init__(self, best: Best, goods: Stock, machine: Machine) -> None:
        self.best, self.goods, self.machine, self.budget = best, goods, machine, machine.budget
        self.promises = Promises(goods, machine)
        self.queue: list[tuple[float, int, Callable[[], None]]] = []
        self.turn = count()
        self.packed = 0

    def run(self) -> None:
        """Go on until nothing promises more than the best plan is worth."""
        most = max(self.goods.worth.values())
        for candidate in self.best.candidates:
            if self.machine.least_ns(*candidate.shape) <= self.budget.target_latency_ns:
                whole = most * float(self.goods.flat[candidate.numbers].sum())
                self._later(whole, partial(self._look_closer, candidate))
        while self.queue and self._is_worth_it(-self.queue[0][0]) and self.packed < GIVE_UP:
            heappop(self.queue)[2]()

    def _is_worth_it(self, promise: float) -> bool:
        """Tell whether to go after a promise: in the end only if it is beyond a trifle."""
        return promise > self.best.worth * (1 + (TRIFLE if self.packed >= PATIENCE else 0.0))

    def _later(self, promise: float, step: Callable[[], None]) -> None:
        if self._is_worth_it(promise):
            heappush(self.queue, (-promise, next(self.turn), step))

    def _look_closer(self, candidate: Candidate) -> None:
        self._later(self.promises.of_any(candidate), partial(self._split, candidate))

    def _split(self, candidate: Candidate) -> None:
        """Note every pace at the number of quick shards that promises most, and its neighbours after it."""
        for bitwidths in self._fitting(candidate.shape[1]):
            for pace in paces(self.machine, bitwidths, *candidate.shape):
                if not pace.saved_ns:
                    self._note(candidate, pace, 0)
                    continue
                peak = self.promises.peak(candidate, pace)
                self._note(candidate, peak, 1)
                if peak.quick_count > pace.quick_count:
                    self._note(candidate, peak._replace(quick_count=peak.quick_count - 1), -1)

    def _fitting(self, m: int) -> list[tuple[int, ...]]:
        """Return the bitwidths at which one, two or three layers fit a bounded load buffer; all where it is not."""
        room, every = self.budget.load_buffer_bytes, self.goods.bitwidths
        if room is None:
            return [every]
        size = self.promises.size
        found = [tuple(bits for bits in every if layers * m * size[bits] <= room) for layers in (1, 2, 3)]
        return [bitwidths for bitwidths in dict.fromkeys(found) if bitwidths]

    def _note(self, candidate: Candidate, pace: Pace, step: int) -> None:
        """Note a pace, and that one with `step` more quick shards is to be looked at after it."""
        kept = 0
        if pace.quick == (FULL,):
            kept = min(pace.quick_count, self.budget.preload_bytes // self.promises.size[FULL], MOST_KEPT)
        for number in range(kept + 1):
            one = pace._replace(kept_count=number)
            self._later(self.promises.of(candidate, one), partial(self._try, candidate, one, 0 if number else step))

    def _try(self, candidate: Candidate, pace: Pace, step: int) -> None:
        """Offer the best bitwidths at a pace; where they are late, those for which there is less time to read."""
        self.packed += len(candidate.numbers)
        due = self.promises.due(candidate, pace)
        for _ in range(TRIES):
            late = self._pack(candidate, pace, self.promises.rooms(candidate.shape[1], due))
            if late <= 0:
                break
            due = [max(time - late, 0) for time in due]
        if step and 0 <= pace.quick_count + step <= len(candidate.numbers):
            self._note(candidate, pace._replace(quick_count=pace.quick_count + step), step)

    def _pack(self, candidate: Candidate, pace: Pace, rooms: list[int]) -> int:
        """Offer the best bitwidths for which there is room; return by how much they are late [ns]."""
        goods, names, weight = self.goods, candidate.names, self.goods.flat[candidate.numbers]
        quick, kept = set(pace.quick_shards(weight)), range(len(names) - pace.kept_count, len(names))
        versions = [pace.quick if index in quick else pace.bitwidths for index in range(len(names))]
        base, choices = [], []
        for index, (name, allowed) in enumerate(zip(names, versions, strict=True)):
            smallest, units = goods.counted(name, allowed)
            worth = (float(weight[index]) * goods.worth[bits] for bits in allowed)
            free = index in kept
            base.append(0 if free else smallest)
            choices.append([(0 if free else more, gain) for more, gain in zip(units, worth, strict=True)])
        preload = self.budget.preload_bytes - (len(kept) * self.promises.size[FULL] if kept else 0)
        packed = pack(Knapsack(goods.unit, base, choices, rooms, preload))
        if packed is None or packed.worth <= self.best.worth:
            return 0
        bits = [allowed[version] for allowed, version in zip(versions, packed.versions, strict=True)]
        return self.best.try_out(candidate, bits, {*range(packed.held), *kept})
