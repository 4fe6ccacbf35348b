"""What plans read and execute -> jobs: priced on one device, all at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgesim.batch.jobs import UNKNOWN, UNLIMITED, Jobs
from edgesim.busy import FULL_SPEED, READ
from edgesim.cost import wakes_ns
from edgesim.device import Device
from edgesim.energy import powers
from edgesim.planners.many.laid_out import Layout, laid_out
from edgesim.planners.many.layers import BY_LAYER, Executed, Submodels
from edgesim.planners.many.pieces import Pieces, Reads, added
from edgesim.planners.streamed import Streamed

if TYPE_CHECKING:
    from edgesim.batch.jobs import Integers


@dataclass(frozen=True, slots=True)
class Bench:
    """What prices plans in short, of some submodels on one device."""

    submodels: Submodels
    pieces: Pieces
    executed: Executed
    reads: Reads
    device: Device
    processor: str

    def laid_out(self, candidates: Sequence[Streamed]) -> Layout:
        """Return plans as arrays; see `laid_out`."""
        return laid_out(candidates, self.submodels, self.pieces)

    def jobs(self, layout: Layout) -> Jobs:
        """Price N plans for a warm start with an unlimited load buffer; see `edgesim.batch.pricing.job_of`.

        Raises
        ------
        OverflowError
            If a time is too long for sums of 64 bits.
        """
        every, most = layout.serves.shape[0], layout.serves.shape[2]
        submodels, place = self.submodels, layout.submodel
        return Jobs(
            loads=layout.loads,
            layers=submodels.n[place],
            lanes=layout.lanes,
            load_ns=_load_ns(layout, self.reads, wakes_ns(self.device.storage)),
            load_bytes=layout.load_bytes,
            buffer_bytes=layout.load_bytes,
            serves=layout.serves,
            after=layout.after,
            freed_bytes=layout.freed_bytes,
            overlap=np.full(every, self.executed.overlap),
            held_bytes=layout.held_bytes,
            kept_bytes=layout.held_bytes,
            fill_ns=added((every,), layout.filled[:1], self.reads.ns(1)[layout.filled[1]]),
            fidelity=submodels.fidelity[place],
            accuracy=submodels.accuracy[place],
            **{name: getattr(self.executed, name)[place, :most] for name in BY_LAYER},
            **{name: np.full(every, number, np.int64) for name, number in self._single().items()},
        )

    def _single(self) -> dict[str, int]:
        """Return what all plans have in common."""
        power = powers(self.device, self.processor)
        return {
            "hand_off_ns": self.executed.hand_off_ns,
            "room_bytes": UNLIMITED,
            "resident_bytes": sum(self.submodels.model.resident_bytes.values.values()),
            "read_mw": power.get(READ, UNKNOWN),
            "compute_mw": power.get(FULL_SPEED, UNKNOWN),
        }


def _load_ns(layout: Layout, reads: Reads, wakes_ns: int) -> "Integers":
    """Return the time of each load at each depth that its plan has lanes for, (N, d, K); the first wakes storage."""
    plans, loads = layout.load_bytes.shape
    lanes = int(layout.lanes.max())
    found = np.zeros((plans, lanes, loads), np.int64)
    plan, load, piece = layout.read
    for depth in range(1, lanes + 1):
        deep = layout.lanes[plan] >= depth
        where = plan[deep], load[deep]
        found[:, depth - 1] = added((plans, loads), where, reads.ns(depth)[piece[deep]])
    if loads:
        reached = np.arange(lanes) < layout.lanes[:, None]
        found[:, :, 0] += np.where(reached & (layout.loads[:, None] > 0), wakes_ns, 0)
    return found
