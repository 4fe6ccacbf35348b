"""Print speeds and ratios: ``python -m tests.bench``."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from edgesim.compiling import compiler
from edgesim.planners.many.wrx_cases import wrx_many
from edgesim.planners.wrx import wrx

from .batch import measured, measured_one_by_one, one_by_one, scheduled, varied
from .shards import (
    BITWIDTHS,
    LAYERS,
    LAYOUTS,
    SLICES,
    WEIGHTS,
    copying,
    decompression,
    extents,
    laid_out,
    mixed,
    quantization,
    verification,
)
from .subjects import bare_timeouts, disturbed, minimal, pipeline, simulate
from .sweeps import sweep_lines
from .wrx_many import mixed_cases, planned_alone

ROUNDS = 9
HOW = {"numpy": False} | ({} if compiler() is None else {"numba": True})


def best_seconds(*calls: Callable[[], object]) -> list[float]:
    """Time calls in turn, several rounds; the least of each is the least disturbed."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for call, seconds in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
    return [min(seconds) for seconds in times]


def simulation_lines() -> Iterator[str]:
    """Compare the simulated backend with programs written by hand."""
    for load_buffer in ("unlimited", "16 MB"):
        case = pipeline(1000, load_buffer)
        ours, theirs = best_seconds(partial(simulate, *case), partial(minimal, *case))
        yield (
            f"12 layers, load buffer {load_buffer}: {1000 / ours:,.0f} inferences/s,"
            f" {theirs / ours:.2f} x the minimal SimPy program ({1000 / theirs:,.0f}/s)"
        )
    plain, noisy = best_seconds(partial(simulate, *pipeline(300)), partial(simulate, *disturbed(300)))
    yield f"12 layers, disturbed: {300 / noisy:,.0f} inferences/s, {plain / noisy:.2f} x undisturbed"
    case = pipeline(100, granularity="shard")
    ours, theirs = best_seconds(partial(simulate, *case), partial(bare_timeouts, *case))
    yield (
        f"{len(case[0].loads)} single-shard loads: {100 / ours:,.0f} inferences/s,"
        f" {theirs / ours:.2f} x bare timeouts ({100 / theirs:,.0f}/s)"
    )


def batch_lines() -> Iterator[str]:
    """Measure many inferences at once; the recurrence and the simulation, one by one, are the measure."""
    for granularity in ("layer", "shard"):
        for load_buffer in ("unlimited", "16 MB"):
            case, plans = pipeline(1, load_buffer, granularity), 10_000 if granularity == "layer" else 1_000
            jobs = varied(case, plans)
            alone, simulated = best_seconds(partial(one_by_one, case, 100), partial(measured_one_by_one, case, 100))
            for how, loops in HOW.items():
                times, every = best_seconds(partial(scheduled, jobs, loops=loops), partial(measured, jobs, loops=loops))
                yield (
                    f"{plans:,} plans of {jobs.layers[0]} layers and {jobs.loads[0]} loads at once with {how}, load"
                    f" buffer {load_buffer}: {times / plans * 1e6:.2f} us a plan, the recurrence one by one"
                    f" {alone / 100 * plans / times:.0f} x; with all figures {every / plans * 1e6:.2f} us, the"
                    f" simulation {simulated / 100 * plans / every:.0f} x"
                )


def planning_lines() -> Iterator[str]:
    """Plan with WRX; the minimal program, run beside it, tells how fast the machine is."""
    case = pipeline(100)
    for load_buffer in ("unlimited", "16 MB", "4 MB"):
        scenario = pipeline(1, load_buffer)[1]
        for target_ms in (400, 1500, 2500):
            budget = scenario.budget._replace(target_latency_ns=target_ms * 10**6)
            planning = partial(wrx, scenario.model, scenario.device, budget)
            seconds, theirs = best_seconds(planning, partial(minimal, *case))
            plan = planning()
            yield (
                f"wrx, load buffer {load_buffer}, {target_ms} ms: {seconds * 1e3:.2f} ms, as long as"
                f" {seconds / theirs * 100:.1f} inferences of the minimal program,"
                f" {len(plan.layers)} x {len(plan.shards[0])}, {len(plan.upgrades)} upgrades"
            )


def many_lines() -> Iterator[str]:
    """Plan 1,000 cases with WRX at once; the first 100 of them, one by one, are the measure."""
    for name, cases in mixed_cases(1000):
        together, alone = best_seconds(partial(wrx_many, cases), partial(planned_alone, cases, 100))
        yield f"wrx, 1,000 cases at once, {name}: {together:.2f} ms a case, {alone * 10 / together:.1f} x one by one"


def decompression_lines() -> Iterator[str]:
    """Decompress one slice into the working buffer, and verify it before; copying its FP32 weights is the measure."""
    how = "numpy" if compiler() is None else "numba"
    for bits in BITWIDTHS:
        expanding, verifying, copy = best_seconds(decompression(bits), verification(bits), copying())
        yield (
            f"decompress {WEIGHTS:,} weights at {bits} bits with {how}: {WEIGHTS / expanding / 1e6:,.0f} M weights/s,"
            f" {expanding / copy:.1f} x as long as copying them; verify: {verifying / copy:.1f} x"
        )


def quantization_lines() -> Iterator[str]:
    """Quantize an encoder of MiniLM's geometry on one core, once."""
    call = quantization(LAYERS * SLICES)
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    yield f"quantize {LAYERS * SLICES} slices at {len(BITWIDTHS)} bitwidths on one core: {seconds:.1f} s"


def extent_lines() -> Iterator[str]:
    """Count what mixed plans read where their shards lie by index, by importance, or slice by slice."""
    for chosen in ("first", "importance"):
        for target_ms in (200, 400, 800, 1500):
            plan, scenario = mixed(target_ms, chosen)
            counts = {layout: extents(plan, laid_out(scenario.model, layout)) for layout in LAYOUTS}
            yield (
                f"reads of {len(plan.layers)} x {len(plan.shards[0])} shards ({chosen}), {target_ms} ms: "
                + ", ".join(f"{layout} {count.sum()} (a layer {count.mean():.1f})" for layout, count in counts.items())
            )


if __name__ == "__main__":
    for lines in (
        simulation_lines,
        batch_lines,
        planning_lines,
        many_lines,
        sweep_lines,
        decompression_lines,
        quantization_lines,
        extent_lines,
    ):
        for line in lines():
            print(line)
