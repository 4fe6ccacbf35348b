"""Scenarios and models as tables for people: what is asked, and of what."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.cost import stored_bytes
from edgesim.files.text import one_line
from edgesim.model import FULL, Model
from edgesim.provenance import grades
from edgesim.report.amounts import promise_text, time_text
from edgesim.report.devices import grade_text, titled
from edgesim.report.text import grades_text
from edgesim.scenario import Scenario
from edgesim.tokens import Range
from edgesim.units import show_bytes
from edgesim.workload import Engagements

Fact = tuple[str, str]


def scenario_text(scenario: Scenario) -> RenderableType:
    """Show what a scenario asks: model, device, target, buffers, session, and what it was changed in."""
    table = _facts(_asked(scenario))
    return Group(*titled(scenario.name, scenario.description), table, grades_text(grades(scenario)))


def _facts(facts: Iterator[Fact]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in facts:
        table.add_row(Text(name), Text(one_line(value)))
    return table


def _asked(scenario: Scenario) -> Iterator[Fact]:
    model, room = scenario.model, scenario.load_buffer_bytes
    yield "model", f"{model.name}, {model.layers} x {model.shards_per_layer} shards"
    storage = f", with the storage of {scenario.throttle.name}" if scenario.throttle else ""
    yield "device", f"{scenario.device.name}, {scenario.processor}{storage}"
    yield "planner", ", ".join(choice.label for choice in scenario.planner)
    yield "target latency", promise_text(scenario)
    yield "preload buffer", show_bytes(scenario.preload_bytes)
    yield "load buffer", "unlimited" if room is None else show_bytes(room)
    yield "session", _session(scenario)
    if reply := scenario.generation:
        yield "reply", f"{_length(reply.tokens)} tokens, after a prompt of {_length(reply.prompt)}"
    if scenario.apps:
        yield "beside it", ", ".join(f"{app.app} ({app.model.name})" for app in scenario.apps.values())
    if disturbed := [name for name, value in scenario.conditions if value not in (None, ())]:
        yield "disturbed by", ", ".join(name.replace("_", " ") for name in disturbed)
    if scenario.sweep:
        yield "its sweep", ", ".join([*scenario.sweep.axes, *(key for group in scenario.sweep.zip for key in group)])
    if scenario.changes:
        yield "changed", ", ".join(f"{key}: {value}" for key, value in scenario.changes.items())


def _session(scenario: Scenario) -> str:
    """Say who asks how often: the kind of session, the number of inferences or its length, and how it starts."""
    asking = scenario.workload
    number, until_ns = asking.inferences, asking.until_ns
    parts = [asking.kind.replace("_", " ")]
    parts += [f"{number:,} inference{'s' * (number > 1)}"] if number else []
    parts += [f"{asking.engagements:,} of them"] if isinstance(asking, Engagements) and asking.engagements else []
    parts += [f"{time_text(until_ns)}"] if until_ns else []
    return ", ".join([*parts, f"{asking.start} start"])


def _length(tokens: int | Range) -> str:
    return f"{tokens.least} to {tokens.most}" if isinstance(tokens, Range) else str(tokens)


def model_text(model: Model) -> RenderableType:
    """Show a model: its shape, what a shard takes at each bitwidth and what that costs, and what is known of it."""
    facts = _facts(_shape(model))
    return Group(*titled(model.name, model.description), facts, _bitwidths(model))


def _shape(model: Model) -> Iterator[Fact]:
    yield (
        "layers x shards",
        f"{model.layers} x {model.shards_per_layer}, of {model.parameters_per_shard:,} weights each",
    )
    yield "layer", str(model.geometry)
    if resident := model.resident_bytes.values:
        total = show_bytes(sum(resident.values()))
        yield "always held", f"{total} ({', '.join(resident)}); {grade_text(model.resident_bytes.source)}"
    measured = f"measured; {grade_text(model.importance.source)}"
    yield "importance", "not measured: all alike" if model.importance.values is None else measured
    fitted = model.quality.fitted if model.quality else None
    yield "accuracy", f"predicted, task {fitted.task}; {grade_text(model.quality.source)}" if fitted and model.quality \
        else "not measured"  # fmt: skip


def _bitwidths(model: Model) -> Table:
    table = Table("bits a weight", box=None, pad_edge=False)
    known = model.distortion
    for heading in ("one shard", "all shards", "distortion" + (f" ({grade_text(known.source)})" if known else "")):
        table.add_column(heading, justify="right")
    every = [(layer, shard) for layer in range(model.layers) for shard in range(model.shards_per_layer)]
    for bits in model.bitwidths:
        sizes = [stored_bytes(model, shard, bits) for shard in every]
        ends = " to ".join(dict.fromkeys(map(show_bytes, (min(sizes), max(sizes)))))
        lost = "0" if bits == FULL else "unknown" if known is None else f"{known.values[bits]:.3g}"
        table.add_row(str(bits), ends, show_bytes(sum(sizes)), lost)
    return table
