"""Who survives memory pressure: ``python -m tests.campaigns.survival --out FILE [--plot FILE.png]``.

An app is used now and then; between its engagements the system kills it or does not. Swept are how often other apps are
launched, what the app's process holds without the model, and what stands in `BLOCKS`; every planner meets the same
users and the same other apps, replication by replication. A row for each planner says how many inferences found the
model ready, met the target, and did both. Rates and sizes are illustrative: parameters, not facts.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

from edgesim import compare, read_scenario
from edgesim.amount import Amount
from edgesim.chance import Chance
from edgesim.cli.measured import progress
from edgesim.conditions import Conditions
from edgesim.figures import Metrics
from edgesim.pressure import CACHED, AppProcess, OtherApps
from edgesim.replications.findings import Replications
from edgesim.replications.intervals import half_width
from edgesim.replications.verbs import replicate_all
from edgesim.scenario import Scenario
from edgesim.workers import each
from edgesim.workload import Engagements

FULL, SIX = "preload_model", "preload_model[bitwidth=6]"
PLANNERS = (FULL, SIX, "load_exec", "std_pipeline", "std_pipeline[bitwidth=6]", "wrx")
SHARE = "ready_and_met_fraction"
REPLICATIONS = 8
LAUNCHES = (0, 0.25, 1, 4, 16)
"""Of other apps, in a mean gap between two engagements."""
PROCESSES = (10, 50, 200, 600)
"""What the app holds without the model [MB]."""
SMALL, LARGE = (50, 400), (50, 1900)
"""What other apps hold, from the least to the most [MB]."""
HEADER = [
    "block", "process_mb", "launches", "planner", "held_bytes", "fidelity", "accuracy", "ready", "met",
    "ready_and_met", "half_width", "restarts", "less_full", "less_full_half_width", "less_six", "less_six_half_width",
]  # fmt: skip
Row = dict[str, Any]


class Block(NamedTuple):
    """What stays the same in a map of pressure and footprint.

    `embeddings` says whether the app holds them and whatever else of the model is no shard; else they count as
    somebody else's. `adj` is the app's oom_score_adj while it is cached; that of others is 900.
    """

    scenario: str
    embeddings: bool = True
    others: tuple[int, int] = SMALL
    adj: int = CACHED
    processes: tuple[int, ...] = PROCESSES


BLOCKS = {
    "odroid": Block("paper-odroid-400ms"),
    "odroid, shards only": Block("paper-odroid-400ms", embeddings=False),
    "odroid, shards only, large others": Block("paper-odroid-400ms", embeddings=False, others=LARGE),
    "phone, shards only": Block("phone-ufs4", embeddings=False),
    "minilm": Block("minilm-signature"),
    "odroid, shards only, killed first": Block("paper-odroid-400ms", False, adj=CACHED + 50, processes=(10, 200)),
    "odroid, shards only, killed last": Block("paper-odroid-400ms", False, adj=CACHED - 50, processes=(10, 200)),
}
"""By name in the table; `pressure`, a shipped scenario, is a cell of the first one."""


class Cell(NamedTuple):
    """A place on one of the maps."""

    block: str
    process_mb: int
    launches: float


def cells() -> list[Cell]:
    """Return every place there is."""
    return [
        Cell(name, process, launches)
        for name, block in BLOCKS.items()
        for process, launches in product(block.processes, LAUNCHES)
    ]


def undisturbed(block: Block) -> Scenario:
    """Return one inference of a block's model on its board, alone and with room for what is read ahead."""
    given = read_scenario(block.scenario, {"load_buffer": "unlimited"})
    if block.embeddings:
        return given
    nothing = type(given.model.resident_bytes)(values={})
    shards = given.model.model_copy(update={"resident_bytes": nothing})
    return given.model_copy(update={"model": shards})


