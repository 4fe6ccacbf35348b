"""The verb that finds how much of a number a goal needs."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.experiment import Given
from edgesim.files import given_scenario
from edgesim.provenance import grades, provenance
from edgesim.questions.answers import Answer, Need
from edgesim.questions.given import OptionError, amount_of, choices_of, part_of, precision_of, quality_of, range_of
from edgesim.questions.goals import Goal
from edgesim.questions.keys import BUFFERS, MEMORY, TARGET, locate
from edgesim.questions.probes import FAILED, INVALID, Prober
from edgesim.questions.quantity import SIZE, TIME, Unit
from edgesim.questions.search import Search
from edgesim.questions.searchable import located
from edgesim.questions.together import SPEEDS, buffers
from edgesim.scenario import Scenario

Say = Callable[[str, int, int], None]
_USUAL_PROBES = 36
"""So many a search takes, about: what a progress bar is drawn for."""


class Number(Protocol):
    """What is searched: see `edgesim.questions.keys.Located`."""

    @property
    def key(self) -> str:
        """Its name."""

    @property
    def unit(self) -> Unit:
        """What it is an integer of."""

    @property
    def value(self) -> int | None:
        """The scenario's."""

    def put(self, scenario: Scenario, number: int) -> Iterator[Scenario]:
        """Yield the scenarios in which one value may be tried."""


def need(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: Given,
    find: str,
    *,
    target: str | int | None = None,
    fidelity: float | str | None = None,
    accuracy: float | str | None = None,
    memory: str | int | None = None,
    met: float | str = 1.0,
    planners: str | PlannerChoice | Sequence[str | PlannerChoice] = (),
    between: tuple[str | int, str | int] | None = None,
    precision: float | str = 0.01,
    progress: Say | None = None,
) -> Need:
    """Find the least value of a number with which a plan reaches a goal; the largest, if small ones do.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one.
    find
        The key of the number, as changes of a scenario have it: ``preload_buffer``, ``storage.read.bandwidth``. Or
        ``memory``, both buffers together, shared between them in eighths as suits; ``flash_speed`` or
        ``compute_speed``, how fast all reads or all of the processor are, in percent of what the profile says.
    target
        The target latency to meet, ``200 ms`` or in ns; by default the scenario's.
    fidelity, accuracy
        At least this much, from 0 to 1.
    memory
        At most so much at the peak of all memory, ``120 MB`` or in B.
    met
        Which part of the app's inferences must meet the target, ``90 %`` or 0.9; the other apps' do not count.
    planners
        One label or several; by default the scenario's first.
    between
        Search here only, both ends included, in the number's unit or as integers of its base unit; by default around
        the scenario's own value, up to about 65,536 times as much and as little, and down to nothing; but a speed up to
        10,000 % of what the profile says, and buffers up to all memory of the device.
    precision
        How close the answer and the nearest tried value that fails may be, as a share of the answer, ``1 %`` or 0.01;
        0 or ``exact`` is neighbours.
    progress
        Called with what is done, how much of it, and of about how much.

    Returns
    -------
    Need
        With everything that was tried. The search bisects, then tries eight further values on either side of the edge:
        planners are not monotone in all that they are given, and what contradicts is told.

    Raises
    ------
    InputError
        If a file, a label, the key or a number is wrong, or the model cannot tell what the goal is about.
    PluginError
        If a planner fails at every value.
    """
    given = given_scenario(scenario)
    number = _located(given, find)
    goal = Goal(
        None if fidelity is None else quality_of(fidelity, "fidelity"),
        None if accuracy is None else quality_of(accuracy, "accuracy"),
        None if memory is None else amount_of(memory, SIZE, "memory"),
        part_of(met, "met"),
    )
    _check(given, number, goal)
    if target is not None:
        given = _aimed(given, number, target)
    choices = choices_of(planners) or given.planner[:1]
    ends = None if between is None else range_of(between, number.unit)
    question = _Question(given, number, goal, ends, precision_of(precision))
    answers = tuple(_answer(question, choice, progress or (lambda what, done, every: None)) for choice in choices)
    searched = None if number.key == TARGET else given.target_latency_ns
    where = given.name, given.device.name, given.processor, given.model.name
    own = number.value, None if number.value is None else number.unit.text(number.value)
    rests_on = provenance(given), grades(given)
    return Need(*where, number.key, number.unit.base, *own, searched, goal, question.precision, answers, *rests_on)


class _Question(NamedTuple):
    scenario: Scenario
    number: Number
    goal: Goal
    ends: tuple[int, int] | None
    precision: float


def _aimed(scenario: Scenario, number: Number, target: str | int) -> Scenario:
    """Return the scenario with another target."""
    if number.key == TARGET:
        raise OptionError(f"target: is what is searched; leave it out, or find something else than '{TARGET}'")
    aimed_ns = amount_of(target, TIME, "target")
    if aimed_ns < 1:
        raise OptionError(f"target: must be above 0 ms, got {target}")
    return next(locate(scenario, TARGET).put(scenario, aimed_ns))


def _check(scenario: Scenario, number: Number, goal: Goal) -> None:
    """Refuse a goal that nobody could judge before anything runs."""
    model = scenario.model
    if goal.fidelity is not None and model.distortion is None:
        raise OptionError(f"fidelity: {model.name} gives no distortion, so that fidelity is unknown; leave it out")
    if goal.accuracy is not None and model.quality is None:
        raise OptionError(f"accuracy: {model.name} has no measured accuracy; ask for fidelity")
    if goal.memory_bytes is not None and number.key == MEMORY:
        raise OptionError(f"memory: is what is searched; leave it out, or find something else than '{MEMORY}'")


def _located(scenario: Scenario, key: str) -> Number:
    if not isinstance(key, str):
        raise OptionError(f"find: must be the key of a number such as 'preload_buffer', got {key!r}")
    return buffers(scenario) if key == MEMORY else SPEEDS[key] if key in SPEEDS else located(scenario, key)


def _answer(question: _Question, choice: PlannerChoice, say: Say) -> Answer:
    prober, number, scenario = Prober(choice, question.goal), question.number, question.scenario

    def reaches(value: int) -> bool:
        found = prober.reaches(value, number.unit.text(value), number.put(scenario, value))
        done = len(prober.probes)
        say(choice.label, done, max(done, _USUAL_PROBES))
        return found

    search = Search(reaches, _least(number, scenario), question.precision, most=_most(number, scenario))
    start = number.unit.typical if number.value is None else number.value
    edge = search.between(*question.ends) if question.ends else search.around(start, number.unit.typical)
    if prober.error is not None and all(probe.status in (INVALID, FAILED) for probe in prober.probes.values()):
        raise prober.error
    say(choice.label, len(search.tried), len(search.tried))
    probes = tuple(prober.probes[value] for value in sorted(prober.probes))
    return Answer(choice.label, edge, probes)


def _most(number: Number, scenario: Scenario) -> int:
    """Return the largest value that is worth a try: of buffers all of the device's memory, where that is known."""
    memory = scenario.device.memory
    return memory.capacity if memory and number.key in (MEMORY, *BUFFERS) else number.unit.most


def _least(number: Number, scenario: Scenario) -> int:
    """Return 0 or, where there cannot be none of it, 1."""
    try:
        next(number.put(scenario, 0))
    except InputError:
        return 1
    return 0
