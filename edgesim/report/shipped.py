"""What tells one shipped device, model or scenario from another, at a glance and as a whole."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import RenderableType

from edgesim.device import SECOND, Device
from edgesim.document import worst
from edgesim.files import read_device, read_model, read_scenario
from edgesim.model import Model
from edgesim.report.amounts import three_digits
from edgesim.report.devices import device_text, parts, rate
from edgesim.report.inputs import model_text, scenario_text
from edgesim.scenario import Scenario
from edgesim.units import show_bytes, show_ns

Facts = dict[str, Any]
_READERS: dict[str, Callable[[str], Any]] = {"devices": read_device, "models": read_model, "scenarios": read_scenario}
_TEXTS: dict[str, Callable[[Any], RenderableType]] = {
    "devices": device_text, "models": model_text, "scenarios": scenario_text,
}  # fmt: skip
FILES = tuple(_READERS)


def file_facts(kind: str, name: str) -> Facts:
    """Return what a shipped file says that tells it from others: plain data, with units in the keys.

    Raises
    ------
    InputError
        If the file is wrong.
    """
    found = _READERS[kind](name)
    return {"about": found.description, **_FACTS[kind](found)}


def about_file(kind: str, name: str) -> RenderableType:
    """Show all that people want to know of a shipped file."""
    return _TEXTS[kind](_READERS[kind](name))


def _device_facts(device: Device) -> Facts:
    return {
        "read_bytes_per_s": _fastest(device),
        "processors": list(device.processors),
        "memory_bytes": device.memory.capacity if device.memory else None,
        "worst_grade": worst([source.grade if source else None for _, _, source in parts(device)]),
    }


def _fastest(device: Device) -> int:
    """Return the most that reads come to [B/s], with as many in flight and as large as were measured."""
    tables = device.storage.points.items()
    measured = [depth * size * SECOND // time for depth, points in tables for size, time in points]
    return max([device.storage.read.bandwidth or 0, *measured])


def _model_facts(model: Model) -> Facts:
    fitted = model.quality.fitted if model.quality else None
    return {
        "layers": model.layers,
        "shards_per_layer": model.shards_per_layer,
        "parameters": model.layers * model.shards_per_layer * model.parameters_per_shard,
        "bitwidths": list(model.bitwidths),
        "resident_bytes": sum(model.resident_bytes.values.values()),
        "accuracy_task": fitted.task if fitted else None,
    }


def _scenario_facts(scenario: Scenario) -> Facts:
    return {
        "device": scenario.device.name,
        "processor": scenario.processor,
        "model": scenario.model.name,
        "planners": [choice.label for choice in scenario.planner],
        "target_latency_ns": scenario.target_latency_ns,
        "preload_buffer_bytes": scenario.preload_bytes,
        "load_buffer_bytes": scenario.load_buffer_bytes,
    }


_FACTS: dict[str, Callable[[Any], Facts]] = {
    "devices": _device_facts, "models": _model_facts, "scenarios": _scenario_facts,
}  # fmt: skip


def _parameters(count: int) -> str:
    return f"{three_digits(count / 1e9)} G" if count >= 10**9 else f"{three_digits(count / 1e6)} M"


def _bits(bitwidths: list[int]) -> str:
    """Write ``2-6, 32``."""
    runs: list[list[int]] = []
    for bits in bitwidths:
        if runs and bits == runs[-1][-1] + 1:
            runs[-1].append(bits)
        else:
            runs.append([bits])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


COLUMNS: Mapping[str, Mapping[str, Callable[[Facts], str]]] = {
    "devices": {
        "reads up to": lambda row: rate(row["read_bytes_per_s"]),
        "processors": lambda row: ", ".join(row["processors"]) or "none",
        "memory": lambda row: "unknown" if row["memory_bytes"] is None else show_bytes(row["memory_bytes"]),
        "worst grade": lambda row: row["worst_grade"] or "no source",
    },
    "models": {
        "layers x shards": lambda row: f"{row['layers']} x {row['shards_per_layer']}",
        "weights in shards": lambda row: _parameters(row["parameters"]),
        "bits": lambda row: _bits(row["bitwidths"]),
        "accuracy": lambda row: row["accuracy_task"] or "not measured",
    },
    "scenarios": {
        "device": lambda row: row["device"],
        "model": lambda row: row["model"],
        "target": lambda row: show_ns(row["target_latency_ns"]),
        "preload": lambda row: show_bytes(row["preload_buffer_bytes"]),
    },
}
"""What lists show of each kind of file, beside its name."""
