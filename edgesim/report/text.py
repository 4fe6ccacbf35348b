"""Results as tables and sentences for people."""

from collections.abc import Mapping, Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.cost import bits_of
from edgesim.figures import Metrics
from edgesim.metrics import promised_ns
from edgesim.plans import Plan
from edgesim.quality import predicted_accuracy
from edgesim.report.capacity import too_large
from edgesim.result import Result
from edgesim.scenario import Scenario
from edgesim.timeline import EXECUTOR, Span
from edgesim.units import show_bytes, show_ns

_NARROWEST = 80  # below it, the terminal wraps the lines of tables: not pretty, but nothing is lost
_WEAK = {"C": "derived", "D": "estimated", None: "without a source"}


def result_text(result: Result, scenario: Scenario, session: Sequence[RenderableType] = ()) -> RenderableType:
    """Show one result: the answer, memory and layers of the first inference, a session, and what they rest on.

    Of several inferences the session comes before the first one.
    """
    heading = Text(
        f"{result.scenario}: {result.planner} on {result.device} ({result.processor}), {result.model}", "bold"
    )
    first: list[RenderableType] = [answer_table(result, scenario), memory_table(result.metrics), layers_table(result)]
    inferences = result.service.inferences if result.service else len(result.requests)
    if inferences > 1:  # what all of them are tells more than the first one
        whose = f" of {scenario.app}" * bool(result.beside)
        first.insert(0, Text(f"The first of {inferences:,} inferences{whose}:", "bold"))
        parts = [*(session or [_session(result.metrics, inferences)]), *first]
    else:
        parts = [*first, *session]
    larger = too_large(result, scenario)
    return Group(heading, *parts, *[Text(larger, "bold red")] * bool(larger), rests_on(result))


def answer_table(result: Result, scenario: Scenario) -> Table:
    """Show the answer: latency and promise, waits, submodel, quality and energy."""
    metrics, plan = result.metrics, result.plan
    table = Table(box=None, show_header=False, pad_edge=False)
    verdict = Text("met", "green") if metrics.meets_target else Text("missed", "bold red")
    latency, target, first = (
        show_ns(metrics.latency_ns),
        show_ns(metrics.target_latency_ns),
        result.timeline.requests[0],
    )
    if first.token_ns:
        count, wait_ns = len(first.token_ns), first.token_ns[0] - first.arrival_ns
        table.add_row("latency", latency, f"{count:,} token{'s' * (count > 1)}, the first after {show_ns(wait_ns)}")
    promised = ("token", show_ns(promised_ns(first))) if first.token_ns else ("latency", latency)
    table.add_row(promised[0], f"{promised[1]} of {target}:", verdict)
    table.add_row("stalled", share(metrics.stall_ns, metrics.latency_ns), "waiting for shards")
    table.add_row("loader busy", share(metrics.io_busy_ns, metrics.latency_ns), blocked(metrics))
    table.add_row("submodel", shape(plan), f"{mean_bits(plan):.1f} bits a weight")
    table.add_row("fidelity", number(metrics.fidelity), "of 1, the whole model at 32 bits")
    table.add_row("accuracy", number(metrics.accuracy), _about_accuracy(result, scenario))
    if metrics.energy_pj is not None:
        table.add_row("energy", f"{metrics.energy_pj / 1e9:,.1f} mJ", "above idle")
    return table


def _about_accuracy(result: Result, scenario: Scenario) -> str:
    """Say of what task it is predicted and how far such predictions are off, or why there is none."""
    accuracy, reason = predicted_accuracy(result.plan, scenario.model)
    fitted = scenario.model.quality.fitted if scenario.model.quality else None
    if accuracy is None or fitted is None:
        return f"not predicted: {reason}" if fitted else "not measured"
    error = f", such predictions are off by {100 * fitted.judgement.mean_error:.1f} points" if fitted.judgement else ""
    return f"predicted, task {fitted.task}{error}"


def blocked(metrics: Metrics) -> str:
    """Say how long the loader waited, if it did."""
    waits = [("blocked", metrics.blocked_ns, "waiting for buffer room"), ("held", metrics.held_ns, "held back")]
    return ", ".join(f"{show_ns(time)} {what}" for _, time, what in waits if time)


