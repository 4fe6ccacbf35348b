"""A validation as tables and sentences for people."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.report.text import number, uncut
from edgesim.units import show_bytes, show_ns
from edgesim.validation.agreement import Agreement
from edgesim.validation.statistics import Summary
from edgesim.validation.verdict import Validation

MOST_CASES = 30
"""Of more cases, those with the largest errors are shown; the JSON has all."""


def validation_text(found: Validation) -> RenderableType:
    """Show how far the simulation is from reality: by class, by kind of span, by case; the ranking; the verdict."""
    parts: list[RenderableType] = [Text(_title(found), "bold"), _classes(found), _kinds(found), _ranking(found)]
    parts.append(_cases(found))
    if found.accuracy:
        parts.append(_accuracy(found))
    parts += [Text(sentence, "dim") for sentence in circumstances(found)]
    return Group(*parts, _verdict(found))


def _title(found: Validation) -> str:
    campaign = found.campaign
    runs = sum(map(len, campaign.runs))
    return f"{campaign.scenario}: {len(campaign.cases)} plans, {runs} real runs; errors are (simulated - real) / real"


def _table(first: str, *headings: str) -> Table:
    table = Table(first, box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _classes(found: Validation) -> Table:
    table = _table(
        "latency by class", "plans", "without verdict", "error: median", "of size", "95 % interval", "p95", "worst",
        "structural", "worst", "drift",
    )  # fmt: skip
    for group in found.groups:
        error, own, drift = group.prediction, group.structural, found.drift.get(group.group)
        cells = ["-"] * 8
        if error and own:
            cells = [
                _signed(error.median), _share(error.median_size), f"{_share(error.low)} to {_share(error.high)}",
                _share(error.p95_size), _share(error.max_size), _share(own.median_size), _share(own.max_size),
                _share(drift.median_size) if drift else "unknown",
            ]  # fmt: skip
        table.add_row(group.group, str(group.cases), str(group.not_validated), *cells)
    return uncut(table)


def _kinds(found: Validation) -> Table:
    table = _table("single spans by class and kind", "spans", "error: median", "of size", "p95")
    for group in found.groups:
        for kind, errors in group.spans.items():
            table.add_row(f"{group.group}: {_kind(kind)}", str(errors.number), *_three(errors))
        if group.edges:
            table.add_row(f"{group.group}: starts and ends of layers *", str(group.edges.number), *_three(group.edges))
    return uncut(table)


def _kind(kind: str) -> str:
    return kind if kind in ("load", "decompress", "compute") else f"{kind} *"


def _three(errors: Summary) -> tuple[str, str, str]:
    return _signed(errors.median), _share(errors.median_size), _share(errors.p95_size)


def _ranking(found: Validation) -> Table:
    table = _table(
        "ranking by storage (* of the latency)", "plans", "Kendall tau", "regret", "same answer to the target"
    )
    table.add_column("simulator's choice, and the really fastest where it is another")
    for row in found.rankings:
        choice = row.simulated_best if row.simulated_best == row.real_best else f"{row.simulated_best}; {row.real_best}"
        tau = "-" if row.tau is None else f"{row.tau:.3f}"
        same = f"{row.same_promise} of {row.plans}"
        table.add_row(Text(row.storage), str(row.plans), tau, _share(row.regret), same, Text(choice))
    return uncut(table)


def _cases(found: Validation) -> Table:
    order = sorted(found.agreements, key=lambda one: -abs(one.prediction or 0))
    shown = order[:MOST_CASES] if len(order) > MOST_CASES else list(found.agreements)
    title = "plan" if len(shown) == len(order) else f"plan (the {len(shown)} of {len(order)} with the largest errors)"
    table = _table(title, "class", "simulated", "real", "error", "structural", "disturbed", "stall", "peak memory")
    for one in shown:
        table.add_row(Text(one.label), one.group, show_ns(one.simulated_ns), *_measured(one))
    return uncut(table)


def _measured(one: Agreement) -> tuple[str, ...]:
    lost = f"{one.disturbed} of {one.runs}"
    if one.real_ns is None or one.prediction is None or one.totals is None or one.peak_memory is None:
        return "-", "not validated", "-", lost, "-", "-"
    stall, memory = one.totals["stall_ns"], one.peak_memory
    own = max(map(abs, one.structural), default=0.0)
    return (
        show_ns(one.real_ns), _signed(one.prediction), _share(own), lost, f"{show_ns(stall[0])} / {show_ns(stall[1])}",
        " / ".join(map(show_bytes, dict.fromkeys(memory))),
    )  # fmt: skip


def _accuracy(found: Validation) -> Table:
    table = _table(f"executed and examined in task {found.accuracy[0].task}", "accuracy", "latency", "target",
                   "peak memory", "shards kept")  # fmt: skip
    runs = zip(found.campaign.cases, found.agreements, found.accuracy, strict=True)
    for case, one, measured in runs:
        latency = one.real_ns or 0
        met = "met" if latency <= case.target_latency_ns else "missed"
        peak = show_bytes(one.peak_memory[1]) if one.peak_memory else "-"
        table.add_row(Text(one.label), number(measured.accuracy), show_ns(latency), met, peak,
                      show_bytes(case.metrics.preload_bytes))  # fmt: skip
    return uncut(table)


def circumstances(found: Validation) -> Iterator[str]:
    """Yield what a reader must know to judge the figures."""
    about = found.campaign.circumstances
    machine, engine = about.get("machine", {}), about.get("engine", {})
    yield f"Executed {about.get('executed', 'at an unknown time')} on {machine.get('cpu', 'an unknown CPU')}."
    if not engine.get("direct", True):
        yield f"Reads were not direct ({engine.get('why_not')}): the page cache may have answered them."
    if machine.get("hypervisor"):
        yield "This is a virtual machine: a direct read may still have been answered by the host's cache."
    for who, key in (("executor", "executor"), ("loader", "placement")):
        if why := (engine.get(key) or {}).get("why_not"):
            yield f"The {who} did not get all that was asked for: {why}."
    if any(case.throttle for case in found.campaign.cases):
        yield "Emulated storage takes the time that the simulator's own table says: it tests structure and computation."
    yield from (f"Left out: {reason}" for reason in found.left_out)
    yield from (f"Not validated: {one.label}: {one.why_not}." for one in found.agreements if one.why_not)


def _verdict(found: Validation) -> Text:
    limit = _share(found.campaign.tolerance)
    sentence = {
        "within tolerance": f"Within tolerance: the median error of every class is at most {limit}.",
        "out of tolerance": f"Out of tolerance: the median error of a class exceeds {limit}.",
        "not validated": "Not validated: too many runs were disturbed to tell. Run it again on a quiet machine.",
    }[found.verdict]
    return Text(sentence, "green" if found.verdict == "within tolerance" else "bold red")


def _share(value: float) -> str:
    return f"{100 * value:.2f} %"


def _signed(value: float) -> str:
    return f"{100 * value:+.2f} %"
