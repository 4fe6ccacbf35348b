"""The verb that finds how much of a number a goal needs."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.experiment import Given
from edgesim.files import read_choice, read_scenario
from edgesim.provenance import grades, provenance
from edgesim.questions.answers import Answer, Need
from edgesim.questions.keys import MEMORY, TARGET, locate
from edgesim.questions.probes import FAILED, INVALID, Goal, Prober
from edgesim.questions.quantity import SIZE, Unit
from edgesim.questions.search import Search
from edgesim.questions.together import SPEEDS, buffers
from edgesim.scenario import Scenario
from edgesim.units import LARGEST

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
    fidelity: float | None = None,
    accuracy: float | None = None,
    memory: str | int | None = None,
    met: float = 1.0,
    planners: Sequence[str | PlannerChoice] = (),
    between: tuple[str | int, str | int] | None = None,
    precision: float = 0.01,
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
        Which part of the app's inferences must meet the target; the other apps' do not count.
    planners
        Labels; by default the scenario's first.
    between
        Search here only, both ends included, in the number's unit or as integers of its base unit; by default around
        the scenario's own value, up to 65,536 times as much and as little, and down to nothing.
    precision
        How close the answer and the nearest tried value that fails may be, as a share of the answer; 0 is neighbours.
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
    given = scenario if isinstance(scenario, Scenario) else read_scenario(scenario)
    number, goal = _located(given, find), Goal(fidelity, accuracy, _read(memory, SIZE, "memory"), met)
    _check(given, number, goal, precision)
    if target is not None:
        given = _aimed(given, number, target)
    choices = [one if isinstance(one, PlannerChoice) else read_choice(one) for one in planners] or given.planner[:1]
    question = _Question(given, number, goal, _ends(between, number), precision)
    answers = tuple(_answer(question, choice, progress or (lambda what, done, every: None)) for choice in choices)
    searched = None if number.key == TARGET else given.target_latency_ns
    where = given.name, given.device.name, given.processor, given.model.name
    own = number.value, None if number.value is None else number.unit.text(number.value)
    rests_on = provenance(given), grades(given)
    return Need(*where, number.key, number.unit.base, *own, searched, goal, precision, answers, *rests_on)


class _Question(NamedTuple):
    scenario: Scenario
    number: Number
    goal: Goal
    ends: tuple[int, int] | None
    precision: float


def _read(value: str | int | None, unit: Unit, where: str) -> int | None:
    return unit.read(value, where) if isinstance(value, str) else value


def _aimed(scenario: Scenario, number: Number, target: str | int) -> Scenario:
    """Return the scenario with another target."""
    if number.key == TARGET:
        raise InputError(f"target: is what is searched; leave it out, or find something else than '{TARGET}'")
    located = locate(scenario, TARGET)
    aimed_ns = located.unit.read(target, "target") if isinstance(target, str) else target
    if aimed_ns < 1:
        raise InputError(f"target: must be above 0 ms, got {target}")
    return next(located.put(scenario, aimed_ns))


def _ends(between: tuple[str | int, str | int] | None, number: Number) -> tuple[int, int] | None:
    if between is None:
        return None
    low, high = (number.unit.read(end, "between") if isinstance(end, str) else end for end in between)
    if not 0 <= low < high <= LARGEST:
        ends = f"{number.unit.text(low)} and {number.unit.text(high)}" if low >= 0 else f"{low} and {high}"
        raise InputError(f"between: must be a smaller and a larger value, got {ends}")
    return low, high


def _check(scenario: Scenario, number: Number, goal: Goal, precision: float) -> None:
    """Refuse a goal that nothing could reach, or that nobody could judge, before anything runs."""
    for name, share in (("fidelity", goal.fidelity), ("accuracy", goal.accuracy), ("met", goal.met)):
        if share is not None and not 0 <= share <= 1:
            raise InputError(f"{name}: must be from 0 to 1, got {share:g}")
    if not 0 <= precision < 1:
        raise InputError(f"precision: must be at least 0 and below 1, got {precision:g}")
    model = scenario.model
    if goal.fidelity is not None and model.distortion is None:
        raise InputError(f"fidelity: {model.name} gives no distortion, so that fidelity is unknown; leave it out")
    if goal.accuracy is not None and model.quality is None:
        raise InputError(f"accuracy: {model.name} has no measured accuracy; ask for fidelity")
    if goal.memory_bytes is not None and number.key == MEMORY:
        raise InputError(f"memory: is what is searched; leave it out, or find something else than '{MEMORY}'")


def _located(scenario: Scenario, key: str) -> Number:
    return buffers(scenario) if key == MEMORY else SPEEDS[key] if key in SPEEDS else locate(scenario, key)


def _answer(question: _Question, choice: PlannerChoice, say: Say) -> Answer:
    prober, number, scenario = Prober(choice, question.goal), question.number, question.scenario

    def reaches(value: int) -> bool:
        found = prober.reaches(value, number.unit.text(value), number.put(scenario, value))
        done = len(prober.probes)
        say(choice.label, done, max(done, _USUAL_PROBES))
        return found

    search = Search(reaches, _least(number, scenario), question.precision)
    start = number.unit.typical if number.value is None else number.value
    edge = search.between(*question.ends) if question.ends else search.around(start, number.unit.typical)
    if prober.error is not None and all(probe.status in (INVALID, FAILED) for probe in prober.probes.values()):
        raise prober.error
    say(choice.label, len(search.tried), len(search.tried))
    probes = tuple(prober.probes[value] for value in sorted(prober.probes))
    return Answer(choice.label, edge, probes)


def _least(number: Number, scenario: Scenario) -> int:
    """Return 0 or, where there cannot be none of it, 1."""
    try:
        next(number.put(scenario, 0))
    except InputError:
        return 1
    return 0
