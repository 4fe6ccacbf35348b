"""What of a device and a budget is the same for all submodels of a model."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgesim.cost import compute_ns, decompress_ns, layers_differ, overlaps, start_up_ns, wakes_ns
from edgesim.device import Device, Storage
from edgesim.model import Model
from edgesim.scenario import Budget


@dataclass(frozen=True, slots=True)
class Machine:
    """Times in nanoseconds, of layers by their number of shards, and of decompressing a shard by its bitwidth.

    `ahead`: decompression has a lane of its own. `layers_differ`: some layers take longer than others of as many
    shards, the first one or those that had to wait.
    """

    budget: Budget
    storage: Storage
    compute_ns: Mapping[int, int]
    unpack_ns: Mapping[int, int]
    ahead: bool
    start_up_ns: int
    wakes_ns: int
    layers_differ: bool

    def least_ns(self, n: int, m: int) -> int:
        """Return the least time that the executor needs for n layers of m shards."""
        unpack = 0 if self.ahead else m * min(self.unpack_ns.values())
        return self.start_up_ns + n * (self.compute_ns[m] + unpack)


def machine(model: Model, device: Device, budget: Budget) -> Machine:
    """Return what a device and a budget are for a model."""
    processor = budget.processor
    return Machine(
        budget=budget,
        storage=device.storage,
        compute_ns=compute_ns(device, processor, model),
        unpack_ns={bits: decompress_ns(device, processor, model, bits) for bits in model.bitwidths},
        ahead=overlaps(device, processor, model),
        start_up_ns=start_up_ns(device, processor),
        wakes_ns=wakes_ns(device.storage),
        layers_differ=layers_differ(device, processor, model),
    )
