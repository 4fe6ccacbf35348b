"""A validation as tables and sentences for people."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.text import one_line
from edgesim.report.text import number, uncut
from edgesim.units import show_bytes, show_ns
from edgesim.validation.agreement import Agreement
from edgesim.validation.statistics import Summary
from edgesim.validation.verdict import Validation

MOST_CASES = 30
"""Of more cases, those with the largest errors are shown; the JSON has all."""
MOST_REASONS = 8
"""For so many cases that were not validated it is said why."""

CLASSES = {
    "resident": "resident: nothing is read",
    "native": "native storage",
    "emulated io-bound": "emulated storage, IO-bound",
    "emulated compute-bound": "emulated storage, compute-bound",
}
"""Classes of plans, in words."""
_KINDS = {"handoff": "hand-off"}
_OF_THEIR_OWN = ("load", "decompress", "compute")


def validation_text(found: Validation) -> RenderableType:
    """Show how far the simulation is from reality: by class, by kind of span, by case; the ranking; the verdict."""
    parts: list[RenderableType] = [
        Text(_title(found), "bold"),
        classes_table(found),
        kinds_table(found),
        ranking_table(found),
    ]
    parts += [_text(sentence) for sentence in choices(found)]
    parts.append(cases_table(found))
    if found.accuracy:
        parts.append(accuracy_table(found))
    parts += [_text(sentence, "dim") for sentence in circumstances(found)]
    return Group(*parts, verdict_text(found))


def _text(content: str, style: str = "") -> Text:
    """Show what may come from a file: neither markup nor a command to the terminal."""
    return Text(one_line(content), style)


def _title(found: Validation) -> str:
    cases, runs = found.campaign.cases, sum(map(len, found.campaign.runs))
    many = f"{len(cases)} plan{'s' if len(cases) > 1 else ''}, {runs} real run{'s' if runs != 1 else ''}"
    return one_line(f"{found.campaign.scenario}: {many}; errors are (simulated - real) / real")


def _table(first: str, *headings: str) -> Table:
    table = Table(first, box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def classes_table(found: Validation) -> Table:
    """Show by class how far simulated latencies are from real ones, and structure alone from both."""
    drift = ["drift"] if found.drift else []
    table = _table(
        "latency by class", "plans", "not validated", "bias", "median error", "95 % interval", "p95", "worst",
        "structural", "its worst", *drift,
    )  # fmt: skip
    for group in found.groups:
        error, own, moved = group.prediction, group.structural, found.drift.get(group.group)
        cells = ["-"] * (7 + len(drift))
        if error and own:
            cells = [
                _signed(error.median), _share(error.median_size), f"{_share(error.low)} to {_share(error.high)}",
                _share(error.p95_size), _share(error.max_size), _share(own.median_size), _share(own.max_size),
                *[_share(moved.median_size) if moved else "unknown"] * len(drift),
            ]  # fmt: skip
        table.add_row(CLASSES[group.group], str(group.cases), str(group.not_validated), *cells)
    return uncut(table)


def kinds_table(found: Validation) -> Table:
    """Show by class and kind how far single spans are from real ones."""
    table = Table("spans by class", "kind (* part of the latency)", box=None, pad_edge=False)
    for heading in ("spans", "bias", "median error", "p95"):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in found.groups:
        rows = [(_kind(kind), errors) for kind, errors in group.spans.items()]
        rows += [("starts and ends of layers *", group.edges)] if group.edges else []
        for place, (kind, errors) in enumerate(rows):
            table.add_row("" if place else CLASSES[group.group], _text(kind), str(errors.number), *_three(errors))
    return uncut(table)


def _kind(kind: str) -> str:
    return kind if kind in _OF_THEIR_OWN else f"{_KINDS.get(kind, kind)} *"


def _three(errors: Summary) -> tuple[str, str, str]:
    return _signed(errors.median), _share(errors.median_size), _share(errors.p95_size)


def ranking_table(found: Validation) -> Table:
    """Show by storage whether the simulator puts plans in their real order."""
    table = _table("ranking by storage", "plans", "Kendall's tau", "of certain pairs", "regret",
                   "same answer to the target")  # fmt: skip
    for row in found.rankings:
        tau = "-" if row.tau is None else f"{row.tau:.3f}"
        certain = "-" if row.certain_tau is None else f"{row.certain_tau:.3f} of {row.certain_pairs}"
        same = f"{row.same_promise} of {row.plans}"
        table.add_row(_text(row.storage), str(row.plans), tau, certain, _share(row.regret), same)
    return uncut(table)


def choices(found: Validation) -> Iterator[str]:
    """Yield what the simulator would choose, and where something else is really faster."""
    for row in found.rankings:
        better = f"; really the fastest is {row.real_best}" if row.regret else ", which is really the fastest"
        yield f"On {row.storage}: the simulator chooses {row.simulated_best}{better}."


def cases_table(found: Validation, most: int = MOST_CASES) -> Table:
    """Show one row a plan; of more than so many those with the largest errors."""
    order = sorted(found.agreements, key=lambda one: -abs(one.prediction or 0))
    shown = order[:most] if len(order) > most else list(found.agreements)
    title = "plan" if len(shown) == len(order) else f"plan (of {len(order)} those with the largest errors)"
    table = _table(title, "class", "simulated", "real", "error", "structural", "lost runs", "stall: simulated, real",
                   "peak memory")  # fmt: skip
    for one in shown:
        table.add_row(_text(one.label), one.group, show_ns(one.simulated_ns), *_measured(one))
    return uncut(table)


def _measured(one: Agreement) -> tuple[str, ...]:
    lost = f"{one.disturbed} of {one.runs}"
    if one.real_ns is None or one.prediction is None or one.totals is None or one.peak_memory is None:
        return "-", "-", "-", lost, "-", "-"
    stall, memory = one.totals["stall_ns"], one.peak_memory
    own = max(map(abs, one.structural), default=0.0)
    return (
        show_ns(one.real_ns), _signed(one.prediction), _share(own), lost, f"{show_ns(stall[0])}, {show_ns(stall[1])}",
        ", ".join(dict.fromkeys(map(show_bytes, memory))),
    )  # fmt: skip


def accuracy_table(found: Validation) -> Table:
    """Show what was asked for besides: the accuracy of each plan on the real model."""
    table = _table(f"executed, and examined in task {found.accuracy[0].task}", "accuracy", "latency", "target",
                   "peak memory", "shards kept")  # fmt: skip
    for case, one, measured in zip(found.campaign.cases, found.agreements, found.accuracy, strict=True):
        known = one.real_ns is not None
        met = "met" if known and (one.real_ns or 0) <= case.target_latency_ns else "missed" if known else "-"
        peak = show_bytes(one.peak_memory[1]) if one.peak_memory else "-"
        table.add_row(_text(one.label), number(measured.accuracy), show_ns(one.real_ns) if one.real_ns else "-", met,
                      peak, show_bytes(case.metrics.preload_bytes))  # fmt: skip
    return uncut(table)


def circumstances(found: Validation) -> Iterator[str]:
    """Yield what a reader must know to judge the figures."""
    about = found.campaign.circumstances
    machine, engine = _part(about, "machine"), _part(about, "engine")
    yield f"Executed {about.get('executed', 'at an unknown time')} on {machine.get('cpu', 'an unknown CPU')}."
    if not engine.get("direct", True):
        yield f"Reads were not direct ({engine.get('why_not')}): the page cache may have answered them."
    if machine.get("hypervisor"):
        yield "This is a virtual machine: a direct read may still have been answered by the host's cache."
    for who, key in (("executor", "executor"), ("loader", "placement")):
        if why := _part(engine, key).get("why_not"):
            yield f"The {who} did not get all that was asked for: {why}."
    if any(case.throttle for case in found.campaign.cases):
        yield "Emulated storage takes the time that the simulator's own table says: it tests structure and computation."
    yield from (f"Left out: {reason}" for reason in found.left_out)
    missing = [f"Not validated: {one.label}: {one.why_not}." for one in found.agreements if one.why_not]
    yield from missing[:MOST_REASONS]
    if len(missing) > MOST_REASONS:
        yield f"Not validated: {len(missing) - MOST_REASONS} more; the JSON says why."


def _part(facts: dict[str, Any], key: str) -> dict[str, Any]:
    found = facts.get(key)
    return found if isinstance(found, dict) else {}


def verdict_text(found: Validation) -> Text:
    """Say whether the simulator is within the tolerance."""
    limit = _share(found.campaign.tolerance)
    sentence = {
        "within tolerance": f"Within tolerance: the median error of every class is at most {limit}.",
        "out of tolerance": f"Out of tolerance: the median error of a class exceeds {limit}.",
        "not validated": "Not validated: too many runs were disturbed to tell. Repeat it on a quiet machine.",
    }[found.verdict]
    return Text(sentence, "green" if found.verdict == "within tolerance" else "bold red")


def _share(value: float) -> str:
    return f"{100 * value:.2f} %"


def _signed(value: float) -> str:
    return f"{100 * value:+.2f} %"
