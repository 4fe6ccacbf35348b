"""When many pipelines of one load per layer end: `edgesim.recurrence.pipeline_ns` for arrays, layers first."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edgesim.batch.jobs import Integers

NEVER = 2**62
"""More than any time or size that is reckoned with."""


def ends_ns(
    load_ns: "Integers", busy_ns: "Integers", n_bytes: "Integers", room: "Integers", late_ns: "Integers | None"
) -> "Integers":
    """Return when each of R inferences ends [ns], (R,); `NEVER` where one load exceeds the load buffer.

    Parameters
    ----------
    load_ns, n_bytes
        Time and bytes of each layer's load, 0 for none, (n, R).
    busy_ns
        Time of each layer, 0 behind an inference's last one, (n, R).
    room
        Room of the load buffer [B], (R,).
    late_ns
        Time of each layer that had to wait, its hand-off included, (n, R); None where that is `busy_ns`.
    """
    layers, count = load_ns.shape
    finish = np.zeros((layers + 1, count), np.int64)  # the first row is the beginning
    flat, waits_for = finish.reshape(-1), _waits_for(n_bytes, room) * count + np.arange(count)
    loaded, computed = np.zeros((2, count), np.int64)
    for layer in range(layers):
        np.maximum(loaded, flat[waits_for[layer]], out=loaded)
        loaded += load_ns[layer]
        busy = busy_ns[layer] if late_ns is None else np.where(loaded > computed, late_ns[layer], busy_ns[layer])
        np.maximum(computed, loaded, out=computed)
        computed += busy
        finish[layer + 1] = computed
    return np.where(n_bytes.max(axis=0) > room, NEVER, computed)


def _waits_for(n_bytes: "Integers", room: "Integers") -> "Integers":
    """Return how many layers must have finished before each load has room, (n, R)."""
    filled = np.cumsum(n_bytes, axis=0)
    over = filled - room
    waits: Integers = (filled < over[:, None]).sum(axis=1) + (over > 0)
    return waits
