"""What a backend is to do with plans: for which apps, how they share the device, and what changes meanwhile."""

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from edgesim.document import Document
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.timeline import APP
from edgesim.units import Bytes, Nanoseconds

if TYPE_CHECKING:
    from edgesim.conditions import Conditions
    from edgesim.pressure import AppProcess
    from edgesim.tokens import Generation
    from edgesim.workload import Workload

Policy = Literal["fifo", "priority"]


class Sharing(Document):
    """Who is served first where apps wait for the same lane.

    A read in service and a layer in execution are always finished: nothing is preempted. An app whose layer
    has ended and whose next is ready goes on before anyone less urgent; a next read is asked for when the one before
    has been answered, and by then the storage serves who has waited.
    """

    storage: Policy = "fifo"
    """Who reads first: who has waited longest (`fifo`), or the app of highest `priority`, among equals who has waited
    longest."""
    processor: Policy = "fifo"
    """Who computes first, in the same way."""


class Change(Document):
    """From some moment on, another target or another preload buffer."""

    at: Annotated[Nanoseconds, Field(examples=["2 h"])]
    """When it changes, from the start of the session."""
    target_latency: Annotated[Nanoseconds, Field(gt=0)] | None = None
    """The target from then on; by default as before."""
    preload_buffer: Bytes | None = None
    """The preload buffer from then on, by default as before; it needs `replan: true`."""

    @model_validator(mode="after")
    def _changes_something(self) -> "Change":
        if self.target_latency is None and self.preload_buffer is None:
            raise ValueError("changes nothing; give 'target_latency' or 'preload_buffer'")
        return self


class Trim(Document):
    """While the device has less free memory, the app keeps a smaller preload buffer.

    As Android asks of apps (``onTrimMemory``). It needs `conditions.memory`, and a plan for the smaller buffer.
    """

    free_below: Annotated[Bytes, Field(examples=["200 MB"])]
    """While less memory is free than this."""
    preload_buffer: Bytes
    """The smaller preload buffer."""


class State(NamedTuple):
    """What a plan is made for, of all that may change: the target and the preload buffer."""

    target_latency_ns: int
    """The target [ns]."""
    preload_bytes: int
    """The preload buffer [B]."""


class Plans(NamedTuple):
    """The plans of one app, made beforehand; the backend looks up the one that applies."""

    plans: tuple[Plan, ...]
    """`plans[c]` applies from `from_ns[c]` on."""
    from_ns: tuple[int, ...] = (0,)
    """From when on each applies [ns]."""
    trimmed: tuple[Plan, ...] = ()
    """`trimmed[c]` applies in place of `plans[c]` while free memory is short."""
    trim_below_bytes: int = 0
    """How much is short [B]."""


class Board(NamedTuple):
    """What all apps of a session share: how, what disturbs it, and where chance comes from."""

    sharing: Sharing = Sharing()
    """Who is served first where apps wait."""
    conditions: "Conditions | None" = None
    """What disturbs; None is nothing."""
    seed: int = 0
    """What everything is drawn from."""
    replication: int = 0
    """Another number gives other draws."""


class Session(NamedTuple):
    """What a backend is to do with an app's plan. It never sees the target."""

    processor: str
    """Which processor computes."""
    load_buffer_bytes: int | None
    """Room for compressed shards that are read but not executed yet [B]; None is unlimited."""
    inferences: int | None
    """So many, each asked for when the one before has been answered; None is as the `workload` asks."""
    start: Literal["warm", "cold"]
    """Whether the preload buffer is full before the first inference."""
    app: str = APP
    """Whose plan it is."""
    workload: "Workload | None" = None
    """Who asks when, where `inferences` does not say it."""
    priority: int = 0
    """Who goes first where the device is shared by priority: the higher one."""
    process: "AppProcess | None" = None
    """How the system sees the app when memory is short."""
    generation: "Generation | None" = None
    """How long prompts and replies are; None generates nothing."""
    plans: Plans | None = None
    """Further plans to look up."""
    beside: "tuple[Beside, ...]" = ()
    """The other apps on the device, with their models and sessions."""
    board: Board = Board()
    """What all apps share."""

    @property
    def is_plain(self) -> bool:
        """Whether one plan of one app is executed, one inference after the other, and nothing disturbs it."""
        others = self.workload, self.generation, self.plans, self.board.conditions
        return self.inferences is not None and not self.beside and all(each is None for each in others)


class Beside(NamedTuple):
    """Another app on the same device."""

    plan: Plan
    """Its first plan."""
    model: Model
    """Its model."""
    session: Session
    """What is to be done with them."""
