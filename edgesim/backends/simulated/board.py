"""What all apps of a session share: the clock, the lanes of storage and processors, memory, and what is reported."""

from collections import Counter, deque
from collections.abc import Callable

from edgesim.backends.simulated.background import disturb
from edgesim.backends.simulated.chances import luck_of
from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.lanes import ProcessorLane, StorageLanes, User
from edgesim.backends.simulated.memory import DeviceMemory
from edgesim.backends.simulated.speed import speed_of
from edgesim.backends.simulated.storage import StorageServer
from edgesim.conditions import Conditions
from edgesim.device import Device
from edgesim.model import Model
from edgesim.pressure import sized
from edgesim.scatter import layer_scatter, read_scatter
from edgesim.session import Session
from edgesim.streams import stream
from edgesim.timeline import BESIDE, MEMORY, NO_LAYER, Span, Timeline


class Board:
    """A device in a session.

    An app that is alone on an undisturbed lane has that lane to itself, and pays no event for sharing it.

    Parameters
    ----------
    env
        The session's clock.
    device
        Its profile.
    session
        The first app's; it says how all share the device.
    """

    def __init__(self, env: Clock, device: Device, session: Session) -> None:
        self.env, self.device, self.shared = env, device, session.board
        self.outbox: deque[Timeline] = deque()
        self._lose: dict[str, Callable[[], None]] = {}
        self._conditions = session.board.conditions or Conditions()
        self._server = self._storage() if session.beside or self._conditions.disturb_storage else None
        used = Counter([session.processor, *(app.session.processor for app in session.beside)])
        self._memory = self._shared_memory()
        self._processors = {name: lane for name, n in used.items() if (lane := self._processor(name, n)) is not None}

    def user(self, model: Model, session: Session) -> User:
        """Return how an app uses the lanes."""
        conditions, shared, spread = self._conditions, self.shared, self.device.statistics
        jitter, layers = conditions.io_jitter, conditions.compute_jitter
        user = User(session.app, session.priority, processor=self._processors.get(session.processor))
        if self._server is not None:
            luck = luck_of(shared, jitter, f"io_jitter/{session.app}")
            user.storage = StorageLanes(self._server, self.device.storage, luck)
        if layers is not None:
            user.layer_luck = luck_of(shared, layers, f"compute_jitter/{session.app}")
            user.layer_scatter = layer_scatter(layers, spread, session.processor, model.geometry)
            user.unpacks_within = model.decoder is not None
        return user

    @property
    def free_bytes(self) -> int | None:
        """Free memory of the device [B]; None where it is not simulated."""
        return None if self._memory is None else self._memory.free_bytes

    def expect(self, app: str, lose: Callable[[], None]) -> None:
        """Tell what to call when an app is killed."""
        self._lose[app] = lose

    def hold(self, session: Session, model_bytes: int, *, in_front: bool, serving: bool) -> None:
        """Let an app hold so much for its model; others may be killed, and the app itself while it does not serve."""
        if self._memory is not None and self._conditions.memory is not None:
            process, app = session.process or self._conditions.memory.app, session.app
            adj = process.serving_adj if in_front else process.idle_adj
            self._memory.claim(app, process.base + model_bytes, adj, killable=not serving)

    def _shared_memory(self) -> DeviceMemory | None:
        pressure, shared, capacity = self._conditions.memory, self.shared, self.device.memory
        if pressure is None:
            return None
        seed = shared.seed if pressure.seed is None else pressure.seed
        generator = stream(seed, shared.replication, "memory/others")
        known = sized(pressure, capacity.capacity if capacity else None)
        return DeviceMemory(self.env, known, generator, lambda app: self._lose[app](), self._happens)

    def _happens(self, what: str, name: str, n_bytes: int) -> None:
        now = self.env.now
        self._note(Span(BESIDE, name, MEMORY, what, NO_LAYER, now, now, n_bytes))

    def _storage(self) -> StorageServer:
        jitter, storage = self._conditions.io_jitter, self.device.storage
        scatter = None if jitter is None else read_scatter(jitter, self.device.statistics)
        server = StorageServer(self.env, storage.lanes, self.shared.sharing.storage, scatter)
        disturb(server, storage, self.shared, self._note)
        return server

    def _processor(self, name: str, users: int) -> ProcessorLane | None:
        speed = speed_of(self.shared, self.device, name)
        if users == 1 and speed is None and self._conditions.compute_jitter is None:
            return None
        return ProcessorLane(self.env, self.shared.sharing.processor, speed)

    def _note(self, span: Span) -> None:
        self.outbox.append(Timeline((), (span,)))
