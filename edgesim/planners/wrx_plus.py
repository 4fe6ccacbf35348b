"""WRX with its budgets spent as well as they can be: the same pipeline and IO budgets, other choices.

Where WRX takes the largest submodel that can be computed and raises shards greedily, `wrx_plus` lets what can be read
choose the submodel too, finds the bitwidths that are worth most within the IO budgets by dynamic programming, preloads
shards at whatever bitwidths are best, and shortens the executor's time with shards that need no decompression.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush
from itertools import count
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgesim.cost import request
from edgesim.device import Device
from edgesim.errors import InfeasibleError
from edgesim.model import FULL, Model
from edgesim.planners.frame import Frame as DraftFrame
from edgesim.planners.machine import Machine, machine
from edgesim.planners.plus.ceilings import Ceiling, Ceilings
from edgesim.planners.plus.knapsack import Knapsack, pack
from edgesim.planners.plus.paces import MOST_KEPT, Line, Pace, best_rate, deadlines, line, paces
from edgesim.planners.plus.polish import frame_of, polish
from edgesim.planners.plus.stock import Stock, stock
from edgesim.planners.submodels import Rows, layers_of, names_of, shapes, slices_of
from edgesim.planners.wrx import wrx
from edgesim.plans import Plan, Shard
from edgesim.quality import faithfulness, fidelity
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Budget
from edgesim.work import price

TRIES = 3
"""How often a plan that the recurrence finds late is made anew with so much less time."""

PATIENCE, TRIFLE = 4, 1e-4
"""After so many knapsacks, gains below this share of what there is are let go."""

ROUNDING = 1e-12
MOST_PACKED = 40
"""After so many it is given up: where the load buffer is small, budgets promise much that it does not keep."""


class Frame(NamedTuple):
    """A submodel, and the numbers of its shards among all of the model, in layer order."""

    layers: tuple[int, ...]
    slices: Rows
    numbers: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """How many layers, and how many shards in each."""
        return len(self.layers), len(self.slices[0])

    @property
    def names(self) -> tuple[Shard, ...]:
        """Return its shards in layer order."""
        return names_of(self.layers, self.slices)


class Search:
    """The best plan so far, and the submodels that may yet be better."""

    def __init__(self, model: Model, device: Device, budget: Budget, goods: Stock) -> None:
        self.model, self.device, self.budget, self.goods = model, device, budget, goods
        self.machine: Machine = machine(model, device, budget)
        self.size = {bits: int(goods.sizes(bits).max()) for bits in goods.bitwidths}
        self.lines: dict[int, Line] = {}
        self.best_rate = best_rate(device.storage)
        compressed = {self.machine.unpack_ns[bits] for bits in model.bitwidths if bits != FULL}
        self.sure = (
            device.storage.read.bandwidth is not None and model.records is None and not self.machine.layers_differ
            and budget.load_buffer_bytes is None and len(compressed) <= 1
        )  # fmt: skip
        self.queue: list[tuple[float, int, Callable[[], None]]] = []
        self.number = count()
        self.packed = 0
        self.ceilings: dict[tuple[int, ...], Ceilings] = {}
        self.plan: Plan | None = None
        self.worth = float("-inf")

    def offer(self, plan: Plan) -> None:
        """Keep a plan that is better than the best so far."""
        worth = fidelity(plan, self.model) or 0.0
        if worth > self.worth:
            self.plan, self.worth = plan, worth

    def run(self) -> None:
        """Pack submodels at some pace, from the most promising one down, until no other can be better."""
        for worth, frame in self._frames():
            self._later(worth, partial(self._look_closer, frame))
        while self.queue and self._better(-self.queue[0][0]) and self.packed < MOST_PACKED:
            heappop(self.queue)[2]()

    def _better(self, bound: float) -> bool:
        """Tell whether a bound is worth going after: after many submodels, only if it is beyond a trifle."""
        return bound > self.worth * (1 + (TRIFLE if self.packed >= PATIENCE else 0.0))

    def polish(self) -> None:
        """Raise what the best plan can still afford by the recurrence."""
        plan = self.plan
        if plan is None or plan.loads == () or self.sure:
            return
        names = names_of(plan.layers, plan.shards)
        held = len(plan.preload)
        if plan.preload == names[:held]:
            bits = [width for row in plan.bitwidths for width in row]
            frame = frame_of(self.goods, self.device, self.machine, plan.layers, plan.shards)
            if polish(self.goods, frame, bits, held):
                self._judge(self._plan(frame, bits, set(range(held))))

    def uniform(self) -> None:
        """Offer the best pipeline of one bitwidth, for where budgets were only about right; one is seldom better."""
        if self.sure:
            return
        weight, worth = self.goods.flat, self.goods.worth
        every = [
            (worth[bits] * float(weight[frame.numbers].sum()), bits, frame)
            for _, frame in self._frames() for bits in self.goods.bitwidths
        ]  # fmt: skip
        for best, bits, frame in sorted(every, key=itemgetter(0), reverse=True):
            if best <= self.worth * (1 - ROUNDING):
                return
            if self._could_read(frame, bits):
                self._judge(self._plan(frame, [bits] * len(frame.numbers), set()))

    def _could_read(self, frame: Frame, bits: int) -> bool:
        """Tell whether a submodel can be read in time at the best rate there is, all of it at some bitwidth."""
        n_bytes = int(self.goods.sizes(bits)[frame.numbers].sum())
        time = self.budget.target_latency_ns - self.machine.compute_ns[frame.shape[1]]
        return n_bytes * self.best_rate <= time

    def _later(self, bound: float, step: Callable[[], None]) -> None:
        """Note something to do that may lead to so much."""
        if self._better(bound):
            heappush(self.queue, (-bound, next(self.number), step))

    def _ceiling(self, frame: Frame, bitwidths: tuple[int, ...]) -> Ceiling:
        if bitwidths not in self.ceilings:
            self.ceilings[bitwidths] = Ceilings(self.goods, bitwidths)
        return self.ceilings[bitwidths].of(frame.numbers)

    def _look_closer(self, frame: Frame) -> None:
        self._later(self._most(frame), partial(self._split, frame))

    def _split(self, frame: Frame) -> None:
        for bitwidths in self._fitting(frame.shape[1]):
            for pace in paces(self.machine, bitwidths, *frame.shape):
                best = self._peak(frame, pace) if pace.saved_ns else pace
                self._plan_later(frame, best, 1 if pace.saved_ns else 0)
                if best.quick_count > pace.quick_count:
                    self._plan_later(frame, best._replace(quick_count=best.quick_count - 1), -1)

    def _fitting(self, m: int) -> list[tuple[int, ...]]:
        """Return the bitwidths at which one, two or three layers fit a bounded load buffer; all where it is not."""
        room, every = self.budget.load_buffer_bytes, self.goods.bitwidths
        if room is None:
            return [every]
        found = [tuple(bits for bits in every if layers * m * self.size[bits] <= room) for layers in (1, 2, 3)]
        return [bitwidths for bitwidths in dict.fromkeys(found) if bitwidths]

    def _plan_later(self, frame: Frame, pace: Pace, step: int = 0) -> None:
        """Note a pace, and that the next in some direction is to be looked at after it."""
        most = (
            min(pace.quick_count, self.budget.preload_bytes // self.size[FULL], MOST_KEPT)
            if pace.quick == (FULL,)
            else 0
        )
        for kept in range(most + 1):
            one = pace._replace(kept_count=kept)
            self._later(self._bound(frame, one), partial(self._pack, frame, one, 0 if kept else step))

    def _peak(self, frame: Frame, pace: Pace) -> Pace:
        """Return the number of quick shards at which a pace promises most: more of them first help, then hinder."""
        low, high = pace.quick_count, len(frame.numbers)
        middle = low
        while low < high:
            here, there = (self._bound(frame, pace._replace(quick_count=count)) for count in (middle, middle + 1))
            hopeless = here == float("-inf")
            hinders = not self._starts_late(frame, pace._replace(quick_count=middle)) if hopeless else here > there
            low, high = (low, middle) if hinders else (middle + 1, high)
            middle = (low + high) // 2
        return pace._replace(quick_count=low)

    def _starts_late(self, frame: Frame, pace: Pace) -> bool:
        """Tell whether a pace leaves no time to read the first layer."""
        m = frame.shape[1]
        first = int(self.goods.sizes(self.goods.bitwidths[0])[frame.numbers[:m]].sum()) - self.budget.preload_bytes
        due = self._due(frame, pace)[0]
        return due < 0 or first > self._bytes(m, due, 1)

    def _due(self, frame: Frame, pace: Pace) -> list[int]:
        return deadlines(self.machine, *frame.shape, pace, pace.quick_shards(self.goods.flat[frame.numbers]))

    def _line(self, m: int) -> Line:
        if m not in self.lines:
            sizes = self.size.values()
            self.lines[m] = line(self.device.storage, m * min(sizes), m * max(sizes))
        return self.lines[m]

    def _frames(self) -> Iterator[tuple[float, Frame]]:
        """Yield every submodel that can be computed in time, with what it is worth at full fidelity."""
        most, width = max(self.goods.worth.values()), self.model.shards_per_layer
        for n, m in shapes(self.model, self.device, self.budget):
            if self.machine.least_ns(n, m) <= self.budget.target_latency_ns:
                layers = layers_of(self.model, n)
                slices = slices_of(self.model, layers, m)
                numbers = (np.array(layers)[:, None] * width + np.array(slices)).reshape(-1)
                yield most * float(self.goods.flat[numbers].sum()), Frame(layers, slices, numbers)

    def _most(self, frame: Frame) -> float:
        """Return what a submodel is worth at most: as many quick shards as it needs, and all as fast as these."""
        needed = list(paces(self.machine, self.goods.bitwidths, *frame.shape))
        fastest = min(self.machine.unpack_ns.values())
        if needed and needed[0].saved_ns and needed[0].unpack_ns - needed[0].saved_ns == fastest:
            return self._bound(frame, needed[0]._replace(unpack_ns=fastest, saved_ns=0))
        return self._bound(frame, Pace(self.goods.bitwidths, fastest))

    def _bytes(self, m: int, time_ns: int, reads: int) -> int:
        """Return how many bytes some reads of m shards bring in some time; -1 if not even nothing."""
        start_ns, ns_per_byte = self._line(m)
        left = time_ns - self.machine.wakes_ns - reads * start_ns
        if left < 0:
            return -1
        return int(left / ns_per_byte) if ns_per_byte else 1 << 60

    def _rooms(self, m: int, due: Sequence[int]) -> list[int]:
        return [self._bytes(m, time, k + 1) for k, time in enumerate(due)]

    def _bound(self, frame: Frame, pace: Pace) -> float:
        """Return what a pace is worth at most."""
        weight, m = self.goods.flat[frame.numbers], frame.shape[1]
        quick = pace.quick_shards(weight)
        due = deadlines(self.machine, *frame.shape, pace, quick)
        if min(due) < 0:
            return float("-inf")
        free, read = np.ones(len(weight), bool), np.zeros(len(weight))
        preload, worth = self.budget.preload_bytes, 0.0
        if quick:
            free[quick] = False
            read[quick] = self.goods.sizes(pace.quick[0])[frame.numbers[quick]]
            read[len(read) - pace.kept_count :] = 0
            preload -= pace.kept_count * self.size[pace.quick[0]]
            worth = float(weight[quick].sum()) * max(self.goods.worth[bits] for bits in pace.quick)
        before = read.cumsum()[m - 1 :: m]
        rooms = [preload + max(room, 0) - taken for room, taken in zip(self._rooms(m, due), before, strict=True)]
        return worth + self._ceiling(frame, pace.bitwidths).of(rooms, free)

    def _pack(self, frame: Frame, pace: Pace, step: int) -> None:
        """Offer the best plan of a pace; where it ends too late, those made with less time."""
        self.packed += 1
        due = self._due(frame, pace)
        for _ in range(TRIES):
            plan = self._packed(frame, pace, self._rooms(frame.shape[1], due))
            late = self._judge(plan) if plan else 0
            if late <= 0:
                break
            due = [max(time - late, 0) for time in due]  # reading has so much less time
        if step and 0 <= pace.quick_count + step <= len(frame.numbers):
            self._plan_later(frame, pace._replace(quick_count=pace.quick_count + step), step)

    def _packed(self, frame: Frame, pace: Pace, room: Sequence[int]) -> Plan | None:
        """Return the best plan of a pace, if it is better than the best so far."""
        goods, names, weight = self.goods, frame.names, self.goods.flat[frame.numbers]
        quick, kept = set(pace.quick_shards(weight)), range(len(names) - pace.kept_count, len(names))
        versions = [pace.quick if index in quick else pace.bitwidths for index in range(len(names))]
        choices = [
            [(0 if i in kept else goods.steps[name][b], float(weight[i]) * goods.worth[b]) for b in versions[i]]
            for i, name in enumerate(names)
        ]
        base = [0 if i in kept else goods.base[name] for i, name in enumerate(names)]
        preload = self.budget.preload_bytes - (pace.kept_count * self.size[FULL] if pace.kept_count else 0)
        packed = pack(Knapsack(goods.unit, base, choices, room, preload))
        if packed is None or packed.worth <= self.worth:
            return None
        bits = [allowed[version] for allowed, version in zip(versions, packed.versions, strict=True)]
        return self._plan(frame, bits, {*range(packed.held), *kept})

    def _plan(self, frame: Frame | DraftFrame, bits: Sequence[int], kept: set[int]) -> Plan:
        m, names = len(frame.slices[0]), frame.names
        starts = range(0, len(names), m)
        rows = [[(names[i], bits[i]) for i in range(start, start + m) if i not in kept] for start in starts]
        preload = tuple(names[index] for index in sorted(kept))
        return Plan(
            layers=frame.layers,
            shards=frame.slices,
            bitwidths=tuple(tuple(bits[start : start + m]) for start in starts),
            preload=preload,
            loads=tuple(request(self.model, row) for row in rows if row),
            retain=preload,
        )

    def _judge(self, plan: Plan) -> int:
        """Offer a plan if the recurrence finds it in time; return by how much it is late [ns]."""
        work = price(plan, self.model, self.device, self.budget.processor, plan.preload)
        room = self.budget.load_buffer_bytes
        if next(waits_for_itself(work, room), None):
            return 0
        late = makespan_ns(work, room) - self.budget.target_latency_ns
        if late <= 0:
            self.offer(plan)
        return late


def wrx_plus(model: Model, device: Device, budget: Budget) -> Plan:
    """Choose submodel, preload set and bitwidths together, so that fidelity is as high as the IO budgets allow.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.

    Raises
    ------
    InfeasibleError
        If no submodel can be computed in time, or none can be read in time even at the lowest bitwidth.
    """
    worth = faithfulness(model)
    if worth is None:
        return wrx(model, device, budget)
    search = Search(model, device, budget, stock(model, worth))
    with suppress(InfeasibleError):
        search.offer(wrx(model, device, budget))
    search.run()
    search.polish()
    search.uniform()
    if search.plan is None:
        return wrx(model, device, budget)  # says what is short
    return search.plan
