"""Which numbers a scenario rests on, those that belong together as one, and the scenario with such a part scaled."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from edgesim.device import find_layer_times
from edgesim.document import Document, Source, Where
from edgesim.processor import Delay, LayerTimes
from edgesim.questions.changing import Changes, Hint, value_hint
from edgesim.questions.forms import unit_of
from edgesim.questions.quantity import TIME
from edgesim.scenario import Scenario

PROFILE, MODEL, SHAPE, BUDGET = "profile", "model", "shape", "budget"
GIVEN = frozenset({SHAPE, BUDGET})
"""What is known exactly: how large the model is, and what a plan may spend."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One number: where it stands in a scenario, what it is there, and the type of its field."""

    where: Where
    value: Any
    hint: Hint

    def scaled(self, factor: Fraction) -> object:
        """Return what a file has for it multiplied by some factor: integers rounded up."""
        if isinstance(self.value, float):
            return self.value * float(factor)
        unit = unit_of(*self.hint)
        return ceil(self.value * factor) if unit is None else unit.form(ceil(unit.number(self.value) * factor))

    @property
    def text(self) -> str:
        """The number as files write it."""
        unit = unit_of(*self.hint)
        return f"{self.value:,}" if unit is None else unit.text(unit.number(self.value))


@dataclass(frozen=True, slots=True)
class Part:
    """Numbers of one kind, wrong by the same factor if at all.

    Parameters
    ----------
    key
        Where they stand, as changes name it.
    home
        Whose they are: ``profile``, ``model`` or ``budget``.
    leaves
        The numbers.
    grade
        How far they can be trusted; None without a source, and of what is `GIVEN`.
    speed
        Whether more of it makes the device faster.
    """

    key: str
    home: str
    leaves: tuple[Leaf, ...]
    grade: str | None = None
    speed: bool = False

    def changes(self, factor: Fraction) -> Changes:
        """Return what files have for all of them multiplied by some factor."""
        return {leaf.where: leaf.scaled(factor) for leaf in self.leaves}

    @property
    def text(self) -> str:
        """The number, or the least and the greatest of several."""
        ends = min(self.leaves, key=lambda leaf: leaf.value), max(self.leaves, key=lambda leaf: leaf.value)
        texts = dict.fromkeys(leaf.text for leaf in ends)
        return " to ".join(texts)


def parts_of(scenario: Scenario) -> list[Part]:
    """Return every number that an execution rests on, as one those that are alike; what is 0 is not there.

    Of the model's importances and records there is none: they rank and count, and no factor makes them wrong.
    """
    found = [*storage_parts(scenario), *processor_parts(scenario), *_powers(scenario), *_of_model(scenario)]
    return [part for part in [*found, *_budgets(scenario)] if any(leaf.value for leaf in part.leaves)]


def storage_parts(scenario: Scenario) -> Iterator[Part]:
    """Yield how fast reads are: a line, or a table for each queue depth, all of its rows together."""
    storage, where = scenario.device.storage, ("device", "storage")
    grade = _grade(storage.source)
    for name in ("latency", "bandwidth"):
        leaves = _leaves(storage.read, name, (*where, "read"))
        yield Part(f"storage.read.{name}", PROFILE, leaves, grade, speed=name == "bandwidth")
    for depth, points in storage.points.items():
        table: Where = ("table",) if storage.read.table else ("depths", depth, "table")
        leaves = tuple(Leaf((*where, "read", *table, row, 1), time, _TIME) for row, (_, time) in enumerate(points))
        yield Part(f"storage.read.{'.'.join(map(str, table))}", PROFILE, leaves, grade)
    yield from _delay("storage.start_up", storage.start_up, (*where, "start_up"))


