"""A WRX plan in the making: bitwidths that may still rise, and the IO budget that is left.

The accumulated IO budget (AIB) of layer k is the IO time that may pass before layer k must start:
``AIB(0) = slack + bonuses``, ``AIB(k) = AIB(k-1) + t``; the read of layer j is charged to AIB(j..n-1), and a
plan is valid iff no AIB is negative (L. Guo, W. Choe, F. X. Lin, arXiv 2207.05022, section on IO planning). A layer's
charge is the time of its one request if nothing were preloaded, its bonus that minus the time of what is really read.
Where shards lie in records, a raise may join two reads: it then costs less than nothing, and budgets grow.
"""

from collections.abc import Sequence
from itertools import accumulate
from operator import getitem
from sys import maxsize

from edgesim.cost import request
from edgesim.planners.frame import Frame
from edgesim.planners.pipeline import Pipeline, requests
from edgesim.plans import Plan, Upgrade
from edgesim.quality import importances


class Draft:
    """Bitwidths of n * m shards in layer order, the first `held` of them preloaded; budgets in nanoseconds."""

    def __init__(self, frame: Frame, bits: Sequence[int], held: int) -> None:
        self.frame, self.bits, self.held = frame, list(bits), held
        self.size, self.read = frame.prices.size, frame.prices.read
        self.m = m = len(frame.slices[0])
        sizes = list(map(getitem, self.size, self.bits))
        starts, (whole, part) = range(0, len(sizes), m), divmod(held, m)
        self.bytes = [sum(sizes[start : start + m]) for start in starts]
        self.charge = [self.read(self.bytes[start // m], self.bits, start, start + m) for start in starts]
        self.kept = [*self.bytes[:whole], *[0] * (len(starts) - whole)]
        self.fetch = [*[0] * whole, *self.charge[whole:]]
        if part:
            self.kept[whole] = sum(sizes[held - part : held])
            missing = self.bytes[whole] - self.kept[whole]
            self.fetch[whole] = self.read(missing, self.bits, held, starts[whole] + m)
        self.least: list[int]  # least budget [ns] of a layer and all later ones
        self.too_much: list[int]  # least growth [B] that a layer has refused since a budget last grew
        self._look_again()
        loaded = map(int.__sub__, self.bytes, self.kept)
        self.pipeline = None if frame.sure else Pipeline(frame, self.bits, held, loaded)

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
        return self.least[0] >= 0 and (self.pipeline is None or self.pipeline.in_time())

    def raise_to(self, shard: int, bits: int) -> bool:
        """Raise one shard that is not preloaded to a higher bitwidth, if the plan stays valid."""
        layer, before, size = shard // self.m, self.bits[shard], self.size[shard]
        grow = size[bits] - size[before]
        if grow >= self.too_much[layer]:
            return False
        self.bits[shard] = bits
        cost, bonus = self._price(layer, grow)
        # a layer that becomes cheaper may cure its own budgets, which `least` counts for the earlier ones too
        earlier = self.least[0] if cost >= 0 else min(self.budgets()[:layer], default=-bonus)
        paid = earlier + bonus >= 0 and self.least[layer] + bonus >= cost
        if paid and (self.pipeline is None or self.pipeline.grows(shard, grow)):
            self._spend(layer, grow, cost, bonus)
            return True
        self.bits[shard] = before
        if self.frame.prices.by_bytes and (
            not paid or (self.frame.shards_a_load >= self.m and not self.frame.durations.exact)
        ):
            self.too_much[layer] = grow  # the other shards of a request that has been refused are refused alike
        return False

    def commit(self, shard: int, bits: int) -> None:
        """Raise one shard that is not preloaded, whatever becomes of the budgets."""
        layer, grow = shard // self.m, self.size[shard][bits] - self.size[shard][self.bits[shard]]
        self.bits[shard] = bits
        self._spend(layer, grow, *self._price(layer, grow))

    def _price(self, layer: int, grow: int) -> tuple[int, int]:
        """Return what a layer's charge and bonus [ns] gain from new bitwidths, by which its bytes grow."""
        start, stop, total = layer * self.m, (layer + 1) * self.m, self.bytes[layer] + grow
        cost = self.read(total, self.bits, start, stop) - self.charge[layer]
        if not self.kept[layer]:
            return cost, 0
        fetch = self.read(total - self.kept[layer], self.bits, self.held, stop)
        return cost, cost - (fetch - self.fetch[layer])

    def _spend(self, layer: int, grow: int, cost: int, bonus: int) -> None:
        self.bytes[layer] += grow
        self.charge[layer] += cost
        self.fetch[layer] += cost - bonus
        if grow < 0 or cost < 0:
            self._look_again()
            return
        least = self.least
        least[layer:] = [budget - cost for budget in least[layer:]]
        lowest = least[layer]
        for k in range(layer - 1, -1, -1):  # `least` rises, so the first that is low enough ends it
            if least[k] <= lowest:
                break
            least[k] = lowest
        if bonus:
            self.least = [budget + bonus for budget in least]

    def _look_again(self) -> None:
        """Start over with what holds only while budgets shrink."""
        self.too_much = [maxsize] * len(self.bytes)
        self.least = list(accumulate(reversed(self.budgets()), min))[::-1]

    def by_importance(self) -> list[int]:
        """Return the shards that are not preloaded, the most important first; ties go to the lower layer and slice."""
        rows = importances(self.frame.model)
        rank = [-rows[layer][index] for layer, index in self.frame.names]
        return sorted(range(self.held, len(rank)), key=rank.__getitem__)

    def plan(self, upgrades: Sequence[tuple[int, int, int]], retained: int) -> Plan:
        """Return the plan as it stands.

        Parameters
        ----------
        upgrades
            Shard, old and new bitwidth of every raise, in order.
        retained
            Number of shards, from the first on, that stay between inferences.
        """
        frame, m, names = self.frame, self.m, self.frame.names
        pairs = list(zip(names, self.bits, strict=True))
        return Plan(
            layers=frame.layers,
            shards=frame.slices,
            bitwidths=tuple(tuple(self.bits[start : start + m]) for start in range(0, len(names), m)),
            preload=names[: self.held],
            loads=tuple(
                request(frame.model, pairs[start:stop]) for start, stop in requests(frame, self.held) if start < stop
            ),
            retain=names[:retained],
            io_budget_initial_ns=tuple(self.initial()),
            io_budget_ns=tuple(self.budgets()),
            upgrades=tuple(Upgrade(names[shard], before, after) for shard, before, after in upgrades),
        )