def memory_table(metrics: Metrics) -> Table:
    """Show each part of the memory, between inferences and at its peak."""
    table = Table("memory", "always held", "preload", "load buffer", "working", "sum", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    held = (metrics.resident_bytes, metrics.preload_bytes)
    at_peak = (*held, metrics.load_buffer_peak_bytes, metrics.working_bytes)
    table.add_row("between inferences", *map(show_bytes, held), "", "", show_bytes(metrics.held_memory_bytes))
    table.add_row("at its peak", *map(show_bytes, at_peak), show_bytes(metrics.peak_memory_bytes))
    return table


def layers_table(result: Result) -> Table:
    """Show each layer of the first inference: bitwidths, what is read, start and end after the question, and waits."""
    table = Table("layer", "bits of its shards (* preloaded)", box=None, pad_edge=False)
    for heading in ("reads", "starts", "ends", "stalled"):
        table.add_column(heading, justify="right")
    asked_ns = result.requests[0].arrival_ns if result.requests else 0
    for layer, shards in zip(result.plan.layers, result.plan.shards, strict=True):
        spans = [span for span in result.timeline.spans if span.layer == layer and span.request == 0]
        table.add_row(str(layer), bits_text(result.plan, layer, shards), *_times(spans, asked_ns))
    return table


def bits_text(plan: Plan, layer: int, shards: Sequence[int]) -> str:
    """Write the bitwidths of the shards of one layer, preloaded ones with a star."""
    bits, preloaded = bits_of(plan), set(plan.preload)
    own = [(layer, shard) for shard in shards]
    return " ".join(f"{bits[shard]}{'*' if shard in preloaded else ''}" for shard in own)


def _times(spans: Sequence[Span], asked_ns: int) -> tuple[str, str, str, str]:
    work = [span for span in spans if span.kind in ("decompress", "compute")]
    waits = [span for span in spans if span.kind in ("stall", "handoff") and span.lane == EXECUTOR]
    stalled = sum(span.end_ns - span.start_ns for span in waits)
    read = sum(span.bytes for span in spans if span.kind == "load")
    start, end = min(span.start_ns for span in work) - asked_ns, max(span.end_ns for span in work) - asked_ns
    return show_bytes(read) if read else "-", show_ns(start), show_ns(end), show_ns(stalled) if stalled else "-"


def _session(metrics: Metrics, inferences: int) -> Text:
    times = ", ".join(
        f"p{p} {show_ns(ns)}"
        for p, ns in ((50, metrics.latency_p50_ns), (90, metrics.latency_p90_ns), (99, metrics.latency_p99_ns))
    )
    return Text(f"{inferences:,} inferences: {times}; {metrics.target_met_fraction:.1%} within the target.")


def rests_on(result: Result) -> Text:
    """Say which numbers of the answer are derived or estimated."""
    return grades_text(result.grades)


def grades_text(grades: Mapping[str, str | None]) -> Text:
    """Say which groups of numbers are derived or estimated, by their grades."""
    weak = {name: grade for name, grade in grades.items() if grade in _WEAK and name != "worst"}
    if not weak:
        return Text("All numbers behind this are measured.", "dim")
    listed = ", ".join(f"{name.replace('_', ' ')} {_WEAK[grade]} ({grade or '?'})" for name, grade in weak.items())
    return Text(f"Not all measured: {listed}.", "yellow")


def shape(plan: Plan) -> str:
    """Write the submodel as n x m; a range where layers differ."""
    widths = sorted({len(row) for row in plan.shards})
    return f"{len(plan.layers)} x {'-'.join(str(width) for width in dict.fromkeys((widths[0], widths[-1])))}"


def mean_bits(plan: Plan) -> float:
    """Return the mean bitwidth of the executed shards."""
    every = [bits for row in plan.bitwidths for bits in row]
    return sum(every) / len(every)


def number(value: float | None) -> str:
    """Write a quality, or that it is unknown."""
    return "unknown" if value is None else f"{value:.4f}"


def share(part: int, whole: int) -> str:
    """Write a part of the time in percent."""
    return f"{part / whole:.1%}"


def uncut(table: Table) -> Table:
    """Let a table be as wide as its numbers: a narrow terminal then wraps its lines, and no digit is lost."""
    table.width = Console(width=1000).measure(table).maximum
    return table


def render(renderable: RenderableType, width: int = 140) -> str:
    """Return what a terminal of some width would show, without colours."""
    console = Console(width=width, no_color=True, force_terminal=False, force_jupyter=False)  # else it shows by itself
    return _bare(_printed(console, renderable))


def screen_text(renderable: RenderableType, *, terminal: bool) -> str:
    """Return what standard output shows: as wide as a terminal is; a pipe or a file has no width, nothing is cut."""
    console = Console(file=StringIO(), force_terminal=terminal, force_jupyter=False)
    console.width = max(console.width, _NARROWEST) if terminal else 160
    text = _printed(console, renderable)
    return text if terminal else _bare(text)


def _printed(console: Console, renderable: RenderableType) -> str:
    with console.capture() as capture:
        console.print(renderable, crop=False)
    return capture.get()


def _bare(text: str) -> str:
    """Return a text without the spaces that fill up the last column of tables."""
    return "\n".join(line.rstrip(" ") for line in text.split("\n"))
