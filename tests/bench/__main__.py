"""Print speeds and ratios: ``python -m tests.bench``."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from edgesim.planners.wrx import wrx
from edgesim.shards.kernels import compiler

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
from .subjects import bare_timeouts, batch, disturbed, minimal, pipeline, simulate

ROUNDS = 9


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


def recurrence_lines() -> Iterator[str]:
    """Evaluate many plans at once."""
    (seconds,) = best_seconds(batch(10_000))
    yield f"recurrence, 10,000 plans of 12 layers at once: {10_000 / seconds:,.0f} plans/s"


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
        recurrence_lines,
        planning_lines,
        decompression_lines,
        quantization_lines,
        extent_lines,
    ):
        for line in lines():
            print(line)
