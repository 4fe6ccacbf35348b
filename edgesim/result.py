"""What comes back from a run: types only."""

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.plans import Plan
from edgesim.timeline import APP, Timeline
from edgesim.usage import DeviceUse, Service

if TYPE_CHECKING:
    import pandas as pd

    from edgesim.scenario import Scenario

SCHEMA = "edgesim.result/1"


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on a timeline; for a session of several requests, the first one's figures.

    `stall_ns` is all that the executor waits, hand-offs included: latency = queueing + stall + executor busy.
    Memory has one number for each part: `resident_bytes` (what the model always holds), `preload_bytes` (compressed
    shards kept), `load_buffer_peak_bytes` and `working_bytes` (decompressed weights and activations, at their peak).
    `held_memory_bytes` is what stays between inferences, `peak_memory_bytes` the maximum of the sum of all parts over
    the whole session. Energy is above idle [pJ]. None is unknown.
    """

    latency_ns: int
    target_latency_ns: int
    meets_target: bool
    stall_ns: int
    blocked_ns: int
    held_ns: int
    io_busy_ns: int
    compute_busy_ns: int
    io_utilization: float
    compute_utilization: float
    loaded_bytes: int
    resident_bytes: int
    preload_bytes: int
    load_buffer_peak_bytes: int
    working_bytes: int
    held_memory_bytes: int
    peak_memory_bytes: int
    preload_fill_ns: int
    accuracy: float | None
    fidelity: float | None
    energy_pj: int | None
    latency_p50_ns: int
    latency_p90_ns: int
    latency_p99_ns: int
    target_met_fraction: float


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as it was served."""

    arrival_ns: int
    start_ns: int
    finish_ns: int
    latency_ns: int
    stall_ns: int
    meets_target: bool
    app: str = APP
    number: int = 0
    engagement: int = 0
    restarted: bool = False
    """The app had been killed before."""


@dataclass(frozen=True, slots=True)
class Result:
    """One planner's answer to one scenario; `to_dict` is the JSON contract ``edgesim.result/1``.

    `asked` is what was found out only because it was asked for, by the key that JSON and frames have for it; None is
    unknown: `planning_ns`, `optimum_bound`, `optimum_found` and `optimum_gap` (of fidelity), `measured_accuracy`,
    `measured_task` and `measured_examples`.

    `plans` are all that were made beforehand, where there are several; `plan` is the first. `service` and `device_use`
    are about the whole session, `beside` is what came back for the other apps on the device.

    `given` is the scenario itself, so that a result can be drawn and told of without anything else; it is no part of
    what came back: neither compared nor written. None where nobody knows it any more.
    """

    scenario: str
    device: str
    processor: str
    model: str
    planner: str
    plan: Plan
    metrics: Metrics
    requests: tuple[RequestRow, ...]
    timeline: Timeline
    provenance: dict[str, Any] = field(default_factory=dict)
    grades: dict[str, str | None] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    plans: tuple[Plan, ...] = ()
    service: Service | None = None
    device_use: DeviceUse | None = None
    beside: "tuple[Result, ...]" = ()
    given: "Scenario | None" = field(default=None, repr=False, compare=False)

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
    reason: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Planners side by side, and those that were left out."""

    results: tuple[Result, ...]
    left_out: tuple[LeftOut, ...] = ()

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a result, indexed by planner."""
        import pandas as pd

        rows = [result.to_row() for result in self.results]
        return pd.DataFrame(rows, columns=None if rows else ["planner"]).set_index("planner")


@dataclass(frozen=True, slots=True)
class Measured:
    """Accuracy of one plan on the real model, beside what was predicted for it; None is unknown."""

    scenario: str
    planner: str
    task: str
    examples: int
    accuracy: float
    loss: float
    rank_agreement: float | None
    """Of the similarities of texts with the full model's; for the task without classes."""
    predicted: float | None
    why_not_predicted: str | None


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
