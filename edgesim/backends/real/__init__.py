"""The real backend: the same plan on this machine, with real reads, real layers and one monotonic clock.

A loader in a process of its own reads shards from flash into shared memory; the executor, in this process, decompresses
and computes the layers. What is read, where it goes and what must have finished before is decided before the clock
starts (`jobs`); both sides note the time of everything they do (`control`), and the notes become a `Timeline`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.session import Session

if TYPE_CHECKING:
    from edgesim.timeline import Timeline


def execute(  # noqa: PLR0913  (all but four are keyword-only options)
    plan: Plan,
    model: Model,
    device: Device,
    session: Session,
    *,
    store: str,
    emulate: bool = False,
    direct: bool = True,
    loader: Literal["process", "thread"] = "process",
    realtime: bool = True,
) -> "Iterator[Timeline]":
    """Execute a legal plan on this machine.

    Parameters
    ----------
    plan, model, device, session
        As every backend takes them; of the device only the storage matters, and only to emulate it.
    store
        Folder of the shard store whose records the model has.
    emulate
        Make every read last as long as on the device's storage, on an absolute schedule.
    direct
        Read past the page cache (O_DIRECT) where the file system can.
    loader
        In a process of its own, or as a thread of this one.
    realtime
        Ask for real-time priority; without permission it goes on without.

    Yields
    ------
    Timeline
        One for each inference, as soon as it has finished.

    Raises
    ------
    InputError
        If the store is not the model's, or a shard in it is damaged.
    ExecutionError
        If the plan could not be executed here.
    """
    from pathlib import Path

    from edgesim.backends.real.engine import Engine, Settings
    from edgesim.shards.store import open_store

    settings = Settings(direct=direct, loader=loader, realtime=realtime)
    with Engine(open_store(Path(store)), session.processor, settings, model.geometry.seq_len) as engine:
        yield from engine.run(plan, model, session, device.storage if emulate else None)
