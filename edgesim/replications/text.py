"""Replications as a table for people: what it is on average, how sure that is, and how often the target is met."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.replications.figures import MET
from edgesim.replications.findings import Difference, Estimate, Replicated, Replications, Stopped
from edgesim.replications.intervals import Interval
from edgesim.report.text import uncut
from edgesim.units import show_bytes, show_ns

_UNKNOWN = "unknown"
_OFTEN_ZERO = ("waiting_mean_ns", "restarts", "evicted_apps", "evicted_others")
"""Figures that are left out where there was nothing of the kind."""
_LABELS = {"all_met_fraction": "all of it met", "per_inference_pj": "energy", "per_engagement_pj": "energy, engagement"}


def replications_text(found: Replications) -> RenderableType:
    """Show one planner's replications: every known figure with its interval, then percentiles of all latencies."""
    title = f"{found.scenario}: {found.planner} on {found.device} ({found.processor}), {found.model}"
    parts: list[RenderableType] = [Text(title, "bold"), Text(stopped_text(found)), _figures_table(found)]
    return Group(*parts, *_notes(found))


def stopped_text(found: Replications) -> str:
    """Say how many replications there were, and why no more."""
    why = found.stopped
    if why.reason == "nothing random":
        return f"Nothing in this scenario is random: all {why.asked:,} replications would be the same, 1 was run."
    many = f"{found.number:,} replication{'s' if found.number > 1 else ''} from seed {found.seed}"
    return f"{many}{_precision(why)}."


def _precision(why: Stopped) -> str:
    if why.precision is None:
        return ""
    reached = "unknown" if why.relative_half_width is None else f"{why.relative_half_width:.1%}"
    asked = f"{why.figure} within {why.precision:.1%}"
    if why.reason == "precise":
        return f" of at most {why.asked:,}: {asked}, {reached} reached"
    return f": not enough for {asked}, {reached} reached"


