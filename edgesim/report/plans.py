"""Plans as tables for people: bitwidths, reads and IO budgets, layer by layer."""

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.plans import Plan
from edgesim.quantities import counted
from edgesim.report.amounts import promise_text
from edgesim.report.text import bits_text, shape
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns

IO_BUDGET = (
    "An IO budget is the time that reads may take before a layer must start: what the layers before it compute, what"
    " preloading saves, and what computing leaves of the target."
)
_COLUMNS = (
    "Left for it: without the charges of earlier layers. Its charge: reading its shards, preloaded ones too. Left over:"
    " not below 0 in a valid plan. An upgrade raises a shard's bitwidth while the budgets allow."
)


def plan_text(plan: Plan, label: str, scenario: Scenario) -> RenderableType:
    """Show a plan alone, with the IO budget of each layer from before any charge to what is left."""
    title = f"{scenario.name}: {label} plans {shape(plan)} shards for {promise_text(scenario)}"
    return Group(Text(title, "bold"), *plan_parts(plan))


def plan_parts(plan: Plan) -> Iterator[RenderableType]:
    """Yield the layers of a plan, and what it keeps and reads, whatever it was made for."""
    table = Table("layer", "bits of its shards (* preloaded)", box=None, pad_edge=False)
    for heading in ("reads", "IO budget", "left for it", "its charge", "left over"):
        table.add_column(heading, justify="right", no_wrap=True)
    reads = Counter[int]()
    for load in plan.loads:
        reads[load.shards[0][0]] += load.bytes
    for layer, shards, budget in zip(plan.layers, plan.shards, budget_rows(plan), strict=True):
        text = bits_text(plan, layer, shards)
        table.add_row(str(layer), text, show_bytes(reads[layer]) if reads[layer] else "-", *budget)
    yield table
    loads, upgrades = counted(len(plan.loads), "read request"), counted(len(plan.upgrades), "upgrade")
    yield Text(f"{counted(len(plan.preload), 'shard')} preloaded, {loads}, {upgrades}")
    if plan.io_budget_ns:
        yield Text(f"{IO_BUDGET} {_COLUMNS}", "dim")


def budget_rows(plan: Plan) -> list[tuple[str, str, str, str]]:
    """Return for each layer its budget before any charge, what the layers before leave, its charge, and the rest."""
    if not plan.io_budget_ns:
        return [("-", "-", "-", "-")] * len(plan.layers)
    spent, rows = 0, []
    for initial, left in zip(plan.io_budget_initial_ns, plan.io_budget_ns, strict=True):
        before = initial - spent
        rows.append((show_ns(initial), show_ns(before), show_ns(before - left), show_ns(left)))
        spent = initial - left
    return rows
