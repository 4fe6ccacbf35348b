"""A grid of experiments: every planner on every device for every model, target and buffer."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema, field_validator
from pydantic.json_schema import SkipJsonSchema

from edgesim.amount import Room
from edgesim.choice import Planners
from edgesim.device import Device, find_layer_times
from edgesim.document import Document
from edgesim.errors import listed
from edgesim.model import Model
from edgesim.scenario import REFERENCE, Scenario
from edgesim.units import Bytes, Nanoseconds, Share

SCENARIO = "edgesim.scenario/1"
_REFERENCES: dict[str, Any] = {"type": "array", "items": REFERENCE, "minItems": 1}
_LABELS: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "minItems": 1}


class Tolerance(Document):
    """How much worse a plan may be than it was; shares of the old figure."""

    latency: Share = 0.01
    """How much longer an inference may take."""
    fidelity: Share = 0.0001
    """How much less of the model may be executed faithfully."""
    accuracy: Share = 0.001
    """How much lower the predicted accuracy may be."""
    held_memory: Share = 0.01
    """How much more memory may be held between inferences."""
    peak_memory: Share = 0.05
    """How much more memory may be held at the peak."""
    planning_time: Share = 1.0
    """How much longer planning may take: ``100 %`` is twice as long."""


class Grid(Document):
    """Cells in which planners are compared, as a file in ``scenarios/grids/`` describes them: each with each.

    In the file `devices` and `models` are names or paths, and `planners` are labels; `edgesim.files.read_grid` reads
    what they stand for, and notes the `folder` of the file, which files those are, and the SHA-256 of all that they are
    made of.
    """

    schema_: Annotated[Literal["edgesim.grid/1"], Field(alias="schema")]
    """The format of this file, and its version."""
    name: str = "grid"
    """What the grid is called in reports."""
    description: str = ""
    """One sentence about the grid."""
    devices: Annotated[tuple[Device, ...], WithJsonSchema(_REFERENCES), Field(min_length=1)]
    """Devices, each with all of its processors that were measured for a model."""
    models: Annotated[tuple[Model, ...], WithJsonSchema(_REFERENCES), Field(min_length=1)]
    """Models that are planned; devices that were not measured for one are left out with it."""
    target_latency_ns: Annotated[
        tuple[Annotated[Nanoseconds, Field(gt=0)], ...], Field(min_length=1, alias="target_latency")
    ]
    """Target latencies of one inference."""
    preload_bytes: Annotated[tuple[Bytes, ...], Field(min_length=1, alias="preload_buffer")]
    """Sizes of the preload buffer."""
    load_buffer_bytes: Annotated[tuple[Room, ...], Field(min_length=1, alias="load_buffer")] = (None,)
    """Sizes of the load buffer."""
    planners: Annotated[Planners, WithJsonSchema(_LABELS)]
    """Labels of planners, such as ``wrx[upgrade_to=6]``."""
    tolerance: Tolerance = Field(default_factory=Tolerance)
    """From where on a change counts as worse, as a part of the figure before."""
    folder: SkipJsonSchema[str] = "."
    device_files: SkipJsonSchema[tuple[str, ...]] = ()
    model_files: SkipJsonSchema[tuple[str, ...]] = ()
    inputs: SkipJsonSchema[dict[str, str]] = {}

    @field_validator("target_latency_ns", "preload_bytes", "load_buffer_bytes")
    @classmethod
    def _differ(cls, values: tuple[int | None, ...]) -> tuple[int | None, ...]:
        _check_different(values)
        return values

    @field_validator("planners")
    @classmethod
    def _planners_differ(cls, planners: Planners) -> Planners:
        _check_different([choice.label for choice in planners])
        return planners

    @field_validator("devices", "models")
    @classmethod
    def _names_differ(cls, documents: tuple[Any, ...]) -> tuple[Any, ...]:
        _check_different([document.name for document in documents])
        return documents

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """One for each processor that was measured for a model; a cell is a copy with its own target and buffers."""
        every = (
            self._scenario(device, processor, model)
            for device in self.devices
            for processor in device.processors
            for model in self.models
            if find_layer_times(device, processor, model.geometry)
        )
        return tuple(scenario for scenario in every if scenario is not None)

    def _scenario(self, device: Device, processor: str, model: Model) -> Scenario | None:
        given = {"device": device, "processor": processor, "model": model, "planner": self.planners}
        form = {"schema": SCENARIO, "name": self.name, "target_latency": "1 s", "preload_buffer": "0 B"}
        try:
            return Scenario.model_validate(form | given | {"folder": self.folder})
        except ValueError:
            return None

    @property
    def left_out(self) -> str:
        """A sentence on the pairs of device and model that have no cells; nothing where all of them have."""
        asked = {(one.device.name, one.model.name) for one in self.scenarios}
        every = [(device.name, model.name) for device in self.devices for model in self.models]
        missing = [f"{device} with {model}" for device, model in every if (device, model) not in asked]
        if not missing:
            return ""
        return (f"{len(missing)} of {len(every)} pairs of device and model have no cells, as the device was not"
                f" measured for the model: {listed(missing)}")  # fmt: skip

    @property
    def asks(self) -> dict[str, Any]:
        """What tells one grid from another: the content of devices and models, targets, buffers and planners."""
        axes = {name: list(getattr(self, name)) for name in ("target_latency_ns", "preload_bytes", "load_buffer_bytes")}
        return {"inputs": dict(sorted(self.inputs.items())), **axes, "planners": [one.label for one in self.planners]}

    @property
    def digest(self) -> str:
        """A short text for all that the grid asks."""
        return hashlib.sha256(json.dumps(self.asks, sort_keys=True).encode()).hexdigest()[:16]


def _check_different(values: Sequence[object]) -> None:
    twice = [value for index, value in enumerate(values) if value in values[:index]]
    if twice:
        raise ValueError(f"gives {twice[0]} twice; keep one")
