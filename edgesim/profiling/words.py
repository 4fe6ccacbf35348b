"""What the sources of a measured profile say: how, how well, on which machine, and where the samples are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from edgesim.profiling.line import fit_line
from edgesim.profiling.samples import Header
from edgesim.quantities import size_text
from edgesim.spread import COLD, COPY, DECOMPRESS, HOT, LAYER, READ, Point, Statistics

Found = Mapping[Point, Statistics]
Part = Literal["storage", "compute"]
Times = Mapping[int, Mapping[int, int]]
"""Read times [ns] by depth and size."""


def storage_text(header: Header, found: Found, measured: Times, fitted: Times, raw: str) -> str:
    """Say how reads were timed, what the fit changed, and how far a line would be from the table."""
    method = header.methods.get("storage", "method unknown")
    parts = [
        f"Median service time of {_counts(found, READ, HOT)} random reads a point: {method}.",
        _changes(measured, fitted), _lines(fitted), _pause(found),
        _spread(found, READ, "the reads of a point"),
    ]  # fmt: skip
    return _joined(parts, "storage", header, raw)


def compute_text(header: Header, found: Found, raw: str) -> str:
    """Say how layers were timed."""
    n_hot, n_cold = _counts(found, LAYER, HOT), _counts(found, LAYER, COLD)
    method = header.methods.get("compute", "method unknown")
    late = f"after_wait: of layers that had to wait for their shards, {n_cold} each; not less than the other."
    parts = [
        f"Median compute time of a layer, {n_hot} for each number of shards: {method}.", late if n_cold else "",
        _spread(found, LAYER, "the layers of one number of shards"),
    ]  # fmt: skip
    return _joined(parts, "compute", header, raw)


def decompress_text(found: Found, raw: str) -> str:
    """Say how decompression was timed; the rest is in the source of the layer times."""
    parts = [
        "Median share of a shard in the time of a layer's decompression, all its shards of one bitwidth;"
        f" {_counts(found, DECOMPRESS, HOT)} layers for each bitwidth and number of shards, those of the layer times.",
        _spread(found, DECOMPRESS, "the layers of one bitwidth and number of shards"), raw,
    ]  # fmt: skip
    return " ".join(filter(None, parts))


def hand_off_text(values: Statistics, raw: str) -> str:
    """Say how the hand-off was timed."""
    return (f"Median time from the end of a read to the moment that the waiting executor sees it, {values.n} waits;"
            f" 99th percentile {_us(values.p99_ns)}. {raw}")  # fmt: skip


def start_up_text(starts: int, raw: str) -> str:
    """Say how the start of an inference was timed."""
    return (
        "What the first layer of an inference takes longer than the median of later ones of as many shards, its"
        f" decompression and computation together: median of {starts} inferences, each after a pause. {raw}"
    )


def wakes_text(reads: int, raw: str) -> str:
    """Say how waking the storage was timed."""
    return (
        "What the first read of an inference takes longer than the table says: median of"
        f" {reads} inferences of the real backend, each after a pause. {raw}"
    )


def memory_text(found: Found, raw: str) -> str:
    """Say what copying memory took, if it was measured."""
    copies = [(point.key[0], values) for point, values in found.items() if point.quantity == COPY]
    rates = [f"copying {size_text(size)} takes {_us(values.median_ns)}, {size / values.median_ns:.3g} GB/s (median of"
             f" {values.n}, 99th percentile {_us(values.p99_ns)})" for size, values in copies]  # fmt: skip
    return "; ".join(["As the system tells it", *rates]) + f". {raw}"


def _joined(parts: Iterable[str], part: Part, header: Header, raw: str) -> str:
    doubts = [f"Doubtful: {doubt}." for doubt in header.doubts.get(part, ())]
    machine = f"Machine: {machine_text(header.facts)}."
    session = f"Session {header.session}, begun {header.started}, edgesim {header.version}, seed {header.seed}."
    return " ".join(filter(None, [*parts, machine, *doubts, session, raw]))


def machine_text(facts: Mapping[str, Any]) -> str:
    """Say in a line what kind of machine this is."""
    virtual = {"True": "a virtual machine", "False": "no virtual machine"}.get(str(facts.get("hypervisor")))
    behind = {"True": "virtual, its host may cache", "False": "physical"}.get(str(facts.get("disk_virtual")), "unknown")
    load = facts.get("load")
    busy = f"load {' '.join(map(str, load))} before" if isinstance(load, list) else None
    kind = facts.get("disk_model") or facts.get("disk_kind") or "kind unknown"
    parts = [
        f"{facts.get('cpu') or 'unknown CPU'} ({facts.get('cpus_available')} CPUs)", facts.get("kernel"), virtual,
        f"governor {facts.get('governor') or 'not told'}", busy,
        f"disk {facts.get('disk') or 'unknown'} ({kind}, {behind})",
        f"file system {facts.get('file_system') or 'unknown'}", f"Python {facts.get('python')}",
        *(f"{name} {facts[name]}" for name in ("numpy", "numba", "torch") if facts.get(name)),
    ]  # fmt: skip
    return ", ".join(filter(None, parts))


def _counts(found: Found, quantity: str, state: str) -> str:
    counts = [values.n for point, values in found.items() if (point.quantity, point.state) == (quantity, state)]
    if not counts:
        return ""
    return str(min(counts)) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"


def _changes(measured: Times, fitted: Times) -> str:
    """Say what the rising curve changed; the words are those of imported profiles."""
    moved = [
        (fitted[depth][size] / ns - 1, depth, size) for depth, times in measured.items() for size, ns in times.items()
    ]
    change, depth, size = max(moved, key=lambda move: abs(move[0]))
    if not change:
        return "Times rise with size at every depth, no fit was needed."
    return (f"Times that fell with size were replaced by the nearest rising curve (isotonic regression of log time);"
            f" largest change {abs(change):.1%}, {size_text(size)} at depth {depth}.")  # fmt: skip


def _lines(fitted: Times) -> str:
    """Say how far the nearest line would be from the table of each depth."""
    found = {depth: fit_line(points) for depth, points in fitted.items()}
    shown = [f"{line.latency_ns / 1e3:.3g} us + bytes / {line.bytes_per_s / 1e6:.4g} MB/s at depth {depth}"
             f" ({line.median_error:.1%} off in the median, {line.largest_error:.1%} at most)"
             for depth, line in found.items() if line]  # fmt: skip
    return f"For orientation, the table is what counts: {'; '.join(shown)}." if shown else ""


def _pause(found: Found) -> str:
    """Say how much longer a read takes when the storage has rested."""
    cold = {point.key: values.median_ns for point, values in found.items() if point[::2] == (READ, COLD)}
    ratios = sorted(
        ns / found[Point(READ, key, HOT)].median_ns for key, ns in cold.items() if Point(READ, key, HOT) in found
    )
    if not ratios:
        return ""
    return f"A read after a pause takes {ratios[0]:.2g} to {ratios[-1]:.2g} times as long, which the table leaves out."


def _spread(found: Found, quantity: str, of: str) -> str:
    """Say how far samples scatter around their medians."""
    every = [values for point, values in found.items() if (point.quantity, point.state) == (quantity, HOT)]
    if not every:
        return ""
    variations, tails = zip(*((values.cv, values.p99_ns / values.median_ns) for values in every), strict=True)
    return (f"Over {of} the coefficient of variation is {_middle(variations):.0%} (median of all points;"
            f" {max(variations):.0%} at most), the 99th percentile {_middle(tails):.2f} times the median.")  # fmt: skip


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _us(ns: int) -> str:
    return f"{ns / 1e3:,.4g} us" if ns < 10**7 else f"{ns / 1e6:,.4g} ms"
