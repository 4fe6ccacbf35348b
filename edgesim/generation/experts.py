"""Passes of a mixture of experts: what is read depends on where the router sends each token."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from edgesim.cost import bits_of, decompress_ns, hand_off_ns, read_ns, sizes_of, wakes_ns
from edgesim.decoder import Experts
from edgesim.generation.caches import cache_of
from edgesim.generation.pricing import Pricing
from edgesim.generation.routing import Router
from edgesim.plans import Load, Plan, Shard
from edgesim.roofline import Span, measured_times, weights_ns
from edgesim.tokens import Generation
from edgesim.work import NEVER, Work

if TYPE_CHECKING:
    import numpy as np


class ExpertWorks:
    """Makes the works of the passes of one reply.

    A layer's experts are known when the layer before has finished: its loads are held back until then. With one lane
    they are one request, with several one for each expert; each expert is an extent of its own. What is read goes
    through the load buffer, and stays in the preload buffer as the cache decides.

    Parameters
    ----------
    pricing
        What passes cost.
    generation
        How experts are cached and routed.
    resident
        Experts in the preload buffer at first.
    random
        Where chance comes from.
    """

    def __init__(
        self, pricing: Pricing, generation: Generation, resident: Iterable[Shard], random: "np.random.Generator"
    ) -> None:
        plan, model = pricing.plan, pricing.setup.model
        self._pricing, self._bits = pricing, bits_of(plan)
        self._sizes = sizes_of(model, self._bits)
        self.cache = cache_of({*plan.preload, *plan.retain}, self._sizes, resident, generation.cache)
        experts = _experts_of(pricing)
        self._router = Router(experts, generation.routing or experts.routing, model.layers, random)
        self._reads: dict[tuple[int, int], int] = {}

    def work(self, span: Span) -> Work:
        """Return what the next pass does."""
        routes = self._router.tokens(span.tokens)
        layers = self._pricing.plan.layers
        missing = [self._missing(layer, routes[layer]) for layer in layers]
        loads, served = _loads(missing, self._sizes, self._pricing.plan)
        unpacking = self._unpacking_ns(routes, span)
        compute = self._pricing.compute_ns(span, unpacking) or (self._pricing.measured_ns(span),) * len(layers)
        freed = tuple(sum(self._sizes[shard] for shard in shards) for shards in missing)
        return Work(
            loads=loads,
            load_ns=tuple(self._loads_ns(loads, depth, span) for depth in range(1, self._pricing.plan.lanes + 1)),
            buffer_bytes=tuple(load.bytes for load in loads),
            load_layers=tuple((layer,) for layer in served),
            after=tuple(NEVER if load.after is None else load.after for load in loads),
            freed_bytes=freed,
            decompress_ns=unpacking,
            compute_ns=compute,
            decompress_after_wait_ns=unpacking,
            compute_after_wait_ns=compute,
            hand_off_ns=hand_off_ns(self._pricing.setup.device, self._pricing.setup.processor),
            overlap=False,
        )

    def _missing(self, layer: int, routed: Iterable[int]) -> list[Shard]:
        """Return those that are not there; those that are count as used first, so that no other takes their place."""
        shards = [(layer, expert) for expert in routed]
        missing = [shard for shard in shards if shard not in self.cache]
        for shard in sorted(shards, key=missing.__contains__):
            self.cache.use(shard)
        return missing

    def _unpacking_ns(self, routes: list[list[int]], span: Span) -> tuple[int, ...]:
        """Return what reading the experts of each layer from the main memory takes [ns], (n,)."""
        model, device, processor = self._pricing.setup
        roofline = device.processors[processor].roofline
        if roofline and measured_times(device, processor, model, span.tokens) is None:
            taken = weights_ns(model, roofline)
        else:
            timed = self._pricing.device(span)
            taken = {bits: decompress_ns(timed, processor, model, bits) for bits in set(self._bits.values())}
        layers = self._pricing.plan.layers
        return tuple(sum(taken[self._bits[layer, expert]] for expert in routes[layer]) for layer in layers)

    def _loads_ns(self, loads: Iterable[Load], depth: int, span: Span) -> tuple[int, ...]:
        storage = self._pricing.setup.device.storage
        times = [sum(self._read_ns(size, depth) for size in load.extents) for load in loads]
        if times and not span.past:
            times[0] += wakes_ns(storage)
        return tuple(times)

    def _read_ns(self, size: int, depth: int) -> int:
        if (size, depth) not in self._reads:
            self._reads[size, depth] = read_ns(size, self._pricing.setup.device.storage, depth)
        return self._reads[size, depth]


def _experts_of(pricing: Pricing) -> Experts:
    decoder = pricing.setup.model.decoder
    if decoder is None or decoder.experts is None:
        raise ValueError(f"{pricing.setup.model.name} is no mixture of experts")
    return decoder.experts


def _loads(missing: list[list[Shard]], sizes: dict[Shard, int], plan: Plan) -> tuple[tuple[Load, ...], list[int]]:
    """Return the loads of a pass, and the position of the layer that each serves."""
    loads, served = [], []
    for index, shards in enumerate(missing):
        parts = [shards] if plan.lanes == 1 else [[shard] for shard in shards]
        for part in (part for part in parts if part):
            extents = tuple(sizes[shard] for shard in part)
            loads.append(Load(tuple(part), sum(extents), extents, index - 1 if index else None))
            served.append(index)
    return tuple(loads), served
