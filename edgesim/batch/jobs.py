"""N single inferences as arrays: what a loader and an executor do in each, priced."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

UNLIMITED = -1
"""Stands for a load buffer without bounds."""
UNKNOWN = -1
"""Stands for a power that the profile does not have."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """N inferences, each on its own, padded to K loads, n layers and d lanes.

    What is behind an inference's own loads and layers is 0, False or `edgesim.work.NEVER`, and takes no time. Fields
    that are not explained are those of `edgesim.work.Work`, for all N.

    Parameters
    ----------
    loads, layers, lanes
        How many of each every inference has, (N,).
    load_ns
        Service time of each load by queue depth at its issue, (N, d, K).
    load_bytes, buffer_bytes
        What each load reads, and what of that goes to the load buffer [B], (N, K); the rest goes to the preload buffer.
    serves
        Whether a load brings shards of a layer, (N, K, n).
    after
        Position of the layer that each load is held back for, or `edgesim.work.NEVER`, (N, K).
    freed_bytes, working_bytes
        What each layer frees in the load buffer when it finishes, and what it takes while it is executed [B], (N, n).
    decompress_ns, compute_ns, decompress_after_wait_ns, compute_after_wait_ns
        Executor time of each layer, and the same of one that had to wait, (N, n).
    hand_off_ns, overlap
        (N,).
    room_bytes
        Room of the load buffer [B] or `UNLIMITED`, (N,); of a plan that ignores buffers `UNLIMITED`.
    held_bytes, kept_bytes
        What the preload buffer holds at the start, and the most that it holds between inferences [B], (N,).
    resident_bytes
        What the model always holds [B], (N,).
    fill_ns
        Time to fill the preload buffer before a warm start, (N,).
    read_mw, compute_mw
        Powers of storage and processor while they are busy [mW] or `UNKNOWN`, (N,).
    fidelity, accuracy
        Of the plan, NaN where unknown, (N,).
    """

    loads: "Integers"
    layers: "Integers"
    lanes: "Integers"
    load_ns: "Integers"
    load_bytes: "Integers"
    buffer_bytes: "Integers"
    serves: "Flags"
    after: "Integers"
    freed_bytes: "Integers"
    working_bytes: "Integers"
    decompress_ns: "Integers"
    compute_ns: "Integers"
    decompress_after_wait_ns: "Integers"
    compute_after_wait_ns: "Integers"
    hand_off_ns: "Integers"
    overlap: "Flags"
    room_bytes: "Integers"
    held_bytes: "Integers"
    kept_bytes: "Integers"
    resident_bytes: "Integers"
    fill_ns: "Integers"
    read_mw: "Integers"
    compute_mw: "Integers"
    fidelity: "Floats"
    accuracy: "Floats"

    def __len__(self) -> int:
        """Return N."""
        return len(self.loads)
