"""Whether what an app needs fits into the memory of its device."""

from edgesim.figures import Metrics
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.units import show_bytes


def too_large(result: Result, scenario: Scenario) -> str:
    """Say that the peak of an app's memory exceeds the device's; nothing where it fits, or that is unknown."""
    named = {result.scenario: result} | {each.scenario: each for each in result.beside}
    name, largest = max(named.items(), key=lambda one: one[1].metrics.peak_memory_bytes)
    capacity_bytes = exceeded_bytes(largest.metrics, scenario)
    if capacity_bytes is None:
        return ""
    who, peak = name if result.beside else "it", show_bytes(largest.metrics.peak_memory_bytes)
    room = f"{scenario.device.name} has {show_bytes(capacity_bytes)} of memory"
    return f"Too large for the device: {room}, and {who} needs {peak} at its peak."


def exceeded_bytes(metrics: Metrics, scenario: Scenario) -> int | None:
    """Return the device's memory if the peak is above it [bytes]; None where it fits, or that is unknown."""
    memory = scenario.device.memory
    return memory.capacity if memory and metrics.peak_memory_bytes > memory.capacity else None
