"""All that a report tells of a sweep, made from its dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from edgesim.errors import InputError, choose
from edgesim.sweeps.axes import find_axis, key_columns
from edgesim.sweeps.columns import INTEGER, NUMBER
from edgesim.sweeps.figures import FIGURES, SESSIONS
from edgesim.sweeps.fronts import Fronts, fronts
from edgesim.sweeps.manifest import Manifest, read_manifest
from edgesim.sweeps.reading import read_compact
from edgesim.sweeps.regions import Regions, best_regions, choose_axes
from edgesim.sweeps.seeds import SEED
from edgesim.sweeps.summary import Summary, summarise
from edgesim.sweeps.swept import Swept, limited, pooled, swept

SCHEMA = "edgesim.report/1"
_TOLD = ("point", "scenario", "planner", "status", "reason", *SESSIONS, *FIGURES)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """All that is told of a sweep; `to_dict` is the JSON contract ``edgesim.report/1``.

    `sweep` has no plan beyond the limit of memory, if there is one, and rows that differ in their seed only are one;
    `summary` counts all of them.
    `missing` is how many points have no row yet, counting those that its filters may leave out, and `left_out` how
    many of its planners were not asked about.
    """

    sweep: Swept
    summary: Summary
    fronts: Fronts
    regions: Regions
    missing: int = 0
    left_out: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the rows as plain lists and dicts."""
        return {
            "schema": SCHEMA, "missing": self.missing, "summary": self.summary.to_dict(),
            "within_bytes": self.sweep.most_bytes, "beyond": self.sweep.beyond, "seeds": self.sweep.terms.seeds,
            "axes": [axis.to_dict() for axis in self.sweep.axes],
        } | self.fronts.to_dict() | {"regions": self.regions.to_dict()}  # fmt: skip


def report(  # noqa: PLR0913  (all but one are keyword-only options)
    frame: pd.DataFrame,
    *,
    x: str | None = None,
    y: str | None = None,
    memory: str = "held",
    within_bytes: int | None = None,
    least_met: float = 1.0,
    units: Mapping[str, str] | None = None,
) -> Report:
    """Find what the rows of a sweep say.

    Parameters
    ----------
    frame
        Rows as `edgesim.read_sweep` returns them.
    x, y
        Keys over which the best planners are mapped; by default those with the most values. Rows that differ in their
        `seed` only are put together, unless it is one of them.
    memory
        What the fronts and the best planners are judged by: memory ``held`` between inferences, or at the ``peak``.
    within_bytes
        The most of that memory: plans with more are on no front, and best nowhere. By default nothing limits it, so
        that a plan may be best for holding more than any other.
    least_met
        A target is met where at least this share of the inferences meet it.
    units
        What columns named by a key are in, as the manifest has it; others show plain numbers.

    Raises
    ------
    InputError
        If a key was not swept, or no plan has so little memory.
    """
    every = swept(frame, memory, units, least_met)
    sweep = every if SEED in (x, y) else pooled(every)
    sweep = sweep if within_bytes is None else limited(sweep, within_bytes)
    asked = tuple(find_axis(key, every.axes, flag).key if key else None for key, flag in ((x, "--x"), (y, "--y")))
    given = tuple(next((axis for axis in sweep.axes if axis.key == key), None) for key in asked)
    if given[0] and given[0] is given[1]:
        raise InputError(f"--y: is the same key as --x, got '{y}'; name two")
    across, up = choose_axes(sweep, given)
    return Report(sweep, summarise(every), fronts(sweep), best_regions(sweep, across, up))


def read_report(  # noqa: PLR0913  (all but one are keyword-only options)
    folder: str | Path,
    *,
    x: str | None = None,
    y: str | None = None,
    memory: str = "held",
    within_bytes: int | None = None,
    least_met: float = 1.0,
    planners: Sequence[str] = (),
    of: str | None = None,
) -> Report:
    """Read what is needed of a dataset, and find what it says.

    Parameters
    ----------
    folder
        Where a sweep was kept, finished or not.
    x, y, memory, within_bytes, least_met
        As in `report`.
    planners
        Labels, or names that stand for all labels with options; by default all.
    of
        A figure that is read besides.

    Raises
    ------
    InputError
        If the folder is no sweep, is damaged or has no rows, a key was not swept, a planner or figure is unknown, or no
        plan has so little memory.
    """
    manifest = read_manifest(folder)
    labels = _labels(planners, manifest.identity.planners)
    check_figure(of, manifest.columns)
    wanted = {*key_columns(manifest.columns), *_TOLD, of}
    frame = read_compact(folder, [name for name in manifest.columns if name in wanted], labels)
    if frame.empty:
        raise InputError(f"{folder}: {_nothing(manifest, planners)}")
    found = report(frame, x=x, y=y, memory=memory, within_bytes=within_bytes, least_met=least_met, units=manifest.units)
    missing = 0 if manifest.complete else _missing(manifest, frame, labels)
    return Report(found.sweep, found.summary, found.fronts, found.regions, missing,
                  len(manifest.identity.planners) - len(labels))  # fmt: skip


def _nothing(manifest: Manifest, planners: Sequence[str]) -> str:
    """Say why there are no rows."""
    if manifest.complete:
        return f"has no rows, the filters of the sweep leave out all of its {manifest.identity.points:,} points"
    which = f" of {' and '.join(planners)}" if planners and manifest.rows else ""
    return f"has no rows{which} yet; compute them with edgesim sweep and --resume"


def _missing(manifest: Manifest, frame: pd.DataFrame, labels: Sequence[str]) -> int:
    """Count points without a row; every planner has as many points as every other."""
    return manifest.identity.points // len(manifest.identity.planners) * len(labels) - len(frame)


def _labels(names: Sequence[str], known: Sequence[str]) -> list[str]:
    for name in names:
        if not any(_is(label, name) for label in known):
            raise InputError(f"--planner: '{name}' is not in the sweep; {choose(name, known)}")
    return [label for label in known if not names or any(_is(label, name) for name in names)]


def _is(label: str, name: str) -> bool:
    return name in (label, label.partition("[")[0])


def figures_of(columns: Mapping[str, str]) -> list[str]:
    """Return which columns of a sweep are figures that can be mapped."""
    names = list(columns)
    return [name for name in names[names.index("engine") + 1 :] if columns[name] in (INTEGER, NUMBER)]


def check_figure(of: str | None, columns: Mapping[str, str]) -> None:
    """Refuse what is no figure.

    Raises
    ------
    InputError
        With the known ones.
    """
    if of is not None and of not in (known := figures_of(columns)):
        raise InputError(f"--of: '{of}' is no figure of the sweep; {choose(of, known)}")
