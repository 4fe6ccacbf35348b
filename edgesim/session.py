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

    at: Nanoseconds
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

    free_below: Bytes
    """While less memory is free than this."""
    preload_buffer: Bytes
    """The smaller preload buffer."""


class State(NamedTuple):
    """What a plan is made for, of all that may change: the target and the preload buffer."""

    target_latency_ns: int
    preload_bytes: int


class Plans(NamedTuple):
    """The plans of one app, made beforehand; the backend looks up the one that applies.

    `plans[c]` applies from `from_ns[c]` on, `trimmed[c]` instead of it while free memory is below `trim_below_bytes`.
    """

    plans: tuple[Plan, ...]
    from_ns: tuple[int, ...] = (0,)
    trimmed: tuple[Plan, ...] = ()
    trim_below_bytes: int = 0


class Board(NamedTuple):
    """What all apps of a session share: how, what disturbs it, and where chance comes from."""

    sharing: Sharing = Sharing()
    conditions: "Conditions | None" = None
    seed: int = 0
    replication: int = 0


class Session(NamedTuple):
    """What a backend is to do with an app's plan. It never sees the target.

    With `inferences`, that many, each asked for when the one before has been answered; else as the `workload` asks.
    `plans` are further plans to look up, `beside` the other apps on the device, with their models and sessions.
    """

    processor: str
    load_buffer_bytes: int | None
    inferences: int | None
    start: Literal["warm", "cold"]
    app: str = APP
    workload: "Workload | None" = None
    priority: int = 0
    process: "AppProcess | None" = None
    generation: "Generation | None" = None
    plans: Plans | None = None
    beside: "tuple[Beside, ...]" = ()
    board: Board = Board()

    @property
    def is_plain(self) -> bool:
        """Whether one plan of one app is executed, one inference after the other, and nothing disturbs it."""
        others = self.workload, self.generation, self.plans, self.board.conditions
        return self.inferences is not None and not self.beside and all(each is None for each in others)


class Beside(NamedTuple):
    """Another app on the same device: its first plan, its model and what is to be done with them."""

    plan: Plan
    model: Model
    session: Session
