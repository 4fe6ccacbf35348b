"""What the passes of one reply cost, each kind priced once."""

from dataclasses import replace
from typing import Any, NamedTuple

from edgesim.cost import compute_ns
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan, Shard
from edgesim.roofline import Span, at_tokens, layer_cost, measured_times
from edgesim.work import Work, price

_MOST_KNOWN = 64  # prompts differ in length from reply to reply


class Setup(NamedTuple):
    """What answers on what: the device is the profile's own, not one that plans are made for."""

    model: Model
    device: Device
    processor: str


class Pricing:
    """Prices passes of a plan.

    Parameters
    ----------
    plan
        What is executed.
    setup
        On what.
    """

    def __init__(self, plan: Plan, setup: Setup) -> None:
        self.plan, self.setup = plan, setup
        self._known: dict[tuple[int, bool, frozenset[Shard]], Work] = {}
        self._devices: dict[tuple[int, bool], Device] = {}

    def device(self, span: Span) -> Device:
        """Return a device with the times of a pass of so many tokens after none.

        Storage and processor wake once for each reply: a pass that is not the first finds them awake.
        """
        key = span.tokens, span.past > 0
        if key not in self._devices:
            _make_room(self._devices)
            device = at_tokens(self.setup.device, self.setup.processor, self.setup.model, Span(span.tokens, 0))
            self._devices[key] = _awake(device, self.setup.processor) if span.past else device
        return self._devices[key]

    def work(self, span: Span, resident: frozenset[Shard]) -> Work:
        """Return what a pass of all of the plan's shards does that finds some of them resident."""
        key = span.tokens, span.past > 0, resident
        if key not in self._known:
            _make_room(self._known)
            device = self.device(span)
            self._known[key] = price(self.plan, self.setup.model, device, self.setup.processor, resident)
        work = self._known[key]
        compute = self.compute_ns(span, work.decompress_ns)
        return work if compute is None else replace(work, compute_ns=compute, compute_after_wait_ns=compute)

    def compute_ns(self, span: Span, unpacking_ns: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return what each layer computes beyond reading its weights [ns], (n,); None where it was measured."""
        model, device, processor = self.setup
        roofline = device.processors[processor].roofline
        if roofline is None or measured_times(device, processor, model, span.tokens):
            return None
        flop, other = layer_cost(model, roofline, span)
        return tuple([max(1, max(0, flop - unpacking) + other) for unpacking in unpacking_ns])

    def measured_ns(self, span: Span) -> int:
        """Return what a whole layer computes [ns], where that was measured."""
        return compute_ns(self.device(span), self.setup.processor, self.setup.model)[self.setup.model.shards_per_layer]


def _make_room(known: dict[Any, Any]) -> None:
    if len(known) >= _MOST_KNOWN:
        known.clear()


def _awake(device: Device, processor: str) -> Device:
    awake = device.processors[processor].model_copy(update={"start_up": None})
    storage = device.storage.model_copy(update={"start_up": None})
    return device.model_copy(update={"storage": storage, "processors": device.processors | {processor: awake}})
