"""How far planners are from the optimum, and how long they take: ``python -m tests.campaigns.optima --out FILE``.

Device x model x processor x target x preload buffer in a random order, until there are enough cases for which there is
a plan: 1,000 with an unlimited load buffer, a fifth as many with a small one. A row each, infeasible cases included;
the documents' tables are made of them by ``python -m tests.documents``. Times are processor time, the oracle's are by
the clock; it starts from the plan of `wrx_plus`, which is not in its time here.
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from edgesim import Budget, Device, Model, Plan, read_device, read_model
from edgesim.errors import InfeasibleError
from edgesim.files.shipped import shipped_names
from edgesim.planners.baselines import std_pipeline
from edgesim.planners.optimum import Optimum, optimum
from edgesim.planners.submodels import dearest_layer_ns
from edgesim.planners.wrx import wrx
from edgesim.planners.wrx_plus import wrx_plus
from edgesim.quality import fidelity
from edgesim.workers import each

MODELS = ("dynabert-12x12", "distilbert-6x12", "minilm-6x12", "minilm-signature")
FACTORS = (0.3, 0.45, 0.6, 0.75, 0.9, 1.0, 1.2, 1.6)
"""Targets, as multiples of what computing the whole model takes at the bitwidth dearest to decompress."""
PRELOAD_BYTES = (0, 500_000, 1_000_000, 2_000_000, 5_000_000)
SMALL_BYTES = (4_000_000, 16_000_000)
"""Load buffers of the second block."""
AGAIN = 3
PLANNERS = ("wrx", "pipeline", "wrx_plus", "oracle")
HEADER = [
    "device", "model", *Budget._fields, *PLANNERS, "bound", "proven", *(f"{name}_shape" for name in PLANNERS),
    "pipeline_bits", "wrx_first_us", "wrx_us", "wrx_plus_first_us", "wrx_plus_us", "oracle_us",
]  # fmt: skip
Inputs = tuple[Model, Device, Budget]
Row = dict[str, Any]


class Case(NamedTuple):
    """What is to be planned, for what, with what."""

    device: str
    model: str
    budget: Budget

    @property
    def row(self) -> Row:
        """What says so in the table."""
        return {"device": self.device, "model": self.model} | self.budget._asdict()

    def read(self) -> Inputs:
        """Read the files anew, so that nothing is known of them from before."""
        return read_model(self.model), read_device(self.device), self.budget


def places(models: Sequence[str] = MODELS) -> Iterator[tuple[str, str, str, int]]:
    """Yield every shipped device, model and processor that was measured for it, and the whole model's time [ns]."""
    for name, known in product(shipped_names("devices"), models):
        device, model = read_device(name), read_model(known)
        for processor in device.processors:
            with suppress(ValueError):  # not measured
                by_width = dearest_layer_ns(model, device, Budget(processor, 0, 0, None))
                yield name, known, processor, model.layers * by_width[max(by_width)]


def grid(load_buffers: Sequence[int | None], models: Sequence[str] = MODELS) -> list[Case]:
    """Return every case there is, in the random order in which they are tried."""
    every = [
        Case(device, model, Budget(processor, round(factor * whole_ns), preload_bytes, room))
        for (device, model, processor, whole_ns), factor, preload_bytes, room in product(
            places(models), FACTORS, PRELOAD_BYTES, load_buffers
        )
    ]
    Random(1).shuffle(every)
    return every


def shape(plan: Plan) -> str:
    """Write the submodel."""
    return f"{len(plan.layers)}x{len(plan.shards[0])}"


def attempt(planner: Callable[..., Plan], inputs: Inputs, **options: object) -> Plan | None:
    """Return a planner's plan, or None where it finds none."""
    with suppress(InfeasibleError):
        return planner(*inputs, **options)
    return None


def timed(planner: Callable[..., Plan], case: Case) -> tuple[Plan | None, int, int]:
    """Return a planner's plan, and the processor time of the first call and the least of later ones [us]."""
    inputs, plan, times = case.read(), None, []
    for _ in range(1 + AGAIN):
        began = time.process_time_ns()
        plan = attempt(planner, inputs)
        times.append((time.process_time_ns() - began) // 1000)
    return plan, times[0], min(times[1:])


def pipeline(inputs: Inputs) -> Plan | None:
    """Return the best pipeline of one bitwidth."""
    model = inputs[0]
    every = [attempt(std_pipeline, inputs, bitwidth=bits) for bits in model.bitwidths]
    return max((plan for plan in every if plan), key=lambda plan: fidelity(plan, model) or 0, default=None)


def oracle(inputs: Inputs, known: Plan | None, submodel: tuple[int, int] | None = None) -> Optimum | None:
    """Return what the oracle finds and proves, or None where there is no plan."""
    with suppress(InfeasibleError):
        found = optimum(*inputs, start=[known] if known else [], submodel=submodel)
        return found if found.bound > float("-inf") else None
    return None


def measure(case: Case) -> Row:
    """Plan a case with every planner."""
    inputs = case.read()
    row, plans = case.row, {"pipeline": pipeline(inputs)}
    for name, planner in (("wrx", wrx), ("wrx_plus", wrx_plus)):
        plans[name], row[f"{name}_first_us"], row[f"{name}_us"] = timed(planner, case)
    began = time.perf_counter_ns()
    found = oracle(inputs, plans["wrx_plus"])
    row["oracle_us"] = (time.perf_counter_ns() - began) // 1000
    if found:
        plans["oracle"] = found.plan
        row |= {"bound": f"{found.bound:.7f}", "proven": int(found.proven)}
    for name, plan in plans.items():
        if plan:
            row |= {name: f"{fidelity(plan, inputs[0]):.7f}", f"{name}_shape": shape(plan)}
    if plans["pipeline"]:
        row["pipeline_bits"] = plans["pipeline"].bitwidths[0][0]
    return row


def rows(function: Callable[[Any], Row], every: Sequence[Any], count: int, workers: int = 1) -> Iterator[Row]:
    """Yield the rows of so many cases that have a bound, and of infeasible ones that come between."""
    feasible = 0
    with closing(each(function, every, workers)) as found:
        for tried, (_, row) in enumerate(found, 1):
            assert isinstance(row, dict), row
            yield row
            feasible += "bound" in row
            print(f"\r{feasible} of {count} cases, {tried - feasible} infeasible ", end="", file=sys.stderr, flush=True)
            if feasible == count:
                break
    print(file=sys.stderr)


def write(path: Path, header: Sequence[str], found: Iterator[Row]) -> None:
    """Write rows as they come."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, header, lineterminator="\n")
        table.writeheader()
        for row in found:
            table.writerow(row)
            file.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure both blocks, write the table and print what the documents show of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1, help="more of them disturb each other's times")
    options = parser.parse_args(arguments)
    blocks = [((None,), options.cases), (SMALL_BYTES, max(options.cases // 5, 1))]
    found = (row for rooms, count in blocks for row in rows(measure, grid(rooms), count, options.workers))
    write(options.out, HEADER, found)

    sys.path.insert(0, str(Path(__file__).parents[1]))  # pytest does so, too
    from optima import distances, distances_by_device, printed, times

    for table in (distances, distances_by_device, times):
        print(printed(*table(options.out)), end="\n\n")


if __name__ == "__main__":
    main()
