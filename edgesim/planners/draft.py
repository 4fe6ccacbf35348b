"""A WRX plan in the making: bitwidths that may still rise, and the IO budget that is left.

The accumulated IO budget (AIB) of layer k is the IO time that may pass before layer k must start:
``AIB(0) = slack + bonuses``, ``AIB(k) = AIB(k-1) + t``; the read of layer j is charged to AIB(j..n-1), and a
plan is valid iff no AIB is negative (L. Guo, W. Choe, F. X. Lin, arXiv 2207.05022, section on IO planning). A layer's
charge is the time of its one request if nothing were preloaded, its bonus that minus the time of what is really read.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, groupby

from edgesim.cost import request
from edgesim.planners.frame import Frame
from edgesim.plans import Plan, Shard, Upgrade
from edgesim.quality import importances
from edgesim.recurrence import pipeline_ns
from edgesim.units import show_bytes, show_ns


class Draft:
    """Bitwidths of n * m shards in layer order, the first `held` of them preloaded; budgets in nanoseconds."""

    def __init__(self, frame: Frame, bits: Sequence[int], held: int) -> None:
        self.frame, self.bits, self.held = frame, list(bits), held
        self.m = m = len(frame.slices[0])
        n = len(frame.layers)
        sizes = [frame.size[width] for width in self.bits]
        self.bytes = [sum(sizes[start : start + m]) for start in range(0, n * m, m)]
        self.kept = [sum(sizes[start : min(start + m, held)]) for start in range(0, n * m, m)]
        self.charge = [frame.read(total) for total in self.bytes]
        self.fetch = [frame.read(total - kept) for total, kept in zip(self.bytes, self.kept, strict=True)]
        self.too_much = [max(frame.size.values())] * n  # least growth [B] that a layer has refused: budgets only shrink
        self.least = self.budgets()  # least budget of a layer and all later ones
        for k in range(n - 2, -1, -1):
            self.least[k] = min(self.least[k], self.least[k + 1])
        self.loads = [] if frame.sure else self._requests()
        self.computations = [] if frame.sure else self._computations()

    def initial(self) -> list[int]:
        """Return the budgets before any charge [ns], (n,)."""
        bonus = sum(self.charge) - sum(self.fetch)
        return [self.frame.slack_ns + bonus + k * self.frame.layer_ns for k in range(len(self.charge))]

    def budgets(self) -> list[int]:
        """Return the budgets after all charges [ns], (n,)."""
        charged = accumulate(self.charge)
        return [budget - spent for budget, spent in zip(self.initial(), charged, strict=True)]

    def holds(self) -> bool:
        """Tell whether the plan is valid: no budget negative, and where that is not enough, in time."""
        return self.least[0] >= 0 and (self.frame.sure or self._in_time())

    def raise_to(self, shard: int, bits: int) -> bool:
        """Raise one shard that is not preloaded to a higher bitwidth, if the plan stays valid."""
        size, layer = self.frame.size, shard // self.m
        grow = size[bits] - size[self.bits[shard]]
        if grow >= self.too_much[layer]:
            return False
        cost, bonus = self._price(layer, grow)
        if self.least[layer] + bonus < cost or self.least[0] + bonus < 0:
            self.too_much[layer] = grow
            return False
        if not self._stays_in_time(shard, grow):
            if self._is_one_request(layer):
                self.too_much[layer] = grow
            return False
        self.bits[shard] = bits
        self._spend(layer, grow, cost, bonus)
        return True

    def commit(self, shard: int, bits: int) -> None:
        """Raise one shard that is not preloaded, whatever becomes of the budgets."""
        layer, grow = shard // self.m, self.frame.size[bits] - self.frame.size[self.bits[shard]]
        self.bits[shard] = bits
        self._spend(layer, grow, *self._price(layer, grow))

    def _price(self, layer: int, grow: int) -> tuple[int, int]:
        """Return what growing a layer's request adds to its charge and to its bonus [ns]."""
        total, read = self.bytes[layer] + grow, self.frame.read
        cost = read(total) - self.charge[layer]
        if not self.kept[layer]:
            return cost, 0
        return cost, cost - (read(total - self.kept[layer]) - self.fetch[layer])

    def _spend(self, layer: int, grow: int, cost: int, bonus: int) -> None:
        self.bytes[layer] += grow
        self.charge[layer] += cost
        self.fetch[layer] += cost - bonus
        least = self.least
        least[layer:] = [budget - cost for budget in least[layer:]]
        lowest = least[layer]
        for k in range(layer - 1, -1, -1):  # `least` rises, so the first that is low enough ends it
            if least[k] <= lowest:
                break
            least[k] = lowest
        if bonus:
            self.least = [budget + bonus for budget in least]

    def _requests(self) -> list[tuple[int, int]]:
        """Return time [ns] and bytes of each request, as `pipeline_ns` takes them."""
        n_bytes = [0] * (self.frame.load_of[-1] + 1)
        for shard in range(self.held, len(self.bits)):
            n_bytes[self.frame.load_of[shard]] += self.frame.size[self.bits[shard]]
        return [(self.frame.read(total), total) for total in n_bytes]

    def _computations(self) -> list[tuple[int, int, int]]:
        """Return time [ns], requests needed and bytes freed of each layer, as `pipeline_ns` takes them."""
        last_shards = range(self.m - 1, len(self.bits), self.m)
        needed = [self.frame.load_of[last] + 1 if last >= self.held else 0 for last in last_shards]
        freed = map(int.__sub__, self.bytes, self.kept)
        return [(self.frame.layer_ns, count, size) for count, size in zip(needed, freed, strict=True)]

    def _is_one_request(self, layer: int) -> bool:
        """Tell whether one request brings the whole layer, so that what it refuses one shard it refuses all."""
        return self.frame.load_of[layer * self.m] == self.frame.load_of[(layer + 1) * self.m - 1]

    def _stays_in_time(self, shard: int, grow: int) -> bool:
        """Grow a request, and take it back if the plan then ends too late under the recurrence."""
        if self.frame.sure:
            return True
        index, layer = self.frame.load_of[shard], shard // self.m
        load, computation = self.loads[index], self.computations[layer]
        total = load[1] + grow
        self.loads[index] = (self.frame.read(total), total)
        self.computations[layer] = (*computation[:2], computation[2] + grow)
        if self._in_time():
            return True
        self.loads[index], self.computations[layer] = load, computation
        return False

    def _makespan_ns(self) -> int | None:
        return pipeline_ns(self.loads, self.computations, self.frame.load_buffer_bytes)

    def _in_time(self) -> bool:
        time = self._makespan_ns()
        return time is not None and time <= self.frame.target_ns

    def obstacle(self) -> str:
        """Say why the plan, though its budgets are valid, does not hold under the recurrence."""
        time, room = self._makespan_ns(), self.frame.load_buffer_bytes
        if time is None:
            largest = max(n_bytes for _, n_bytes in self.loads)
            return f"need {show_bytes(largest)} for one request, the load buffer has room for {show_bytes(room or 0)}"
        return f"end {show_ns(time - self.frame.target_ns)} after the target, waiting for these requests and for room"

    def by_importance(self) -> list[int]:
        """Return the shards that are not preloaded, the most important first; ties go to the lower layer and slice."""
        rows = importances(self.frame.model)
        rank = [-rows[layer][index] for layer, index in self.names()]
        return sorted(range(self.held, len(rank)), key=rank.__getitem__)

    def names(self) -> list[Shard]:
        """Return the shards by their names in the model, in layer order, (n * m,)."""
        return [
            (layer, index) for layer, row in zip(self.frame.layers, self.frame.slices, strict=True) for index in row
        ]

    def plan(self, preload_bytes: int, upgrades: Sequence[tuple[int, int, int]]) -> Plan:
        """Return the plan as it stands.

        Parameters
        ----------
        preload_bytes
            Room for what stays between inferences [B]: the bottom-most shards that fit.
        upgrades
            Shard, old and new bitwidth of every raise, in order.
        """
        frame, m, names = self.frame, self.m, self.names()
        pairs = list(zip(names, self.bits, strict=True))
        runs = (list(run) for _, run in groupby(range(self.held, len(pairs)), frame.load_of.__getitem__))
        loads = (request(frame.model, pairs[run[0] : run[-1] + 1]) for run in runs)
        fitting = bisect_right(list(accumulate(map(frame.size.__getitem__, self.bits))), preload_bytes)
        return Plan(
            layers=frame.layers,
            shards=frame.slices,
            bitwidths=tuple(tuple(self.bits[start : start + m]) for start in range(0, len(names), m)),
            preload=tuple(names[: self.held]),
            loads=tuple(loads),
            retain=tuple(names[:fitting]),
            io_budget_initial_ns=tuple(self.initial()),
            io_budget_ns=tuple(self.budgets()),
            upgrades=tuple(Upgrade(names[shard], before, after) for shard, before, after in upgrades),
        )
