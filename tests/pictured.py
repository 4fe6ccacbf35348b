"""Plans, models and devices to be drawn: ordinary ones, and as large and as long as they get."""

from functools import cache
from random import Random

import edgesim
from edgesim import Comparison, Device, Model, Plan, Scenario
from edgesim.device import Storage
from edgesim.document import Source
from edgesim.importance import Importance
from edgesim.reads import DepthTable, Read

LONG = "a-name-that-is-as-long-as-names-may-be.and-which-nobody-has-ever-read-to-its-end"
FORMULA = "a name that is $typed$ without much thought, as people do when they are in a hurry, " * 2
BITS = (2, 3, 4, 5, 6, 32)


@cache
def scenario(name: str, **changes: str) -> Scenario:
    """Read a shipped scenario, perhaps with changes."""
    return edgesim.read_scenario(name, changes)


@cache
def planned(name: str, planner: str = "wrx", **changes: str) -> Plan:
    """Plan a shipped scenario."""
    return edgesim.plan(scenario(name, **changes), planner)


@cache
def compared(name: str) -> Comparison:
    """Compare the planners of a shipped scenario."""
    return edgesim.compare(scenario(name))


def model(layers: int, shards: int, *, measured: bool = False) -> Model:
    """Return a model of some size; its importance may be measured, and then be negative here and there."""
    random = Random(layers * shards)
    rows = tuple(
        tuple(random.uniform(-0.02, 0.05) + 0.03 * (shards == 1) for _ in range(shards)) for _ in range(layers)
    )
    importance = Importance(values=rows) if measured else Importance(kind="uniform")
    update = {"layers": layers, "shards_per_layer": shards, "importance": importance, "name": LONG}
    return edgesim.read_model("dynabert-12x12").model_copy(update=update)


def plan(layers: int, shards: int, *, budgets: bool = True, least_ns: int = 0) -> Plan:
    """Return a plan of so many layers of so many shards, at any bitwidths, with the first layer preloaded."""
    random = Random(layers * shards)
    rows = tuple(tuple(random.choice(BITS) for _ in range(shards)) for _ in range(layers))
    initial = tuple(10**9 + 10**7 * layer for layer in range(layers))
    left = tuple(max(least_ns, 10**9 - 10**8 * layer) - (0 if least_ns >= 0 else 10**9) for layer in range(layers))
    kept = tuple((0, shard) for shard in range(shards))
    return Plan(
        layers=tuple(range(layers)), shards=(tuple(range(shards)),) * layers, bitwidths=rows, preload=kept,
        io_budget_initial_ns=initial if budgets else (), io_budget_ns=left if budgets else (),
    )  # fmt: skip


def device(name: str) -> Device:
    """Return a shipped profile, or with ``many`` one of eleven queue depths, four processors and a long name."""
    if name != "many":
        return edgesim.read_device(name)
    known = edgesim.read_device("cloud-epyc")
    rows = [(4 * 4**step, 50 * 3**step) for step in range(7)]
    tables = {
        depth: DepthTable.model_validate({"table": [(f"{kib} KiB", f"{depth * us} us") for kib, us in rows]})
        for depth in range(1, 12)
    }
    source = Source(grade="D", text=FORMULA)
    storage = Storage(read=Read(depths=tables), lanes=11, source=source)
    cpu = edgesim.read_device("raspberry-pi-4").processors["cpu"]
    update = {"name": LONG, "storage": storage, "processors": dict.fromkeys(("cpu", "gpu", "npu", LONG), cpu)}
    return known.model_copy(update=update)
