"""One value of one number, tried: whether there is a plan, and whether it reaches the goal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edgesim.choice import PlannerChoice
from edgesim.errors import EdgesimError, InfeasibleError, InputError
from edgesim.experiment import run
from edgesim.result import Metrics
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns

DONE, INFEASIBLE, INVALID, FAILED = "done", "infeasible", "invalid", "failed"


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked of a plan; the target is the scenario's.

    Parameters
    ----------
    fidelity, accuracy
        At least this much; None does not matter.
    memory_bytes
        At most so much at the peak of all memory [B]; None does not matter.
    met
        So many of the app's inferences meet the target, as a share.
    """

    fidelity: float | None = None
    accuracy: float | None = None
    memory_bytes: int | None = None
    met: float = 1.0

    def shortfalls(self, metrics: Metrics) -> Iterator[str]:
        """Yield in what way an execution does not reach it."""
        if metrics.target_met_fraction < self.met:
            yield _missed(metrics)
        for name, asked in (("fidelity", self.fidelity), ("accuracy", self.accuracy)):
            found: float | None = getattr(metrics, name)
            if asked is not None and found is None:
                yield f"{name} is unknown"
            elif asked is not None and found is not None and found < asked:
                yield f"{name} {_below(found, asked)}"
        if self.memory_bytes is not None and metrics.peak_memory_bytes > self.memory_bytes:
            yield f"peak {show_bytes(metrics.peak_memory_bytes)}"


def _below(found: float, asked: float) -> str:
    """Write a quality with as many digits as it takes to see that it is less than asked."""
    texts = (f"{found:.{digits}f}" for digits in range(4, 17))
    return next((text for text in texts if float(text) < asked), repr(found))


def _missed(metrics: Metrics) -> str:
    if 0 < metrics.target_met_fraction < 1:
        return f"{metrics.target_met_fraction:.1%} in time"
    late = metrics.latency_ns > metrics.target_latency_ns  # else it is the time of a token that is promised
    return f"takes {show_ns(metrics.latency_ns)}" if late else "misses the target"


@dataclass(frozen=True, slots=True)
class Probe:
    """One tried value: `status` is ``done``, ``infeasible``, ``invalid`` or ``failed``; None is unknown.

    `reason` says why the goal is not reached. Latency, memory and buffers are those of the plan [ns, B]; of a session,
    latency is the first inference's.
    """

    value: int
    text: str
    status: str
    reached: bool
    reason: str | None = None
    latency_ns: int | None = None
    target_met_fraction: float | None = None
    fidelity: float | None = None
    accuracy: float | None = None
    held_memory_bytes: int | None = None
    peak_memory_bytes: int | None = None
    target_latency_ns: int | None = None
    preload_buffer_bytes: int | None = None
    load_buffer_bytes: int | None = None


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
            metrics = run(scenario, self._choice, keep_spans=False).metrics
        except InputError:
            raise
        except EdgesimError as error:
            return self._without(value, text, error)
        why = list(self._goal.shortfalls(metrics))
        own = {name: getattr(metrics, name) for name in _MEASURED}
        return Probe(
            value, text, DONE, not why, ", ".join(why) or None, **own,
            preload_buffer_bytes=scenario.preload_bytes, load_buffer_bytes=scenario.load_buffer_bytes,
        )  # fmt: skip

    def _without(self, value: int, text: str, error: EdgesimError) -> Probe:
        if isinstance(error, InfeasibleError):
            reason = str(error).removeprefix(f"{self._choice.label}: ")
            return Probe(value, text, INFEASIBLE, reached=False, reason=reason)
        self.error = self.error or error
        status = INVALID if isinstance(error, InputError) else FAILED
        return Probe(value, text, status, reached=False, reason=str(error))


_MEASURED = (
    "latency_ns", "target_met_fraction", "fidelity", "accuracy", "held_memory_bytes", "peak_memory_bytes",
    "target_latency_ns",
)  # fmt: skip
