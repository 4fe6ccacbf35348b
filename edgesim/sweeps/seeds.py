"""Seeds are replicates, not choices: rows that differ in their seed only are put together."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgesim.sweeps.axes import key_columns
from edgesim.sweeps.columns import DONE
from edgesim.sweeps.figures import truth

SEED = "seed"
Shares = NDArray[np.float64]


def pool(frame: pd.DataFrame, shares: Shares) -> tuple[pd.DataFrame, Shares]:
    """Put the rows of a planner together that differ in their seed only.

    There is a plan if more than half of them have one: each figure is the median of those that there are, of an even
    number the mean of both middle ones, rounded down where it is whole. All else is that of the first row. The share of
    inferences in time is the mean of all, none where there is no plan: that of all inferences together if all seeds
    have as many.

    Parameters
    ----------
    frame, shares
        The rows, and the share of inferences in time of each, (N,).

    Returns
    -------
    frame, shares
        One row for each planner and place but the seed, without a column for it, in the order of their first.
    """
    keys = [name for name in key_columns(frame.columns) if name != SEED]
    group = frame.groupby(["planner", *keys], dropna=False, sort=False, observed=True).ngroup().to_numpy(np.int64)
    done, many = truth(frame["status"] == DONE), int(group.max(initial=-1)) + 1
    rows = np.bincount(group, minlength=many)
    planned = 2 * np.bincount(group[done], minlength=many) > rows
    usual = np.flatnonzero(done == planned[group])  # in each group there is one: it is done if most are
    first = usual[np.unique(group[usual], return_index=True)[1]]
    made = frame.iloc[first].drop(columns=SEED).reset_index(drop=True)
    for name in _figures(frame):
        made[name] = _medians(frame[name], group, done, planned)
    means = np.bincount(group, shares, minlength=many) / rows
    return made, np.round(means, 12)  # a sum of shares is not exact


def _figures(frame: pd.DataFrame) -> list[str]:
    """Return columns of numbers that are no part of the question."""
    asked = {"point", *key_columns(frame.columns)}
    return [str(name) for name in frame if name not in asked and str(frame[name].dtype) in ("Int64", "Float64")]


def _medians(values: "pd.Series[Any]", group: NDArray[Any], done: NDArray[np.bool_], planned: NDArray[np.bool_]) -> Any:  # noqa: ANN401  (an array of pandas)
    """Return the median of each group, NA where it has no plan or nothing is known."""
    known = done & values.notna().to_numpy(bool)
    kind = values.dtype
    figures, own = values[known].to_numpy(kind.numpy_dtype), group[known]  # type: ignore[union-attr]
    order = np.lexsort((figures, own))
    figures, counts = figures[order], np.bincount(own, minlength=len(planned))
    starts = np.cumsum(counts) - counts
    there = planned & (counts > 0)
    low, high = (figures[(starts + places)[there]] for places in ((counts - 1) // 2, counts // 2))
    found = np.zeros(len(planned), figures.dtype)
    found[there] = low + (high - low) // 2 if figures.dtype.kind == "i" else (low + high) / 2
    kinds = {"i": pd.arrays.IntegerArray, "f": pd.arrays.FloatingArray}
    return kinds[figures.dtype.kind](found, ~there)
