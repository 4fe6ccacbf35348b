"""When there are enough replications."""

from math import sqrt
from typing import NamedTuple

from edgesim.errors import InputError
from edgesim.replications.figures import MEAN_LATENCY
from edgesim.replications.intervals import half_width

LEAST = 10
"""Fewer replications do not tell how much they vary."""
MOST = 100_000


class Rule(NamedTuple):
    """How many replications there are to be.

    Parameters
    ----------
    most
        Never more than that.
    precision
        No more once half the confidence interval of the figure's mean is within this share of the mean; None for all.
    figure
        Name of the figure, as `edgesim.replications.figures` has it.
    """

    most: int
    precision: float | None = None
    figure: str = MEAN_LATENCY


def checked_rule(replications: int, precision: float | None = None, of: str | None = None) -> Rule:
    """Return how many replications there are to be.

    Raises
    ------
    InputError
        If that many cannot be, or nothing is that precise.
    """
    if not 1 <= replications <= MOST:
        raise InputError(f"replications: must be from 1 to {MOST:,}, got {replications}")
    if precision is not None and not 0 < precision < 1:
        raise InputError(f"precision: must be between 0 % and 100 %, got {100 * precision:g} %")
    if precision is not None and replications < LEAST:
        raise InputError(f"precision: is judged from {LEAST} replications on, got {replications}; allow more")
    return Rule(replications, precision, of or MEAN_LATENCY)


class Precision:
    """Mean and variance of one figure, replication after replication; enough once half the interval is narrow enough.

    Notes
    -----
    The interval is looked at after each replication from the tenth on, in their order. Source of such a rule: Y. S.
    Chow and H. Robbins, "On the asymptotic theory of fixed-width sequential confidence intervals for the mean", Annals
    of Mathematical Statistics 36 (1965); for the relative width in simulation: A. M. Law and W. D. Kelton, Simulation
    Modeling and Analysis (recalled). That it stops when the interval happens to be narrow costs some confidence: the
    tests bound how much. Running variance: B. P. Welford, Technometrics 4 (1962; recalled).
    """

    __slots__ = ("_squares", "mean", "number")

    def __init__(self) -> None:
        self.number, self.mean, self._squares = 0, 0.0, 0.0

    def add(self, value: float) -> None:
        """Count one more replication in."""
        self.number += 1
        off = value - self.mean
        self.mean += off / self.number
        self._squares += off * (value - self.mean)

    @property
    def relative_half_width(self) -> float | None:
        """Half the interval as a share of the mean; None for one value, or where the mean is 0 and the interval not."""
        if self.number < 2:
            return None
        half = half_width(self.number, sqrt(self._squares / (self.number - 1)))
        return 0.0 if half == 0 else half / abs(self.mean) if self.mean else None

    def is_precise(self, precision: float) -> bool:
        """Tell whether there are enough replications."""
        if self.number < LEAST:
            return False
        share = self.relative_half_width
        return share is not None and share <= precision
