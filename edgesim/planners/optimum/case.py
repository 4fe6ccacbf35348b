"""What an integer program is told: a submodel, what its shards are worth and weigh, and the machine's limits."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from edgesim.cost import stored_bytes
from edgesim.device import Device, Storage
from edgesim.errors import InfeasibleError, InputError
from edgesim.importance import Importances
from edgesim.model import FULL, Model
from edgesim.planners.hull import raises
from edgesim.planners.machine import Machine, machine
from edgesim.planners.optimum.lines import Line, lines
from edgesim.planners.submodels import Rows, layers_of, names_of, shapes, slices_of
from edgesim.plans import Shard
from edgesim.quality import faithfulness, weights
from edgesim.scenario import Budget
from edgesim.units import show_ns

Goal = Literal["fidelity", "accuracy"]
Sizes = Mapping[int, int]
"""Bytes of a shard by bitwidth."""
Score = Callable[[float], float]
Shape = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """An n x m submodel on a machine; `names` are its N = n * m shards in layer order.

    A shard of some weight adds ``weight * worth[bits]`` to the sum that is maximised; `score` makes fidelity or
    accuracy of the sum, and never falls. `lines` bound the time of reads from below.
    """

    machine: Machine
    lines: tuple[Line, ...]
    layers: tuple[int, ...]
    slices: Rows
    names: tuple[Shard, ...]
    weight: tuple[float, ...]
    worth: Mapping[int, float]
    score: Score
    size: tuple[Sizes, ...]

    @property
    def shape(self) -> Shape:
        """How many layers, and how many shards in each."""
        return len(self.layers), len(self.slices[0])

    @property
    def monotone(self) -> bool:
        """Whether a plan whose loads and layers take no longer ends no later."""
        return not self.machine.layers_differ and all(size is self.size[0] for size in self.size)

    def ceiling(self) -> float:
        """Return a score that no plan exceeds: all bytes that there is time for, wherever they are worth most.

        They must have been read when the last layer starts; the preload buffer adds its own. Every shard's gains are
        bought by the byte, along their concave hull.
        """
        budget, rate = self.machine.budget, min(line.ns_per_byte for line in self.lines)
        time = budget.target_latency_ns - self.machine.compute_ns[self.shape[1]]
        room = budget.preload_bytes + (time / rate if rate else math.inf)
        room -= sum(min(size.values()) for size in self.size)
        if room < 0:
            return -math.inf
        hull = cache(lambda index: raises((n_bytes, self.worth[bits]) for bits, n_bytes in self.size[index].items()))
        first = {id(size): index for index, size in enumerate(self.size)}  # shards of one size share a hull
        alike = [first[id(size)] for size in self.size]
        total = math.fsum(weight * hull(index)[0] for weight, index in zip(self.weight, alike, strict=True))
        steps = [
            (weight * slope, n_bytes)
            for weight, index in zip(self.weight, alike, strict=True)
            for n_bytes, slope in hull(index)[1]
        ]
        for slope, n_bytes in sorted(steps, reverse=True):
            total += slope * min(n_bytes, room)
            room -= n_bytes
            if room <= 0:
                break
        return self.score(total)


def cases(model: Model, device: Device, budget: Budget, goal: Goal, shape: Shape | None) -> list[Case]:
    """Return every submodel that could be computed in time, or the one of some shape.

    Raises
    ------
    InfeasibleError
        If there is none.
    InputError
        If the model does not say what is to be maximised, or has no submodel of that shape.
    """
    every = shapes(model, device, budget)
    if shape is not None and shape not in every:
        raise InputError(f"submodel: {model.name} on {device.name} has none of {shape[0]} x {shape[1]} shards")
    limits = machine(model, device, budget)
    tried = [shape] if shape else every
    in_time = [(n, m) for n, m in tried if limits.least_ns(n, m) <= budget.target_latency_ns]
    if not in_time:
        shortest, n, m = min((limits.least_ns(n, m), n, m) for n, m in tried)
        raise InfeasibleError(f"computing {n} x {m} shards takes {show_ns(shortest)}: the target of"
                              f" {show_ns(budget.target_latency_ns)} is short by"
                              f" {show_ns(shortest - budget.target_latency_ns)}")  # fmt: skip
    return list(_cases(model, limits, goal, in_time))


def _lines(model: Model, storage: Storage) -> tuple[Line, ...]:
    """Return lines below the time of any read, from one shard to the whole model."""
    if model.records:
        stored = [n_bytes for _, n_bytes in model.records.placed.values()]
    else:
        stored = [stored_bytes(model, (0, 0), bits) for bits in model.bitwidths]
    return tuple(lines(storage, min(stored), model.layers * model.shards_per_layer * max(stored)))


def _cases(model: Model, limits: Machine, goal: Goal, every: Sequence[Shape]) -> Iterator[Case]:
    goal_of = _fidelity(model) if goal == "fidelity" else _accuracy(model)
    below = _lines(model, limits.storage)
    alike: Sizes | None = (
        None if model.records else {bits: stored_bytes(model, (0, 0), bits) for bits in model.bitwidths}
    )
    for n, m in every:
        layers = layers_of(model, n)
        slices = slices_of(model, layers, m)
        names = names_of(layers, slices)
        if (known := goal_of(layers, slices)) is None:
            continue
        rows, worth, score = known
        weight = tuple(rows[layer][index] for layer, index in names)
        size = tuple(alike or _stored(model, name) for name in names)
        yield Case(limits, below, layers, slices, names, weight, worth, score, size)


def _stored(model: Model, shard: Shard) -> Sizes:
    return {bits: stored_bytes(model, shard, bits) for bits in model.bitwidths}


Known = tuple[Importances, Mapping[int, float], Score]
"""Weight of each shard of the model, (L, S), worth by bitwidth, and the score of their sum."""


def _fidelity(model: Model) -> Callable[[tuple[int, ...], Rows], Known | None]:
    faithful: Mapping[int, float] | None = faithfulness(model)
    share = weights(model)
    if faithful is None:
        raise InputError(f"{model.name} gives no distortion, so plans have no fidelity to maximise")
    return lambda _layers, _slices: (share, faithful, float)


def _accuracy(model: Model) -> Callable[[tuple[int, ...], Rows], Known | None]:
    fitted = model.quality.fitted if model.quality else None
    if fitted is None:
        raise InputError(f"maximise: {model.name} has no measured accuracy; maximise fidelity, or give the model a"
                         " 'quality' file")  # fmt: skip
    spared: Mapping[int, float] = {bits: 0.0 if bits == FULL else -fitted.distortion[bits] for bits in model.bitwidths}

    def known(layers: tuple[int, ...], slices: Rows) -> Known | None:
        n, m = len(layers), len(slices[0])
        if fitted.covers(layers, slices, ((FULL,),)):
            return None
        rows = tuple((fitted.weight(layer, n) / m,) * m for layer in range(n))
        return rows, spared, lambda total: fitted.accuracy(n, m, max(-total, 0.0))

    return known
