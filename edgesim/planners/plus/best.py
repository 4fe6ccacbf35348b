"""The best plan so far, and who judges whether another is better: the recurrence, and fidelity."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgesim.cost import request
from edgesim.device import Device
from edgesim.model import Model
from edgesim.planners.submodels import Rows, layers_of, names_of, shapes, slices_of
from edgesim.plans import Plan, Shard
from edgesim.quality import fidelity
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Budget
from edgesim.work import price


class Candidate(NamedTuple):
    """A submodel, and the numbers of its shards among all of the model, in layer order, (N,)."""

    layers: tuple[int, ...]
    slices: Rows
    numbers: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """How many layers, and how many shards in each."""
        return len(self.layers), len(self.slices[0])

    @property
    def names(self) -> tuple[Shard, ...]:
        """Its shards in layer order."""
        return names_of(self.layers, self.slices)


def candidates(model: Model, device: Device, budget: Budget) -> Iterator[Candidate]:
    """Yield every submodel."""
    for n, m in shapes(model, device, budget):
        layers = layers_of(model, n)
        slices = slices_of(model, layers, m)
        numbers = np.array(layers)[:, None] * model.shards_per_layer + np.array(slices)
        yield Candidate(layers, slices, numbers.reshape(-1))


class Best:
    """The best plan so far; its worth is its fidelity, minus infinity where there is none yet."""

    def __init__(self, model: Model, device: Device, budget: Budget) -> None:
        self.model, self.device, self.budget = model, device, budget
        self.candidates = tuple(candidates(model, device, budget))
        self.plan: Plan | None = None
        self.worth = float("-inf")

    def offer(self, plan: Plan) -> None:
        """Keep a plan that is known to hold, if it is better."""
        worth = fidelity(plan, self.model) or 0.0
        if worth > self.worth:
            self.plan, self.worth = plan, worth

    def try_out(self, candidate: Candidate, bits: Sequence[int], kept: Collection[int] = ()) -> int:
        """Offer bitwidths, and shards to be preloaded, if the recurrence finds the plan in time.

        Returns
        -------
        int
            By how much it is late [ns]; 0 if it never would end.
        """
        plan = self._plan(candidate, bits, kept)
        work = price(plan, self.model, self.device, self.budget.processor, plan.preload)
        room = self.budget.load_buffer_bytes
        if next(waits_for_itself(work, room), None):
            return 0
        late = makespan_ns(work, room) - self.budget.target_latency_ns
        if late <= 0:
            self.offer(plan)
        return late

    def _plan(self, candidate: Candidate, bits: Sequence[int], kept: Collection[int]) -> Plan:
        m, names = candidate.shape[1], candidate.names
        starts = range(0, len(names), m)
        rows = [[(names[i], bits[i]) for i in range(start, start + m) if i not in kept] for start in starts]
        preload = tuple(names[index] for index in sorted(kept))
        return Plan(
            layers=candidate.layers,
            shards=candidate.slices,
            bitwidths=tuple(tuple(bits[start : start + m]) for start in starts),
            preload=preload,
            loads=tuple(request(self.model, row) for row in rows if row),
            retain=preload,
        )