def scenario_of(cell: Cell) -> Scenario:
    """Return the session of a place: users and memory as in the shipped scenario, but for what is swept."""
    block, daily = BLOCKS[cell.block], read_scenario("pressure")
    memory, workload = daily.conditions.memory, daily.workload
    assert memory is not None
    assert isinstance(workload, Engagements)
    pressure = memory.model_copy(
        update={"app": AppProcess(base=f"{cell.process_mb} MB", idle_adj=block.adj), "others": _others(cell, daily)}
    )
    return undisturbed(block).model_copy(update={"workload": workload, "conditions": Conditions(memory=pressure)})


def _others(cell: Cell, daily: Scenario) -> OtherApps | None:
    """Return the other apps; None where none is launched."""
    memory, workload = daily.conditions.memory, daily.workload
    assert memory is not None
    assert isinstance(workload, Engagements)
    if not cell.launches or memory.others is None or workload.gap.exponential is None:
        return None
    every_ns = round(workload.gap.exponential / cell.launches)
    least, most = (f"{size} MB" for size in BLOCKS[cell.block].others)
    changes = {"launches": Chance(exponential=f"{every_ns} ns"), "memory": Amount(uniform=(least, most))}
    return memory.others.model_copy(update=changes)


def alone(block: str) -> dict[str, Row]:
    """Return what each planner's model holds, and what its answers are worth."""
    found = compare(undisturbed(BLOCKS[block]), PLANNERS)
    assert not found.left_out
    return {result.planner: _worth(result.metrics) for result in found.results}


def measure(cell: Cell) -> list[Row]:
    """Return how a place is survived, a row for each planner."""
    done = replicate_all(scenario_of(cell), PLANNERS, replications=REPLICATIONS, of=SHARE, workers=1)
    full, six = done.each[:2]
    return [cell._asdict() | _shares(one) | _less(one, full, "full") | _less(one, six, "six") for one in done.each]


def _shares(one: Replications) -> Row:
    names = {"ready": "ready_fraction", "met": "target_met_fraction", "ready_and_met": SHARE, "restarts": "restarts"}
    means = {name: f"{fmean(_known(one, figure)):.4f}" for name, figure in names.items()}
    return {"planner": one.planner, **means, "half_width": f"{_half(_known(one, SHARE)):.4f}"}


def _less(one: Replications, other: Replications, name: str) -> Row:
    """Return by how much the share exceeds that of another planner, over the same replications."""
    pairs = zip(_known(one, SHARE), _known(other, SHARE), strict=True)
    off = [mine - theirs for mine, theirs in pairs]
    return {f"less_{name}": f"{fmean(off):.4f}", f"less_{name}_half_width": f"{_half(off):.4f}"}


def _known(one: Replications, figure: str) -> list[float]:
    return [value for value in one.values[figure] if value is not None]


def _half(values: Sequence[float]) -> float:
    return half_width(len(values), stdev(values))


def _worth(metrics: Metrics) -> Row:
    accuracy = "" if metrics.accuracy is None else f"{metrics.accuracy:.4f}"
    return {"held_bytes": metrics.held_memory_bytes, "fidelity": f"{metrics.fidelity:.4f}", "accuracy": accuracy}


def rows(every: Sequence[Cell], workers: int | None = None) -> Iterator[Row]:
    """Yield the rows of some places in their order."""
    worth = {block: alone(block) for block in dict.fromkeys(cell.block for cell in every)}
    with progress() as say:
        for _, found in each(measure, every, workers, progress=lambda done, most: say("places", done, most)):
            assert isinstance(found, list), found
            yield from (row | worth[row["block"]][row["planner"]] for row in found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, write the table, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--plot", type=Path, help="a picture of it: .png, .svg or .pdf")
    parser.add_argument("--workers", type=int)
    options = parser.parse_args(arguments)
    found = list(rows(cells(), options.workers))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", newline="") as file:
        table = csv.DictWriter(file, HEADER, lineterminator="\n")
        table.writeheader()
        table.writerows(found)

    sys.path.insert(0, str(Path(__file__).parents[1]))  # pytest does so, too
    from survival import TABLES, draw, printed

    for make in TABLES.values():
        print(printed(*make(options.out)), end="\n\n")
    if options.plot:
        draw(options.out, options.plot)


if __name__ == "__main__":
    main()
