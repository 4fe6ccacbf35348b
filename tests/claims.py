"""The documents' tables of WRX's claim: what others keep, and how faithful they are, at every bitwidth of the model."""

from collections.abc import Sequence

from edgesim import Comparison, Result, Scenario, compare, read_scenario
from edgesim.comparisons.cells import all_planners
from edgesim.units import show_bytes

CLAIMS = [
    "quickstart",
    *(f"paper-{board}-{target}ms" for board in ("odroid", "jetson") for target in (150, 200, 400)),
]
OURS = {"wrx_plus", "oracle"}
"""Planners of this project, which are none of the others."""
Table = tuple[Sequence[str], list[list[str]]]


def claim() -> Table:
    """Return one line a scenario: WRX, the best that keeps no more, and the leanest resident model as good."""
    head = (
        "scenario", "WRX meets it, fidelity", "shards kept", "best other that keeps no more", "WRX has more by",
        "leanest resident as good keeps", "counting what all hold", "32-bit resident: fidelity, keeps",
        "WRX at its peak, load buffer",
    )  # fmt: skip
    return head, [_row(name, compared(read_scenario(name))) for name in CLAIMS]


def compared(scenario: Scenario) -> Comparison:
    """Run WRX and the planners of others, those with a bitwidth at every one that the model has."""
    return compare(scenario, [choice for choice in all_planners(scenario) if choice.name not in OURS])


def cures() -> Table:
    """Return what bounds the memory of a loader that runs far ahead, and what it costs."""
    rows = []
    for room in ("unlimited", "16 MB", "8 MB", "4 MB"):
        scenario = read_scenario("paper-odroid-400ms", {"load_buffer": room})
        for result in compare(scenario, ["wrx", "wrx[upgrade_to=6]"]).results:
            metrics = result.metrics
            met = "met" if metrics.meets_target else "missed"
            peaks = map(show_bytes, (metrics.load_buffer_peak_bytes, metrics.working_bytes, metrics.peak_memory_bytes))
            rows.append([room, result.planner, met, f"{fidelity(result):.4f}", *peaks])
    return ["load buffer", "planner", "target", "fidelity", "read ahead, at most", "working", "peak"], rows


def _row(name: str, found: Comparison) -> list[str]:
    by_label = {result.planner: result for result in found.results if result.metrics.meets_target}
    wrx, full = by_label.pop("wrx"), by_label["preload_model[bitwidth=32]"]
    own = wrx.metrics
    lean = [other for other in by_label.values() if other.metrics.preload_bytes <= own.preload_bytes]
    good = [other for other in by_label.values() if not other.plan.loads and fidelity(other) >= fidelity(wrx)]
    best, leanest = max(lean, key=fidelity), min(good, key=lambda other: other.metrics.preload_bytes)
    return [
        name,
        f"{'yes' if own.meets_target else 'no'}, {fidelity(wrx):.5f}",
        show_bytes(own.preload_bytes),
        f"{best.planner}: {fidelity(best):.5f}",
        f"{fidelity(wrx) / fidelity(best) - 1:.2%}",
        f"{leanest.planner}: {times(leanest, wrx, 'preload_bytes')}",
        times(leanest, wrx, "held_memory_bytes"),
        f"{fidelity(full):.4f}, {times(full, wrx, 'preload_bytes')}",
        f"{show_bytes(own.peak_memory_bytes)}, {show_bytes(own.load_buffer_peak_bytes)}",
    ]


def fidelity(result: Result) -> float:
    """Return a fidelity that is known."""
    assert result.metrics.fidelity is not None
    return result.metrics.fidelity


def times(other: Result, wrx: Result, metric: str) -> str:
    """Write how many times as much another planner needs."""
    return f"{getattr(other.metrics, metric) / getattr(wrx.metrics, metric):.2f} x"


TABLES = {"the claim": claim, "the cures": cures}
"""What makes each table."""
