"""A planner of your own: copy this folder, change what is kept or read, and ``pip install -e .``."""

from edgesim import Budget, Device, Model, Plan
from edgesim.planners.search import best
from edgesim.planners.streamed import streamed


def my_planner(model: Model, device: Device, budget: Budget, *, bitwidth: int = 6) -> Plan:
    """Read layer by layer, each while the one before it is executed, and keep nothing between inferences."""
    return best(model, device, budget, bitwidth, lambda submodel: [streamed(model, submodel, kept=())])
