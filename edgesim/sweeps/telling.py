"""The verb that tells what a sweep says: its counts, fronts, and the best planner by region."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from edgesim.errors import InputError
from edgesim.quantities import SHARE, measured
from edgesim.sweeps.columns import row_columns
from edgesim.sweeps.figures import FIGURES
from edgesim.sweeps.findings import Report, read_report, report
from edgesim.units import KINDS, parse


def findings(  # noqa: PLR0913  (all but one are keyword-only options)
    sweep: str | Path | pd.DataFrame,
    *,
    x: str | None = None,
    y: str | None = None,
    memory: str = "held",
    within: str | int | None = None,
    met: float | str = 1.0,
    planners: Sequence[str] = (),
) -> Report:
    """Find what a sweep says: which planners reach the Pareto fronts, and which is best where.

    Parameters
    ----------
    sweep
        The folder of a dataset, finished or not; or rows, as `edgesim.sweep` and `edgesim.read_sweep` return them.
    x, y
        Keys over which the best planners are mapped; by default those with the most values.
    memory
        What plans are judged by: memory ``held`` between inferences, or at the ``peak``.
    within
        The most of that memory, ``100 MB`` or in B: plans with more are on no front, and best nowhere.
    met
        A target is met where at least this share of the inferences meet it, ``90 %`` or 0.9.
    planners
        Labels, or names that stand for all labels with options; by default all.

    Returns
    -------
    Report
        With `sweep`, `summary`, `fronts` and `regions`; `to_dict` is what ``edgesim report --json`` writes.

    Raises
    ------
    InputError
        If the folder or what is given is no sweep, is damaged or has no rows, a key was not swept, a planner is not
        there, or no plan has so little memory.
    """
    if memory not in ("held", "peak"):
        raise InputError(f"memory: must be 'held' or 'peak', got {memory!r}")
    most, least = None if within is None else _size(within), _share(met)
    try:
        if isinstance(sweep, str | Path):
            return read_report(sweep, x=x, y=y, memory=memory, within_bytes=most, least_met=least, planners=planners)
        _check_rows(sweep)
        rows = sweep if not planners else sweep[sweep["planner"].isin(_labels(sweep, planners))]
        units = sweep.attrs.get("units")
        return report(rows, x=x, y=y, memory=memory, within_bytes=most, least_met=least, units=units)
    except InputError as error:
        raise InputError(str(error).removeprefix("--")) from None  # options of the command have these names, too


def _check_rows(sweep: object) -> None:
    """Refuse what is no sweep in memory."""
    if not isinstance(sweep, pd.DataFrame):
        raise InputError(f"sweep: must be a folder, or rows as edgesim.sweep returns them, got {type(sweep).__name__}")
    columns = list(row_columns({}, sessions=False))
    for name in (*columns[: columns.index("reason") + 1], *FIGURES):
        if name not in sweep.columns:
            raise InputError(f"sweep: has no column '{name}'; give rows as edgesim.sweep returns them")
    if sweep.empty:
        raise InputError("sweep: has no rows")


def _labels(rows: pd.DataFrame, names: Sequence[str]) -> list[str]:
    known = [str(label) for label in rows["planner"].unique()]
    for name in names:
        if not any(name in (label, label.partition("[")[0]) for label in known):
            raise InputError(f"planners: '{name}' is not in the sweep; known: {', '.join(known)}")
    return [label for label in known if label in names or label.partition("[")[0] in names]


def _size(given: str | int) -> int:
    if isinstance(given, int):
        return given
    try:
        return parse(given, KINDS["size"], "100 MB")
    except ValueError as error:
        raise InputError(f"within: {error}") from None


def _share(given: float | str) -> float:
    share = given if not isinstance(given, str) else _parsed_share(given)
    if not 0 < share <= 1:
        raise InputError(f"met: must be more than 0 % and at most 100 %, got {given}")
    return float(share)


def _parsed_share(given: str) -> float:
    found = measured(given)
    if found.kind != SHARE:
        raise InputError(f"met: must be a share such as '90 %', got '{given}'")
    return float(found.amount) / 10**6
