"""Print speeds and ratios: ``python -m tests.bench``."""

import time
from collections.abc import Callable

from .subjects import bare_timeouts, batch, minimal, pipeline, simulate

from edgesim.planners.wrx import wrx

ROUNDS = 7


def best_seconds(*calls: Callable[[], object]) -> list[float]:
    """Time calls in turn, several rounds; the least of each is the least disturbed."""
    times = [[] for _ in calls]
    for _ in range(ROUNDS):
        for call, seconds in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
    return [min(seconds) for seconds in times]


def main() -> None:
    """Measure everything and print a line for each."""
    for load_buffer in ("unlimited", "16 MB"):
        plan, scenario = pipeline(1000, load_buffer)
        ours, theirs = best_seconds(lambda: simulate(plan, scenario), lambda: minimal(plan, scenario))
        print(
            f"12 layers, load buffer {load_buffer}: {1000 / ours:,.0f} inferences/s,"
            f" {theirs / ours:.2f} x the minimal SimPy program ({1000 / theirs:,.0f}/s)"
        )
    plan, scenario = pipeline(100, granularity="shard")
    ours, theirs = best_seconds(lambda: simulate(plan, scenario), lambda: bare_timeouts(plan, scenario))
    print(
        f"{len(plan.loads)} single-shard loads: {100 / ours:,.0f} inferences/s,"
        f" {theirs / ours:.2f} x bare timeouts ({100 / theirs:,.0f}/s)"
    )
    (seconds,) = best_seconds(batch(10_000))
    print(f"recurrence, 10,000 plans of 12 layers at once: {10_000 / seconds:,.0f} plans/s")
    for load_buffer in ("unlimited", "16 MB", "4 MB"):
        for target in ("400 ms", "1500 ms", "2500 ms"):
            scenario = pipeline(1, load_buffer)[1].model_copy(
                update={"target_latency_ns": int(target.split()[0]) * 10**6}
            )
            arguments = (scenario.model, scenario.device, scenario.budget)
            (seconds,) = best_seconds(lambda: wrx(*arguments))
            made = wrx(*arguments)
            print(
                f"wrx, load buffer {load_buffer}, {target}: {seconds * 1e3:.2f} ms,"
                f" {len(made.layers)} x {len(made.shards[0])}, {len(made.upgrades)} upgrades"
            )


if __name__ == "__main__":
    main()
