"""Variables and rows of an integer program, and the solver (HiGHS, by way of SciPy)."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

Terms = list[tuple[int, float]]
"""Variables and their coefficients."""
_INFEASIBLE = 2


class Solution(NamedTuple):
    """What the solver found: a proven upper bound, and the variables' values or None; `done` unless out of time."""

    bound: float
    values: NDArray[np.float64] | None
    done: bool


class IntegerProgram:
    """A linear program to be maximised, some of whose variables are whole; every variable is at least 0."""

    def __init__(self) -> None:
        self.upper: list[float] = []
        self.whole: list[bool] = []
        self.rows: list[tuple[Terms, float, float]] = []

    def variable(self, upper: float = 1.0, *, whole: bool = False) -> int:
        """Add a variable and return its number."""
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.upper) - 1

    def row(self, terms: Terms, low: float = -np.inf, high: float = np.inf) -> int:
        """Demand that a sum of terms lies between two limits, and return the row's number."""
        self.rows.append((terms, low, high))
        return len(self.rows) - 1

    def solve(self, objective: Sequence[float], *, gap: float, seconds: float, relaxed: bool = False) -> Solution:
        """Maximise.

        Parameters
        ----------
        objective
            Worth of each variable; those behind its end are worth nothing.
        gap
            Relative gap at which the solver may stop.
        seconds
            Its time limit.
        relaxed
            Let all variables be fractions: a bound only, but at once.
        """
        from scipy.optimize import Bounds, milp

        minimised = np.zeros(len(self.upper))
        minimised[: len(objective)] = objective
        whole = np.zeros(len(self.upper)) if relaxed else np.array(self.whole, float)
        options = {"mip_rel_gap": gap, "time_limit": max(seconds, 0.01)}
        limits, rows = Bounds(0, self.upper), self._constraint()
        with _silenced():
            found = milp(-minimised, integrality=whole, bounds=limits, constraints=rows, options=options)
        if found.status == _INFEASIBLE:
            return Solution(-np.inf, None, done=True)
        done = found.status == 0
        least = found.mip_dual_bound
        if relaxed:
            least = found.fun if done else None  # what a linear program has reached by its time limit bounds nothing
        return Solution(np.inf if least is None else -least, found.x, done)

    def _constraint(self) -> "LinearConstraint":
        from scipy.optimize import LinearConstraint
        from scipy.sparse import csr_array

        terms = [term for row, _, _ in self.rows for term in row]
        column, value = zip(*terms, strict=True)
        starts = np.cumsum([0, *(len(row) for row, _, _ in self.rows)])
        matrix = csr_array((value, column, starts), shape=(len(self.rows), len(self.upper)))
        return LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows])


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep what HiGHS prints on its own, whatever it is told, out of the standard output."""
    try:
        kept = os.dup(1)
    except OSError:  # there is none
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