def processor_parts(scenario: Scenario) -> Iterator[Part]:
    """Yield what the scenario's processor takes: layers, decompression, and what a wait and a start cost."""
    name, processor = scenario.processor, scenario.device.processors[scenario.processor]
    where, key = ("device", "processors", name), f"processors.{name}"
    times = find_layer_times(scenario.device, name, scenario.model.geometry)
    if times is not None:
        yield from _of_layers(times, (*where, "layer_times", processor.layer_times.index(times)), key)
    if (times is None or times.decompress is None) and processor.decompress is not None:
        yield _together(f"{key}.decompress", processor.decompress, ("per_shard", "after_wait"), (*where, "decompress"))
    for delay in ("hand_off", "start_up"):
        yield from _delay(f"{key}.{delay}", getattr(processor, delay), (*where, delay))
    if times is None and processor.roofline is not None:
        grade = _grade(processor.roofline.source)
        for rate in ("compute", "memory_bandwidth"):
            leaves = _leaves(processor.roofline, rate, (*where, "roofline"))
            yield Part(f"{key}.roofline.{rate}", PROFILE, leaves, grade, speed=True)


def _of_layers(times: LayerTimes, where: Where, key: str) -> Iterator[Part]:
    yield _together(f"{key}.layer_times", times, ("time", "after_wait"), where)
    if times.decompress is not None:
        own = (*where, "decompress")
        yield _together(f"{key}.decompress", times.decompress, ("per_shard", "after_wait"), own)


def _powers(scenario: Scenario) -> Iterator[Part]:
    power = scenario.device.power
    if power is None:
        return
    for name, leaf in zip(power.values, _leaves(power, "values", ("device", "power")), strict=True):
        yield Part(f"power.{name}", PROFILE, (leaf, *_of_clock(scenario, name)), _grade(power.source))


def _of_clock(scenario: Scenario, name: str) -> Iterator[Leaf]:
    """Yield the powers of a processor's clock steps: that of full speed is said twice."""
    processor = scenario.device.processors.get(name)
    for number, step in enumerate(processor.clock.steps if processor and processor.clock else ()):
        yield from _leaves(step, "power", ("device", "processors", name, "clock", "steps", number))


def _of_model(scenario: Scenario) -> Iterator[Part]:
    model = scenario.model
    if model.records is None:
        yield Part("parameters_per_shard", SHAPE, _leaves(model, "parameters_per_shard", ("model",)))
        yield Part("outlier_fraction", MODEL, _leaves(model, "outlier_fraction", ("model",)), _grade(model.source))
    resident = _leaves(model.resident_bytes, "values", ("model", "resident_bytes"))
    yield Part("resident_bytes", MODEL, resident, _grade(model.resident_bytes.source))
    yield Part("activation_bytes", MODEL, _leaves(model, "activation_bytes", ("model",)), _grade(model.source))
    if model.distortion is not None:
        for leaf in _leaves(model.distortion, "values", ("model", "distortion")):
            yield Part(f"distortion.{leaf.where[-1]}", MODEL, (leaf,), _grade(model.distortion.source))


def _budgets(scenario: Scenario) -> Iterator[Part]:
    names = {"target_latency": "target_latency_ns", "preload_buffer": "preload_bytes",
             "load_buffer": "load_buffer_bytes"}  # fmt: skip
    for key, name in names.items():
        yield Part(key, BUDGET, _leaves(scenario, name, ()))


_TIME: Hint = TIME.parsed, ()


def _delay(key: str, delay: Delay | None, where: Where) -> Iterator[Part]:
    if delay is not None:
        yield Part(key, PROFILE, _leaves(delay, "time", where), _grade(delay.source))


def _together(key: str, document: Document, names: Iterable[str], where: Where) -> Part:
    leaves = tuple(leaf for name in names for leaf in _leaves(document, name, where))
    return Part(key, PROFILE, leaves, _grade(getattr(document, "source", None)))


def _leaves(document: Document, name: str, where: Where) -> tuple[Leaf, ...]:
    """Return the numbers of a field: one, those of a table, or none."""
    value, field = getattr(document, name), type(document).model_fields[name]
    hint: Hint = field.annotation, tuple(field.metadata)
    if isinstance(value, dict):
        return tuple(Leaf((*where, name, key), each, value_hint(hint)) for key, each in value.items())
    return () if value is None else (Leaf((*where, name), value, hint),)


def _grade(source: Source | None) -> str | None:
    return source.grade if source else None
