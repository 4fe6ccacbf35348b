"""One value of one number, tried: whether there is a plan, and whether it reaches the goal."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from edgesim.choice import PlannerChoice
from edgesim.errors import EdgesimError, InfeasibleError, InputError
from edgesim.experiment import run
from edgesim.metrics import promised_ns
from edgesim.questions.goals import Goal
from edgesim.result import Result
from edgesim.scenario import Scenario

DONE, INFEASIBLE, INVALID, FAILED = "done", "infeasible", "invalid", "failed"


@dataclass(frozen=True, slots=True)
class Probe:
    """One tried value, and what came of it; None is unknown."""

    value: int
    """The tried value, in the unit of the number."""
    text: str
    """The same with its unit, as a file has it."""
    status: str
    """``done``, ``infeasible`` (no plan fits), ``invalid`` (there is no such scenario) or ``failed``."""
    reached: bool
    """Whether the goal is reached."""
    reason: str | None = None
    """Why it is not."""
    latency_ns: int | None = None
    """Latency of the plan [ns]; of a session the first inference's."""
    target_met_fraction: float | None = None
    """Part of the inferences that met the target."""
    fidelity: float | None = None
    """Fidelity of the plan."""
    accuracy: float | None = None
    """Predicted accuracy of the plan."""
    held_memory_bytes: int | None = None
    """Memory held between inferences [B]."""
    peak_memory_bytes: int | None = None
    """Memory at the peak [B]."""
    target_latency_ns: int | None = None
    """The target that was tried with it [ns]."""
    preload_buffer_bytes: int | None = None
    """The preload buffer that was tried with it [B]."""
    load_buffer_bytes: int | None = None
    """The load buffer that was tried with it [B]; None is unlimited."""
    token_ns: int | None = None
    """What the target of a reply is about [ns]: the time of a token of the first one; None where nothing is
    generated."""
    inferences: int | None = None
    """How many inferences were asked for."""

    @property
    def promised_ns(self) -> int:
        """What the target is about: the latency, or of a reply the time of a token."""
        return (self.latency_ns if self.token_ns is None else self.token_ns) or 0

    @property
    def is_single(self) -> bool:
        """Whether there was one inference only: it is in time or late."""
        return self.inferences == 1


class Prober:
    """Tries values and keeps what came of each.

    Parameters
    ----------
    choice
        The planner.
    goal
        What is asked.
    """

    def __init__(self, choice: PlannerChoice, goal: Goal) -> None:
        self._choice, self._goal = choice, goal
        self.probes: dict[int, Probe] = {}
        self.error: EdgesimError | None = None
        """The first one that is not about a plan that does not fit."""

    def reaches(self, value: int, text: str, scenarios: Iterable[Scenario]) -> bool:
        """Try one value, in one scenario or in several of which one has to do; of those that do not, keep the last."""
        try:
            for scenario in scenarios:
                self.probes[value] = found = self._one(value, text, scenario)
                if found.reached:
                    break
        except InputError as error:  # the scenario cannot be so, or an option is wrong
            self.probes[value] = self._without(value, text, error)
        return self.probes[value].reached

    def _one(self, value: int, text: str, scenario: Scenario) -> Probe:
        try:
            result = run(scenario, self._choice, keep_spans=False)
        except InputError:
            raise
        except EdgesimError as error:
            return self._without(value, text, error)
        probe = Probe(
            value, text, DONE, reached=False, **{name: getattr(result.metrics, name) for name in _MEASURED},
            preload_buffer_bytes=scenario.preload_bytes, load_buffer_bytes=scenario.load_buffer_bytes,
            token_ns=token_ns(result), inferences=result.service.inferences if result.service else None,
        )  # fmt: skip
        why = list(self._goal.shortfalls(probe))
        return replace(probe, reached=not why, reason=", ".join(why) or None)

    def _without(self, value: int, text: str, error: EdgesimError) -> Probe:
        if isinstance(error, InfeasibleError):
            reason = str(error).removeprefix(f"{self._choice.label}: ")
            return Probe(value, text, INFEASIBLE, reached=False, reason=reason)
        self.error = self.error or error
        status = INVALID if isinstance(error, InputError) else FAILED
        return Probe(value, text, status, reached=False, reason=str(error))


def token_ns(result: Result) -> int | None:
    """Return the time of a token of the first reply, which its target is about; None where nothing is generated."""
    first = result.timeline.requests[0]
    return promised_ns(first) if first.token_ns else None


_MEASURED = (
    "latency_ns", "target_met_fraction", "fidelity", "accuracy", "held_memory_bytes", "peak_memory_bytes",
    "target_latency_ns",
)  # fmt: skip
