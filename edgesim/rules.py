"""What makes a plan legal. A plan that breaks a rule, or could wait for itself, is refused before it runs."""

from collections import Counter
from collections.abc import Iterator

from edgesim.cost import bits_of, compute_ns, sizes_of
from edgesim.errors import IllegalPlanError
from edgesim.model import Model
from edgesim.plans import Load, Plan, Shard
from edgesim.scenario import Scenario
from edgesim.units import show_bytes
from edgesim.work import NEVER, Work, first_and_later


def check(plan: Plan, scenario: Scenario) -> None:
    """Refuse a plan that breaks a rule.

    Parameters
    ----------
    plan
        What a planner returned.
    scenario
        The model, device and buffers that it was made for.

    Raises
    ------
    IllegalPlanError
        With the first broken rules: shape and bitwidths, what is loaded and kept, or buffers and order.
    """
    for rules in (_shape, _loading, _buffers):
        broken = list(rules(plan, scenario))
        if broken:
            raise IllegalPlanError(f"illegal plan: {'; '.join(broken)}")


def _shape(plan: Plan, scenario: Scenario) -> Iterator[str]:
    reads = [(load.bytes, *load.extents, *([] if load.after is None else [load.after])) for load in plan.loads]
    names = [*plan.preload, *plan.retain, *(shard for load in plan.loads for shard in load.shards)]
    steps = [(*upgrade.shard, upgrade.from_bits, upgrade.to_bits) for upgrade in plan.upgrades]
    budgets = [plan.io_budget_initial_ns, plan.io_budget_ns]
    rows = [plan.layers, (plan.lanes,), *plan.shards, *plan.bitwidths, *reads, *names, *budgets, *steps]
    if any(type(number) is not int for row in rows for number in row):
        yield "every number in layers, shards, bitwidths, lanes, loads, budgets and upgrades must be a plain integer"
    elif not len(plan.layers) == len(plan.shards) == len(plan.bitwidths):
        yield "layers, shards and bitwidths must be equally long"
    else:
        yield from _submodel(plan, scenario.model)
        yield from _rows(plan, scenario)
        if not 1 <= plan.lanes <= scenario.device.storage.lanes:
            yield f"{scenario.device.name} has {scenario.device.storage.lanes} lanes, got {plan.lanes}"


def _submodel(plan: Plan, model: Model) -> Iterator[str]:
    layers = plan.layers
    if list(layers) != sorted(set(layers)) or not set(layers) <= set(range(model.layers)):
        yield f"layers must rise within 0..{model.layers - 1}, got {list(layers)}"
    if len(layers) < model.min_layers:
        yield f"at least {model.min_layers} layers must be executed, got {len(layers)}"
    if len(plan.io_budget_ns) not in (0, len(layers)) or len(plan.io_budget_initial_ns) != len(plan.io_budget_ns):
        yield "IO budgets must be empty or one per executed layer"


def _rows(plan: Plan, scenario: Scenario) -> Iterator[str]:
    model = scenario.model
    allowed = compute_ns(scenario.device, scenario.processor, model)
    for layer, shards, bits in zip(plan.layers, plan.shards, plan.bitwidths, strict=True):
        if len(set(shards)) != len(shards) or not set(shards) <= set(range(model.shards_per_layer)):
            yield f"layer {layer}: shards must differ and lie within 0..{model.shards_per_layer - 1}"
        if len(shards) not in allowed:
            measured = f"{min(allowed)} to {max(allowed)}"
            yield f"layer {layer}: {len(shards)} shards, but layer times are measured for {measured}"
        if len(bits) != len(shards) or not set(bits) <= set(model.bitwidths):
            yield f"layer {layer}: needs one bitwidth of {list(model.bitwidths)} for each shard, got {list(bits)}"


def _loading(plan: Plan, scenario: Scenario) -> Iterator[str]:
    bits = bits_of(plan)
    size = sizes_of(scenario.model, bits)
    for load in plan.loads:
        yield from _load(load, plan, size)
    brought = Counter([*plan.preload, *(shard for load in plan.loads for shard in load.shards)])
    if strangers := [shard for shard in {*brought, *plan.retain} if shard not in bits]:
        yield f"shards {strangers} are loaded or kept, but not executed"
    if never := [shard for shard in bits if not brought[shard]]:
        yield f"shards {never} are executed, but neither preloaded nor loaded"
    if often := [shard for shard, times in brought.items() if times > 1]:
        yield f"shards {often} are brought more than once"
    kept = sum(size.get(shard, 0) for shard in {*plan.preload, *plan.retain})
    if len(set(plan.retain)) != len(plan.retain):
        yield "retain names a shard more than once"
    if kept > scenario.preload_bytes and not plan.ignores_buffers:
        yield (
            f"preload and retain hold {show_bytes(kept)} ({kept} B), the preload buffer has room for"
            f" {show_bytes(scenario.preload_bytes)} ({scenario.preload_bytes} B)"
        )


def _load(load: Load, plan: Plan, size: dict[Shard, int]) -> Iterator[str]:
    if not load.shards:
        yield "a load must bring at least one shard"
    if load.after is not None and not 0 <= load.after < len(plan.layers):
        yield f"'after' must be a position in layers, got {load.after}"
    if load.bytes != sum(size.get(shard, 0) for shard in load.shards):
        yield f"the load of {list(load.shards)} says {load.bytes} B, its shards have another size"
    if sum(load.extents) < load.bytes or min(load.extents, default=0) < 1:
        yield f"the load of {list(load.shards)} needs positive extents of at least {load.bytes} B"


def _buffers(plan: Plan, scenario: Scenario) -> Iterator[str]:
    room = None if plan.ignores_buffers else scenario.load_buffer_bytes
    for work in dict.fromkeys(first_and_later(plan, scenario.model, scenario.device, scenario.session)):
        yield from waits_for_itself(work, room)


def waits_for_itself(work: Work, load_buffer_bytes: int | None) -> Iterator[str]:
    """Say where an inference would never end.

    For every layer i, the bytes of the shards of layers >= i, in the loads up to the last one that any layer <= i
    needs, must fit in the load buffer, and none of those loads may be held back for a layer >= i.

    Parameters
    ----------
    work
        One inference.
    load_buffer_bytes
        Room of the load buffer [B]; None is unlimited.

    Yields
    ------
    str
        What would wait, and the room that it would need.
    """
    last_needed = NEVER
    for layer in range(len(work.compute_ns)):
        last_needed = max([last_needed, *(i for i, served in enumerate(work.load_layers) if layer in served)])
        needed = range(last_needed + 1)
        held = [index for index in needed if work.after[index] >= layer]
        if held:
            yield f"load {held[0]} is held back for layer {work.after[held[0]]}, which needs it to start"
        if load_buffer_bytes is None:
            continue
        later_bytes = sum(work.buffer_bytes[: last_needed + 1]) - sum(work.freed_bytes[:layer])
        if later_bytes > load_buffer_bytes:
            yield (f"layer {layer} needs {show_bytes(later_bytes)} ({later_bytes} B) in the load buffer at once,"
                   f" which has room for {show_bytes(load_buffer_bytes)}")  # fmt: skip
