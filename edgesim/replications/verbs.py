"""The verbs: one planner, or several side by side, in many replications of the same scenario."""

from collections.abc import Sequence

from edgesim.choice import PlannerChoice
from edgesim.errors import InfeasibleError, PluginError
from edgesim.experiment import Given
from edgesim.files import given_scenario, read_choices
from edgesim.preparation import Prepared, chosen, prepare
from edgesim.replications.estimates import difference, summed_up
from edgesim.replications.figures import MEAN_LATENCY
from edgesim.replications.findings import Replicated, Replications
from edgesim.replications.stopping import checked_rule
from edgesim.replications.taking import Say, taken
from edgesim.result import LeftOut
from edgesim.scenario import Scenario


def replicate(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: Given,
    planner: str | PlannerChoice | None = None,
    *,
    replications: int,
    precision: float | None = None,
    of: str = MEAN_LATENCY,
    workers: int | None = 1,
    progress: Say | None = None,
) -> Replications:
    """Run one planner many times, each time with other draws.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one.
    planner
        A planner as reports label it; by default the scenario's, if it names one.
    replications
        How many at most, up to `edgesim.replications.stopping.MOST`.
    precision
        Stop as soon as half the interval of the mean of the figure `of` is at most this share of the mean.
    of
        The figure that `precision` is about.
    workers
        How many processes; None is one for each core. The answer does not depend on it.
    progress
        Called with what is done, how much of it, and of how much.

    Returns
    -------
    Replications
        Of one run only where nothing in the scenario is random.

    Raises
    ------
    InputError, InfeasibleError, PluginError
        As `edgesim.run`; also for a number, precision or figure that cannot be.
    """
    given, rule = given_scenario(scenario), checked_rule(replications, precision, of)
    prepared = [prepare(given, chosen(given, planner))]
    samples, stopped = taken(prepared, rule, workers, progress)
    return summed_up(prepared[0], [row[0] for row in samples], stopped)


def replicate_all(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: Given,
    planners: Sequence[str | PlannerChoice] = (),
    *,
    replications: int,
    precision: float | None = None,
    of: str = MEAN_LATENCY,
    workers: int | None = 1,
    progress: Say | None = None,
) -> Replicated:
    """Run several planners many times, all of them with the same draws, so that they can be compared pair by pair.

    Parameters
    ----------
    scenario, replications, workers, progress
        As `replicate`.
    planners
        Labels; by default the scenario's planners. Differences are to the first that has a plan.
    precision
        Stop as soon as the figure `of` is that precise for every planner.
    of
        The figure that is compared.

    Returns
    -------
    Replicated
        Planners in that order, differences to the first, and the planners left out because no plan fits or they fail.

    Raises
    ------
    InputError
        If a file, a planner's label, a number, a precision or a figure is wrong.
    """
    given, rule = given_scenario(scenario), checked_rule(replications, precision, of)
    choices = read_choices(planners) or given.planner
    found = [_attempted(given, choice) for choice in choices]
    prepared = [one for one in found if isinstance(one, Prepared)]
    left_out = tuple(one for one in found if isinstance(one, LeftOut))
    if not prepared:
        return Replicated((), of, (), left_out)
    samples, stopped = taken(prepared, rule, workers, progress)
    columns = zip(prepared, zip(*samples, strict=True), strict=True)
    first, *others = [summed_up(one, column, stopped) for one, column in columns]
    return Replicated((first, *others), of, tuple(difference(one, first, of) for one in others), left_out)


def _attempted(scenario: Scenario, choice: PlannerChoice) -> Prepared | LeftOut:
    try:
        return prepare(scenario, choice)
    except (InfeasibleError, PluginError) as error:
        return LeftOut.of(choice.label, error)
