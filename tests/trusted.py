"""The documents' tables of simulated against real execution, computed from the committed files."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from campaigns.ablation import GROUPS, rows

from edgesim import read_device, revalidate
from edgesim.units import show_bytes, show_ns
from edgesim.validation.verdict import Validation

VALIDATED = Path(__file__).parents[1] / "scenarios" / "validated"
FIRST, *LATER = (VALIDATED / f"minilm-{number}.json.gz" for number in (1, 2, 3))
NAMES = dict(
    zip(GROUPS, ("emulated, IO-bound", "emulated, compute-bound", "native", "resident: nothing is read"), strict=True)
)
Table = tuple[tuple[str, ...], list[list[str]]]


@cache
def sessions() -> tuple[Validation, ...]:
    """Return the campaign of each session, with the drift of later ones from the first."""
    return revalidate(FIRST), *(revalidate(path, FIRST) for path in LATER)


def percent(value: float) -> str:
    """Write a share with two decimals."""
    return f"{100 * value:.2f} %"


def classes() -> Table:
    """Return the errors of latency by class and session, beside the drift between the sessions."""
    head = ("class", "session", "plans", "bias", "median error", "95 % interval", "p95", "worst", "structural: median",
            "worst", "drift: median", "p95")  # fmt: skip
    table = []
    for group in GROUPS:
        for number, found in enumerate(sessions(), 1):
            one = next(each for each in found.groups if each.group == group)
            error, own, moved = one.prediction, one.structural, found.drift.get(group)
            assert error
            assert own
            table.append([
                NAMES[group], str(number), str(one.cases - one.not_validated), f"{100 * error.median:+.2f} %",
                percent(error.median_size), f"{percent(error.low)} to {percent(error.high)}", percent(error.p95_size),
                percent(error.max_size), percent(own.median_size), percent(own.max_size),
                *((percent(moved.median_size), percent(moved.p95_size)) if moved else ("", "")),
            ])  # fmt: skip
    return head, table


def in_short() -> Table:
    """Return the median error of each class by session, beside how far reality moved since the first."""
    head = ("class", "plans", *(f"session {number}" for number in (1, 2, 3)), "drift of reality: 2", "3",
            "structural, worst")  # fmt: skip
    table = []
    for group in GROUPS:
        ones = [next(each for each in found.groups if each.group == group) for found in sessions()]
        errors = [percent(one.prediction.median_size) for one in ones if one.prediction]
        drifts = [percent(found.drift[group].median_size) for found in sessions()[1:]]
        structural = max(one.structural.max_size for one in ones if one.structural)
        table.append([NAMES[group], str(ones[0].cases), *errors, *drifts, percent(structural)])
    return head, table


def spans() -> Table:
    """Return the errors of single spans by class and kind, of the first session."""
    head = ("class", "kind", "spans", "bias", "median error", "p95")
    table = []
    for group in sorted(sessions()[0].groups, key=lambda each: GROUPS.index(each.group)):
        kinds: dict[str, Any] = dict(group.spans) | {"starts and ends of layers": group.edges}
        for kind, found in kinds.items():
            mark = "" if kind in ("load", "decompress", "compute") else " *"
            name = f"{kind.replace('handoff', 'hand-off')}{mark}"
            sizes = (percent(found.median_size), percent(found.p95_size))
            table.append([NAMES[group.group], name, str(found.number), f"{100 * found.median:+.2f} %", *sizes])
    return head, table


def ranking() -> Table:
    """Return what the simulator would choose on each storage, of both sessions."""
    head = ("storage", "session", "plans", "Kendall's tau", "of certain pairs", "the choice costs",
            "same answer to the target")  # fmt: skip
    table = [
        [row.storage, str(number), str(row.plans), f"{row.tau:.3f}", f"{row.certain_tau:.3f} of {row.certain_pairs}",
         percent(row.regret), f"{row.same_promise} of {row.plans}"]
        for number, found in enumerate(sessions(), 1)
        for row in found.rankings
    ]  # fmt: skip
    return head, sorted(table)


def ablation() -> Table:
    """Return what each cost of waits and starts is worth: median and 95th percentile of the error by class."""
    return ("left out", *(NAMES[group] for group in GROUPS)), rows(FIRST, read_device("cloud-epyc"))


def executed() -> Table:
    """Return accuracy, latency and memory of planners that were really executed."""
    found = json.loads((VALIDATED / "executed.json").read_text())
    head = ("target", "planner", "accuracy", "latency", "simulated", "peak memory")
    table = []
    for one, measured in zip(found["agreements"], found["accuracy"], strict=True):
        planner, target = one["label"].split(" · ")
        met = "" if one["real_ns"] <= 1e6 * float(target.split()[0]) else " (missed)"
        table.append([target, planner, f"{measured['accuracy']:.4f}", show_ns(one["real_ns"]) + met,
                      show_ns(one["simulated_ns"]), show_bytes(one["peak_memory"][1])])  # fmt: skip
    return head, table


TABLES = {
    "the errors": classes,
    "the errors in short": in_short,
    "the spans": spans,
    "the ranking": ranking,
    "the costs": ablation,
    "the executed": executed,
}
"""What makes each table, by its name in the documents."""
