"""The outputs that the README shows; ``python -m tests.readme`` writes them anew, and a test compares them."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from edgesim import Comparison, Result, compare, read_scenario, run
from edgesim.report.comparison import comparison_text
from edgesim.report.text import render, result_text
from edgesim.units import show_bytes

README = Path(__file__).parents[1] / "README.md"
CLAIMS = [
    "quickstart",
    *(f"paper-{board}-{target}ms" for board in ("odroid", "jetson") for target in (150, 200, 400)),
]


def quickstart() -> str:
    """Return what ``edgesim run quickstart`` prints."""
    scenario = read_scenario("quickstart")
    return _code(render(result_text(run(scenario), scenario), 120))


def comparison() -> str:
    """Return what ``edgesim compare quickstart`` prints."""
    scenario = read_scenario("quickstart")
    return _code(render(comparison_text(compare(scenario), scenario), 130))


def claim() -> str:
    """Return one line a scenario: WRX, the best that holds no more, and the leanest resident model as good."""
    head = (
        "scenario", "WRX meets it, fidelity", "shards kept", "best that keeps no more",
        "leanest resident as good keeps", "counting what all hold", "32-bit resident: fidelity, keeps",
        "WRX at its peak, load buffer",
    )  # fmt: skip
    return _table(head, [_row(name, compare(name)) for name in CLAIMS])


def cures() -> str:
    """Return what bounds the memory of a loader that runs far ahead, and what it costs."""
    rows = []
    for room in ("unlimited", "16 MB", "8 MB", "4 MB"):
        scenario = read_scenario("paper-odroid-400ms", {"load_buffer": room})
        for result in compare(scenario, ["wrx", "wrx[upgrade_to=6]"]).results:
            metrics = result.metrics
            met = "met" if metrics.meets_target else "missed"
            peaks = map(show_bytes, (metrics.load_buffer_peak_bytes, metrics.working_bytes, metrics.peak_memory_bytes))
            rows.append([room, result.planner, met, f"{fidelity(result):.4f}", *peaks])
    return _table(["load buffer", "planner", "target", "fidelity", "read ahead, at most", "working", "peak"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _row(name: str, found: Comparison) -> list[str]:
    by_label = {result.planner: result for result in found.results if result.metrics.meets_target}
    wrx, full = by_label["wrx"], by_label["preload_model[bitwidth=32]"]
    own = wrx.metrics
    lean = [
        other for other in by_label.values() if other is not wrx and other.metrics.preload_bytes <= own.preload_bytes
    ]
    good = [other for other in by_label.values() if not other.plan.loads and fidelity(other) >= fidelity(wrx)]
    best, leanest = max(lean, key=fidelity), min(good, key=lambda other: other.metrics.preload_bytes)
    return [
        name,
        f"{'yes' if own.meets_target else 'no'}, {fidelity(wrx):.5f}",
        show_bytes(own.preload_bytes),
        f"{best.planner}: {fidelity(best):.5f}",
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


def _code(text: str) -> str:
    return "\n".join(f"    {line.rstrip()}".rstrip() for line in text.rstrip().splitlines())


def written(readme: str) -> str:
    """Return the README with every output made anew."""
    outputs = {
        "edgesim run quickstart": quickstart,
        "edgesim compare quickstart": comparison,
        "python -m tests.readme, the claim": claim,
        "python -m tests.readme, the cures": cures,
    }
    return "".join(_with_outputs(readme, outputs))


def _with_outputs(readme: str, outputs: dict[str, Callable[[], str]]) -> Iterator[str]:
    parts = re.split(r"(<!-- output of: (?:.*?) -->\n)", readme)
    yield parts[0]
    for marker, text in zip(parts[1::2], parts[2::2], strict=True):
        name = marker.removeprefix("<!-- output of: ").removesuffix(" -->\n")
        rest = text[text.index("\n\n") :]
        yield f"{marker}{outputs[name]()}{rest}"


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
