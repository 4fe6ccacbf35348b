"""What a search for the optimum comes back with."""

from dataclasses import dataclass

from edgesim.plans import Plan


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best plan found, and what no plan exceeds.

    `score` is the fidelity, or accuracy, of `plan`; both are None where none was found. `bound` holds for every legal
    plan with one lane of the model's submodels n x m; -inf if there is none. `proven`: the plan reaches the bound to
    within the gap that was asked for.
    """

    plan: Plan | None
    score: float | None
    bound: float
    proven: bool

    @property
    def gap(self) -> float | None:
        """How far the plan may be from the best, as a share of the bound."""
        return None if self.score is None else gap_to(self.bound, self.score)


def gap_to(bound: float, score: float) -> float:
    """Return how far a score is from a bound, as a share of the bound, not below 0."""
    return max(0.0, bound - score) / bound if bound > 0 else 0.0
