"""One experiment: a model on a device, a target, buffers, and the planners to try."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic.json_schema import SkipJsonSchema

from edgesim.device import Device, find_decompress, find_layer_times
from edgesim.document import Document, Name, Where, mistakes
from edgesim.errors import choose
from edgesim.model import FULL, Model
from edgesim.units import Bytes, Nanoseconds
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
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_choices(value: object) -> object:
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple({"name": item} if isinstance(item, str) else item for item in listed)


_CHOICE = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"name": {"type": "string"}, "options": {"type": "object"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    ]
}
_REFERENCE = {"type": "string", "description": "A shipped name, or a path relative to this file."}


class Scenario(Document):
    """One experiment, as a file in ``scenarios/`` describes it.

    In the file `device` and `model` are names or paths; `edgesim.read_scenario` puts what it reads there.
    """

    schema_: Annotated[Literal["edgesim.scenario/1"], Field(alias="schema")]
    name: Name
    description: str = ""
    device: Annotated[Device, WithJsonSchema(_REFERENCE)]
    processor: Name
    model: Annotated[Model, WithJsonSchema(_REFERENCE)]
    planner: Annotated[
        tuple[PlannerChoice, ...],
        Field(min_length=1),
        BeforeValidator(_as_choices),
        WithJsonSchema({"anyOf": [*_CHOICE["anyOf"], {"type": "array", "items": _CHOICE, "minItems": 1}]}),
    ]
    target_latency_ns: Annotated[Nanoseconds, Field(gt=0, alias="target_latency")]
    preload_bytes: Annotated[Bytes, Field(alias="preload_buffer")]
    load_buffer_bytes: Annotated[
        Bytes | None,
        BeforeValidator(lambda value: None if value == "unlimited" else value),
        Field(alias="load_buffer"),
    ] = None
    workload: Workload = Workload()
    seed: Annotated[int, Field(ge=0, lt=2**53, strict=True)] = 0
    folder: SkipJsonSchema[str] = "."
    inputs: SkipJsonSchema[dict[str, str]] = {}

    @model_validator(mode="after")
    def _device_knows_the_model(self) -> "Scenario":
        found = _processor_mistakes(self.device, self.processor, self.model)
        mistakes(found)
        return self

    @property
    def budget(self) -> Budget:
        """What a planner may spend."""
        return Budget(self.processor, self.target_latency_ns, self.preload_bytes, self.load_buffer_bytes)

    @property
    def session(self) -> Session:
        """What a backend is to do."""
        return Session(self.processor, self.load_buffer_bytes, self.workload.inferences, self.workload.start)


def _processor_mistakes(device: Device, processor: str, model: Model) -> list[tuple[Where, str]]:
    if processor not in device.processors:
        return [(("processor",), f"{device.name} has no '{processor}'; {choose(processor, device.processors)}")]
    times = find_layer_times(device, processor, model.geometry)
    if times is None:
        known = "; ".join(str(entry.geometry) for entry in device.processors[processor].layer_times)
        return [
            (
                ("model",),
                f"{device.name} has no layer times on {processor} for {model.geometry}; known: {known}",
            )
        ]
    least, most = min(times.time), max(times.time)
    if least > model.shards_per_layer:
        return [(("model",), f"{device.name} was measured with {least} to {most} shards a layer,"
                             f" {model.name} has {model.shards_per_layer}")]  # fmt: skip
    decompress = find_decompress(device, processor, model.geometry)
    timed = decompress.per_shard if decompress else {}
    untimed = [b for b in model.bitwidths if b != FULL and isinstance(timed, dict) and b not in timed]
    if untimed:
        return [(("processor",), f"{device.name} gives no decompression time on {processor} for bitwidths {untimed};"
                                 " add 'decompress'")]  # fmt: skip
    return []
