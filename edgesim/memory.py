"""Timeline -> bytes of each buffer over time."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from edgesim.cost import bits_of, decompress_ns, stored_bytes
from edgesim.device import Device
from edgesim.model import FULL, Model
from edgesim.plans import Plan, Shard
from edgesim.scenario import Scenario
from edgesim.timeline import Request, Span, Timeline
from edgesim.work import Work
from edgesim.works import works_of

_PRELOAD, _LOAD, _WORKING = range(3)


class MemoryStep(NamedTuple):
    """Bytes of each buffer from a moment on, apart from what the model always holds."""

    time_ns: int
    preload_bytes: int
    load_buffer_bytes: int
    working_bytes: int


def kept_bytes(plan: Plan, model: Model, shards: Iterable[Shard]) -> int:
    """Compressed size of some of a plan's shards [B]."""
    bits = bits_of(plan)
    return sum(stored_bytes(model, shard, bits[shard]) for shard in shards)


def working_bytes(plan: Plan, model: Model, device: Device, processor: str) -> list[int]:
    """Decompressed weights and activations of each executed layer [B].

    FP32 shards are executed where they were read, unless the profile gives 32 bits a decompression time: it is that of
    copying them beside the others, so that a layer's matrices lie together. Decoders use weights as they are stored.
    """
    if model.decoder is not None:
        return [model.activation_bytes] * len(plan.layers)
    copied = decompress_ns(device, processor, model, FULL) > 0
    weights = 4 * model.parameters_per_shard
    return [weights * sum(copied or bits != FULL for bits in row) + model.activation_bytes for row in plan.bitwidths]


def routes(model: Model) -> bool:
    """Return whether what a model reads depends on where a router sends its tokens: it is a mixture of experts."""
    return model.decoder is not None and model.decoder.experts is not None


def memory_steps(spans: Sequence[Span], work: Work, working: Sequence[int], held_bytes: int) -> list[MemoryStep]:
    """Return the bytes of each buffer over one inference.

    Parameters
    ----------
    spans
        What happened, loads in the order of `work.loads`.
    work
        What the inference had to do.
    working
        Working bytes of each layer (n,), from `working_bytes`.
    held_bytes
        Compressed shards in the preload buffer when the inference starts [B].

    Returns
    -------
    list of MemoryStep
        One for each change, what is freed before what is reserved at the same moment. A load reserves its room when
        it is issued; a layer frees what it used when it has finished.
    """
    level = [held_bytes, 0, 0]
    steps = []
    for time, change, buffer in sorted(_changes(spans, work, working)):
        level[buffer] += change
        steps.append(MemoryStep(time, *level))
    return steps


def _changes(spans: Sequence[Span], work: Work, working: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield when, by how much and in which buffer the bytes change."""
    layers = {layer: index for index, layer in enumerate(_executed(spans))}
    rows = zip(work.loads, work.buffer_bytes, strict=True)
    reads = iter([(load, n_bytes) for load, n_bytes in rows if load.shards])
    opened: set[int] = set()
    for span in spans:
        if span.kind == "load":
            load, buffered = next(reads)
            yield span.start_ns, buffered, _LOAD
            yield span.start_ns, load.bytes - buffered, _PRELOAD
        elif span.kind in ("decompress", "compute"):
            layer = layers[span.layer]
            if layer not in opened:
                opened.add(layer)
                yield span.start_ns, working[layer], _WORKING
            if span.kind == "compute":
                yield span.end_ns, -working[layer], _WORKING
                yield span.end_ns, -work.freed_bytes[layer], _LOAD


def _executed(spans: Sequence[Span]) -> list[int]:
    return sorted(span.layer for span in spans if span.kind == "compute")


def session_memory(timeline: Timeline, plans: Sequence[Plan], scenario: Scenario) -> list[MemoryStep]:
    """Return the bytes of each buffer over all inferences whose spans a timeline kept; see `memory_steps`."""
    ledger = Ledger(plans, scenario)
    requests = {request.number: request for request in timeline.requests}
    own = (span for span in timeline.spans if span.request in requests)
    steps: list[MemoryStep] = []
    for number, spans in groupby(own, key=lambda span: span.request):
        request = requests[number]
        steps.append(MemoryStep(request.start_ns, ledger.held_bytes(request), 0, 0))
        steps += ledger.steps(tuple(spans), request)
    return steps


class Ledger:
    """The buffers of one app, inference by inference.

    Parameters
    ----------
    plans
        The app's plans, as `Request.plan` counts them.
    scenario
        What they are executed for.
    """

    def __init__(self, plans: Sequence[Plan], scenario: Scenario) -> None:
        self.works, self._model = works_of(plans, scenario), scenario.model
        self._start = scenario.session.start
        self._working = [working_bytes(plan, scenario.model, scenario.device, scenario.processor) for plan in plans]
        self._routes = routes(scenario.model)
        self._held: dict[tuple[int, tuple[Shard, ...]], int] = {}

    def held_bytes(self, request: Request) -> int:
        """Return what the preload buffer held when an inference started [B]; of a cache of experts what it may hold."""
        found, plan = self.works.found(request, self._start), self.works.plans[request.plan]
        return self._bytes_of(request.plan, tuple({*plan.preload, *plan.retain}) if self._routes else found)

    def steps(self, spans: Sequence[Span], request: Request) -> list[MemoryStep]:
        """Return the bytes of each buffer over one inference, or over all passes of one reply."""
        working, held = self._working[request.plan], self.held_bytes(request)
        if self._routes:
            return expert_steps(spans, working[0], held)
        work = self.works.done_by(request, self._start)
        if not request.token_ns:
            return memory_steps(spans, work, working, held)
        retain, found = self.works.plans[request.plan].retain, list[MemoryStep]()
        for _, part in groupby(spans, key=lambda span: bisect_right(request.token_ns, span.start_ns)):
            found += memory_steps(tuple(part), work, working, held)
            work, held = self.works.of(request.plan, retain), self._bytes_of(request.plan, retain)
        return found

    def _bytes_of(self, plan: int, shards: tuple[Shard, ...]) -> int:
        key = plan, shards
        if key not in self._held:
            self._held[key] = kept_bytes(self.works.plans[plan], self._model, shards)
        return self._held[key]


def expert_steps(spans: Sequence[Span], working_bytes: int, held_bytes: int) -> list[MemoryStep]:
    """Return the bytes of each buffer over a reply of a mixture of experts.

    What is read goes through the load buffer until its layer has finished; the cache of experts keeps its size.
    """
    level, found, waiting = [held_bytes, 0, 0], list[MemoryStep](), Counter[int]()
    changes: list[tuple[int, int, int]] = []
    for span in spans:
        if span.kind == "load":
            waiting[span.layer] += span.bytes
            changes.append((span.start_ns, span.bytes, _LOAD))
        elif span.kind == "compute":
            changes += [(span.start_ns, working_bytes, _WORKING), (span.end_ns, -working_bytes, _WORKING)]
            changes.append((span.end_ns, -waiting.pop(span.layer, 0), _LOAD))
    for time, change, buffer in sorted(changes):
        level[buffer] += change
        found.append(MemoryStep(time, *level))
    return found
