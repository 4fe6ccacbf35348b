"""What comes back from a run: types only."""

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.errors import EdgesimError
from edgesim.figures import Metrics, RequestRow
from edgesim.plans import Plan
from edgesim.timeline import Timeline
from edgesim.usage import DeviceUse, Service

if TYPE_CHECKING:
    import pandas as pd

    from edgesim.scenario import Scenario

SCHEMA = "edgesim.result/1"


@dataclass(frozen=True, slots=True)
class Result:
    """One planner's answer to one scenario; `to_dict` is the JSON contract ``edgesim.result/1``."""

    scenario: str
    """Name of the scenario."""
    device: str
    """Name of the device."""
    processor: str
    """Processor that computes."""
    model: str
    """Name of the model."""
    planner: str
    """The planner with its options, as reports show it."""
    plan: Plan
    """The plan that was executed; of several the first."""
    metrics: Metrics
    """What was measured."""
    requests: tuple[RequestRow, ...]
    """Each inference as it was served."""
    timeline: Timeline
    """What happened on each lane."""
    provenance: dict[str, Any] = field(default_factory=dict)
    """What is needed to get the same answer again: version, seed, a SHA-256 of each input file, changed keys."""
    grades: dict[str, str | None] = field(default_factory=dict)
    """The worst grade of each group of numbers that the answer rests on, and of all; None is a number without a
    source."""
    asked: dict[str, Any] = field(default_factory=dict)
    """What was found out only because it was asked for, by the key that JSON and frames have for it: `planning_ns`,
    `optimum_bound`, `optimum_found` and `optimum_gap` (of fidelity), `measured_accuracy`, `measured_task` and
    `measured_examples`; None is unknown."""
    plans: tuple[Plan, ...] = ()
    """All plans that were made beforehand, where there are several."""
    service: Service | None = None
    """How the app's questions were answered over the whole session; None for a single inference."""
    device_use: DeviceUse | None = None
    """What happened on the device in the whole session; None for a single inference."""
    beside: "tuple[Result, ...]" = ()
    """What came back for the other apps on the device."""
    given: "Scenario | None" = field(default=None, repr=False, compare=False)
    """The scenario itself, so that a result can be drawn and told of without anything else: neither compared nor
    written. None where nobody knows it any more."""

    @property
    def all_plans(self) -> tuple[Plan, ...]:
        """Every plan that was executed, as `Request.plan` counts them."""
        return self.plans or (self.plan,)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain lists and dicts, ready for JSON."""
        other = ("timeline", "asked", "beside", "given")
        everything = {name: plain(getattr(self, name)) for name in self.__slots__ if name not in other}
        spans, beside = plain(self.timeline.spans), [result.to_dict() for result in self.beside]
        return {"schema": SCHEMA} | everything | {"timeline": spans, "beside": beside} | self.asked

    def with_given(self, scenario: "Scenario | None") -> "Result":
        """Return the same result of a scenario, those beside it of its apps; of none, it travels light."""
        apps = scenario.apps.values() if scenario else [None] * len(self.beside)
        beside = tuple(each.with_given(app) for each, app in zip(self.beside, apps, strict=True))
        return replace(self, given=scenario, beside=beside)

    def to_row(self) -> dict[str, Any]:
        """Return scenario, device, processor, model, planner, every metric, and what else was asked for.

        Figures of the whole session follow, where there are any: those of `service` with ``service_`` before their
        names, those of `device_use` with ``device_``.
        """
        names = ("scenario", "device", "processor", "model", "planner")
        row: dict[str, Any] = {name: getattr(self, name) for name in names} | plain(self.metrics) | self.asked
        for prefix, figures in (("service", self.service), ("device", self.device_use)):
            row |= {f"{prefix}_{name}": value for name, value in plain(figures or {}).items()}
        return row

    def to_frame(self) -> "pd.DataFrame":
        """Return `to_row` as a frame of one row."""
        import pandas as pd

        return pd.DataFrame([self.to_row()])


class LeftOut(NamedTuple):
    """A planner that a comparison could not show, why, and the exit code of its error."""

    planner: str
    """The planner with its options."""
    reason: str
    """Why it could not be shown."""
    exit_code: int
    """The exit code of its error."""
    needs: str = ""
    """The library for want of which it was not run, and how to install it; empty if it was run."""
    fastest_ns: int | None = None
    """Latency of its fastest plan [ns], where only the target is too short for that; else None."""

    @classmethod
    def of(cls, planner: str, error: EdgesimError) -> "LeftOut":
        """Return what an error says of a planner."""
        needs, fastest_ns = getattr(error, "needs", ""), getattr(error, "fastest_ns", None)
        return cls(planner, str(error), error.exit_code, needs, fastest_ns)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Planners side by side, and those that were left out."""

    results: tuple[Result, ...]
    """What came back for each planner that has a plan."""
    left_out: tuple[LeftOut, ...] = ()
    """Planners without."""

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a result, indexed by planner."""
        import pandas as pd

        rows = [result.to_row() for result in self.results]
        return pd.DataFrame(rows, columns=None if rows else ["planner"]).set_index("planner")


@dataclass(frozen=True, slots=True)
class Measured:
    """Accuracy of one plan on the real model, beside what was predicted for it; None is unknown."""

    scenario: str
    """Name of the scenario."""
    planner: str
    """The planner with its options."""
    task: str
    """What was asked."""
    examples: int
    """How many examples were answered."""
    accuracy: float
    """Part of them that was right, 0 to 1."""
    loss: float
    """Mean cross-entropy of the answers; of the task without classes, mean of 1 - cosine."""
    rank_agreement: float | None
    """Of the similarities of texts with the full model's; for the task without classes."""
    predicted: float | None
    """What measured samples predict."""
    why_not_predicted: str | None
    """Why there is no prediction."""


def plain(value: object) -> Any:  # noqa: ANN401  (JSON is any of dict, list and scalar)
    """Return dataclasses and named tuples as dicts, tuples as lists, all the way down."""
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}  # type: ignore[arg-type]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        names = getattr(value, "_fields", None)
        return dict(zip(names, map(plain, value), strict=True)) if names else [plain(item) for item in value]
    return value
