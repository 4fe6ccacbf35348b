"""The planners that WRX is compared with: uniform bitwidth, and no choice but the submodel.

Each takes, of the submodels that meet the target under the recurrence, the one of best fidelity, then most shards,
then deepest. They are the baselines of L. Guo, W. Choe, F. X. Lin, arXiv 2207.05022.
"""

from collections.abc import Callable, Sequence

from edgesim.cost import request
from edgesim.device import Device
from edgesim.errors import InfeasibleError, InputError
from edgesim.model import FULL, Model
from edgesim.planners.submodels import layers_of, shapes, slices_of
from edgesim.plans import Load, Plan, Shard
from edgesim.quality import fidelity
from edgesim.recurrence import makespan_ns
from edgesim.rules import waits_for_itself
from edgesim.scenario import Budget
from edgesim.units import show_bytes, show_ns
from edgesim.work import price

Group = Callable[[Model, Sequence[Sequence[Shard]], int], tuple[Load, ...]]


def load_exec(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Plan:
    """Load the whole submodel with one request, then execute it.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth.
    """

    def one(model: Model, layers: Sequence[Sequence[Shard]], bits: int) -> tuple[Load, ...]:
        return (request(model, ((shard, bits) for layer in layers for shard in layer)),)

    return _best(model, device, budget, _uniform_plans(model, device, budget, bitwidth, one))


def std_pipeline(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Plan:
    """Load layer by layer while the layers before are executed; nothing is preloaded.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target within the load buffer.
    InputError
        If the model is not stored at that bitwidth.
    """

    def each(model: Model, layers: Sequence[Sequence[Shard]], bits: int) -> tuple[Load, ...]:
        return tuple(request(model, ((shard, bits) for shard in layer)) for layer in layers)

    return _best(model, device, budget, _uniform_plans(model, device, budget, bitwidth, each))


def preload_model(model: Model, device: Device, budget: Budget, *, bitwidth: int = FULL) -> Plan:
    """Keep every shard resident, whatever the preload buffer is, and load nothing.

    Parameters
    ----------
    model, device, budget
        What to plan, for what, with what.
    bitwidth
        Bits per weight of every shard.

    Raises
    ------
    InfeasibleError
        If no submodel meets the target.
    InputError
        If the model is not stored at that bitwidth.
    """
    return _best(model, device, budget, _uniform_plans(model, device, budget, bitwidth, None))


def _uniform_plans(model: Model, device: Device, budget: Budget, bits: int, group: Group | None) -> list[Plan]:
    if bits not in model.bitwidths:
        raise InputError(f"bitwidth: {model.name} is not stored at {bits} bits; known: {list(model.bitwidths)}")
    plans = []
    for n, m in shapes(model, device, budget):
        layers = layers_of(model, n)
        slices = slices_of(model, layers, m)
        shards = [[(layer, index) for index in row] for layer, row in zip(layers, slices, strict=True)]
        every = tuple(shard for layer in shards for shard in layer) if group is None else ()
        loads = group(model, shards, bits) if group else ()
        plans.append(
            Plan(layers, slices, ((bits,) * m,) * n, every, loads, retain=every, ignores_buffers=group is None)
        )
    return sorted(plans, key=lambda plan: -(fidelity(plan, model) or 0.0))  # stable: then most shards, then deepest


def _best(model: Model, device: Device, budget: Budget, plans: Sequence[Plan]) -> Plan:
    shortest, tightest = None, ""
    for plan in plans:
        work = price(plan, model, device, budget.processor, plan.preload)
        room = None if plan.ignores_buffers else budget.load_buffer_bytes
        if never := next(waits_for_itself(work, room), None):
            tightest = never
            continue
        time = makespan_ns(work, room)
        if time <= budget.target_latency_ns:
            return plan
        shortest = min(time, shortest or time)
    if shortest is None:
        raise InfeasibleError(f"no submodel fits the load buffer of {show_bytes(budget.load_buffer_bytes or 0)}:"
                              f" {tightest}")  # fmt: skip
    short = shortest - budget.target_latency_ns
    raise InfeasibleError(f"the fastest submodel takes {show_ns(shortest)}, the target of"
                          f" {show_ns(budget.target_latency_ns)} is short by {show_ns(short)}")  # fmt: skip
