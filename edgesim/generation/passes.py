"""The works of one reply: the pass over the prompt, then one for each further token."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from edgesim.generation.experts import ExpertWorks
from edgesim.generation.pricing import Pricing, Setup
from edgesim.plans import Plan, Shard
from edgesim.roofline import Span, decoder_of, kv_bytes
from edgesim.tokens import Generation, drawn
from edgesim.work import Work

if TYPE_CHECKING:
    import numpy as np


class Passes(Iterator[Work]):
    """The works of one reply in order; the n-th of them ends when the n-th token is there.

    Parameters
    ----------
    pricing
        What passes cost. It may be kept for further replies of the same plan: what was priced is known then.
    generation
        Lengths of prompt and reply.
    resident
        Shards in the preload buffer when the first pass starts.
    random
        Where chance comes from: two numbers for the lengths, then those of the router.

    Raises
    ------
    ValueError
        If prompt and reply exceed the model's context, or the device has no time for something the plan does.
    """

    def __init__(
        self, pricing: Pricing, generation: Generation, resident: Iterable[Shard], random: "np.random.Generator"
    ) -> None:
        self.lengths = drawn(generation, random)
        self._pricing, decoder = pricing, decoder_of(pricing.setup.model)
        if sum(self.lengths) > decoder.context:
            raise ValueError(f"{pricing.setup.model.name} takes {decoder.context} tokens, got {sum(self.lengths)}")
        self._resident, self._retained = frozenset(resident), frozenset(pricing.plan.retain)
        self._experts = ExpertWorks(pricing, generation, resident, random) if decoder.experts else None
        self.started = 0

    def __next__(self) -> Work:
        if self.started == self.lengths.tokens:
            raise StopIteration
        before, self.started = self.started, self.started + 1
        span = Span(1, self.lengths.prompt + before - 1) if before else Span(self.lengths.prompt, 0)
        if self._experts:
            return self._experts.work(span)
        work = self._pricing.work(span, self._resident)
        self._resident = self._retained
        return work

    @property
    def resident(self) -> tuple[Shard, ...]:
        """What is in the preload buffer when the passes that were handed out have ended.

        Of a cache of experts, the least recently used first: it may be handed to the next reply.
        """
        return tuple(self._experts.cache.held()) if self._experts else tuple(sorted(self._resident))

    @property
    def kv_bytes(self) -> int:
        """Size of the attention cache when they have ended [B]."""
        tokens = self.lengths.prompt + self.started - 1 if self.started else 0
        return kv_bytes(self._pricing.setup.model, tokens)


def passes(
    plan: Plan, setup: Setup, generation: Generation, resident: Iterable[Shard], random: "np.random.Generator"
) -> Passes:
    """Return the works of one reply, priced as they are asked for.

    Parameters
    ----------
    plan
        Made for the last token of the longest reply (`edgesim.roofline.planning_device`).
    setup
        Model, the profile's own device, and processor.
    generation
        Lengths of prompt and reply.
    resident
        Shards in the preload buffer when the first pass starts; later ones find what the plan retains, and of a
        mixture of experts what the cache holds.
    random
        Where chance comes from.
    """
    return Passes(Pricing(plan, setup), generation, tuple(resident), random)
