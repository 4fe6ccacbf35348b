"""One experiment: a model on a device, a target, buffers, and the planners to try."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema

from edgesim.device import Device, find_decompress, find_layer_times
from edgesim.document import Document, Name
from edgesim.errors import choose
from edgesim.model import FULL, Model
from edgesim.units import SIZE_SCHEMA, Bytes, Nanoseconds, Share
from edgesim.workload import Workload


class Budget(NamedTuple):
    """What a plan may spend: on which processor, until when, holding how much."""

    processor: str
    target_latency_ns: int
    preload_bytes: int
    load_buffer_bytes: int | None
    """Room for compressed shards that are read but not executed yet; None is unlimited."""


class Session(NamedTuple):
    """What a backend is to do with a plan. It never sees the target."""

    processor: str
    load_buffer_bytes: int | None
    inferences: int
    start: Literal["warm", "cold"]


class PlannerChoice(Document):
    """A planner by name (``wrx``, ``module:function`` or ``./file.py:function``), and its options."""

    name: Annotated[str, Field(min_length=1, max_length=500)]
    options: dict[str, Any] = {}

    @property
    def label(self) -> str:
        """The choice as reports show it: ``std_pipeline[bitwidth=6]``."""
        options = ",".join(f"{key}={_shown(value)}" for key, value in sorted(self.options.items()))
        return f"{self.name}[{options}]" if options else self.name


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_shown(inner)}' for key, inner in value.items())}}}"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_choices(value: object) -> object:
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple({"name": item} if isinstance(item, str) else item for item in listed)


_CHOICE: list[dict[str, Any]] = [
    {"type": "string"},
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "options": {"type": "object"}},
        "required": ["name"],
        "additionalProperties": False,
    },
]
Planners = Annotated[
    tuple[PlannerChoice, ...],
    Field(min_length=1),
    BeforeValidator(_as_choices),
    WithJsonSchema({"anyOf": [*_CHOICE, {"type": "array", "items": {"anyOf": _CHOICE}, "minItems": 1}]}),
]


class Tried(Document):
    """Values of some keys that are tried, each with each; written as the scenario would have them.

    In `throttle`, ``native`` stands for the device's own storage.
    """

    processor: tuple[str, ...] = ()
    target_latency: tuple[str, ...] = ()
    preload_buffer: tuple[str, ...] = ()
    load_buffer: tuple[str, ...] = ()
    throttle: tuple[str, ...] = ()


def _by_device(value: object) -> object:
    """Take a list of devices for devices without values of their own."""
    if not isinstance(value, list | tuple):
        return value
    twice = [name for index, name in enumerate(value) if name in value[:index]]
    if twice:
        raise ValueError(f"gives {twice[0]} twice; keep one")
    return {name: {} for name in value} if all(isinstance(name, str) for name in value) else value


_TRIED = {"type": "array", "items": {"type": "string"}}
_OWN = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": dict.fromkeys(Tried.model_fields, _TRIED),
        "additionalProperties": False,
    },
}


class Campaign(Tried):
    """The points that `edgesim compare` and `edgesim validate` try: each value with each.

    `device` lists shipped names or paths; as a mapping it gives a device values of its own for some keys, which stand
    in for those of the campaign: ``{odroid-n2plus: {target_latency: [60 ms, 90 ms]}, pc-nvme: {}}``.
    """

    device: Annotated[
        dict[str, Tried], BeforeValidator(_by_device), WithJsonSchema({"anyOf": [_TRIED, _OWN]})
    ] = {}  # fmt: skip


def _printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError("must be printable text on one line")
    return name


def _room(value: object, parse: ValidatorFunctionWrapHandler) -> object:
    if value is None:
        raise ValueError("is empty; write a size such as '4 MB', or 'unlimited'")
    return None if value == "unlimited" else parse(value)


Room = Annotated[Bytes | None, WrapValidator(_room), WithJsonSchema({"anyOf": [SIZE_SCHEMA, {"const": "unlimited"}]})]
REFERENCE = {"type": "string", "description": "A shipped name, or a path relative to this file."}


class Scenario(Document):
    """One experiment, as a file in ``scenarios/`` describes it.

    In the file `device`, `model` and `throttle` are names or paths; `edgesim.read_scenario` puts what it reads there,
    and notes the `folder` of the file, the SHA-256 of all `inputs`, and the `changes` that were made to it.

    With `throttle`, the device has the storage of another one: simulated, and emulated where plans are really executed
    from the shard `store`. `tolerance` is how far a simulated latency may be off, `campaign` what
    comparisons and validations try.
    """

    schema_: Annotated[Literal["edgesim.scenario/1"], Field(alias="schema")]
    name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)] = "scenario"
    description: str = ""
    device: Annotated[Device, WithJsonSchema(REFERENCE)]
    processor: Name
    model: Annotated[Model, WithJsonSchema(REFERENCE)]
    planner: Planners
    target_latency_ns: Annotated[Nanoseconds, Field(gt=0, alias="target_latency")]
    preload_bytes: Annotated[Bytes, Field(alias="preload_buffer")]
    load_buffer_bytes: Annotated[Room, Field(alias="load_buffer")] = None
    workload: Workload = Field(default_factory=Workload)
    seed: Annotated[int, Field(ge=0, lt=2**53, strict=True)] = 0
    store: str | None = None
    throttle: Annotated[Device | None, WithJsonSchema(REFERENCE)] = None
    tolerance: Share = 0.05
    campaign: Campaign = Field(default_factory=Campaign)
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
        if "device" in info.data and "processor" in info.data:
            _check_measured(info.data["device"], info.data["processor"], model)
        return model

    @property
    def budget(self) -> Budget:
        """What a planner may spend."""
        return Budget(self.processor, self.target_latency_ns, self.preload_bytes, self.load_buffer_bytes)

    @property
    def session(self) -> Session:
        """What a backend is to do."""
        return Session(self.processor, self.load_buffer_bytes, self.workload.inferences, self.workload.start)


def _check_measured(device: Device, processor: str, model: Model) -> None:
    times = find_layer_times(device, processor, model.geometry)
    if times is None:
        known = "; ".join(str(entry.geometry) for entry in device.processors[processor].layer_times)
        raise ValueError(f"{device.name} has no layer times on {processor} for {model.geometry}; known: {known}")
    least, most = min(times.time), max(times.time)
    if least > model.shards_per_layer:
        raise ValueError(
            f"{device.name} was measured for {least} to {most} shards a layer, got {model.shards_per_layer}"
        )
    decompress = find_decompress(device, processor, model.geometry)
    timed = decompress.per_shard if decompress else {}
    untimed = [bits for bits in model.bitwidths if isinstance(timed, dict) and bits not in timed and bits != FULL]
    if untimed:
        raise ValueError(f"{device.name} has no decompression time on {processor} for bitwidths {untimed}")
