"""Run plans on this machine: the loader, the processor, and one inference after another."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Literal

from edgesim.backends.real.control import clear, notes
from edgesim.backends.real.executor import Executor, Prepared, prepare
from edgesim.backends.real.jobs import inference
from edgesim.backends.real.link import Link, LoaderSetup
from edgesim.backends.real.notes import LayerNotes, spans
from edgesim.backends.real.preload import fill
from edgesim.backends.real.process_link import ProcessLink
from edgesim.backends.real.processor import Activations, Processor
from edgesim.backends.real.quiet import computing_threads, no_collection
from edgesim.backends.real.shared import Shared
from edgesim.backends.real.thread_link import ThreadLink
from edgesim.device import Storage
from edgesim.errors import ExecutionError
from edgesim.host.disturbance import Disturbance, disturbance, snapshot
from edgesim.host.placement import choose_cpus, placed
from edgesim.model import Model
from edgesim.nets.extra import needs_extra
from edgesim.plans import Plan
from edgesim.session import Session
from edgesim.shards.match import check_same
from edgesim.shards.store import Store
from edgesim.timeline import Request, Timeline
from edgesim.work import traffic

_NOT_PLAIN = (
    "the real backend executes the inferences of one app, one after the other, on a device that nothing disturbs;"
    " leave out apps, conditions, replan, generation and other workloads, or simulate the scenario"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to execute: past the page cache, with which loader, with which priority, on how many threads."""

    direct: bool = True
    loader: Literal["process", "thread"] = "process"
    realtime: bool = True
    threads: int = 1


class Engine:
    """Executes plans of one store's model; a context manager that leaves neither process nor memory behind.

    Parameters
    ----------
    store
        Where the shards are.
    processor
        ``cpu`` or ``cuda``, or what is to decompress and compute.
    settings
        How to execute.
    tokens
        Length of the text that is executed.

    Raises
    ------
    InputError, ExecutionError
        If the processor is not to be had here, or the store cannot be read.

    Attributes
    ----------
    facts : dict
        What was granted: direct reads, CPUs, priorities, and why not what was asked for.
    overruns : int
        Reads of the last inference that took longer than on the storage that was to be emulated.
    arena_bytes : int
        Memory that the compressed shards of the last inference took, with what lay idle between them [B].
    disturbance : Disturbance or None
        What kept the last inference from running.
    """

    def __init__(
        self, store: Store, processor: str | Processor = "cpu", settings: Settings | None = None, tokens: int = 128
    ) -> None:  # fmt: skip
        self.store, self.settings = store, settings or Settings()
        self.facts: dict[str, object] = {}
        self.overruns = self.arena_bytes = 0
        self.disturbance: Disturbance | None = None
        self._number = 0
        cpus = choose_cpus() if self.settings.threads == 1 and self.settings.loader == "process" else None
        self._cpu: int | None
        self._cpu, loader_cpu = cpus or (None, None)
        with computing_threads(self.settings.threads):
            self.work = _made(processor, store, tokens) if isinstance(processor, str) else processor
            self.work.warm_up()
        files = [store.folder / name for name in store.manifest.layer_files]
        setup = LoaderSetup(files, self.settings.direct, loader_cpu, self.settings.realtime, spins=cpus is not None)
        self.shared = Shared(*_sizes(store))
        with ExitStack() as failed:
            failed.callback(self.shared.close)
            make_link = ProcessLink if self.settings.loader == "process" else ThreadLink
            self.link: Link = make_link(self.shared, setup)
            failed.pop_all()
        self.facts |= {"page_bytes": self.shared.memory.page_bytes} | dict(self.link.facts)
        self._executor = Executor(self.shared.words, self.work, self.link, setup.spins)

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the loader and give the shared memory back; once more does nothing."""
        self.link.close()
        self.shared.close()

    def output(self) -> Activations:
        """Return the last layer's output of the last inference, (T, H)."""
        return self.work.output()

    def run(self, plan: Plan, model: Model, session: Session, emulated: Storage | None = None) -> Iterator[Timeline]:
        """Execute a legal plan.

        Parameters
        ----------
        plan, model
            What to execute; the model has the store's records.
        session
            Load buffer, number of inferences and how the first one starts.
        emulated
            Storage whose times the reads are to take; None for their own.

        Yields
        ------
        Timeline
            One for each inference; times count from the start of the first one.

        Raises
        ------
        InputError
            If the store is not the model's, or a shard is missing or damaged.
        ExecutionError
            If the loader failed. After an inference that did not end, whatever the reason, the engine is closed.
        ValueError
            If the engine is closed.
        """
        if self.shared.closed:
            raise ValueError("the engine is closed; make another")
        if not session.is_plain or session.inferences is None:
            raise ExecutionError(_NOT_PLAIN)
        check_same(model, self.store)
        resident = plan.preload if session.start == "warm" else ()
        began = 0
        for number in range(session.inferences):
            moved = traffic(plan, model, plan.retain if number else resident)
            ready = prepare(inference(plan, model, moved, session.load_buffer_bytes), emulated, self.shared.arena)
            if number == 0:
                fill(self.shared.arena, self.store, self.settings.direct, (plan, model, resident))
            timeline, began = self._inference(ready, number, began)
            yield timeline

    def _inference(self, ready: Prepared, number: int, began_ns: int) -> tuple[Timeline, int]:
        loads = len(ready.job.steps)
        clear(self.shared.words, loads)
        self._number += 1
        try:
            start, layers = self._undisturbed(ready)
            self.overruns = self.link.end()
        except BaseException:
            self.close()  # nobody must wait for what does not come
            raise
        self.arena_bytes = ready.arena_bytes
        began = began_ns or start
        kept = spans((number, began), ready.plan, ready.traffic, notes(self.shared.words, loads), layers)
        request = Request(start - began, start - began, layers[-1].computed_ns - began, number=number)
        return Timeline((request,), kept), began

    def _undisturbed(self, ready: Prepared) -> tuple[int, list[LayerNotes]]:
        """Keep the collector, other threads and, as far as it is permitted, other processes away."""
        realtime = self.settings.realtime and self._cpu is not None
        with no_collection(), computing_threads(self.settings.threads), placed(self._cpu, realtime) as placement:
            self.facts["executor"] = asdict(placement)
            self.link.begin(
                ready.job, self._number
            )  # from now on a waiting loader would keep other threads off its CPU
            watched = [threading.get_native_id(), *self.link.threads()]
            before = snapshot(watched)
            found = self._executor.run(ready, self._number)
            self.disturbance = disturbance(before, snapshot(watched))
        return found


def _made(processor: str, store: Store, tokens: int) -> Processor:
    with needs_extra("torch"):
        from edgesim.backends.real.torch_processors import make_processor
    return make_processor(processor, store, tokens)


def _sizes(store: Store) -> tuple[int, int]:
    """Return the most loads an inference may have, and the most bytes of shards."""
    shape, placed = store.manifest.architecture, store.records.placed
    largest: dict[tuple[int, int], int] = {}
    for (layer, shard, _), (_, size) in placed.items():
        largest[layer, shard] = max(size, largest.get((layer, shard), 0))
    return shape.layers * shape.heads, sum(largest.values())
