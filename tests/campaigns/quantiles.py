"""How often plans at a quantile meet their target: ``python -m tests.campaigns.quantiles``.

Plans for cloud-epyc at each quantile, and pipelines in which every load, layer and decompression takes a time of its
own, drawn from the samples of its profile. Draws are independent of one another, which a real machine's times are not.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, log
from pathlib import Path
from random import Random
from typing import NamedTuple

from edgesim import Budget, InfeasibleError, Plan, read_device, read_model
from edgesim.cost import read_ns
from edgesim.files.shipped import shipped_folder
from edgesim.model import Model
from edgesim.planners.wrx import wrx
from edgesim.planners.wrx_plus import wrx_plus
from edgesim.profiling.derived import shares, start_ups_ns, wakes_ns
from edgesim.profiling.fit import profile_of
from edgesim.profiling.imports.raw import read_raw
from edgesim.profiling.samples import parse_recording, statistics
from edgesim.quality import fidelity
from edgesim.quantile import MEDIAN, TABULATED, at_quantile
from edgesim.recurrence import makespan_ns
from edgesim.spread import COLD, HAND_OFF, HOT, LAYER, READ, Point
from edgesim.work import Work, price

DEVICE, MODEL, PROCESSOR = "cloud-epyc", "minilm-signature", "cpu"
PLANNERS = {"wrx": wrx, "wrx_plus": wrx_plus}
CELLS = [(target, preload) for target in (25, 40) for preload in (0, 1)]
"""Targets [ms] and preload buffers [MB] where time is short."""


class Found(NamedTuple):
    """A plan, the share of its pipelines that met the target, and the time that 95 % of them do not exceed."""

    plan: Plan
    met: float
    p95_ns: int


class Machine:
    """One that takes for each part what one of its samples took."""

    def __init__(self, samples: Path, seed: int) -> None:
        recording = parse_recording(read_raw(samples))
        recorded = recording.samples
        self.device, self.random = read_device(DEVICE), Random(seed)
        self.times: dict[Point, list[int]] = {}
        for sample in recorded:
            self.times.setdefault(Point(*sample[:3]), []).append(sample.ns)
        self.usual = statistics(recorded)
        self.shares = {state: shares(recorded, state) for state in (HOT, COLD)}
        self.start_ups = start_ups_ns(recorded, self.usual)
        self.wakes = list(wakes_ns(recorded, profile_of(recording, "")["storage"]))

    def read(self, n_bytes: int) -> float:
        """Draw the time of a read [ns]: the profile's, times a sample of the nearest size by its median."""
        sizes = (size for size, _ in self.device.storage.points[1])
        point = Point(READ, (min(sizes, key=lambda size: abs(log(size / n_bytes))), 1), HOT)
        drawn = self.random.choice(self.times[point])
        return read_ns(n_bytes, self.device.storage) * drawn / self.usual[point].median_ns

    def layers(self, plan: Plan, state: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Draw decompression and computation of each layer [ns]; the shards of one bitwidth scatter together."""
        unpack = (
            sum(self.random.choice(self.shares[state][bits]) * row.count(bits) for bits in sorted(set(row)))
            for row in plan.bitwidths
        )
        compute = (self.random.choice(self.times[Point(LAYER, (len(row),), state)]) for row in plan.shards)
        return tuple(map(ceil, unpack)), tuple(compute)

    def draw(self, plan: Plan, work: Work) -> int:
        """Return how long one pipeline takes [ns]."""
        woken = [self.random.choice(self.wakes), *[0] * len(work.loads)]
        loads = tuple(
            ceil(more + sum(map(self.read, load.extents))) for more, load in zip(woken, work.loads, strict=False)
        )
        (unpack, usual), (late_unpack, late) = self.layers(plan, HOT), self.layers(plan, COLD)
        first = usual[0] + self.random.choice(self.start_ups)
        return makespan_ns(replace(
            work, load_ns=(loads,), decompress_ns=unpack, decompress_after_wait_ns=late_unpack,
            compute_ns=(first, *usual[1:]), compute_after_wait_ns=(max(first, late[0]), *late[1:]),
            hand_off_ns=self.random.choice(self.times[Point(HAND_OFF, (), COLD)]),
        ))  # fmt: skip

    def judge(self, plan: Plan, model: Model, target_ns: int, draws: int) -> Found:
        """Draw many pipelines of one plan."""
        work = price(plan, model, self.device, PROCESSOR, plan.preload)
        spans = sorted(self.draw(plan, work) for _ in range(draws))
        return Found(plan, sum(ns <= target_ns for ns in spans) / draws, spans[-(-draws * 95 // 100) - 1])


def campaign(planner: str, draws: int, seed: int = 0) -> Iterator[tuple[int, int, float, Found | None]]:
    """Yield target [ms], preload buffer [MB], quantile and what became of the plan, if there is one."""
    model = read_model(MODEL)
    machine = Machine(shipped_folder("devices") / f"{DEVICE}.samples.csv.gz", seed)
    for target_ms, preload_mb in CELLS:
        budget = Budget(PROCESSOR, target_ms * 10**6, preload_mb * 10**6, None)
        for quantile in (MEDIAN, *TABULATED):
            try:
                plan = PLANNERS[planner](model, at_quantile(machine.device, quantile), budget)
                found = machine.judge(plan, model, budget.target_latency_ns, draws)
            except InfeasibleError:
                found = None
            yield target_ms, preload_mb, quantile, found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planner", choices=PLANNERS, default="wrx_plus")
    parser.add_argument("--draws", type=int, default=10_000)
    options = parser.parse_args(arguments)
    print("| target | preload | quantile | submodel | fidelity | 95 % take at most | target met |\n|" + "---|" * 7)
    for target_ms, preload_mb, quantile, found in campaign(options.planner, options.draws):
        cells = ["-"] * 4
        if found is not None:
            shape = f"{len(found.plan.layers)} x {len(found.plan.shards[0])}"
            worth = fidelity(found.plan, read_model(MODEL))
            cells = [shape, f"{worth:.3f}", f"{found.p95_ns / 1e6:.1f} ms", f"{found.met:.1%}"]
        print(f"| {target_ms} ms | {preload_mb} MB | {quantile} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
