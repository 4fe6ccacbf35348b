"""One experiment: a model on a device, a target, buffers, and the planners to try."""

from typing import Annotated, Literal, NamedTuple

from pydantic import (
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from edgesim.amount import Room
from edgesim.axes import Sweep
from edgesim.campaign import Campaign
from edgesim.choice import Planners
from edgesim.conditions import Computing, Conditions
from edgesim.consistency import (
    app_mistakes,
    change_mistakes,
    check_measured,
    generation_mistakes,
    session_mistakes,
)
from edgesim.device import Device
from edgesim.document import Document, Line, Name, Where, mistakes
from edgesim.errors import choose
from edgesim.model import Model
from edgesim.pressure import AppProcess
from edgesim.session import Board, Change, Session, Sharing, State, Trim
from edgesim.timeline import APP
from edgesim.tokens import Generation
from edgesim.units import Bytes, Nanoseconds, Share
from edgesim.workload import SingleStream, Workload


class Budget(NamedTuple):
    """What a plan may spend: on which processor, until when, holding how much."""

    processor: str
    """Which processor computes."""
    target_latency_ns: int
    """Until when an inference must be answered [ns]."""
    preload_bytes: int
    """What may stay in memory between inferences, compressed [B]."""
    load_buffer_bytes: int | None
    """Room for compressed shards that are read but not executed yet [B]; None is unlimited."""


REFERENCE = {"type": "string", "description": "A shipped name, or a path relative to this file."}


class Scenario(Document):
    """One experiment, as a file in ``scenarios/`` describes it.

    In the file `device`, `model` and `throttle` are names or paths; `edgesim.read_scenario` puts what it reads there,
    and notes the `folder` of the file, the SHA-256 of all `inputs`, and the `changes` that were made to it.
    """

    schema_: Annotated[Literal["edgesim.scenario/1"], Field(alias="schema")]
    """The format of this file, and its version."""
    name: Line = "scenario"
    """What the scenario is called in results and reports; by default the name of its file."""
    description: str = ""
    """One sentence about the scenario, as `edgesim list scenarios` shows it."""
    device: Annotated[Device, WithJsonSchema(REFERENCE)]
    """The device: a shipped name, or a path relative to this file."""
    processor: Name
    """Which processor of the device computes the layers."""
    model: Annotated[Model, WithJsonSchema(REFERENCE)]
    """The model: a shipped name, or a path relative to this file."""
    planner: Planners
    """A planner by name, ``wrx``, ``module:function`` or ``./file.py:function``; or ``{name: std_pipeline, options:
    {bitwidth: 6}}``; or a list of planners, which are all run."""
    target_latency_ns: Annotated[Nanoseconds, Field(gt=0, alias="target_latency")]
    """The time in which one inference must be answered; of a reply each of its tokens."""
    preload_bytes: Annotated[Bytes, Field(alias="preload_buffer", examples=["1 MB"])]
    """What the preload buffer may hold: compressed shards that stay in memory between inferences."""
    load_buffer_bytes: Annotated[Room, Field(alias="load_buffer")] = None
    """Room for compressed shards that have been read, and not yet executed."""
    workload: Workload = Field(default_factory=SingleStream)
    """Who asks when; by default one inference."""
    seed: Annotated[int, Field(ge=0, lt=2**53, strict=True)] = 0
    """Of everything random; the same seed gives the same results."""
    store: str | None = None
    """Folder of a shard store, relative to this file, from which plans are really executed."""
    throttle: Annotated[Device | None, WithJsonSchema(REFERENCE)] = None
    """Another device whose storage this one has, by name or path: simulated, and emulated where plans are really
    executed; `native` is the device's own."""
    tolerance: Share = 0.05
    """How far the median error of simulated latencies may be off, for `edgesim validate`."""
    campaign: Campaign = Field(default_factory=Campaign)
    """Points that `edgesim compare` and `edgesim validate` try, each value with each."""
    sweep: Sweep | None = None
    """Values that `edgesim sweep` tries; everything else ignores them."""
    app: Name = APP
    """Name of the app that asks, where there are several."""
    priority: Annotated[int, Field(ge=-1000, le=1000, strict=True)] = 0
    """Who goes first where `sharing` goes by priority: the higher one."""
    apps: Annotated[dict[Name, "Scenario"], WithJsonSchema({"type": "object"})] = {}
    """Other apps on the same device by name, each with its own `model`, `planner`, `target_latency` and
    `preload_buffer`; and, as a scenario has them, `processor`, `load_buffer`, `priority`, `workload`, `generation`,
    `process`, `schedule`, `trim` and `replan`."""
    process: AppProcess | None = None
    """How the system sees the app when memory is short; by default as `conditions.memory.app` says."""
    generation: Generation | None = None
    """How long prompts and replies are, for models that answer token by token."""
    sharing: Sharing = Field(default_factory=Sharing)
    """Who is served first where apps wait for the storage or a processor."""
    conditions: Conditions = Field(default_factory=Conditions)
    """What disturbs the session; by default nothing."""
    schedule: tuple[Change, ...] = ()
    """From when on another target or preload buffer holds, in order of time."""
    trim: Trim | None = None
    """A smaller preload buffer while memory is short; it needs `replan: true` and `conditions.memory`."""
    replan: bool = False
    """Whether each target and preload buffer of `schedule` and `trim` has a plan, all made before the session."""
    beside: SkipJsonSchema[bool] = False
    """Whether it is one of the other apps of a scenario."""
    replication: SkipJsonSchema[int] = 0
    folder: SkipJsonSchema[str] = "."
    inputs: SkipJsonSchema[dict[str, str]] = {}
    changes: SkipJsonSchema[dict[str, str]] = {}

    @field_validator("processor")
    @classmethod
    def _device_has_it(cls, processor: str, info: ValidationInfo) -> str:
        device: Device | None = info.data.get("device")
        if device and processor not in device.processors:
            raise ValueError(f"{device.name} has no '{processor}'; {choose(processor, device.processors)}")
        return processor

    @field_validator("model")
    @classmethod
    def _device_was_measured_for_it(cls, model: Model, info: ValidationInfo) -> Model:
        if "device" in info.data and "processor" in info.data and model.decoder is None:
            check_measured(info.data["device"], info.data["processor"], model)
        return model

    @model_validator(mode="after")
    def _is_consistent(self) -> "Scenario":
        mistakes(list(generation_mistakes(self.model, self.device.processors[self.processor], self.generation)))
        mistakes(list(change_mistakes(self.schedule, self.trim, self.replan, self.preload_bytes)))
        mistakes(list(app_mistakes(self.app, {key: each.app for key, each in self.apps.items()})))
        if self.beside:  # the scenario that it is an app of says what disturbs both
            return self
        apps = [Computing(each.app, each.processor, each.model.geometry) for each in (self, *self.apps.values())]
        trims: dict[Where, Trim | None] = {("apps", key, "trim"): each.trim for key, each in self.apps.items()}
        processes: dict[Where, AppProcess | None] = {
            ("apps", key, "process"): each.process for key, each in self.apps.items()
        }
        all_trims, all_processes = {("trim",): self.trim} | trims, {("process",): self.process} | processes
        mistakes(list(session_mistakes(self.conditions, self.device, apps, all_trims, all_processes)))
        return self

    @property
    def is_disturbed(self) -> bool:
        """Whether anything but the apps' own inferences goes on."""
        given = self.conditions
        return given.disturb_storage or given.disturb_processors or given.memory is not None

    @property
    def budget(self) -> Budget:
        """What a planner may spend."""
        return Budget(self.processor, self.target_latency_ns, self.preload_bytes, self.load_buffer_bytes)

    @property
    def session(self) -> Session:
        """What a backend is to do with one plan."""
        stream = isinstance(self.workload, SingleStream)
        return Session(
            self.processor,
            self.load_buffer_bytes,
            self.workload.inferences if isinstance(self.workload, SingleStream) else None,
            self.workload.start,
            app=self.app,
            workload=None if stream else self.workload,
            priority=self.priority,
            process=self.process,
            generation=self.generation,
            board=Board(self.sharing, self.conditions if self.is_disturbed else None, self.seed, self.replication),
        )

    @property
    def states(self) -> tuple[State, ...]:
        """Target and preload buffer from the start and from each change on, in order of time."""
        found = [State(self.target_latency_ns, self.preload_bytes)]
        for change in self.schedule:
            target, preload = found[-1]
            kept = preload if change.preload_buffer is None else change.preload_buffer
            found.append(State(change.target_latency or target, kept))
        return tuple(found)

    def target_at(self, moment_ns: int) -> int:
        """Return the target that was promised to who asks at some moment [ns]."""
        if not self.schedule:
            return self.target_latency_ns
        return self.states[sum(change.at <= moment_ns for change in self.schedule)].target_latency_ns
