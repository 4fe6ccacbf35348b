"""Why WRX has no plan: in the same words, whether one case is planned or many."""

from edgesim.errors import InfeasibleError
from edgesim.units import show_bytes, show_ns


def too_slow(n: int, m: int, time_ns: int, target_ns: int) -> InfeasibleError:
    """Say that not even the smallest submodel can be computed in time."""
    return InfeasibleError(f"computing the smallest submodel, {n} x {m}, takes {show_ns(time_ns)}: the target of"
                           f" {show_ns(target_ns)} is short by {show_ns(time_ns - target_ns)}")  # fmt: skip


def unread(n: int, m: int, bits: int, why: str) -> InfeasibleError:
    """Say that not even the smallest submodel can be read in time at the lowest bitwidth."""
    return InfeasibleError(f"even {n} x {m} shards at {bits} bits {why}")


def unpaid(layer: int, short_ns: int) -> str:
    """Say which layer's IO budget is short."""
    return f"cannot be read in time: the IO budget of layer {layer} is short by {show_ns(short_ns)}"


def too_large(needed_bytes: int, room_bytes: int) -> str:
    """Say that one request needs more than the load buffer."""
    return f"need {show_bytes(needed_bytes)} for one request, the load buffer has room for {show_bytes(room_bytes)}"


def too_late(over_ns: int) -> str:
    """Say that the recurrence ends after the target, though the budgets are valid."""
    return f"end {show_ns(over_ns)} after the target, waiting for these requests and for room"
