"""The answer at a glance: tiles, the parts of the memory, and tables of a whole session."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.table import Table

from edgesim.figures import Metrics
from edgesim.metrics import promised_ns
from edgesim.pages.tables import Grid, grid
from edgesim.plot.look import BUFFERS
from edgesim.report.amounts import energy_text, promise_text, time_text
from edgesim.report.capacity import exceeded_bytes
from edgesim.report.sessions import session_parts
from edgesim.report.text import mean_bits, number, shape, share
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns

_SESSION = {
    "asked": "All inferences of the session",
    "engagements": "Engagements, and energy above idle",
    "tokens": "Tokens",
}
"""Captions of the report's tables, by a heading of theirs."""


class Tile(NamedTuple):
    """One figure at a glance: what it is, how much, what that means, and whether it is good."""

    name: str
    value: str
    about: str
    mood: str = ""


class Part(NamedTuple):
    """A part of the memory at its largest, as a share of the largest part, and its colour."""

    name: str
    value: str
    share: float
    colour: str


def verdict_tile(result: Result, scenario: Scenario) -> Tile:
    """Say whether the inference kept its promise; of a session, how many did."""
    metrics, service = result.metrics, result.service
    if service is None or service.inferences < 2:
        return _promise(result, scenario)
    fraction, whose = metrics.target_met_fraction, f" of {scenario.app}" * bool(result.beside)
    times = f"latency p50 {time_text(metrics.latency_p50_ns)}, p90 {time_text(metrics.latency_p90_ns)}"
    mood = {1.0: "good", 0.0: "bad"}.get(fraction, "")
    return Tile("within the target", f"{fraction:.1%}", f"of {service.inferences:,} inferences{whose}; {times}", mood)


def _promise(result: Result, scenario: Scenario, which: str = "") -> Tile:
    metrics, first = result.metrics, result.timeline.requests[0]
    of = f"of {promise_text(scenario)}" if not scenario.schedule else f"of {show_ns(metrics.target_latency_ns)}"
    met = ("met", "good") if metrics.meets_target else ("missed", "bad")
    return Tile(f"{'time a token' if first.token_ns else 'latency'}{which}", show_ns(promised_ns(first)),
                f"{of}: {met[0]}", met[1])  # fmt: skip


def tiles(result: Result, scenario: Scenario) -> Iterator[Tile]:
    """Yield the figures that tell most; of a session those after its share within the target."""
    metrics, plan, service = result.metrics, result.plan, result.service
    if service and service.restarts:
        yield Tile("restarts", f"{service.restarts:,}", "inferences that found their app killed", "bad")
    if service and service.inferences > 1:
        yield _promise(result, scenario, ", first inference")
    if first := result.timeline.requests[0].token_ns:
        yield Tile("reply", time_text(metrics.latency_ns), f"{len(first):,} token{'s' * (len(first) > 1)}")
    yield Tile("stalled", share(metrics.stall_ns, metrics.latency_ns), "of the latency, waiting for shards")
    yield Tile("submodel", shape(plan).replace("x", "\N{MULTIPLICATION SIGN}"), f"{mean_bits(plan):.1f} bits a weight")
    about = "of 1, the whole model at 32 bits" if metrics.fidelity is not None else "the model's distortion is unknown"
    yield Tile("fidelity", number(metrics.fidelity), about)
    yield Tile("accuracy", number(metrics.accuracy), "predicted" if metrics.accuracy is not None else "not measured")
    yield Tile("memory held", show_bytes(metrics.held_memory_bytes), "between inferences")
    yield _peak(metrics, scenario)
    yield Tile(
        "energy",
        energy_text(metrics.energy_pj),
        "above idle" if metrics.energy_pj is not None else "a power is not in the profile",
    )


def _peak(metrics: Metrics, scenario: Scenario) -> Tile:
    capacity_bytes = exceeded_bytes(metrics, scenario)
    fits = ("all parts together", "")
    meant = fits if capacity_bytes is None else (f"more than the {show_bytes(capacity_bytes)} of the device", "bad")
    return Tile("memory at its peak", show_bytes(metrics.peak_memory_bytes), *meant)


def session_grids(result: Result, scenario: Scenario) -> Iterator[Grid]:
    """Yield the report's tables of the whole session, each with a caption of its own."""
    for table in (part for part in session_parts(result, scenario) if isinstance(part, Table)):
        names = {str(column.header).strip() for column in table.columns}
        caption = next(
            (caption for name, caption in _SESSION.items() if name in names), "What the device did meanwhile"
        )
        yield grid(table, caption)


def memory_parts(metrics: Metrics) -> list[Part]:
    """Return the parts of the memory, each at its largest."""
    colours = {"always held": "#b9c0c8"} | BUFFERS
    sizes = (metrics.resident_bytes, metrics.preload_bytes, metrics.load_buffer_peak_bytes, metrics.working_bytes)
    most = max(*sizes, 1)
    return [
        Part(name, show_bytes(size), round(size / most, 4), colour)
        for (name, colour), size in zip(colours.items(), sizes, strict=True)
    ]
