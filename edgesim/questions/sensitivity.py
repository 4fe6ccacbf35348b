"""The verb that finds which number of a profile moves the answer most."""

from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from typing import NamedTuple

from edgesim.choice import PlannerChoice
from edgesim.errors import EdgesimError, InputError, choose
from edgesim.experiment import Given, run
from edgesim.figures import Metrics
from edgesim.files import given_scenario
from edgesim.preparation import Prepared, prepare
from edgesim.provenance import grades, provenance
from edgesim.questions.changing import changed_scenario
from edgesim.questions.given import OptionError, choice_of, share_of
from edgesim.questions.goals import QUALITIES
from edgesim.questions.keeping import kept, measured
from edgesim.questions.moves import Missing, Move, Outcome, Pair, Sensitivity
from edgesim.questions.parts import Part, parts_of
from edgesim.questions.probes import token_ns
from edgesim.scenario import Scenario

Say = Callable[[str, int, int], None]
FIGURES = tuple(one.name for one in fields(Metrics) if one.name not in ("meets_target", "target_latency_ns"))


def sensitivity(
    scenario: Given,
    *,
    by: float | str = 0.1,
    planner: str | PlannerChoice | None = None,
    of: str = "latency_ns",
    progress: Say | None = None,
) -> Sensitivity:
    """Change each number that an answer rests on, one at a time: those of the profile, the model and the budgets.

    Numbers that would be wrong together are changed together: the rows of a table, the layer times of a processor.
    Integers round up. Each time the plan is kept, which tells what the promise is worth if the profile is wrong,
    and made again, which tells what would be planned if it were right.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one.
    by
        How far numbers are changed, as a share, ``10 %`` or 0.1: each is smaller by it, then larger.
    planner
        A label; by default the scenario's first.
    of
        The metric that effects are measured by: with the plan kept, but of `fidelity` and `accuracy` with one made
        again.
    progress
        Called with what is done, how much of it, and of how much.

    Raises
    ------
    InputError
        If a file, a label, the share or the metric is wrong.
    InfeasibleError, PluginError
        As `edgesim.run`, for the unchanged scenario.
    """
    given = given_scenario(scenario)
    choice, by = given.planner[0] if planner is None else choice_of(planner), share_of(by, "by")
    _check(by, of)
    prepared = prepare(given, choice)
    result = measured(prepared)
    base, inferences = result.metrics, result.service.inferences if result.service else 1
    subject = _Subject(prepared, choice, Fraction(repr(by)), of, _base(base, of))
    moves, missing, parts = list[Move](), list[Missing](), parts_of(given)
    for done, part in enumerate(parts):
        if progress:
            progress("numbers", done, len(parts))
        found = subject.move(part)
        missing.append(found) if isinstance(found, Missing) else moves.append(found)
    if progress:
        progress("numbers", len(parts), len(parts))
    moves.sort(key=lambda move: (-move.effect, -_again(move, base)))
    where = given.name, given.device.name, given.processor, given.model.name, choice.label
    session, rests_on = (inferences, token_ns(result)), (provenance(given), grades(given))
    return Sensitivity(*where, by, of, base, tuple(moves), tuple(missing), *session, *rests_on)


def _check(by: float, of: str) -> None:
    if not 0 < by < 1:
        raise OptionError(f"by: must be between 0 % and 100 %, got {100 * by:g} %")
    if of not in FIGURES:
        raise OptionError(f"of: unknown metric '{of}'; {choose(str(of), FIGURES)}")


def _base(metrics: Metrics, of: str) -> float:
    """Return the figure that changes are relative to."""
    base: float | None = getattr(metrics, of)
    if not base:
        why = "is unknown" if base is None else "is 0"
        raise OptionError(f"of: {of} {why} in this scenario, so that no change is relative to it; choose another")
    return base


def _again(move: Move, base: Metrics) -> float:
    """Return how far fidelity moves where the plan is made again: what orders numbers of the same effect."""
    return _largest(move.again.changes("fidelity", base.fidelity)) if base.fidelity else 0.0


def _largest(changes: tuple[float | None, float | None]) -> float:
    return max((abs(change) for change in changes if change is not None), default=0.0)


class _Subject(NamedTuple):
    """What is changed, and what changes are compared with."""

    prepared: Prepared
    choice: PlannerChoice
    by: Fraction
    of: str
    base: float

    def move(self, part: Part) -> Move | Missing:
        """Change one part in both directions."""
        scenarios = [self._changed(part, factor) for factor in (1 - self.by, 1 + self.by)]
        refused = [one for one in scenarios if isinstance(one, InputError)]
        if len(refused) == len(scenarios):
            return Missing(part.key, str(refused[0]))
        keeping, again = (Pair(*(_attempted(one, way) for one in scenarios)) for way in (self._kept, self._again))
        changes = (again if self.of in QUALITIES else keeping).changes(self.of, self.base)
        elasticity = _elasticity(*changes, float(self.by))
        return Move(part.key, part.text, part.home, part.grade, keeping, again, _largest(changes), elasticity)

    def _changed(self, part: Part, factor: Fraction) -> Scenario | InputError:
        try:
            return changed_scenario(self.prepared.scenario, part.changes(factor))
        except InputError as error:
            return error

    def _kept(self, scenario: Scenario) -> Metrics:
        return measured(kept(self.prepared, scenario)).metrics

    def _again(self, scenario: Scenario) -> Metrics:
        return run(scenario, self.choice, keep_spans=False).metrics


def _attempted(scenario: Scenario | InputError, way: Callable[[Scenario], Metrics]) -> Outcome:
    if isinstance(scenario, InputError):
        return Outcome(None, str(scenario))
    try:
        return Outcome(way(scenario))
    except EdgesimError as error:
        return Outcome(None, str(error))


def _elasticity(less: float | None, more: float | None, by: float) -> float | None:
    if less is not None and more is not None:
        return (more - less) / (2 * by)
    return more / by if more is not None else -less / by if less is not None else None
