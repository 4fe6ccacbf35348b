"""What a report says, as pages to be drawn."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgesim.errors import InputError
from edgesim.plot.heat import Heat, Winners
from edgesim.plot.maps import Axis as Drawn
from edgesim.plot.scales import COLOURS, scale_of
from edgesim.plot.steps import FrontPage, FrontPanel
from edgesim.plot.sweep import SweepPage
from edgesim.sweeps.axes import Axis
from edgesim.sweeps.figures import number
from edgesim.sweeps.findings import Report
from edgesim.sweeps.fronts import Front
from edgesim.sweeps.regions import cells_of
from edgesim.sweeps.steps import thinned
from edgesim.sweeps.swept import Swept
from edgesim.sweeps.words import LATENCY

MOST_HEATS, MOST_PANELS, MOST_DOTS = 4, 6, 3000
"""So many planners have a map of their own, so many fronts are drawn, and so many of the plans beside each."""
_UNITS = {"_ns": (" [ms]", 1e6), "_bytes": (" [MB]", 1e6), "_pj": (" [mJ]", 1e9)}
_NAMES = {"held_memory_bytes": "memory held [MB]", "peak_memory_bytes": "memory at the peak [MB]"}


def sweep_page(report: Report, of: str | None = None) -> SweepPage:
    """Return the maps: of the best planners, and of a figure of the leading ones.

    Parameters
    ----------
    report
        What was found.
    of
        A column of figures; by default the quality, or latency where none is known.

    Raises
    ------
    InputError
        If nothing was swept but planners.
    """
    found = report.regions
    if found.x is None:
        raise InputError("--plot: has no axis, the sweep's keys have one value each; compare shows its planners")
    figure = of or report.summary.measure or report.sweep.latency
    heats = [_heat(report, planner, figure) for planner in _leading(report)]
    known = np.concatenate([heat.values[np.isfinite(heat.values)] for heat in heats]) if heats else np.empty(0)
    over = " and ".join(f"{many:,} values of {key}" for key, many in found.over.items())
    medians = _medians(report.sweep.terms.seeds, over)
    none = f"hatched where they have no plan {report.sweep.limit}".rstrip()
    heading = f"{_unit(figure)[0].partition(' [')[0]} of the leading planners: {medians}{none}"
    return SweepPage(
        _title(report), _note(report.sweep.aim, over), _drawn(found.x), _drawn(found.y) if found.y else None,
        Winners(found.planners, found.winners, found.everywhere), heading, heats if len(known) else [],
        scale_of(_unit(figure)[0], known.tolist()) if len(known) else None,
    )  # fmt: skip


def _medians(seeds: int, over: str) -> str:
    """Say what each colour is the median of."""
    of = [f"over {seeds:,} values of seed"] if seeds else []
    of += [f"of the plans that there are over {over}"] if over else []
    return f"medians {', and of those the ones '.join(of)}; " if of else ""


def _title(report: Report) -> str:
    fixed = [report.sweep.fixed[key] for key in ("model", "device", "processor") if key in report.sweep.fixed]
    return f"{report.summary.name} ({', '.join(fixed)})" if fixed else report.summary.name


def _note(aim: str, over: str) -> str:
    best = f"of those that {aim}: best quality, then least memory, then least latency"
    return f"{best}; over {over}, the one that is so at more places than others" if over else best


def _drawn(axis: Axis) -> Drawn:
    return Drawn(f"{axis.name}{', even ratios' if axis.spacing == 'log' else ''}", axis.ticks)


def _unit(figure: str) -> tuple[str, float]:
    ending, (unit, factor) = next(
        ((end, found) for end, found in _UNITS.items() if figure.endswith(end)), ("", ("", 1.0))
    )
    return figure.removesuffix(ending).replace("_", " ") + unit, factor


def _leading(report: Report) -> list[int]:
    """Return the planners that win most of the map, then those with most plans."""
    labels = list(report.sweep.planners)
    plans = sorted(report.summary.planners, key=lambda one: -one.statuses.get("done", 0))
    names = dict.fromkeys([*report.regions.planners, *(one.planner for one in plans if one.latency_ns)])
    return [labels.index(name) for name in list(names)[:MOST_HEATS]]


def _heat(report: Report, planner: int, figure: str) -> Heat:
    """Return the median of a figure in each cell, of the plans of one planner."""
    sweep = report.sweep
    cell, sizes = cells_of(sweep, report.regions.x, report.regions.y)
    own = sweep.planner == planner
    values = number(sweep.frame[figure])[own & sweep.done] / _unit(figure)[1]
    medians = pd.Series(values).groupby(cell[own & sweep.done]).median()
    field = np.full(sizes[0] * sizes[1], np.nan)
    field[medians.index.to_numpy()] = medians.to_numpy()
    tried = np.bincount(cell[own & sweep.exists], minlength=len(field)) > 0
    return Heat(sweep.planners[planner], field.reshape(sizes), tried.reshape(sizes))


def front_page(report: Report) -> FrontPage:
    """Return some fronts, evenly spaced, with what the plans that are not on them reach.

    Raises
    ------
    InputError
        If there is no plan.
    """
    found = report.fronts
    if not found.fronts:
        raise InputError("--front: there is no plan to draw")
    every = len(found.fronts)
    shown = [found.fronts[at] for at in thinned(every, MOST_PANELS)]
    names = [one.planner for one in found.holders]
    panels = [_panel(report, front, names) for front in shown]
    drawn = np.concatenate([np.hstack([[one.latency_ms, one.memory_mb], one.others[:2]]) for one in panels], axis=1)
    some = f", {len(shown)} of {every:,} fronts" if len(shown) < every else ""
    limit = f", of plans {report.sweep.limit}" if report.sweep.limit else ""
    kept = [*names[: len(COLOURS)], *([f"{len(names) - len(COLOURS)} others"] if len(names) > len(COLOURS) else [])]
    latency = LATENCY[found.latency]
    title = f"{_title(report)}: Pareto fronts of {latency}, memory and quality{limit}{some}"
    return FrontPage(
        title, panels, kept, scale_of(_NAMES[found.memory], drawn[1].tolist()),
        scale_of(f"{latency} [ms]", drawn[0].tolist()),
    )  # fmt: skip


def _panel(report: Report, front: Front, names: list[str]) -> FrontPanel:
    rows = report.fronts.frame.iloc[front.start : front.stop].drop_duplicates("step")
    ranks = np.array([min(names.index(name), len(COLOURS)) for name in rows["planner"]], np.int64)
    goodness = number(rows["quality"])
    title = ", ".join(front.setting.values()) or "all plans"
    return FrontPanel(
        title, front.measure or "quality unknown", rows[report.fronts.latency].to_numpy(float) / 1e6,
        rows[report.fronts.memory].to_numpy(float) / 1e6, np.nan_to_num(goodness), ranks, _others(report.sweep, front),
    )  # fmt: skip


def _others(sweep: Swept, front: Front) -> NDArray[np.float64]:
    """Return latency, memory and quality of plans of a setting, evenly thinned."""
    own = np.flatnonzero(sweep.comparable & (sweep.setting == sweep.settings.index(front.setting)))
    own = own[:: max(1, -(-len(own) // MOST_DOTS))]
    return np.stack([sweep.latency_ns[own] / 1e6, sweep.memory_bytes[own] / 1e6, np.nan_to_num(sweep.quality[own])])