def _figures_table(found: Replications) -> Table:
    """Show the figures of a mean session, then percentiles of all sessions taken together."""
    table = Table("of a session", box=None, pad_edge=False)
    for heading in ("mean", "95 % confidence", "deviation"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in found.estimates.items():
        if one is not None and (one.mean or one.deviation or not name.endswith(_OFTEN_ZERO)):
            deviation = "-" if one.deviation is None else show(name, one.deviation)
            table.add_row(_label(name), show(name, one.mean), _between(name, one.interval), deviation)
    if found.number > 1:
        table.add_row(Text("of all inferences", "bold"))
        for app, percentiles in found.percentiles.items():
            whose = f"{app}: " if len(found.percentiles) > 1 else ""
            for percent, value_ns, interval, _ in percentiles:
                table.add_row(f"{whose}latency p{percent}", show_ns(value_ns), _between("_ns", interval))
    return uncut(table)


def _between(name: str, interval: Interval | None) -> str:
    if interval is None or interval.low == interval.high:
        return "-"
    low, high = (None if end is None else show(name, end) for end in interval)
    return f"{low or 'unbounded'} to {high or 'unbounded'}"


def _notes(found: Replications) -> Iterator[Text]:
    if found.number < 2:
        return
    wilson = [_label(name) for name, one in found.estimates.items() if one and one.method == "wilson"]
    if wilson:
        yield Text(f"Wilson's interval for {', '.join(wilson)}; else Student's, between replications.", "dim")
    if found.stopped.reason != "nothing random" and all(not one.deviation for one in _known(found)):
        yield Text("No figure differs between replications: what is random did not come to bear.", "yellow")


def _known(found: Replications) -> list[Estimate]:
    return [one for one in found.estimates.values() if one is not None]


def replicated_text(found: Replicated) -> RenderableType:
    """Show planners side by side over the same replications, and their differences to the first."""
    if not found.each:
        return Text("No planner has a plan that fits.")
    first, number = found.each[0], found.each[0].number
    title = f"{first.scenario}: {first.model} on {first.device} ({first.processor})"
    table = Table("planner", box=None, pad_edge=False)
    headings = (_label(found.figure), "target met", f"minus {first.planner}", "less in", "gain")
    for heading in headings if number > 1 else headings[:3]:
        table.add_column(heading, justify="right", no_wrap=True)
    differences: Sequence[Difference | None] = (None, *found.differences)
    for one, difference in zip(found.each, differences, strict=True):
        own, met = one.estimates[found.figure], one.estimates[MET]
        cells = (Text(one.planner), _within(found.figure, own), _within(MET, met))
        table.add_row(*cells, *_difference(found.figure, difference, number)[: None if number > 1 else 1])
    return Group(Text(title, "bold"), Text(stopped_text(first)), uncut(table), *_explained(found))


def _within(name: str, one: Estimate | None) -> str:
    """Write a mean and half its interval; both ends where it is not symmetric."""
    if one is None:
        return _UNKNOWN
    mean, half = show(name, one.mean), _half(one)
    if one.interval is None or half == 0:
        return mean
    return f"{mean} ({_between(name, one.interval)})" if half is None else _plus_or_minus(mean, show(name, half))


def _plus_or_minus(mean: str, half: str) -> str:
    """Write the unit once where both have the same."""
    unit = half.lstrip("0123456789.,")
    return f"{mean.removesuffix(unit)} ± {half}" if mean.endswith(unit) else f"{mean} ± {half}"


def _half(one: Estimate) -> float | None:
    if one.interval is None or one.interval.low is None or one.interval.high is None or one.method != "student":
        return None
    below, above = one.mean - one.interval.low, one.interval.high - one.mean
    return above if abs(above - below) <= 1e-9 * max(1.0, abs(one.mean)) else None


def _difference(figure: str, one: Difference | None, number: int) -> tuple[str, str, str]:
    if one is None:
        return "-", "", ""
    if one.estimate is None:
        return _UNKNOWN, "", ""
    gain = "-" if one.variance_ratio is None else f"x {one.variance_ratio:,.{0 if one.variance_ratio >= 10 else 1}f}"
    sign = "+" if one.estimate.mean > 0 else ""
    return f"{sign}{_within(figure, one.estimate)}", f"{one.less:,}/{number:,}", gain


def _explained(found: Replicated) -> Iterator[Text]:
    if found.each[0].number < 2 or not found.differences:
        return
    yield Text(
        "± is the 95 % confidence interval, for each figure alone. All planners met the same draws: differences are"
        " taken replication by replication; the gain is how many times as many independent ones would be as precise.",
        "dim",
    )
    unsure = [one.planner for one in found.differences if _may_be_zero(one)]
    if unsure:
        yield Text(f"Not told apart from {found.each[0].planner}: {', '.join(unsure)}.", "yellow")


def _may_be_zero(one: Difference) -> bool:
    if one.estimate is None or one.estimate.interval is None:
        return False
    low, high = one.estimate.interval
    return (low is None or low <= 0) and (high is None or high >= 0)


def _label(name: str) -> str:
    app, _, figure = name.rpartition(".")
    if figure in _LABELS:
        return f"{app + ': ' if app else ''}{_LABELS[figure]}"
    for unit in ("_ns", "_pj", "_bytes", "_fraction"):
        figure = figure.removesuffix(unit)
    return f"{app + ': ' if app else ''}{figure.replace('_', ' ')}"


def show(name: str, value: float) -> str:
    """Write a figure with the unit that its name ends in."""
    if name.endswith("_ns"):
        return f"-{show_ns(round(-value))}" if value < 0 else show_ns(round(value))
    if name.endswith("_pj"):
        return f"{value / 1e9:,.3f} mJ"
    if name.endswith("_bytes"):
        return f"-{show_bytes(round(-value))}" if value < 0 else show_bytes(round(value))
    return f"{value:.1%}" if name.endswith(("_fraction", "_share")) else f"{value:,.2f}"
