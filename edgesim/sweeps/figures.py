"""Which figures of its rows a report compares, and by what a target counts as met."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edgesim.sweeps.columns import DONE

MEMORIES = {"held": "held_memory_bytes", "peak": "peak_memory_bytes"}
FIRST, TAIL = "latency_ns", "latency_p99_ns"
"""Latency of the only inference; of sessions the one that 99 % of their inferences do not exceed is compared."""
SESSIONS = ("service_inferences", TAIL, "target_met_fraction")
"""Columns that a report reads of sweeps that have the first of them."""
FIGURES = (FIRST, "meets_target", "accuracy", "fidelity", *MEMORIES.values())
"""Columns that a report always reads, besides those that say what was asked for."""
QUALITIES = ("accuracy", "fidelity")


@dataclass(frozen=True, slots=True)
class Terms:
    """By what plans are compared.

    Parameters
    ----------
    memory, latency
        Their columns.
    sessions
        Whether rows are sessions of several inferences.
    least_met
        A target is met if at least this share of the inferences meet it.
    units
        What columns named by a key are in.
    seeds
        How many values of `seed` are put together; 0 if none are.
    """

    memory: str
    latency: str
    sessions: bool
    least_met: float = 1.0
    units: Mapping[str, str] = field(default_factory=dict)
    seeds: int = 0

    @property
    def aim(self) -> str:
        """What it is to meet the target, in words that follow a plural."""
        what = "inference" if self.sessions else "seed"
        if not (self.sessions or self.seeds):
            return "meet the target"
        if self.least_met == 1:
            return f"meet the target in every {what}" if self.sessions else "meet the target with every seed"
        share = f"at least {100 * self.least_met:.12g}% of {what}s"
        return f"meet the target in {share}" if self.sessions else f"meet the target with {share}"


def terms_of(frame: pd.DataFrame, memory: str, units: Mapping[str, str], least_met: float) -> Terms:
    """Return by what the plans of some rows are compared; whether they are sessions is seen in the rows."""
    sessions = SESSIONS[0] in frame and bool((frame[SESSIONS[0]] > 1).any())
    return Terms(MEMORIES[memory], TAIL if sessions else FIRST, sessions, least_met, units)


def in_time(frame: pd.DataFrame, terms: Terms) -> NDArray[np.float64]:
    """Return the share of inferences that meet the target; 0 where there is no plan."""
    share = number(frame[SESSIONS[2]]) if terms.sessions else truth(frame["meets_target"]).astype(np.float64)
    return np.where(truth(frame["status"] == DONE), share, 0.0)


def whole(values: "pd.Series[Any]") -> NDArray[np.int64]:
    """Return integers, 0 for those that are not known."""
    return values.to_numpy(dtype=np.int64, na_value=0)


def number(values: "pd.Series[Any]") -> NDArray[np.float64]:
    """Return numbers, NaN for those that are not known."""
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def truth(values: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Return truths, false for those that are not known."""
    return values.to_numpy(dtype=bool, na_value=False)


def qualities(
    frame: pd.DataFrame, done: NDArray[np.bool_], setting: NDArray[np.int64], many: int
) -> tuple[tuple[str | None, ...], NDArray[np.float64]]:
    """Choose what quality is in each of so many settings, and return it for each row, (N,)."""
    values = [np.where(done, number(frame[name]), np.nan) for name in QUALITIES]
    known = [np.bincount(setting[np.isfinite(each)], minlength=many) for each in values]
    chosen = np.where(known[0] >= known[1], 0, 1)  # fewer accuracies than fidelities are not mixed with them
    measures = tuple(QUALITIES[at] if known[at][place] else None for place, at in enumerate(chosen.tolist()))
    return measures, np.where(chosen[setting] == 0, *values)
